"""Canaries planted in every field of a project: what may not leave is in no byte that does, and in no message."""

from dataclasses import fields, is_dataclass, replace

import pytest

from nic_node.disclosure.snapshot import Aim, Count, ExactPoint, Idea, Lessons, Material, Problem, Step
from nic_node.disclosure.text.roster import build_roster
from nic_node.disclosure.text.scan import Scrubbed
from tests.unit.disclosure.projects import absence, prepare, replication

CANARY = "Quillfeather"
GROUP = "Room 9 Blueskies"
ROSTER = build_roster({"PERSON": [f"{CANARY}, Ottoline"], "SCHOOL": ["Harbor View Middle School"]})
NOTE = f"{CANARY} of Harbor View asked for it."


def planted():
    """A project with the canary in each text, and in what only the school knows."""
    measure = absence(
        group=GROUP, part_of=f"{GROUP} and all", whole_n=400, label=f"{CANARY}'s count", measure="other", better="down"
    )
    return replication(
        measure,
        title=NOTE,
        problem=Problem("other", NOTE, label=NOTE[:40]),
        idea=Idea("other", NOTE, NOTE[:40]),
        aim=Aim("other", "down", 45, f"{CANARY}'s count"),
        steps=(Step(NOTE, "teacher", NOTE[:60]),),
        adaptable=(NOTE,),
        materials=(Material("letter", NOTE, NOTE * 5),),
        conditions=NOTE,
        lessons=Lessons(NOTE, NOTE, NOTE),
    )


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for element in value:
            yield from texts_in(element)


def test_the_canary_stands_in_every_text_of_the_project():
    assert sum(CANARY in text for text in texts_in(planted())) == 16


def test_no_canary_leaves():
    draft = prepare(planted(), roster=ROSTER)
    assert not draft.blocked, draft.findings
    for secret in (CANARY, "Harbor", GROUP, "Blueskies"):
        assert secret.encode() not in draft.record_bytes


def test_without_the_scrub_it_would_leave(monkeypatch):
    def careless(text, _roster, _allow):
        return Scrubbed(text, text, ())

    monkeypatch.setattr("nic_node.disclosure.wording.scrub", careless)
    assert CANARY.encode() in prepare(planted(), roster=ROSTER).record_bytes


@pytest.mark.parametrize("count", [Count(987_654, 61), Count(61, 987_654)])
def test_exact_numbers_are_in_no_byte(count):
    points = tuple(ExactPoint(at, (count, count)) for at in ("baseline", "end"))
    draft = prepare(replace(planted(), measures=(absence(points=points),)), roster=ROSTER)
    assert b"987654" not in draft.record_bytes


def test_what_is_refused_is_not_repeated():
    draft = prepare(replace(planted(), title=NOTE * 9, decision=CANARY, supersedes=CANARY), roster=ROSTER)
    assert draft.blocked
    told = [str(finding.source) for finding in draft.findings if finding.code == "not-on-the-wire"]
    assert told
    assert CANARY not in "".join(told)


def test_bytes_hold_no_time_and_no_stable_id():
    draft = prepare(planted(), roster=ROSTER)
    assert draft.record.keys() <= {
        "title", "problem", "idea", "aim", "steps", "core", "adaptable", "dose", "cost", "materials", "supports", "conditions",
        "measures", "rung", "direction", "aim_result", "decision", "lessons", "origin", "kept", "changed", "context",
    }  # fmt: skip
