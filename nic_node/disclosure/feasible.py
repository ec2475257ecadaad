"""What somebody can still not know: the least and the most that a withheld number can be (linear programming)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

SLACK = 1e-6  # of a solver that works with doubles; the numbers are whole


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of numbers that are not shown, by their positions.

    Attributes:
        size: how many numbers there are; none is negative.
        totals: weighted sums that are known exactly: ({position: weight}, sum).
        limits: weighted sums that are known to be at most so much.
    """

    size: int
    totals: Sequence[tuple[Mapping[int, float], float]]
    limits: Sequence[tuple[Mapping[int, float], float]] = ()


def feasible_interval(position: int, known: Known) -> tuple[int, int]:
    """The least and the most whole number that fits with all that is known.

    Raises:
        ValueError: no numbers fit at all, or nothing bounds this one.
    """
    return math.ceil(_least(position, known) - SLACK), math.floor(-_least(position, known, -1.0) + SLACK)


def _least(position: int, known: Known, sign: float = 1.0) -> float:
    """The least value of sign x the number."""
    cost = np.zeros(known.size)
    cost[position] = sign
    equal, sums = _matrix(known.totals, known.size)
    at_most, bounds = _matrix(known.limits, known.size)
    found = scipy.optimize.linprog(
        cost, A_ub=at_most, b_ub=bounds, A_eq=equal, b_eq=sums, bounds=(0, None), method="highs"
    )
    if not found.success:
        raise ValueError(f"no interval: {found.message}")
    return float(found.fun)


def _matrix(
    rows: Sequence[tuple[Mapping[int, float], float]], size: int
) -> tuple["np.ndarray | None", "np.ndarray | None"]:
    if not rows:
        return None, None
    matrix = np.zeros((len(rows), size))
    for row, (weights, _sum) in enumerate(rows):
        matrix[row, list(weights)] = list(weights.values())
    return matrix, np.array([total for _weights, total in rows], dtype=float)
