"""Rows of a file beside the numbers that are here: new, changed, the same; and what a person should look at first."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from nic_node.evidence.screening import Suspicion, screen_series
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.file_rows import FileRow
from nic_node.school.measures.numbers import NUMBER_FIELDS, Bounds, Numbers, screened
from nic_node.school.measures.tables import Observed

State = Literal["new", "changed", "same"]
Decision = Literal["keep", "leave-out", "closed"]

CLOSED_DAY = N_("Closed day")
LEFT_OUT = N_("Left out")
REASONS: Mapping[str, str] = {"keep": "", "leave-out": LEFT_OUT, "closed": CLOSED_DAY}
"""What a decision writes beside the point; '' counts it."""
READ_AND_KEPT = N_("Read {rows} rows, kept {numbers} numbers.")
DECISIONS: Mapping[str, str] = {"keep": N_("Keep it"), "leave-out": N_("Leave it out"), "closed": N_("Closed day")}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A row of the file. `was` is the value that it would replace; `suspicion` asks for a decision."""

    row: FileRow
    state: State
    was: float | None
    suspicion: Suspicion | None

    @property
    def decisions(self) -> tuple[str, ...]:
        """What may be decided; a blank has nothing to keep."""
        return tuple(d for d in DECISIONS if d != "keep" or self.row.numbers is not None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows of a file in time order."""

    rows: tuple[ComparedRow, ...]

    def count(self, state: State) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def suspicious(self) -> tuple[ComparedRow, ...]:
        return tuple(row for row in self.rows if row.suspicion)

    @property
    def to_write(self) -> tuple[ComparedRow, ...]:
        return tuple(row for row in self.rows if row.state != "same")

    @property
    def seen(self) -> str:
        """A hash of what a person saw: a confirmation that carries another one saw something else."""
        facts = [
            (row.row.document(), row.state, row.was, row.suspicion.code if row.suspicion else None) for row in self.rows
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def compare(rows: Sequence[FileRow], existing: Iterable[Observed], bounds: Bounds) -> Comparison:
    """Compare a file's rows with the measure's observations.

    A blank in the file never removes a number, and a row that was left out before is not asked about again.
    """
    here = {observation.period: observation for observation in existing}
    states = {row.period: _state(row, here.get(row.period)) for row in rows}
    suspicions = _suspicions(rows, here, bounds)
    compared = []
    for row in sorted(rows, key=lambda row: row.period):
        state = states[row.period]
        had = here.get(row.period)
        was = had.value if had is not None and state == "changed" else None
        suspicion = suspicions.get(row.period) if state != "same" else None
        compared.append(ComparedRow(row, state, was, suspicion))
    return Comparison(tuple(compared))


def summary(comparison: Comparison, *, is_counted: bool, rows_read: int) -> Sentence:
    """What the file comes to, in one sentence."""
    if is_counted:
        told = {"rows": f"{rows_read:,}", "numbers": 2 * len(comparison.rows)}
        return Sentence(READ_AND_KEPT, told)
    counts = {"new": comparison.count("new"), "changed": comparison.count("changed"), "same": comparison.count("same")}
    if not comparison.to_write:
        return Sentence(N_("Nothing changed: all {same} rows are here already."), counts)
    return Sentence(N_("{new} new, {changed} changed, {same} here already."), counts)


def _state(row: FileRow, had: Observed | None) -> State:
    if had is None:
        return "new"
    if row.numbers is None:
        return "same"
    is_same = numbers_in(had) == row.numbers and (row.note is None or row.note == had.note)
    return "same" if is_same else "changed"


def numbers_in(observation: Observed) -> Numbers | None:
    if observation.value is None:
        return None
    return Numbers(**{name: getattr(observation, name) for name in NUMBER_FIELDS})


def _suspicions(rows: Sequence[FileRow], here: Mapping[date, Observed], bounds: Bounds) -> dict[date, Suspicion]:
    """Screened together with the numbers that are here and count."""
    series: dict[date, float | None] = {
        period: observation.value
        for period, observation in here.items()
        if not observation.excluded_because and observation.value is not None
    }
    series |= {row.period: row.numbers.value if row.numbers else None for row in rows if not _is_settled(row, here)}
    days = sorted(series)
    found = screen_series([screened(series[day]) for day in days], lowest=bounds.low, highest=bounds.high)
    return {days[suspicion.index]: suspicion for suspicion in found}


def _is_settled(row: FileRow, here: Mapping[date, Observed]) -> bool:
    had = here.get(row.period)
    return had is not None and _state(row, had) == "same"
