"""Stages 2 and 3. Fields: the record from the snapshot, name by name. Vocabulary: what belongs to a closed list does.

Nothing is copied that is not named here, so nothing unknown gets through.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nic_node.disclosure.draft import Draft, Finding, Given, Stage
from nic_node.disclosure.snapshot import Snapshot
from schemas.practice import PAYLOADS
from schemas.text import normal_text

MULTILINE = frozenset({"statement", "summary", "text", "conditions", "worked", "would_change", "watch_out"})
LONGEST_LISTS = {"steps": 12, "adaptable": 6, "materials": 5, "changed": 6}  # as vocabulary.md's payload says


def choose_fields(draft: Draft, given: Given) -> Draft:
    """Build the record's descriptive part, with the reviewer's rewording in place of what was typed."""
    record = described_record(draft.project)
    findings = []
    for name, most in LONGEST_LISTS.items():
        if len(record.get(name, ())) > most:
            record[name] = record[name][:most]
            findings.append(Finding("fields", "too-many", "ask", f"/{name}/{most}"))
    for path, text in given.edits.items():
        record = with_text(record, path, text)
    core = [index for index in record.get("core", ()) if index < len(record.get("steps", ()))]
    record = _present(record | {"core": core})
    return replace(draft, record=record, findings=(*draft.findings, *findings))


def described_record(snapshot: Snapshot) -> dict[str, Any]:
    """Everything of a record but its results and its context."""
    problem, aim, idea, lineage = snapshot.problem, snapshot.aim, snapshot.idea, snapshot.lineage
    record: dict[str, Any] = {
        "title": _text("title", snapshot.title),
        "problem": _object(
            category=problem.category,
            label=_text("label", problem.label),
            grade_bands=list(dict.fromkeys(problem.grade_bands)),
            subject=problem.subject,
            statement=_text("statement", problem.statement),
        ),
        "aim": aim
        and _object(measure=aim.measure, label=_text("label", aim.label), better=aim.better, by_days=aim.by_days),
        "idea": _object(
            category=idea.category, label=_text("label", idea.label), summary=_text("summary", idea.summary)
        ),
        "steps": _objects(
            _object(
                who=step.who,
                does=_text("does", step.does),
                how_often=_text("how_often", step.how_often),
                minutes=step.minutes,
            )
            for step in snapshot.steps
        ),
        "core": list(dict.fromkeys(snapshot.core)),
        "adaptable": _objects(_object(what=_text("what", what)) for what in snapshot.adaptable),
        "dose": _slots(snapshot.dose, "weeks", "sessions_a_week", "minutes"),
        "cost": _slots(snapshot.cost, "cost_band", "staff_time_band"),
        "materials": _objects(
            _object(kind=material.kind, title=_text("title", material.title), text=_text("text", material.text))
            for material in snapshot.materials
        ),
        "supports": list(dict.fromkeys(snapshot.supports)),
        "conditions": _text("conditions", snapshot.conditions),
        "decision": snapshot.decision,
        "lessons": snapshot.lessons
        and _object(
            worked=_text("worked", snapshot.lessons.worked),
            would_change=_text("would_change", snapshot.lessons.would_change),
            watch_out=_text("watch_out", snapshot.lessons.watch_out),
        ),
        "supersedes": snapshot.supersedes,
    }
    if lineage is not None:
        record["origin"] = lineage.origin
        record["kept"] = list(dict.fromkeys(lineage.kept))
        record["changed"] = _objects(
            _object(what=_text("what", change.what), why=_text("why", change.why)) for change in lineage.changed
        )
    return _present(record)


def check_vocabulary(draft: Draft, given: Given) -> Draft:
    """Block on ids of no list, texts too long, numbers out of range: what the wire would refuse."""
    return replace(draft, findings=(*draft.findings, *wire_findings(draft, "vocabulary")))


def wire_findings(draft: Draft, stage: Stage) -> list[Finding]:
    """A finding for everything that the payload's schema refuses, but for the rung that has not been chosen yet."""
    is_early = draft.snapshot is not None and "rung" not in draft.record
    record = draft.record | {"rung": "described"} if is_early else draft.record
    messages = PAYLOADS[draft.kind].validate(record)
    return [Finding(stage, "not-on-the-wire", "block", path, source=why) for path, why in _leaves(messages, "")]


def with_text(record: dict[str, Any], path: str, text: str) -> dict[str, Any]:
    """The record with the text at a JSON pointer replaced; a pointer to nothing changes nothing."""
    names = path.split("/")[1:]
    replaced: dict[str, Any] = _replaced(record, names, text)
    return replaced


def _replaced(value: Any, names: list[str], text: str) -> Any:
    if not names:
        return text if isinstance(value, str) else value
    name, rest = names[0], names[1:]
    if isinstance(value, dict) and name in value:
        changed = _text(name, text) if not rest and isinstance(value[name], str) else _replaced(value[name], rest, text)
        return _present(value | {name: changed})
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return [_replaced(entry, rest, text) if index == int(name) else entry for index, entry in enumerate(value)]
    return value


def _text(name: str, text: str | None) -> str | None:
    return normal_text(text, multiline=name in MULTILINE) if text else None


def _object(**values: Any) -> dict[str, Any] | None:
    return _present(values) or None


def _objects(objects: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Lists keep their places: steps are pointed to by index."""
    return [entry or {} for entry in objects]


def _slots(source: Any, *names: str) -> dict[str, Any] | None:
    return _object(**{name: getattr(source, name) for name in names}) if source else None


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: on the wire an optional field is left out."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _leaves(messages: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        return [
            leaf
            for name, below in messages.items()
            for leaf in _leaves(below, path if name == "_schema" else f"{path}/{name}")
        ]
    return [(path, str(message)) for message in messages]
