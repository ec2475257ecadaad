"""What one period holds, by the measure's unit: checked, and the value that a chart shows computed from it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled
from schemas.vocab import MEASURES

LARGEST = 1e9
MOST_PEOPLE = 1_000_000
NUMBER_FIELDS = ("value", "x", "n", "sd", "exposure")
PARTS: dict[str, tuple[str, ...]] = {
    "proportion": ("x", "n"),
    "mean": ("value", "sd", "n"),
    "minutes": ("value", "sd", "n"),
    "count": ("x",),
    "rate": ("x", "exposure", "n"),
}
"""What the exact number of a period consists of; without it a bare value serves the chart alone."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """One period. `value` is on the chart's scale: percent for a proportion, events per 100 for a rate."""

    value: float
    x: float | None = None
    n: int | None = None
    sd: float | None = None
    exposure: float | None = None

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a value may be; None for no bound."""

    low: float | None
    high: float | None


def bounds_of(unit: str, scale_low: float | None, scale_high: float | None) -> Bounds:
    """What a value of this unit can be."""
    if unit == "proportion":
        return Bounds(0.0, 100.0)
    if unit == "mean":
        return Bounds(scale_low, scale_high)
    return Bounds(0.0, None)


def screened(value: float | None) -> float | None:
    """As screening takes and tells it: four digits are enough to see what is odd."""
    return None if value is None else float(f"{value:.4g}")


def sign_of(unit: str, vocabulary: str) -> str:
    """'%' where the chart's numbers are percent, else ''."""
    if unit == "proportion":
        return "%"
    known = MEASURES.get(vocabulary)
    is_percent = unit == "mean" and known is not None and known.scale == (0.0, 100.0)
    return "%" if is_percent else ""


def build_numbers(unit: str, bounds: Bounds, given: Mapping[str, Any]) -> Numbers:
    """The period's numbers from what was typed or read.

    Args:
        unit: of the measure.
        bounds: what its value may be.
        given: some of NUMBER_FIELDS, already numbers; None counts as absent.

    Raises:
        InvalidInput: too few, too many or impossible numbers; fields are named as in `given`.
    """
    known = {name: given[name] for name in NUMBER_FIELDS if given.get(name) is not None}
    _verify_ranges(known)
    if unit == "proportion":
        numbers = _proportion(known)
    elif unit == "count":
        numbers = _count(known)
    elif unit == "rate":
        numbers = _rate(known)
    else:
        numbers = _mean(known)
    _verify_bounds(numbers.value, bounds, "value" if "value" in known else "x")
    return numbers


def _verify_ranges(known: Mapping[str, float]) -> None:
    for name, number in known.items():
        if not math.isfinite(number) or abs(number) > LARGEST:
            raise _refused(name, N_("This is not a number that can be charted; correct it."))
        if name != "value" and number < 0:
            raise _refused(name, N_("A count can't be below 0; correct it."))
    n = known.get("n")
    if n is not None and (n != int(n) or n > MOST_PEOPLE):
        raise _refused("n", N_("How many people: write a whole number."))


def _proportion(known: Mapping[str, float]) -> Numbers:
    if "x" in known or ("n" in known and "value" not in known):
        if "n" not in known:
            raise _refused("n", N_("Of how many? Write the number of people."))
        if "x" not in known:
            raise _refused("x", N_("How many of them? Write the number of people."))
        x, n = known["x"], int(known["n"])
        if n < 1:
            raise _refused("n", N_("Of how many? It takes 1 person or more."))
        if x > n:
            raise _refused("x", N_("More people than there are: correct one of the two numbers."))
        return Numbers(100 * x / n, x, n)
    if "value" not in known:
        raise _refused("x", N_("Write how many of how many, or a percent."))
    return Numbers(known["value"], None, int(known["n"]) if known.get("n") else None)


def _mean(known: Mapping[str, float]) -> Numbers:
    if "value" not in known:
        raise _refused("value", N_("Write the number."))
    n = int(known["n"]) if known.get("n") else None
    if "sd" in known and n is None:
        raise _refused("n", N_("A standard deviation needs the number of people beside it."))
    return Numbers(known["value"], None, n, known.get("sd"))


def _count(known: Mapping[str, float]) -> Numbers:
    events = known.get("x", known.get("value"))
    if events is None:
        raise _refused("x", N_("Write how many."))
    if events < 0:
        raise _refused("x", N_("A count can't be below 0; correct it."))
    if events != int(events):
        raise _refused("x", N_("A count is a whole number."))
    return Numbers(float(events), float(events))


def _rate(known: Mapping[str, float]) -> Numbers:
    n = int(known["n"]) if known.get("n") else None
    if "x" in known:
        exposure = known.get("exposure")
        if not exposure:
            raise _refused("exposure", N_("Out of how many student-days or students? Write a number above 0."))
        return Numbers(100 * known["x"] / exposure, known["x"], n, None, exposure)
    if "value" not in known:
        raise _refused("x", N_("Write how many, and out of how many."))
    return Numbers(known["value"], None, n)


def _verify_bounds(value: float, bounds: Bounds, field: str) -> None:
    if bounds.high is not None and value > bounds.high:
        raise _refused(
            field,
            filled(
                N_("{value} can't be right: the most is {bound}. Correct it."),
                value=f"{value:g}",
                bound=f"{bounds.high:g}",
            ),
        )
    if bounds.low is not None and value < bounds.low:
        raise _refused(
            field,
            filled(
                N_("{value} can't be right: the least is {bound}. Correct it."),
                value=f"{value:g}",
                bound=f"{bounds.low:g}",
            ),
        )


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
