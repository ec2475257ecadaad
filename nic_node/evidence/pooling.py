"""Results of several sites together: random effects by three estimators of tau2, with every interval of the field.

Site i has an effect y_i with variance v_i; true effects vary about mu with variance tau2; w_i = 1 / (v_i + tau2).

DL    DerSimonian and Laird (1986), truncated at 0
PM    Paule and Mandel (1982): tau2 such that the weighted sum of squares equals k - 1
REML  restricted maximum likelihood (Viechtbauer 2005), the global maximum on tau2 >= 0

ci           mu +- z se, se = 1 / sqrt(sum w)
hk_ci        Hartung and Knapp (2001): se scaled by sqrt(q), q = sum w (y - mu)^2 / (k - 1), t with k - 1 degrees
hk_adhoc_ci  the same with q at least 1, so that it is never narrower by luck
pi           where the next site's true effect lies: mu +- z sqrt(se^2 + tau2), as metafor's `predict`
pi_t         the same with t of k - 2 degrees (Higgins, Thompson and Spiegelhalter 2009)
i2           tau2 as percent of tau2 and the typical v (Higgins and Thompson 2002)

What k leaves undefined is None: a single site has no tau2, two sites have no pi_t.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from nic_node.errors import InvalidInput

Vector = NDArray[np.float64]
Interval = tuple[float, float]

LEVEL = 0.95
Z = 1.959963984540054  # the normal quantile of LEVEL
LARGEST_EFFECT = 1e20  # beyond these bounds squares of squares leave a double's range
LEAST_VARIANCE, MOST_VARIANCE = 1e-45, 1e45


@dataclass(frozen=True, slots=True)
class Pooled:
    """One estimator's answer; None where it is undefined."""

    estimate: float
    se: float
    ci: Interval
    tau2: float | None
    i2: float | None
    q: float
    hk_se: float | None
    hk_ci: Interval | None
    hk_adhoc_ci: Interval | None
    pi: Interval | None
    pi_t: Interval | None


@dataclass(frozen=True, slots=True)
class Pool:
    """k sites under each estimator."""

    k: int
    dl: Pooled
    pm: Pooled
    reml: Pooled

    def document(self) -> dict[str, Any]:
        """The answer of `nic evidence pool --json`."""
        methods = {"DL": self.dl, "PM": self.pm, "REML": self.reml}
        return {"k": self.k, "methods": {name: _document(pooled) for name, pooled in methods.items()}}


def pool(yi: Sequence[float], vi: Sequence[float]) -> Pool:
    """Pool effects `yi` with variances `vi`; any k from 1 up.

    Raises:
        InvalidInput: no rows, rows of different length, a variance that is not above 0, a number out of range.
    """
    y, v = _checked(yi, vi)
    k = len(y)
    if k == 1:
        alone = _alone(float(y[0]), float(v[0]))
        return Pool(1, alone, alone, alone)
    dl, pm, reml = (_pooled(y, v, estimator(y, v)) for estimator in (tau2_dl, tau2_pm, tau2_reml))
    return Pool(k, dl, pm, reml)


def tau2_dl(y: Vector, v: Vector) -> float:
    w = 1 / v
    spread = _crossed(w) / w.sum()
    return max(0.0, float((_weighted_squares(y, w) - (len(y) - 1)) / spread))


def tau2_pm(y: Vector, v: Vector) -> float:
    def excess(tau2: float) -> float:
        return _weighted_squares(y, 1 / (v + tau2)) - (len(y) - 1)

    if excess(0.0) <= 0:
        return 0.0
    return _root(excess, 0.0, _beyond(excess, y, v))


def tau2_reml(y: Vector, v: Vector) -> float:
    """The best of all the roots of the score, and of 0 where the likelihood falls from there.

    The likelihood may have several maxima; each change of the score's sign on a grid is followed to its root.
    """

    def score(tau2: float) -> float:
        return float(_reml_scores(y, v, np.array([tau2]))[0])

    far = _beyond(score, y, v)
    grid = np.concatenate([[0.0], np.geomspace(far * 1e-9, far, 80)])
    scores = _reml_scores(y, v, grid)
    turns = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    maxima = [_root(score, grid[left], grid[left + 1]) for left in turns]
    if scores[0] <= 0:
        maxima.append(0.0)
    return max(maxima, key=lambda tau2: reml_likelihood(y, v, tau2))


def _checked(yi: Sequence[float], vi: Sequence[float]) -> tuple[Vector, Vector]:
    y = np.array(yi, dtype=np.float64)
    v = np.array(vi, dtype=np.float64)
    if not y.size or y.shape != v.shape:
        raise _refused("yi", "Give at least one row, each with an effect yi and a variance vi.")
    wrong = np.flatnonzero(~(np.abs(y) < LARGEST_EFFECT))
    if wrong.size:
        raise _refused("yi", f"yi in row {wrong[0] + 1} is not a number that can be pooled: correct it.")
    wrong = np.flatnonzero(~((v > LEAST_VARIANCE) & (v < MOST_VARIANCE)))
    if wrong.size:
        raise _refused("vi", f"vi in row {wrong[0] + 1} must be a variance above 0: correct it.")
    return y, v


def _pooled(y: Vector, v: Vector, tau2: float) -> Pooled:
    k = len(y)
    w = 1 / (v + tau2)
    estimate = _mean(y, w)
    se = 1 / math.sqrt(float(w.sum()))
    scale = _weighted_squares(y, w) / (k - 1)
    hk_se = se * math.sqrt(scale)
    typical = _typical_variance(v)
    t = _t_quantile(k - 1)
    reach = math.sqrt(se**2 + tau2)
    return Pooled(
        estimate=estimate,
        se=se,
        ci=_around(estimate, Z * se),
        tau2=tau2,
        i2=100 * tau2 / (tau2 + typical),
        q=_weighted_squares(y, 1 / v),
        hk_se=hk_se,
        hk_ci=_around(estimate, t * hk_se),
        hk_adhoc_ci=_around(estimate, t * se * math.sqrt(max(1.0, scale))),
        pi=_around(estimate, Z * reach),
        pi_t=_around(estimate, _t_quantile(k - 2) * reach) if k > 2 else None,
    )


def _alone(y: float, v: float) -> Pooled:
    se = math.sqrt(v)
    return Pooled(y, se, _around(y, Z * se), None, None, 0.0, None, None, None, None, None)


def _mean(y: Vector, w: Vector) -> float:
    return float((w * y).sum() / w.sum())


def _weighted_squares(y: Vector, w: Vector) -> float:
    return float((w * (y - _mean(y, w)) ** 2).sum())


def _typical_variance(v: Vector) -> float:
    w = 1 / v
    return float((len(v) - 1) * w.sum() / _crossed(w))


def _reml_scores(y: Vector, v: Vector, tau2: Vector) -> Vector:
    """Twice the slope of the restricted log-likelihood, y'PPy - tr P, at each tau2 (Viechtbauer 2005, equation 9)."""
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    residuals = w * (y - ((w * y).sum(axis=1) / total)[:, None])
    return np.asarray((residuals**2).sum(axis=1) - _crossed(w) / total)


def _crossed(w: Vector) -> Vector:
    """The sum of w_i w_j over i != j, along the last axis: (sum w)^2 - sum w^2 without its cancellation."""
    return np.asarray(2 * (w[..., 1:] * np.cumsum(w, axis=-1)[..., :-1]).sum(axis=-1))


def reml_likelihood(y: Vector, v: Vector, tau2: float) -> float:
    w = 1 / (v + tau2)
    return -0.5 * float(-np.log(w).sum() + np.log(w.sum()) + _weighted_squares(y, w))


def _beyond(falling: Callable[[float], float], y: Vector, v: Vector) -> float:
    """A tau2 at which a function that ends up below 0 is there."""
    tau2 = float(np.var(y, ddof=1) + v.max())
    while falling(tau2) > 0:
        tau2 *= 2
    return tau2


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(scipy.optimize.brentq(function, low, high, xtol=1e-15 * high, rtol=1e-13))


def _t_quantile(degrees: int) -> float:
    return float(scipy.special.stdtrit(degrees, 0.5 + LEVEL / 2))


def _around(centre: float, reach: float) -> Interval:
    return (centre - reach, centre + reach)


def _document(pooled: Pooled) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(pooled).items()}


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
