"""For whom it works: the pool by kinds of school, and how the effect changes with a number about the school.

By class only where two classes at least have three sites each. A meta-regression only with ten sites a covariate
(Borenstein and others 2009, chapter 20): mixed effects, the tau2 that is left by REML, Knapp-Hartung intervals with a
scale of at least 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from nic_node.evidence.pool_many import Pools, pool_many
from nic_node.evidence.pooling import LEVEL, Interval, Vector
from nic_node.evidence.practice_pool import FEWEST_SITES

SITES_A_COVARIATE = 10
GRID = 60


@dataclass(frozen=True, slots=True)
class Regression:
    """Of a constant and of each covariate: coefficient, standard error, interval. `tau2` is what is left."""

    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    intervals: tuple[Interval, ...]
    tau2: float


def pools_by_class(yi: Sequence[float], vi: Sequence[float], classes: Sequence[str]) -> tuple[list[str], Pools] | None:
    """The classes that have three sites, and their pools; None with fewer than two of them. '' is no class."""
    counts = {name: classes.count(name) for name in dict.fromkeys(classes) if name}
    names = sorted(name for name, count in counts.items() if count >= FEWEST_SITES)
    if len(names) < 2:
        return None
    rows = [(y, v, names.index(name)) for y, v, name in zip(yi, vi, classes, strict=True) if name in names]
    return names, pool_many(*zip(*rows, strict=True))


def meta_regression(
    yi: Sequence[float] | Vector, vi: Sequence[float] | Vector, covariates: Sequence[Sequence[float] | Vector]
) -> Regression | None:
    """Regress effects on numbers about their sites, a sequence a covariate.

    None where there are fewer than ten sites a covariate, or where a covariate does not vary or repeats others.
    """
    if len(yi) < SITES_A_COVARIATE * len(covariates):
        return None
    y, v = np.array(yi, dtype=np.float64), np.array(vi, dtype=np.float64)
    design = np.column_stack([np.ones(len(y)), *covariates])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    tau2 = _tau2(y, v, design)
    w = 1 / (v + tau2)
    spread = np.linalg.inv((design.T * w) @ design)
    coefficients = spread @ (design.T * w) @ y
    degrees = len(y) - design.shape[1]
    scale = max(1.0, float((w * (y - design @ coefficients) ** 2).sum()) / degrees)
    se = np.sqrt(np.diag(spread))
    reach = float(scipy.special.stdtrit(degrees, 0.5 + LEVEL / 2)) * se * np.sqrt(scale)
    intervals = tuple((float(b - r), float(b + r)) for b, r in zip(coefficients, reach, strict=True))
    return Regression(tuple(map(float, coefficients)), tuple(map(float, se)), intervals, tau2)


def _tau2(y: Vector, v: Vector, design: Vector) -> float:
    """The best of the roots of the restricted likelihood's slope, and of 0."""
    far = float(np.var(y, ddof=1) + v.max())
    grid = np.concatenate([[0.0], np.geomspace(float(v.min()) / 10, far, GRID)])
    slopes = np.array([_slope(y, v, design, tau2) for tau2 in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    candidates = [0.0] if slopes[0] <= 0 else []
    candidates += [
        float(scipy.optimize.brentq(lambda tau2: _slope(y, v, design, tau2), grid[at], grid[at + 1])) for at in turns
    ]
    return max(candidates or [far], key=lambda tau2: _likelihood(y, v, design, tau2))


def _slope(y: Vector, v: Vector, design: Vector, tau2: float) -> float:
    """y'PPy - tr P."""
    projected = _projection(v, design, tau2)
    residuals = projected @ y
    return float(residuals @ residuals - np.trace(projected))


def _likelihood(y: Vector, v: Vector, design: Vector, tau2: float) -> float:
    w = 1 / (v + tau2)
    determinant = float(np.linalg.slogdet((design.T * w) @ design)[1])
    return 0.5 * float(np.log(w).sum()) - 0.5 * determinant - 0.5 * float(y @ _projection(v, design, tau2) @ y)


def _projection(v: Vector, design: Vector, tau2: float) -> Vector:
    w = 1 / (v + tau2)
    weighted = design * w[:, None]
    return np.asarray(np.diag(w) - weighted @ np.linalg.solve(design.T @ weighted, weighted.T))
