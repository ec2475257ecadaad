"""Control charts: the centre line, three-sigma limits and signals of a series, by kind of chart.

run   median, no limits
i     mean +- 2.66 times the mean moving range, of which those beyond 3.267 times it are dropped once (Nelson 1982)
mr    moving ranges: their mean, upper limit 3.267 times it
c     counts: mean +- 3 sqrt(mean)
u     rates y / n: mean rate +- 3 sqrt(rate / n)
p     proportions y / n: mean share +- 3 sqrt(share (1 - share) / n)

Lower limits of c, u and mr stop at 0, limits of p at 0 and 1. Formulas: Montgomery, 'Introduction to Statistical
Quality Control'; the same as R's qicharts2, whose run rules (`run_chart.py`) each kind carries too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nic_node.errors import InvalidInput
from nic_node.evidence.run_chart import ON_THE_LINE, Runs, runs_about
from nic_node.evidence.series import Series, as_series

Kind = Literal["run", "i", "mr", "c", "p", "u"]
KINDS: tuple[Kind, ...] = ("run", "i", "mr", "c", "p", "u")

MEAN_RANGE_PER_SIGMA = 1.128  # d2 of two points
RANGE_LIMIT = 3.267  # D4 of two points
TRIAL_POINTS = 12  # fewer points give limits that the next ones may well move


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A series with its centre and limits, an entry a point; NaN where there is none.

    `y` is what is plotted: for p and u the share or rate, for mr the moving range.
    """

    kind: Kind
    y: Series
    center: Series
    lower: Series
    upper: Series
    runs: Runs

    @property
    def sigma_signals(self) -> tuple[int, ...]:
        """0-based points outside the limits."""
        slack = ON_THE_LINE * np.maximum(1, np.abs(self.y))
        outside = (self.y > self.upper + slack) | (self.y < self.lower - slack)
        return tuple(np.flatnonzero(outside).tolist())

    @property
    def trial(self) -> bool:
        return int(np.isfinite(self.y).sum()) < TRIAL_POINTS

    def document(self) -> dict[str, Any]:
        """The answer of `nic evidence chart --json`."""
        return {
            "kind": self.kind,
            "center": _listed(self.center),
            "lcl": _listed(self.lower),
            "ucl": _listed(self.upper),
            "n_useful": self.runs.n_useful,
            "longest_run": self.runs.longest_run,
            "longest_run_max": self.runs.longest_run_max,
            "crossings": self.runs.crossings,
            "crossings_min": self.runs.crossings_min,
            "runs_signal": self.runs.signal,
            "sigma_signals": list(self.sigma_signals),
        }


def control_chart(
    kind: Kind,
    y: Sequence[float | None],
    n: Sequence[float | None] | None = None,
    *,
    freeze: int | None = None,
    screen_ranges: bool = True,
) -> ControlChart:
    """The chart of a series in time order.

    Args:
        kind: see above.
        y: a number a point, None where there is none; with `n` its count.
        n: a denominator a point: people for p, exposure for u; needed by these two, allowed for run and i.
        freeze: centre and limits come from the first so many points only.
        screen_ranges: kind i drops moving ranges beyond their own limit once.

    Raises:
        InvalidInput: an unknown kind, a missing, non-positive or too small denominator, a negative count.
    """
    if kind not in KINDS:
        raise _refused("kind", f"A chart is one of {', '.join(KINDS)}.")
    counts, sizes = _checked(kind, y, n)
    points = counts if sizes is None else counts / sizes
    if kind == "mr":
        points = np.abs(np.diff(points, prepend=np.nan))
    base = slice(None, freeze)
    if not np.isfinite(points[base]).any():
        empty = np.full(len(points), np.nan)
        return ControlChart(kind, points, empty, empty, empty, runs_about(points, None))
    centre = _centre(kind, points[base], counts[base], None if sizes is None else sizes[base])
    reach = _reach(kind, points[base], centre, counts if sizes is None else sizes, screen_ranges=screen_ranges)
    lower, upper = _limits(kind, centre, reach, len(points))
    return ControlChart(kind, points, np.full(len(points), centre), lower, upper, runs_about(points, centre))


def _checked(kind: Kind, y: Sequence[float | None], n: Sequence[float | None] | None) -> tuple[Series, Series | None]:
    counts = as_series(y)
    if kind in {"c", "p", "u"} and (counts < 0).any():
        raise _refused("y", "A count can't be below 0: correct the row or leave it blank.")
    if n is None:
        if kind in {"p", "u"}:
            raise _refused("n", f"A {kind} chart needs a column n: how many there are at each point.")
        return counts, None
    if kind in {"c", "mr"}:
        raise _refused("n", f"A {kind} chart has no column n: leave it out, or choose p or u.")
    sizes = as_series(n, name="n")
    if len(sizes) != len(counts):
        raise _refused("n", "y and n differ in length: give each row both.")
    if (sizes <= 0).any():
        raise _refused("n", "n must be above 0: correct the row or leave it blank.")
    if kind == "p" and (counts > sizes).any():
        raise _refused("y", "y is above n in a row, so more than everybody: correct it.")
    missing = np.isnan(counts) | np.isnan(sizes)
    return np.where(missing, np.nan, counts), np.where(missing, np.nan, sizes)


def _centre(kind: Kind, points: Series, counts: Series, sizes: Series | None) -> float:
    if kind == "run":
        return float(np.nanmedian(points))
    if kind in {"p", "u"} and sizes is not None:
        return float(np.nansum(counts) / np.nansum(sizes))
    return float(np.nanmean(points))


def _reach(kind: Kind, points: Series, centre: float, sizes: Series, *, screen_ranges: bool) -> Series | float:
    """How far the limits lie from the centre: one number, or a number a point."""
    match kind:
        case "i":
            return 3 * _mean_range(points, screen=screen_ranges) / MEAN_RANGE_PER_SIGMA
        case "mr":
            return (RANGE_LIMIT - 1) * centre
        case "c":
            return 3 * float(np.sqrt(centre))
        case "u":
            return np.asarray(3 * np.sqrt(centre / sizes))
        case "p":
            return np.asarray(3 * np.sqrt(centre * (1 - centre) / sizes))
        case "run":
            return float("nan")


def _mean_range(points: Series, *, screen: bool) -> float:
    ranges = np.abs(np.diff(points))
    ranges = ranges[np.isfinite(ranges)]
    if not ranges.size:
        return float("nan")
    mean = float(ranges.mean())
    # A series without any change has no range below its limit: nothing is dropped then.
    usual = ranges[ranges < RANGE_LIMIT * mean]
    return float(usual.mean()) if screen and usual.size else mean


def _limits(kind: Kind, centre: float, reach: Series | float, length: int) -> tuple[Series, Series]:
    lower = np.broadcast_to(centre - reach, length)
    upper = np.broadcast_to(centre + reach, length)
    if kind in {"c", "u", "p", "mr"}:
        lower = np.maximum(lower, 0)
    if kind == "p":
        upper = np.minimum(upper, 1)
    return lower, upper


def _listed(series: Series) -> list[float | None]:
    return [None if np.isnan(value) else value for value in series.tolist()]


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
