from datetime import date, timedelta

import pytest

from nic_node.disclosure.snapshot import Lessons, Material, Problem
from nic_node.disclosure.text.roster import build_roster
from tests.unit.disclosure.projects import TODAY, codes, prepare, project, replication

NOTE = "Ms. Vang and Ana called. The only Tagalog-speaking family in grade 7 asked for Beacon Hour on January 12."


def noted(**changes):
    return prepare(project(problem=Problem("chronic-absence", NOTE)), **changes)


def test_every_mark_is_a_finding_and_the_rest_is_replaced():
    draft = noted()
    findings = [(f.code, f.severity, f.before, f.after, f.source) for f in draft.findings if f.stage == "text"]
    assert findings == [
        ("PERSON", "info", "Ms. Vang", "[teacher]", "roster"),
        ("PERSON", "info", "Ana", "[person]", "roster"),
        ("SINGLING_OUT", "block", "The only Tagalog-speaking family in grade 7", None, "singling-out"),
        ("UNKNOWN_NAME", "ask", "Beacon Hour", None, "unknown-name"),
        ("DATE", "info", "January 12", "[date]", "pattern"),
    ]
    assert draft.blocked
    assert draft.record["problem"]["statement"].startswith("[teacher] and [person] called.")
    assert [finding.code for finding in draft.questions] == ["UNKNOWN_NAME"]


def test_marks_stand_in_both_texts():
    (change,) = [change for change in noted().texts if change.path == "/problem/statement"]
    for placed in change.marks:
        before, after = change.before[placed.mark.start : placed.mark.end], change.after[slice(*placed.after)]
        assert after == (placed.mark.replacement or before)


def test_a_rewritten_sentence_lifts_the_block():
    rewritten = NOTE.replace("The only Tagalog-speaking family in grade 7", "Families who speak other languages")
    draft = noted(edits={"/problem/statement": rewritten}, names={"Beacon Hour": "programme"})
    assert not draft.blocked
    assert draft.questions == ()
    assert "Families who speak other languages asked for Beacon Hour on [date]." in draft.record["problem"]["statement"]
    (change,) = [change for change in draft.texts if change.path == "/problem/statement"]
    assert (change.typed, change.before) == (NOTE, rewritten)


@pytest.mark.parametrize(
    ("answer", "word"),
    [("own", "[our program]"), ("person", "[person]"), ("place", "[place]"), ("programme", "Beacon Hour")],
)
def test_an_unknown_name_becomes_what_the_reviewer_says(answer, word):
    draft = noted(names={"Beacon Hour": answer})
    assert f"asked for {word} on" in draft.record["problem"]["statement"]
    assert draft.questions == ()
    (answered,) = [finding for finding in draft.findings if finding.before == "Beacon Hour"]
    assert answered.severity == "info", "it stays on the page, so that the answer can be another one"


def test_every_text_goes_through():
    texts = {
        "title": "Ana",
        "steps": (project().steps[0].__class__("Ana calls", "teacher", "when Ana can"),),
        "adaptable": ("Ana's turn",),
        "materials": (Material("script", "Ana's script", "Dear Ana,\nAna"),),
        "conditions": "Ana",
        "lessons": Lessons("Ana", "Ana", "Ana"),
    }
    draft = prepare(replication(**texts))
    assert "Ana" not in str(draft.record)
    assert codes(draft, "text").count("PERSON") == 11


def test_an_own_measure_s_label_goes_through_too():
    own = (
        project()
        .measures[0]
        .__class__(
            "other",
            "outcome",
            "count",
            "week",
            "pre-post",
            "no-season",
            points=project().measures[0].points,
            label="Ana's calls",
        )
    )
    draft = prepare(project(own))
    assert "Ana" not in str(draft.record)


@pytest.mark.parametrize(
    "roster",
    [build_roster({}), build_roster({"PERSON": ["Ana Vang"]}, as_of=TODAY - timedelta(days=181))],
    ids=["empty", "old"],
)
def test_without_a_living_roster_only_slots_leave(roster):
    draft = prepare(replication(), roster=roster)
    assert codes(draft, "text") == ["roster-stale"]
    assert not {"adaptable", "materials", "conditions", "lessons", "changed"} & draft.record.keys()
    assert "statement" not in draft.record["problem"]
    assert "summary" not in draft.record["idea"]
    assert draft.record["steps"]
    assert not draft.blocked


def test_a_roster_without_a_day_counts_as_living():
    assert "roster-stale" not in codes(prepare(roster=build_roster({"PERSON": ["Ana Vang"]})))
    assert "roster-stale" not in codes(prepare(roster=build_roster({"PERSON": ["Ana Vang"]}, as_of=date(2026, 6, 1))))
