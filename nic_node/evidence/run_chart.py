"""Runs about a centre line: whether they are longer or rarer than chance makes them.

Two sets of rules. Points on the centre line are left out by both; n useful points remain.

anhoej  (Anhøj and Olesen 2014, 'Run charts revisited', as R's qicharts2 applies them) There is a signal if the longest
        run on one side of the centre has more than round(log2 n) + 3 points, or if the curve crosses the centre
        fewer times than the 5 % quantile of a binomial distribution of n - 1 fair tosses.
ihi     (Perla, Provost and Murray 2011, 'The run chart') There is a signal if six points or more in a row lie on one
        side of the centre, or five or more go all up or all down, a repeated value counting once. The second of
        these, the trend, is weak: it rarely finds what the first one misses, and finds much that is chance.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from nic_node.evidence.series import Series

Rules = Literal["anhoej", "ihi"]
RULES: tuple[Rules, ...] = ("anhoej", "ihi")

TOO_FEW_USEFUL = 10  # below this the rules can hardly ever signal (Anhøj and Olesen 2014)
ON_THE_LINE = 1e-12  # relative: what rounding in a mean may add to a point that lies on it
IHI_SHIFT, IHI_TREND = 6, 5

Side = Literal["above", "below"]
Course = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Shift:
    """A run that is longer than chance allows: 0-based indexes of its first and last point, both included."""

    start: int
    end: int
    length: int
    side: Side
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Points that go all up or all down: 0-based indexes of the first and the last one."""

    start: int
    end: int
    length: int
    course: Course


@dataclass(frozen=True, slots=True)
class Runs:
    """How a series runs about a centre line; counts are None without a useful point.

    `crossings_min` is None under rules that do not count crossings.
    """

    n_useful: int
    longest_run: int | None
    longest_run_max: int | None
    crossings: int | None
    crossings_min: int | None
    shifts: tuple[Shift, ...]
    trends: tuple[Trend, ...] = ()

    @property
    def too_few_crossings(self) -> bool:
        return self.crossings is not None and self.crossings_min is not None and self.crossings < self.crossings_min

    @property
    def signal(self) -> bool:
        return bool(self.shifts or self.trends) or self.too_few_crossings


def runs_about(series: Series, centre: float | None, rules: Rules = "anhoej", *, first: int = 0) -> Runs:
    """Runs of the present points about a centre line.

    Args:
        series: shape (points,), NaN where there is none.
        centre: the line; None without any point.
        rules: see above.
        first: index that the series' first point has on the whole chart.
    """
    sides = [] if centre is None else _sides(series, centre, first)
    n_useful = len(sides)
    if not n_useful:
        return Runs(0, None, None, None, None, ())
    runs = [list(run) for _, run in groupby(sides, key=lambda point: point[1])]
    is_ihi = rules == "ihi"
    longest_max = IHI_SHIFT - 1 if is_ihi else round(math.log2(n_useful)) + 3
    return Runs(
        n_useful=n_useful,
        longest_run=max(map(len, runs)),
        longest_run_max=longest_max,
        crossings=len(runs) - 1,
        crossings_min=None if is_ihi else fewest_crossings(n_useful),
        shifts=tuple(_shift(run) for run in runs if len(run) > longest_max),
        trends=tuple(_trends(series, first)) if is_ihi else (),
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


def _sides(series: Series, centre: float, first: int) -> list[tuple[int, Side]]:
    return [
        (index, "above" if value > centre else "below")
        for index, value in enumerate(series.tolist(), first)
        if not math.isnan(value) and not is_on_line(value, centre)
    ]


def _shift(run: list[tuple[int, Side]]) -> Shift:
    indexes = tuple(index for index, _ in run)
    return Shift(indexes[0], indexes[-1], len(run), run[0][1], indexes)


def _trends(series: Series, first: int) -> Iterator[Trend]:
    moves: list[tuple[int, int, Course]] = []  # from where to where, and which way
    last: tuple[int, float] | None = None
    for index, value in enumerate(series.tolist(), first):
        if math.isnan(value) or (last is not None and value == last[1]):
            continue
        if last is not None:
            moves.append((last[0], index, "up" if value > last[1] else "down"))
        last = index, value
    for course, run in groupby(moves, key=lambda move: move[2]):
        steps: Sequence[tuple[int, int, Course]] = list(run)
        if len(steps) + 1 >= IHI_TREND:
            yield Trend(steps[0][0], steps[-1][1], len(steps) + 1, course)
