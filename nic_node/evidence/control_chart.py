"""A series in time order as a chart reads it: stretches, each with its centre and limits, and what signals.

A new stretch begins where a person split or rebased the chart. Within one, the centre and limits come from all of
its points, or, where a person froze them, from those before that point. Points that are left out stay on the chart but
count for nothing. What is read last is the last stretch: that is the process as it runs now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from nic_node.evidence.limits import Kind, Limits, Plotted, limits_of, plotted
from nic_node.evidence.run_chart import ON_THE_LINE, TOO_FEW_USEFUL, Rules, Runs, Shift, Trend, runs_about
from nic_node.evidence.series import Series

TRIAL_POINTS = 12  # fewer points give limits that the next ones may well move


@dataclass(frozen=True, slots=True)
class Stretch:
    """Points from `start` to before `end` (0-based) about one centre; `frozen` of them, the first, made the limits."""

    start: int
    end: int
    centre: float | None
    n: int
    runs: Runs
    frozen: int | None


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A series with its centre and limits, a value a point; NaN where there is none.

    `y` is what is plotted: for p, pp and u the share or rate, for mr the moving range; NaN where it does not count.
    """

    kind: Kind
    rules: Rules
    y: Series
    center: Series
    lower: Series
    upper: Series
    stretches: tuple[Stretch, ...]

    @property
    def current(self) -> Stretch:
        """The last stretch."""
        return self.stretches[-1]

    @property
    def runs(self) -> Runs:
        return self.current.runs

    @property
    def centre(self) -> float | None:
        return self.current.centre

    @property
    def n(self) -> int:
        """How many points are there and count."""
        return sum(stretch.n for stretch in self.stretches)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return tuple(shift for stretch in self.stretches for shift in stretch.runs.shifts)

    @property
    def trends(self) -> tuple[Trend, ...]:
        return tuple(trend for stretch in self.stretches for trend in stretch.runs.trends)

    @property
    def signal_indexes(self) -> tuple[int, ...]:
        """0-based points that are part of a shift; points on the centre within it are not."""
        return tuple(index for shift in self.shifts for index in shift.indexes)

    @property
    def sigma_signals(self) -> tuple[int, ...]:
        """0-based points outside the limits."""
        slack = ON_THE_LINE * np.maximum(1, np.abs(self.y))
        return tuple(np.flatnonzero((self.y > self.upper + slack) | (self.y < self.lower - slack)).tolist())

    @property
    def signal(self) -> bool:
        """Whether the process as it runs now shows one."""
        return self.runs.signal or any(index >= self.current.start for index in self.sigma_signals)

    @property
    def too_few(self) -> bool:
        """Whether runs could hardly show a signal."""
        return self.runs.n_useful < TOO_FEW_USEFUL

    @property
    def has_limits(self) -> bool:
        return bool(np.isfinite(self.upper).any())

    @property
    def trial(self) -> bool:
        """Whether the current limits rest on so few points that the next ones may well move them."""
        stretch = self.current
        made_of = min(stretch.n, stretch.frozen) if stretch.frozen is not None else stretch.n
        return made_of < TRIAL_POINTS

    @property
    def rebase_at(self) -> int | None:
        """The point from which new limits may be due: there a shift began that lasts and is long enough for them."""
        shift = self.runs.shifts[-1] if self.runs.shifts else None
        if shift is None or shift.length < TRIAL_POINTS or shift.start == self.current.start:
            return None
        return None if np.isfinite(self.y[shift.end + 1 :]).any() else shift.start

    def scaled(self, factor: float) -> "ControlChart":
        """The same chart in other units: shares as percent, rates per 100."""
        stretches = tuple(
            replace(stretch, centre=None if stretch.centre is None else factor * stretch.centre)
            for stretch in self.stretches
        )
        values = {name: factor * getattr(self, name) for name in ("y", "center", "lower", "upper")}
        return replace(self, stretches=stretches, **values)

    def document(self) -> dict[str, Any]:
        """The answer of `nic evidence chart --json`; runs are those of the last stretch."""
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
    freeze: int | Collection[int] | None = None,
    splits: Collection[int] = (),
    exclude: Collection[int] = (),
    rules: Rules = "anhoej",
    screen_ranges: bool = True,
) -> ControlChart:
    """The chart of a series in time order.

    Args:
        kind: see limits.py.
        y: a number a point, None where there is none; with `n` its count.
        n: a denominator a point: people for p and pp, exposure for u; needed by these, allowed for run and i.
        freeze: the points before this one make centre and limits of their stretch; several, at most one a stretch.
        splits: 0-based points at which a new stretch begins.
        exclude: 0-based points that stay on the chart but count neither for centre and limits nor for a signal.
        rules: which runs signal, see run_chart.py.
        screen_ranges: kind i drops moving ranges beyond their own limit once.

    Raises:
        InvalidInput: an unknown kind, a missing, non-positive or too small denominator, a negative count, a number
            that can't be charted.
    """
    counted = plotted(kind, y, n).without(exclude)
    length = len(counted.counts)
    freezes = () if freeze is None else (freeze,) if isinstance(freeze, int) else tuple(freeze)
    edges = [0, *sorted({at for at in splits if 0 < at < length}), length]
    found = [
        _stretch(counted.part(slice(start, end)), start, freezes, rules, screen_ranges=screen_ranges)
        for start, end in pairwise(edges)
    ]
    centers = [
        np.full(stretch.end - stretch.start, np.nan if stretch.centre is None else stretch.centre)
        for stretch, _ in found
    ]
    return ControlChart(
        kind=kind,
        rules=rules,
        y=counted.points,
        center=np.concatenate(centers),
        lower=np.concatenate([limits.lower for _, limits in found]),
        upper=np.concatenate([limits.upper for _, limits in found]),
        stretches=tuple(stretch for stretch, _ in found),
    )


def run_chart(
    values: Sequence[float | None],
    *,
    freeze: int | None = None,
    exclude: Collection[int] = (),
    rules: Rules = "anhoej",
) -> ControlChart:
    """The run chart of a series: about its median, without limits."""
    return control_chart("run", values, freeze=freeze, exclude=exclude, rules=rules)


def _stretch(
    part: Plotted, start: int, freezes: Sequence[int], rules: Rules, *, screen_ranges: bool
) -> tuple[Stretch, Limits]:
    end = start + len(part.counts)
    frozen = next((at - start for at in sorted(freezes) if start < at < end), None)
    limits = limits_of(part, part.part(slice(0, frozen)), screen_ranges=screen_ranges)
    points = part.points
    runs = runs_about(points, limits.centre, rules, first=start)
    return Stretch(start, end, limits.centre, int(np.isfinite(points).sum()), runs, frozen), limits


def _listed(series: Series) -> list[float | None]:
    return [None if np.isnan(value) else value for value in series.tolist()]
