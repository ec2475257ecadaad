"""How a practice would go in one school: a prediction interval from the results of schools like it, or a refusal.

Each result counts by how sure it is and by how like its school is to this one: a_i ~ likeness_i / (v_i + tau2), where
tau2 is how much true effects differ from school to school. What is known of tau2 is its confidence distribution: Q, the
weighted scatter of the results, is chi-squared with k - 1 degrees where tau2 is the true one (Viechtbauer 2007). For
each tau2 of it the next school's true effect is normal about m = sum a_i y_i, with variance
tau2 + sum a_i^2 (v_i + tau2); the forecast is the mixture of these (Nagashima, Noma and Furukawa 2019), which stays
honest with few results, where a single estimate of tau2 is often 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from nic_node.evidence.pooling import Interval, Vector

LEVEL = 0.90
FEWEST_CARRYING = 3  # results; fewer, or fewer that weigh, leave a refusal
FEWEST_WEIGHING = 2.5  # how many equal results would weigh as much: 1 / sum a_i^2 (Kish)
QUANTILES = (np.arange(99) + 0.5) / 99  # of tau2
HALVINGS = 60
FAR = 12.0  # standard deviations: beyond it no quantile lies


@dataclass(frozen=True, slots=True)
class Carrying:
    """One result: its effect, oriented so that positive is better, and how like its school is to ours, 0 to 1."""

    estimate: float
    variance: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The effect in this school: its middle, and the interval that holds it nine times in ten.

    `count` results carry it, as much as `weighing` equal ones would.
    """

    estimate: float
    interval: Interval
    count: int
    weighing: float

    @property
    def holds_no_change(self) -> bool:
        return self.interval[0] <= 0 <= self.interval[1]


def forecast(carrying: Sequence[Carrying]) -> Forecast | None:
    """The forecast from results of comparable schools; None where too few carry it."""
    used = [one for one in carrying if one.likeness > 0]
    if len(used) < FEWEST_CARRYING:
        return None
    y, v, likeness = (np.array([getattr(one, name) for one in used]) for name in ("estimate", "variance", "likeness"))
    tau2 = _tau2_quantiles(y, v)[:, None]
    shares = likeness / (v + tau2)
    shares /= shares.sum(axis=1, keepdims=True)
    weighing = float(np.median(1 / (shares**2).sum(axis=1)))
    if weighing < FEWEST_WEIGHING:
        return None
    middles = (shares * y).sum(axis=1)
    spreads = np.sqrt(tau2[:, 0] + (shares**2 * (v + tau2)).sum(axis=1))
    low, middle, high = (_quantile(middles, spreads, p) for p in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return Forecast(middle, (low, high), len(used), weighing)


def _tau2_quantiles(y: Vector, v: Vector) -> Vector:
    """tau2 at QUANTILES of its confidence distribution: where the scatter is as the chi-squared's quantile has it."""
    scatter_then = scipy.special.chdtri(len(y) - 1, QUANTILES)
    low, high = np.zeros(len(QUANTILES)), np.full(len(QUANTILES), float(np.var(y, ddof=1) + v.max()))
    while (above := _scatter(y, v, high) > scatter_then).any():
        high[above] *= 4
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = _scatter(y, v, middle) > scatter_then
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(_scatter(y, v, np.zeros(1)) <= scatter_then, 0.0, (low + high) / 2)


def _scatter(y: Vector, v: Vector, tau2: Vector) -> Vector:
    """Q at each tau2; it falls as tau2 grows."""
    w = 1 / (v + tau2[:, None])
    mean = (w * y).sum(axis=1) / w.sum(axis=1)
    return np.asarray((w * (y - mean[:, None]) ** 2).sum(axis=1))


def _quantile(middles: Vector, spreads: Vector, p: float) -> float:
    """Of the mixture of normals with these middles and spreads."""
    ends = (middles - FAR * spreads).min(), (middles + FAR * spreads).max()
    return float(scipy.optimize.brentq(lambda x: float(scipy.special.ndtr((x - middles) / spreads).mean()) - p, *ends))
