"""Many pools at once: every practice of a mirror in one go, or a pool without each of its sites in turn.

The same random-effects answer as `pooling.pool` under REML, computed for all groups side by side: an array has a row a
site and a column a group, shorter groups are padded with sites of no weight. Groups that need care (variances that lie
six orders of magnitude apart, a likelihood with several maxima) are handed to `pooling.tau2_reml` one by one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from nic_node.errors import InvalidInput
from nic_node.evidence.pooling import (
    LARGEST_EFFECT,
    LEAST_VARIANCE,
    LEVEL,
    MOST_VARIANCE,
    Interval,
    Vector,
    reml_likelihood,
    tau2_reml,
)

Indexes = NDArray[np.intp]

WIDTHS = (1, 2, 3, 4, 6, 8, 12)  # groups of so many sites or fewer stand side by side; then twice as many each time
AT_ONCE = 2048  # groups, so that a round's arrays stay in the processor's cache
GRID = 12  # places at which the slope of a likelihood is looked at
BELOW_LEAST, MOST_DOUBLINGS = 0.1, 200
FAR_APART = 1e6  # of the variances of a group: beyond it sums cancel
NEWTON_STEPS, CLOSE = 60, 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What the sites of one group say as one; the intervals as in `Pools`, `pi` None under three sites."""

    estimate: float
    se: float
    ci: Interval
    pi: Interval | None
    tau2: float
    i2: float
    q: float


@dataclass(frozen=True, slots=True)
class Pools:
    """An entry a group; NaN where it is undefined: all but k of a group without sites, most of one with a single site.

    `ci` is the Hartung-Knapp interval with a scale factor of at least 1, `pi` the prediction interval with t of k - 2
    degrees; both of shape (groups, 2). The scale is that of the effects.
    """

    k: Indexes
    estimate: Vector
    se: Vector
    tau2: Vector
    i2: Vector
    q: Vector
    ci: Vector
    pi: Vector

    def at(self, place: int) -> "Together":
        """Of one group of two sites or more."""
        low, high = self.pi[place].tolist()
        return Together(
            estimate=float(self.estimate[place]),
            se=float(self.se[place]),
            ci=(float(self.ci[place, 0]), float(self.ci[place, 1])),
            pi=None if math.isnan(low) else (low, high),
            tau2=float(self.tau2[place]),
            i2=float(self.i2[place]),
            q=float(self.q[place]),
        )

    def document(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """A row a group, None where a number is undefined."""
        numbers = ("estimate", "se", "tau2", "i2", "q")
        rows = []
        for place, name in enumerate(names):
            row: dict[str, Any] = {"group": name, "k": int(self.k[place])}
            row |= {number: _defined(float(getattr(self, number)[place])) for number in numbers}
            for interval in ("ci", "pi"):
                low, high = getattr(self, interval)[place].tolist()
                row[interval] = None if math.isnan(low) else [low, high]
            rows.append(row)
        return rows


def pool_many(yi: ArrayLike, vi: ArrayLike, group: ArrayLike) -> Pools:
    """Pool effects `yi` with variances `vi` within each group.

    Args:
        yi: shape (sites,).
        vi: likewise, above 0.
        group: likewise, whole numbers from 0; the answer has as many entries as the largest of them plus one.

    Raises:
        InvalidInput: arrays of different length, a number out of range.
    """
    y, v, groups = _checked(yi, vi, group)
    count = int(groups.max()) + 1 if groups.size else 0
    k = np.bincount(groups, minlength=count)
    answer = Pools(k, *(np.full(count, np.nan) for _ in range(5)), *(np.full((count, 2), np.nan) for _ in range(2)))
    for chosen, ys, vs in _side_by_side(y, v, groups, k):
        _fill(answer, chosen, ys, vs, k[chosen])
    return answer


def leave_one_out(yi: ArrayLike, vi: ArrayLike) -> Pools:
    """The pool without each of its sites in turn: entry i is without site i."""
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    without, kept = np.nonzero(~np.eye(len(y), dtype=bool))
    return pool_many(y[kept], v[kept], without)


def _checked(yi: ArrayLike, vi: ArrayLike, group: ArrayLike) -> tuple[Vector, Vector, Indexes]:
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    groups = np.asarray(group, dtype=np.intp)
    if not y.shape == v.shape == groups.shape or y.ndim != 1:
        raise _refused("yi", "Give each effect its variance and its group.")
    if not (np.abs(y) < LARGEST_EFFECT).all():
        raise _refused("yi", "An effect is not a number that can be pooled: correct it.")
    if not ((v > LEAST_VARIANCE) & (v < MOST_VARIANCE)).all():
        raise _refused("vi", "Every variance must be above 0: correct it.")
    if (groups < 0).any():
        raise _refused("group", "Groups are counted from 0.")
    if (np.diff(groups) < 0).any():
        order = np.argsort(groups, kind="stable")
        return y[order], v[order], groups[order]
    return y, v, groups


def _side_by_side(y: Vector, v: Vector, groups: Indexes, k: Indexes) -> Iterator[tuple[Indexes, Vector, Vector]]:
    """Groups of about the same size, by their numbers, with effects and variances of shape (width, groups).

    What pads a column has an infinite variance.
    """
    starts = np.cumsum(k) - k
    narrower = 0
    for width in _widths(int(k.max(initial=0))):
        fitting = np.flatnonzero((k > narrower) & (k <= width))
        narrower = width
        place = np.arange(width)[:, None]
        for first in range(0, len(fitting), AT_ONCE):
            chosen = fitting[first : first + AT_ONCE]
            padded = place >= k[chosen]
            at = np.where(padded, 0, starts[chosen] + place)
            yield chosen, np.where(padded, 0.0, y[at]), np.where(padded, np.inf, v[at])


def _widths(largest: int) -> Iterator[int]:
    yield from WIDTHS
    width = WIDTHS[-1]
    while width < largest:
        width *= 2
        yield width


def _fill(answer: Pools, chosen: Indexes, y: Vector, v: Vector, k: Indexes) -> None:
    several = k > 1
    tau2 = np.zeros(len(chosen))
    if several.any():
        tau2[several] = _tau2(y.compress(several, axis=1), v.compress(several, axis=1), k[several])
    w = 1 / (v + tau2)
    total = w.sum(axis=0)
    estimate = (w * y).sum(axis=0) / total
    se = 1 / np.sqrt(total)
    degrees = np.maximum(k - 1, 1)
    scale = (w * (y - estimate) ** 2).sum(axis=0) / degrees
    fixed = 1 / v
    fixed_total = fixed.sum(axis=0)
    fixed_mean = (fixed * y).sum(axis=0) / fixed_total
    crossed = 2 * (fixed[1:] * np.cumsum(fixed, axis=0)[:-1]).sum(axis=0)  # of w_i w_j, i != j, without cancelling
    typical = degrees * fixed_total / (crossed + ~several)
    quantiles = scipy.special.stdtrit(np.arange(1, degrees.max() + 1), 0.5 + LEVEL / 2)
    reach = quantiles[degrees - 1] * se * np.sqrt(np.maximum(1.0, scale))
    further = quantiles[np.maximum(k - 2, 1) - 1] * np.sqrt(se**2 + tau2)
    answer.estimate[chosen], answer.se[chosen] = estimate, se
    answer.q[chosen] = (fixed * (y - fixed_mean) ** 2).sum(axis=0)
    answer.tau2[chosen] = np.where(several, tau2, np.nan)
    answer.i2[chosen] = np.where(several, 100 * tau2 / (tau2 + typical), np.nan)
    for interval, half, defined in ((answer.ci, reach, several), (answer.pi, further, k > 2)):
        interval[chosen, 0] = np.where(defined, estimate - half, np.nan)
        interval[chosen, 1] = np.where(defined, estimate + half, np.nan)


def _tau2(y: Vector, v: Vector, k: Indexes) -> Vector:
    """REML of each column: the best of the roots of its score, each between two places of a grid, and of 0."""
    real = np.isfinite(v)
    least, most = v.min(axis=0), np.where(real, v, 0).max(axis=0)
    mean = y.sum(axis=0) / k
    far = _beyond(y, v, (np.where(real, y - mean, 0) ** 2).sum(axis=0) / (k - 1) + most)
    steps = np.linspace(0, 1, GRID - 1)[:, None]
    grid = np.concatenate([np.zeros((1, len(k))), BELOW_LEAST * least * (far / (BELOW_LEAST * least)) ** steps])
    rising = np.stack([_score(y, v, at) > 0 for at in grid])
    extreme = most > FAR_APART * least
    places, columns = np.nonzero(rising[:-1] & ~rising[1:] & ~extreme)
    found = np.zeros(len(k))
    if not columns.size and not extreme.any():
        return found
    crossing = y.take(columns, axis=1), v.take(columns, axis=1)  # unlike y[:, columns] it keeps rows together
    roots = _roots(*crossing, grid[places, columns], grid[places + 1, columns])
    found[columns] = roots
    maxima = np.bincount(columns, minlength=len(k)) + ~rising[0]
    for column in np.flatnonzero(extreme | (maxima > 1)):
        rows = real[:, column]
        if extreme[column]:
            found[column] = tau2_reml(y[rows, column], v[rows, column])
            continue
        candidates = [*roots[columns == column], *([] if rising[0, column] else [0.0])]
        found[column] = max(candidates, key=lambda tau2: reml_likelihood(y[rows, column], v[rows, column], tau2))
    return found


def _roots(y: Vector, v: Vector, low: Vector, high: Vector) -> Vector:
    """Where the score of each column crosses 0 between `low`, where it is above, and `high`."""
    tau2 = (low + high) / 2
    going = np.arange(len(tau2))
    least = v.min(axis=0) if len(tau2) else low
    for _ in range(NEWTON_STEPS):
        at = tau2[going]
        score, slope = _score_and_slope(y, v, at)
        up = score > 0
        low, high = np.where(up, at, low), np.where(up, high, at)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = at - score / slope
        tau2[going] = np.where((step > low) & (step < high), step, (low + high) / 2)
        still = ~(np.abs(step - at) <= CLOSE * (at + least)) & (high - low > CLOSE * (at + least))
        if not still.any():
            break
        going, y, v = going[still], y.compress(still, axis=1), v.compress(still, axis=1)
        low, high, least = low[still], high[still], least[still]
    return tau2


def _beyond(y: Vector, v: Vector, tau2: Vector) -> Vector:
    """A tau2 of each column at which the score is below 0."""
    far = tau2.copy()
    for _ in range(MOST_DOUBLINGS):
        rising = _score(y, v, far) > 0
        if not rising.any():
            break
        far[rising] *= 2
    return far


def _score(y: Vector, v: Vector, tau2: Vector) -> Vector:
    """Twice the slope of each restricted log-likelihood: y'PPy - tr P."""
    w = 1 / (v + tau2)
    total = w.sum(axis=0)
    residuals = y - _dot(w, y) / total
    residuals *= w
    score: Vector = _dot(residuals, residuals) - (total - _dot(w, w) / total)
    return score


def _score_and_slope(y: Vector, v: Vector, tau2: Vector) -> tuple[Vector, Vector]:
    """The score, and its own slope, tr PP - 2 y'PPPy."""
    w = 1 / (v + tau2)
    total = w.sum(axis=0)
    squares = w * w
    traced = squares.sum(axis=0)
    share = traced / total
    residuals = y - _dot(w, y) / total
    residuals *= w
    weighted = w * residuals
    cubed = _dot(weighted, residuals) - weighted.sum(axis=0) ** 2 / total
    score = _dot(residuals, residuals) - (total - share)
    return score, traced - 2 * _dot(squares, w) / total + share**2 - 2 * cubed


def _dot(a: Vector, b: Vector) -> Vector:
    """Of each column."""
    products: Vector = np.einsum("sg,sg->g", a, b)
    return products


def _defined(number: float) -> float | None:
    return None if math.isnan(number) else number


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
