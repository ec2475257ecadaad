"""Interrupted series: many points before and after a change, with the trend before taken into account.

Segmented regression y = a + b t + c after + d after (t - t0) + noise (Wagner and others 2002), where t0 is the first
point after the change. Points of one school hang together in time, so standard errors are Newey and West's (1987) with
floor(4 (n / 100)^(2/9)) lags, scaled by n / (n - 4), and intervals take t of n - 4 degrees. The answers equal those of
statsmodels' OLS with HAC errors, which stays a tool of the tests: it would be the largest package of a node.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from nic_node.evidence.pooling import LEVEL, Interval, Vector
from nic_node.evidence.series import as_series

FEWEST_A_SIDE = 8  # points before and after; fewer fit a line to noise
COEFFICIENTS = 4


@dataclass(frozen=True, slots=True)
class Interrupted:
    """`level` is how far the series moved at once, `slope` how much its course changed a point; `at_end` both together.

    `at_end` is the distance, at the last point, from where the trend before would have led. Each has its 95 % interval;
    all are on the scale of the series.
    """

    level: float
    level_interval: Interval
    slope: float
    slope_interval: Interval
    at_end: float
    at_end_interval: Interval
    before: int
    after: int


def interrupted_series(values: Sequence[float | None], first_after: int) -> Interrupted | None:
    """The change at point `first_after` (0-based) of a series in time order; missing points keep their place in time.

    None with fewer than eight points before or after, or without any variation.
    """
    series = as_series(values)
    present = np.flatnonzero(np.isfinite(series))
    y, t = series[present], present - float(first_after)
    after = t >= 0
    if min(after.sum(), (~after).sum()) < FEWEST_A_SIDE or np.ptp(y) == 0:
        return None
    design = np.column_stack([np.ones(len(y)), t, after, after * t])
    spread = np.linalg.inv(design.T @ design)
    coefficients = spread @ design.T @ y
    covariance = _newey_west(design, y - design @ coefficients, spread)
    reach = float(scipy.special.stdtrit(len(y) - COEFFICIENTS, 0.5 + LEVEL / 2))

    def told(*weights: float) -> tuple[float, Interval]:
        combined = np.array(weights)
        estimate = float(combined @ coefficients)
        half = reach * float(np.sqrt(max(combined @ covariance @ combined, 0.0)))
        return estimate, (estimate - half, estimate + half)

    level, slope, at_end = told(0, 0, 1, 0), told(0, 0, 0, 1), told(0, 0, 1, float(t[-1]))
    return Interrupted(*level, *slope, *at_end, int((~after).sum()), int(after.sum()))


def _newey_west(design: Vector, residuals: Vector, spread: Vector) -> Vector:
    n = len(residuals)
    scores = design * residuals[:, None]
    lags = int(4 * (n / 100) ** (2 / 9))
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        crossed = scores[lag:].T @ scores[:-lag]
        middle = middle + (1 - lag / (lags + 1)) * (crossed + crossed.T)
    return np.asarray(n / (n - COEFFICIENTS) * spread @ middle @ spread)
