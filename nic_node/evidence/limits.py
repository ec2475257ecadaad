"""Where the centre and the three-sigma limits of a chart lie, by its kind.

run   median, no limits
i     mean +- 2.66 times the mean moving range, of which those beyond 3.267 times it are dropped once (Nelson 1982)
mr    moving ranges: their mean, upper limit 3.267 times it
c     counts: mean +- 3 sqrt(mean)
u     rates y / n: mean rate +- 3 sqrt(rate / n)
p     proportions y / n: mean share +- 3 sqrt(share (1 - share) / n)
pp    p with limits as wide as the shares really vary from one to the next (Laney 2002, P'): for large n, where they
      vary more than tosses would

Lower limits of c, u and mr stop at 0, limits of p and pp at 0 and 1. Formulas: Montgomery, 'Introduction to
Statistical Quality Control'; the same as R's qicharts2.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nic_node.errors import InvalidInput
from nic_node.evidence.series import Series, as_series

Kind = Literal["run", "i", "mr", "c", "p", "u", "pp"]
KINDS: tuple[Kind, ...] = ("run", "i", "mr", "c", "p", "u", "pp")
OF_SIZES = frozenset({"p", "u", "pp"})
"""Kinds that divide counts by how many there are."""
OF_COUNTS = frozenset({"c", *OF_SIZES})

MEAN_RANGE_PER_SIGMA = 1.128  # d2 of two points
RANGE_LIMIT = 3.267  # D4 of two points


@dataclass(frozen=True, slots=True)
class Plotted:
    """A stretch of numbers as a kind of chart plots them; `sizes` is what counts are divided by, 1 where by nothing."""

    kind: Kind
    counts: Series
    sizes: Series

    @property
    def points(self) -> Series:
        if self.kind == "mr":
            return np.abs(np.diff(self.counts, prepend=np.nan))
        return self.counts / self.sizes

    def part(self, within: slice) -> "Plotted":
        return Plotted(self.kind, self.counts[within], self.sizes[within])

    def without(self, indexes: Collection[int]) -> "Plotted":
        """The same with these points missing."""
        gone = np.isin(np.arange(len(self.counts)), list(indexes))
        return Plotted(self.kind, np.where(gone, np.nan, self.counts), np.where(gone, np.nan, self.sizes))


@dataclass(frozen=True, slots=True)
class Limits:
    """A stretch's centre (None without a number) and its limits, a value a point, NaN for none."""

    centre: float | None
    lower: Series
    upper: Series


def plotted(kind: Kind, y: Sequence[float | None], n: Sequence[float | None] | None = None) -> Plotted:
    """What is plotted of y, or of y in n.

    Raises:
        InvalidInput: an unknown kind, a missing, non-positive or too small denominator, a negative count.
    """
    if kind not in KINDS:
        raise _refused("kind", f"A chart is one of {', '.join(KINDS)}.")
    counts = as_series(y)
    if kind in OF_COUNTS and (counts < 0).any():
        raise _refused("y", "A count can't be below 0: correct the row or leave it blank.")
    if n is None:
        if kind in OF_SIZES:
            raise _refused("n", f"A {kind} chart needs a column n: how many there are at each point.")
        return Plotted(kind, counts, np.ones(len(counts)))
    return Plotted(kind, *_in_sizes(kind, counts, as_series(n, name="n")))


def limits_of(shown: Plotted, base: Plotted, *, screen_ranges: bool = True) -> Limits:
    """The limits of what is shown, computed from its base: all of it, or its first points where they are frozen."""
    if not np.isfinite(base.points).any():
        empty = np.full(len(shown.counts), np.nan)
        return Limits(None, empty, empty)
    centre = _centre(base)
    reach = 3 * _sigma(shown, base, centre, screen_ranges=screen_ranges)
    lower = np.broadcast_to(centre - reach, len(shown.counts))
    upper = np.broadcast_to(centre + reach, len(shown.counts))
    if shown.kind in OF_COUNTS or shown.kind == "mr":
        lower = np.maximum(lower, 0)
    if shown.kind in {"p", "pp"}:
        upper = np.minimum(upper, 1)
    return Limits(centre, lower, upper)


def _in_sizes(kind: Kind, counts: Series, sizes: Series) -> tuple[Series, Series]:
    if kind in {"c", "mr"}:
        raise _refused("n", f"A {kind} chart has no column n: leave it out, or choose p or u.")
    if len(sizes) != len(counts):
        raise _refused("n", "y and n differ in length: give each row both.")
    if (sizes <= 0).any():
        raise _refused("n", "n must be above 0: correct the row or leave it blank.")
    if kind in {"p", "pp"} and (counts > sizes).any():
        raise _refused("y", "y is above n in a row, so more than everybody: correct it.")
    missing = np.isnan(counts) | np.isnan(sizes)
    return np.where(missing, np.nan, counts), np.where(missing, np.nan, sizes)


def _centre(base: Plotted) -> float:
    if base.kind == "run":
        return float(np.nanmedian(base.points))
    if base.kind in OF_SIZES:
        return float(np.nansum(base.counts) / np.nansum(base.sizes))
    return float(np.nanmean(base.points))


def _sigma(shown: Plotted, base: Plotted, centre: float, *, screen_ranges: bool) -> Series | float:
    """A standard deviation about the centre: one number, or a number a point."""
    if shown.kind in {"p", "pp"}:
        return _of_tosses(shown, centre) * (_extra_variation(base, centre) if shown.kind == "pp" else 1)
    if shown.kind in {"c", "u"}:
        return np.asarray(np.sqrt(centre / shown.sizes))
    if shown.kind == "i":
        return _mean_range(base.points, screen=screen_ranges) / MEAN_RANGE_PER_SIGMA
    return (RANGE_LIMIT - 1) * centre / 3 if shown.kind == "mr" else float("nan")


def _of_tosses(stretch: Plotted, share: float) -> Series:
    return np.asarray(np.sqrt(share * (1 - share) / stretch.sizes))


def _extra_variation(base: Plotted, share: float) -> float:
    """How many times as much as tosses the shares vary from one to the next; 1 where that can't be told."""
    sigma = _of_tosses(base, share)
    if not (sigma > 0).any():
        return 1.0
    ranges = np.abs(np.diff((base.points - share) / sigma))
    ranges = ranges[np.isfinite(ranges)]
    return float(ranges.mean()) / MEAN_RANGE_PER_SIGMA if ranges.size else 1.0


def _mean_range(points: Series, *, screen: bool) -> float:
    ranges = np.abs(np.diff(points))
    ranges = ranges[np.isfinite(ranges)]
    if not ranges.size:
        return float("nan")
    mean = float(ranges.mean())
    # A series without any change has no range below its limit: nothing is dropped then.
    usual = ranges[ranges < RANGE_LIMIT * mean]
    return float(usual.mean()) if screen and usual.size else mean


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
