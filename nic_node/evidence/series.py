"""Numbers in time order as arrays: a missing point is NaN, a number that can't be one is refused."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nic_node.errors import InvalidInput

Series = NDArray[np.float64]

LARGEST = 1e100  # sums of squares beyond this overflow a double; nothing that a school counts comes near


def as_series(values: Sequence[float | None], *, name: str = "y") -> Series:
    """Values as float64, shape (points,), None and NaN as NaN.

    Raises:
        InvalidInput: an infinite or absurdly large number; `name` is the field that is named.
    """
    series = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    wrong = np.flatnonzero(np.isinf(series) | (np.abs(series) > LARGEST))
    if wrong.size:
        sentence = f"Row {wrong[0] + 1} of {name} is not a number that can be charted: correct it or leave it blank."
        raise InvalidInput({name: [sentence]}, sentence)
    return series
