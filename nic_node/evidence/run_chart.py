"""Run charts: the median, and whether runs about it are longer or rarer than chance makes them.

The rules are those of Anhøj and Olesen (2014, 'Run charts revisited'), as R's qicharts2 applies them. Points on the
centre line are left out; n useful points remain. There is a signal if

* the longest run on one side of the centre has more than round(log2 n) + 3 points, or
* the curve crosses the centre fewer times than the 5 % quantile of a binomial distribution of n - 1 fair tosses.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from nic_node.evidence.series import Series, as_series

TOO_FEW_USEFUL = 10  # below this the rules can hardly ever signal (Anhøj and Olesen 2014)
ON_THE_LINE = 1e-12  # relative: what rounding in a mean may add to a point that lies on it

Side = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Shift:
    """A run that is longer than chance allows: 0-based indexes of its first and last point, both included."""

    start: int
    end: int
    length: int
    side: Side
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """How a series runs about a centre line; counts are None without a useful point."""

    n_useful: int
    longest_run: int | None
    longest_run_max: int | None
    crossings: int | None
    crossings_min: int | None
    shifts: tuple[Shift, ...]

    @property
    def too_few_crossings(self) -> bool:
        return self.crossings is not None and self.crossings_min is not None and self.crossings < self.crossings_min

    @property
    def signal(self) -> bool:
        return bool(self.shifts) or self.too_few_crossings


@dataclass(frozen=True, slots=True)
class RunChart:
    """A series about its median. `n` counts the points that are there; `centre` is None without any."""

    centre: float | None
    n: int
    runs: Runs

    @property
    def signal(self) -> bool:
        return self.runs.signal

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return self.runs.shifts

    @property
    def signal_indexes(self) -> tuple[int, ...]:
        """0-based points that are part of a shift; points on the median within it are not."""
        return tuple(index for shift in self.runs.shifts for index in shift.indexes)

    @property
    def too_few(self) -> bool:
        return self.runs.n_useful < TOO_FEW_USEFUL


def run_chart(values: Sequence[float | None], *, freeze: int | None = None, exclude: Collection[int] = ()) -> RunChart:
    """The run chart of a series in time order.

    Args:
        values: a number a point, None where there is none.
        freeze: take the median of the first so many points only (a baseline).
        exclude: 0-based points that stay on the chart but count neither for the median nor for a run.

    Raises:
        InvalidInput: a number that can't be charted.
    """
    series = included(as_series(values), exclude)
    base = series[:freeze]
    centre = float(np.nanmedian(base)) if np.isfinite(base).any() else None
    n = int(np.isfinite(series).sum())
    return RunChart(centre, n, runs_about(series, centre))


def included(series: Series, exclude: Collection[int]) -> Series:
    """A copy of the series in which the excluded points are missing."""
    kept = series.copy()
    kept[[index for index in exclude if 0 <= index < len(series)]] = np.nan
    return kept


def runs_about(series: Series, centre: float | None) -> Runs:
    """Runs of the present points about a centre line, after Anhøj."""
    sides = [] if centre is None else _sides(series, centre)
    n_useful = len(sides)
    if not n_useful:
        return Runs(0, None, None, None, None, ())
    runs = [list(run) for _, run in groupby(sides, key=lambda point: point[1])]
    longest_max = round(math.log2(n_useful)) + 3
    shifts = tuple(_shift(run) for run in runs if len(run) > longest_max)
    return Runs(
        n_useful=n_useful,
        longest_run=max(map(len, runs)),
        longest_run_max=longest_max,
        crossings=len(runs) - 1,
        crossings_min=fewest_crossings(n_useful),
        shifts=shifts,
    )


def fewest_crossings(n_useful: int) -> int:
    """The 5 % quantile of Binomial(n_useful - 1, 1/2), in whole numbers so that no rounding can move it."""
    tosses = max(n_useful - 1, 0)
    ways = 1
    ways_so_far = 1
    crossings = 0
    while 20 * ways_so_far < 2**tosses:
        ways = ways * (tosses - crossings) // (crossings + 1)
        crossings += 1
        ways_so_far += ways
    return crossings


def is_on_line(value: float, line: float) -> bool:
    return math.isclose(value, line, rel_tol=ON_THE_LINE, abs_tol=ON_THE_LINE)


def _sides(series: Series, centre: float) -> list[tuple[int, Side]]:
    return [
        (index, "above" if value > centre else "below")
        for index, value in enumerate(series.tolist())
        if not math.isnan(value) and not is_on_line(value, centre)
    ]


def _shift(run: list[tuple[int, Side]]) -> Shift:
    indexes = tuple(index for index, _ in run)
    return Shift(indexes[0], indexes[-1], len(run), run[0][1], indexes)
