"""Value axes: round ticks, four or five of them, and numbers written as exactly as the axis can tell apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nic_node.i18n import NARROW_NO_BREAK_SPACE

FEWEST_TICKS, MOST_TICKS = 4, 5
LONG_NUMBER = 1e7  # longer ones are told as 1.2e+08
MINUS = "−"
PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Scale:
    """Ticks at round values. `unit` follows each number ('%'); `decimals` is what labels of points show."""

    ticks: tuple[float, ...]
    unit: str
    decimals: int

    @property
    def low(self) -> float:
        return self.ticks[0]

    @property
    def high(self) -> float:
        return self.ticks[-1]

    def tick(self, value: float) -> str:
        step = self.ticks[1] - self.ticks[0]
        return told(value, _decimals_of(step), self.unit)

    def value(self, value: float) -> str:
        return told(value, self.decimals, self.unit)

    def middle(self, value: float) -> str:
        """A median: as the values are told, but the middle of 3 and 4 is 3.5."""
        return self.value(value) if self.unit or value.is_integer() else self.level(value)

    def level(self, value: float) -> str:
        """A computed level, such as a mean: with a decimal also where the values have none."""
        return told(value, max(self.decimals, 1), self.unit)


def value_scale(values: Sequence[float], unit: str, *, whole: bool | None = None) -> Scale:
    """An axis that holds all values; at least one. A percentage's axis stays within 0 to 100 if its values do.

    `whole` says whether numbers are told without decimals; None where all of them are whole.
    """
    low, high = min(values), max(values)
    lowest, highest = (0.0, 100.0) if unit == PERCENT and low >= 0 and high <= 100 else (-math.inf, math.inf)
    if low >= 0:
        lowest = max(lowest, 0.0)
    if high - low < 1e-9 * max(1.0, abs(high)):
        pad = max(abs(high) * 0.05, 1.0)
        low, high = max(lowest, low - pad), min(highest, high + pad)
    ticks = _round_ticks(low, high, lowest, highest)
    if whole is None:
        whole = all(float(value).is_integer() for value in values)
    step = ticks[1] - ticks[0]
    return Scale(ticks, unit, 0 if whole or step >= 5 else _decimals_of(step / 5))


def told(value: float, decimals: int, unit: str = "") -> str:
    """A number as people read it: a true minus, a unit that never breaks off."""
    rounded = f"{abs(value):,.{decimals}f}" if abs(value) < LONG_NUMBER else f"{abs(value):.3g}"
    sign = MINUS if value < 0 and float(rounded.replace(",", "")) else ""
    space = NARROW_NO_BREAK_SPACE if unit else ""
    return f"{sign}{rounded}{space}{unit}"


def _round_ticks(low: float, high: float, lowest: float, highest: float) -> tuple[float, ...]:
    magnitude = 10.0 ** math.floor(math.log10(high - low)) / 10
    for step in (magnitude * factor for factor in (1, 2, 2.5, 5, 10, 20, 25, 50, 100)):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        ticks = tuple(round(place * step, 12) for place in range(first, last + 1) if lowest <= place * step <= highest)
        if len(ticks) <= MOST_TICKS:
            break
    return ticks if len(ticks) >= FEWEST_TICKS else _lengthened(ticks, step, highest)


def _lengthened(ticks: tuple[float, ...], step: float, highest: float) -> tuple[float, ...]:
    """One tick more, at the end that has room."""
    above = ticks[-1] + step
    return (*ticks, above) if above <= highest else (ticks[0] - step, *ticks)


def _decimals_of(step: float) -> int:
    """Digits after the point that a step such as 2.5 needs."""
    for decimals in range(4):
        if math.isclose(step, round(step, decimals), rel_tol=1e-6):
            return decimals
    return 4
