"""What this school told before, exact: what the history stage holds a draft against. It stays in the school, sealed.

Only what differencing needs is kept: which group, how many, a hash of each exact point and of what readers saw. No
text, no x, no mean: two hashes alike say that nothing changed, and say nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from nic_node.disclosure.printer import people_of
from nic_node.disclosure.snapshot import ExactMeasure, ExactPoint, Snapshot

Arm = Literal["change", "comparison", "last-year"]


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """One group that a release told something about.

    Attributes:
        index: of the snapshot's measures.
        least, most: the fewest and the most people of its periods.
        arm: with the change, without it, or the same group in the same weeks of last year.
        points: by id of POINTS_AT, a hash of the exact periods.
        told: a hash of what readers see of it: the printed series, or the direction word.
    """

    index: int
    measure: str
    label: str | None
    group: str
    arm: Arm
    least: int
    most: int
    points: Mapping[str, str]
    told: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one record tells of groups and of the school. `wholes`: group -> the group that it is a part of."""

    groups: tuple[ToldGroup, ...] = ()
    wholes: Mapping[str, str] = field(default_factory=dict)
    lattice_sha256: str | None = None
    class_id: str | None = None
    grade_bands: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON values, to be sealed in a row."""
        document: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return document


@dataclass(frozen=True, slots=True)
class Released:
    """An earlier release. Releases of one `practice` are its versions, a correction too.

    is_living: not taken back. What was taken back still counts for differencing: whoever read it remembers.
    """

    release_id: int
    practice: int
    title: str
    told_on: date
    is_living: bool
    facts: Facts


def load_facts(document: Mapping[str, Any]) -> Facts:
    """What `Facts.document` made; TypeError for anything else."""
    groups = tuple(ToldGroup(**group) for group in document["groups"])
    return Facts(**{**document, "groups": groups, "grade_bands": tuple(document["grade_bands"])})


def facts_of(snapshot: Snapshot, record: Mapping[str, Any], printed: Mapping[int, Mapping[str, Any]]) -> Facts:
    """The facts of a record that was made from a snapshot.

    Args:
        printed: by index of the snapshot's measures, what the printer made of them (shown or not).
    """
    shown = [_shown(measure) for measure in record.get("measures", ())]
    told = {index: _hash(series) for index, series in printed.items() if _shown(series) in shown}
    if record["rung"] == "direction" and snapshot.aim is not None:
        for index, measure in enumerate(snapshot.measures):
            if (measure.measure, measure.label) == (snapshot.aim.measure, snapshot.aim.label):
                told.setdefault(index, _hash(["word", record.get("direction")]))
    groups = [group for index in sorted(told) for group in _groups(index, snapshot.measures[index], told[index])]
    context = record.get("context", {})
    return Facts(
        groups=tuple(groups),
        wholes={measure.group: measure.part_of for measure in snapshot.measures if measure.part_of is not None},
        lattice_sha256=context.get("lattice_sha256"),
        class_id=context.get("class"),
        grade_bands=tuple(record["problem"].get("grade_bands", ())),
    )


def _shown(measure: Mapping[str, Any]) -> tuple[str, str | None]:
    return measure["measure"], measure.get("label")


def _groups(index: int, measure: ExactMeasure, told: str) -> list[ToldGroup]:
    arms: tuple[tuple[Arm, tuple[ExactPoint, ...]], ...] = (
        ("change", measure.points),
        ("last-year" if measure.design == "season-comparison" else "comparison", measure.comparison),
    )
    found = []
    for arm, points in arms:
        sizes = [n for point in points for n in people_of(point.periods)]
        if sizes:
            exact = {point.at: _hash([asdict(period) for period in point.periods]) for point in points}
            told_of = (index, measure.measure, measure.label, measure.group, arm)
            found.append(ToldGroup(*told_of, min(sizes), max(sizes), exact, told))
    return found


def _hash(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
