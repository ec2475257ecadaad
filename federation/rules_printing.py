"""What a number about people may look like: the printing table, a rule of the federation (version 1).

The school's printer uses these functions to print; every receiver uses them to check what arrives. n counts
people. Percentages are integers; a band [lo, hi] is half-open, but the highest holds 100 too.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from schemas.vocab import MEASURES

PrintedN = int | Literal["<15"]
Number = int | float | Fraction

SMALL_N: Literal["<15"] = "<15"
N_STEPS = ((15, 100, 10), (100, 1000, 50))  # (from, below, rounded to the nearest); above: two significant digits
BAND_WIDTHS = ((30, 20), (50, 10), (300, 5))  # (printed n up to, width in percentage points)
SMALL_N_BAND_WIDTH = 50
LEAST_BAND_WIDTH = 1
END_BAND_HOLDS = 3  # students: x or n - x under this shows only as an end band

CELL_MINIMUM = 10  # people; a network's policy may raise it
MEASURED_MINIMUM = 20  # people an arm, for the rung 'measured', for means and for rates
EVENTS_STEP = 5
MEAN_STEP_IN_SD = Fraction(1, 10)
LEAST_SD = 0.001  # a group that differs less than this is taken to be all alike: its mean would be everyone's value
NICE_STEPS = (1, 2, 5)  # times a power of ten

POINTS_MAX = 3  # of a series, follow-ups aside
POINTS_MAX_LARGE = 6
LARGE_N = 100  # printed n from which a series may have POINTS_MAX_LARGE points
LEAST_PERIODS = 2  # that a point of a series is the mean of
FOLLOW_UPS = ("day-90", "day-135")


def printed_n(n: int) -> PrintedN:
    """'<15', else to the nearest 10 (15-99), 50 (100-999), two significant digits; ties round up."""
    if n < N_STEPS[0][0]:
        return SMALL_N
    for _start, below, step in N_STEPS:
        if n < below:
            return (n + step // 2) // step * step
    return two_digits(n)


@lru_cache(maxsize=1_000, typed=True)
def is_printed_n(value: object) -> bool:
    """Whether some n prints as this value."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value == SMALL_N
    return value > 0 and printed_n(value) == value


def two_digits(value: Number) -> int:
    """A positive number rounded to two significant digits; whole numbers under 10 stay one digit."""
    step = exposure_step(value)
    return int(Fraction(value) / step + Fraction(1, 2)) * step


def exposure_step(value: Number) -> int:
    """What two significant digits round a number of this size to (at least 1)."""
    return int(10 ** max(len(str(int(value))) - 2, 0))


def band_width(n: PrintedN) -> int:
    """The width in percentage points that a printed n allows."""
    if n == SMALL_N:
        return SMALL_N_BAND_WIDTH
    return next((width for up_to, width in BAND_WIDTHS if n <= up_to), LEAST_BAND_WIDTH)


def end_band_width(n: PrintedN) -> int:
    """The width of the lowest and highest band: at width 1 widened until it holds END_BAND_HOLDS students."""
    width = band_width(n)
    if n == SMALL_N or width > LEAST_BAND_WIDTH:
        return width
    return max(width, -(-100 * END_BAND_HOLDS // n))


def band(x: Number, n: int) -> tuple[int, int]:
    """The band of x of n people; x may be the mean of several periods. Needs 0 <= x <= n, n > 0."""
    shown = printed_n(n)
    width, end = band_width(shown), end_band_width(shown)
    share = 100 * Fraction(x) / n
    if share < end or x < END_BAND_HOLDS:
        return 0, end
    if share >= 100 - end or n - x < END_BAND_HOLDS:
        return 100 - end, 100
    start = int(share / width) * width
    return start, start + width


@lru_cache(maxsize=10_000)
def is_band(low: int, high: int, n: PrintedN) -> bool:
    """Whether [low, high] is a band of the grid that this printed n allows."""
    width, end = band_width(n), end_band_width(n)
    if (low, high) in {(0, end), (100 - end, 100)}:
        return True
    return low % width == 0 and high - low == width and end <= low and high <= 100 - end


def two_digit_sd(sd: float) -> float:
    """A standard deviation to two significant digits, half up; needs sd > 0."""
    exact = Decimal(repr(sd))
    return float(exact.quantize(Decimal((0, (1,), exact.adjusted() - 1)), rounding=ROUND_HALF_UP))


def scale_of(measure: Mapping[str, Any]) -> Sequence[float] | None:
    """The ends of a mean's scale: the vocabulary's, else what the measure itself states."""
    return MEASURES[measure["measure"]].scale or measure.get("scale")


def mean_step(n: int, sd: float, scale: Sequence[float] | None) -> Fraction:
    """The step that a mean is printed in, from printed n and sd: the next of 1, 2, 5 times a power of ten.

    It is at least 0.1 sd and, where the scale has ends, at least its range over n.
    """
    least = MEAN_STEP_IN_SD * _exact(sd)
    if scale is not None:
        least = max(least, (_exact(scale[1]) - _exact(scale[0])) / n)
    return _nice(least)


def _nice(least: Fraction) -> Fraction:
    if least <= 0:
        raise ValueError("a step needs a spread above 0")
    power = Fraction(10) ** (Decimal(float(least)).adjusted() - 1)
    while True:
        for digit in NICE_STEPS:
            if digit * power >= least:
                return digit * power
        power *= 10


def _exact(value: Number) -> Fraction:
    """A number as written: 0.1 is one tenth."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def printed_mean(mean: Number, step: Fraction) -> float:
    """The multiple of the step that is nearest to a mean, half up."""
    return float((_exact(mean) / step + Fraction(1, 2)).__floor__() * step)


def is_printed_mean(mean: float, step: Fraction) -> bool:
    """Whether a mean is a multiple of its step, as nearly as a double can hold it."""
    return float(round(_exact(mean) / step) * step) == float(mean)


def printed_events(events: Number) -> int:
    """Events to the nearest 5, half up."""
    return (Fraction(events) / EVENTS_STEP + Fraction(1, 2)).__floor__() * EVENTS_STEP
