"""Numbers in an imported series that a person should look at before they count.

Nothing is corrected or dropped here: each finding says what is odd and what is usual to do, and a person decides.
Thresholds were set on a year of daily attendance of 1,646 schools: 0.00 stands there for a day without an upload,
single days below 30 % for a site that sent half its sheets, and 60 to 80 % for a real snow day or the day before a
holiday, which belongs on the chart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_

Code = Literal["blank", "zero", "impossible", "unusual"]
Suggestion = Literal["leave-out", "keep"]

USUAL_POINTS = 5  # fewer say nothing about what is usual
FAR_IN_MAD = 6.0  # robust standard deviations from the median; about 3 days a school-year in that data
MAD_TO_SD = 1.4826
SMALLEST_SPREAD = 0.005  # of the median: a series without spread makes nothing unusual that is nearly on it

SUGGESTED: dict[Code, Suggestion] = {
    "blank": "leave-out",
    "zero": "leave-out",
    "impossible": "leave-out",
    "unusual": "keep",
}
WORDS: dict[Code, str] = {
    "blank": N_("There is no number: a day without school, or one that was not sent."),
    "zero": N_("It says 0, while the others are near {usual}: most likely nothing was sent that day."),
    "impossible": N_("{value} can't be right: correct it or leave it out."),
    "unusual": N_("{value} is far from the usual {usual}: keep it if it is true, such as a snow day."),
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A point to decide on: its 0-based index, its value if it has one, what is odd about it."""

    index: int
    value: float | None
    code: Code
    words: Sentence

    @property
    def suggest(self) -> Suggestion:
        return SUGGESTED[self.code]


def screen_series(
    values: Sequence[float | None], *, lowest: float | None = None, highest: float | None = None
) -> tuple[Suspicion, ...]:
    """What is odd in a series in time order.

    Args:
        values: a number a point, None where the cell is empty.
        lowest: the least that the unit allows (0 for a percentage), None for no bound.
        highest: the most that it allows (100 for a percentage), None for no bound.
    """
    usual = _usual([value for value in values if value is not None and _is_possible(value, lowest, highest)])
    found = []
    for index, value in enumerate(values):
        code = _code(value, usual, lowest, highest)
        if code:
            told = {"value": _told(value), "usual": _told(usual.median if usual else None)}
            found.append(Suspicion(index, value, code, Sentence(WORDS[code], told)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Usual:
    median: float
    spread: float


def _usual(values: Sequence[float]) -> _Usual | None:
    present = np.array([value for value in values if value])  # a 0 is what is in question
    if len(present) < USUAL_POINTS:
        return None
    median = float(np.median(present))
    spread = MAD_TO_SD * float(np.median(np.abs(present - median)))
    return _Usual(median, max(spread, SMALLEST_SPREAD * abs(median)))


def _code(value: float | None, usual: _Usual | None, lowest: float | None, highest: float | None) -> Code | None:
    if value is None or math.isnan(value):
        return "blank"
    if not _is_possible(value, lowest, highest):
        return "impossible"
    if usual is None or abs(value - usual.median) <= FAR_IN_MAD * usual.spread:
        return None
    return "zero" if value == 0 else "unusual"


def _is_possible(value: float, lowest: float | None, highest: float | None) -> bool:
    return math.isfinite(value) and (lowest is None or value >= lowest) and (highest is None or value <= highest)


def _told(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
