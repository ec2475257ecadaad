"""Two icons of the NHS programme 'Making Data Count': how the process varies now, and whether it can be relied on.

Both are read off an XmR chart, as in its R package NHSRplotthedots. Variation is about the latest point: it is special
if it lies outside the limits, is part of seven or more that rise or fall, is beyond two thirds of the way to a limit
with another of three neighbours on the same side, or is part of seven or more on one side of the mean. Assurance is
about the target: outside the limits the process always or never reaches it; within them, and exactly on one of them,
it is hit or miss.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.run_chart import ON_THE_LINE
from nic_node.evidence.series import Series

Better = Literal["up", "down", "neither"]
Side = Literal["high", "low"]
Variation = Literal["common", "improving", "concerning", "special"]
Assurance = Literal["pass", "fail", "hit-or-miss"]

IN_A_ROW = 7
NEAR_A_LIMIT = 2 / 3  # of the way from the mean to a limit


@dataclass(frozen=True, slots=True)
class Icons:
    """`side` is where special variation lies; None with common variation. `assurance` is None without a target."""

    variation: Variation
    side: Side | None
    assurance: Assurance | None


def icons_of(chart: ControlChart, *, better: Better, target: float | None = None) -> Icons | None:
    """The icons of an XmR chart (kind i); None where it has no limits, as with less than two points.

    Args:
        chart: its last stretch is read.
        better: the good direction of the measure.
        target: on the chart's scale.
    """
    stretch = chart.current
    within = slice(stretch.start, stretch.end)
    present = np.isfinite(chart.y[within])
    y, centre, lower, upper = (values[within][present] for values in (chart.y, chart.center, chart.lower, chart.upper))
    if not y.size or not np.isfinite(upper).all():
        return None
    side = _latest_special(y, centre, lower, upper)
    assurance = _assurance(float(lower[-1]), float(upper[-1]), target, better)
    if side is None:
        return Icons("common", None, assurance)
    if better == "neither":
        return Icons("special", side, assurance)
    return Icons("improving" if (side == "high") == (better == "up") else "concerning", side, assurance)


def _latest_special(y: Series, centre: Series, lower: Series, upper: Series) -> Side | None:
    """Where the latest point's special cause lies, by the first rule that it meets; None for common cause."""
    away = np.sign(np.where(np.isclose(y, centre, rtol=ON_THE_LINE, atol=ON_THE_LINE), 0, y - centre))
    outside = (y > upper) | (y < lower)
    near = ~outside & (np.abs(y - centre) > NEAR_A_LIMIT * np.where(away > 0, upper - centre, centre - lower))
    last = len(y) - 1
    if outside[last]:
        return _side(away[last])
    steps = np.sign(np.diff(y))[-(IN_A_ROW - 1) :]
    if len(steps) == IN_A_ROW - 1 and abs(steps.sum()) == IN_A_ROW - 1:
        return _side(steps[0])
    if near[last] and len(y) > 2 and near[-3:].sum() >= 2 and abs(away[-3:].sum()) == 3:
        return _side(away[last])
    if len(y) >= IN_A_ROW and abs(away[-IN_A_ROW:].sum()) == IN_A_ROW:
        return _side(away[last])
    return None


def _assurance(lower: float, upper: float, target: float | None, better: Better) -> Assurance | None:
    if target is None or better == "neither":
        return None
    if lower <= target <= upper:
        return "hit-or-miss"
    return "pass" if (target < lower) == (better == "up") else "fail"


def _side(sign: float) -> Side:
    return "high" if sign > 0 else "low"
