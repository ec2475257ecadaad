"""Exact numbers into printed ones: the federation's rules, applied to one measure of one group.

A measure is printed whole or not at all. What can't be printed says why, by a code of NOT_PRINTED.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from federation.rules_printing import (
    CELL_MINIMUM,
    FOLLOW_UPS,
    LARGE_N,
    LEAST_PERIODS,
    LEAST_SD,
    MEASURED_MINIMUM,
    POINTS_MAX,
    POINTS_MAX_LARGE,
    band,
    mean_step,
    printed_events,
    printed_mean,
    printed_n,
    scale_of,
    two_digit_sd,
    two_digits,
)
from nic_node.disclosure.snapshot import Count, Events, ExactMeasure, ExactPoint, Mean, Period
from nic_node.i18n import N_
from schemas.text import normal_text
from schemas.vocab import MEASURES, OTHER, POINTS_AT

SERIES_WINDOWS = frozenset({"day", "week", "20-school-days"})  # measured again and again: points are means of periods
N_DRIFT_MAX = Fraction(1, 10)  # choice: a group whose n changes by more is not the same group
PERIODS_OF_UNIT: Mapping[str, type[Period]] = MappingProxyType(
    {"proportion": Count, "mean": Mean, "minutes": Mean, "rate": Events, "count": Events}
)
NUMBER_MAX = 1e9  # nothing that a school counts is larger
FIRST_KEPT = ("baseline", "end", "middle")  # of more points than n allows

NOT_PRINTED: Mapping[str, str] = MappingProxyType(
    {
        "impossible-number": N_("a number that cannot be: more than n, negative or not a number"),
        "not-listed": N_("its measure or unit is on no list"),
        "no-points": N_("no numbers were entered"),
        "no-people": N_("how many people it counts was not entered"),
        "under-minimum": N_("too few people for any number"),
        "under-measured": N_("under 20 people: numbers need more"),
        "remainder": N_("what the group leaves of its whole is too small a group"),
        "one-period": N_("a point of a series is the mean of two periods or more"),
        "n-changes": N_("the group changes too much between its points"),
        "no-scale": N_("a mean needs the ends of its scale"),
        "no-spread": N_("everybody has the same value: the mean would be each one's own"),
        "beside-whole": N_("total and parts never together"),
        "too-many-measures": N_("a practice shows at most four measures"),
        "measure-twice": N_("a measure appears once in a practice"),
        "left-out": N_("a person decided that it stays here"),
    }
)


class NotPrinted(Exception):
    """A measure that may not show its numbers. `code` is a key of NOT_PRINTED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


PrintMeasure = Callable[[ExactMeasure, Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Averaged:
    """The mean over a point's periods: x of n; mean and sd of n; events, exposure and n. Exact."""

    n: int | None
    x: Fraction | None = None
    mean: Fraction | None = None
    sd: float | None = None
    events: Fraction | None = None
    exposure: Fraction | None = None


def print_measure(measure: ExactMeasure, policy: Mapping[str, Any]) -> dict[str, Any]:
    """A measure as it stands in a record (an element of `measures`); NotPrinted where its numbers may not leave.

    A comparison that can't be printed is left out, and with it what it could have shown: the design falls back to
    'pre-post', the season to 'not-ruled-out'.
    """
    verify_listed(measure)
    minimum = least_people(policy)
    verify_remainder(measure, minimum)
    printed: dict[str, Any] = {
        "measure": measure.measure,
        "definition_version": measure.definition_version,
        "kind": measure.kind,
        "unit": measure.unit,
        "window": measure.window,
        "design": measure.design,
        "season": measure.season,
    }
    if measure.label:
        printed["label"] = normal_text(measure.label)
    if measure.measure == OTHER and measure.better is not None:
        printed["better"] = measure.better
    if measure.scale is not None and scale_of(printed) is None:
        printed["scale"] = list(measure.scale)
    printed["points"] = print_series(measure, measure.points, scale_of(printed), minimum)
    if measure.comparison:
        printed |= print_comparison(measure, printed, minimum)
    return printed


def print_comparison(measure: ExactMeasure, printed: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """The comparison at the points that are shown; without it, a design and a season that need none."""
    shown = {point["at"] for point in printed["points"]}
    points = [point for point in measure.comparison if point.at in shown]
    if {"baseline", "end"} <= {point.at for point in points}:
        with suppress(NotPrinted):
            return {"comparison": print_series(measure, points, scale_of(printed), minimum)}
    season = "not-ruled-out" if measure.season == "ruled-out" else measure.season
    return {"design": "pre-post", "season": season}


def least_people(policy: Mapping[str, Any]) -> int:
    """The smallest group that a cell may show: the federation's rule, or the network's stricter one."""
    asked: int = policy["cell_minimum"]
    return max(CELL_MINIMUM, asked)


def verify_listed(measure: ExactMeasure) -> None:
    """NotPrinted for ids of no list, and for a scale without two ends."""
    at = {point.at for point in (*measure.points, *measure.comparison)}
    if measure.measure not in MEASURES or measure.unit not in PERIODS_OF_UNIT or not at <= set(POINTS_AT):
        raise NotPrinted("not-listed")
    if measure.scale is not None and not (_are_finite(*measure.scale) and measure.scale[0] < measure.scale[1]):
        raise NotPrinted("no-scale")


def verify_remainder(measure: ExactMeasure, minimum: int) -> None:
    """A part and what it leaves of its whole must both hold enough people."""
    if measure.part_of is None:
        return
    sizes = [n for point in measure.points for n in people_of(point.periods)]
    if measure.whole_n is None or any(measure.whole_n - n < minimum for n in sizes):
        raise NotPrinted("remainder")


def print_series(
    measure: ExactMeasure, points: Sequence[ExactPoint], scale: Sequence[float] | None, minimum: int
) -> list[dict[str, Any]]:
    """The points of one group, as many as its n allows, all with the same printed n."""
    if not points:
        raise NotPrinted("no-points")
    averaged = {point.at: average(point, measure.unit) for point in points}
    is_series = measure.window in SERIES_WINDOWS and measure.unit != "count"
    if is_series and any(len(point.periods) < LEAST_PERIODS for point in points):
        raise NotPrinted("one-period")
    sizes = [n for point in points for n in people_of(point.periods)]
    n = _series_n(measure, sizes, minimum)
    kept = _kept_points(list(averaged), n)
    return [{"at": at} | _print_point(measure, averaged[at], n, scale) for at in kept]


def _series_n(measure: ExactMeasure, sizes: list[int], minimum: int) -> int | None:
    """The number of people that stands for the whole series: the smallest; None for events about nobody's result."""
    if measure.unit == "count":
        if sizes and min(sizes) < minimum:
            raise NotPrinted("under-minimum")
        return None
    if not sizes:
        raise NotPrinted("no-people")
    least, most = min(sizes), max(sizes)
    if least < minimum:
        raise NotPrinted("under-minimum")
    if least < MEASURED_MINIMUM:
        raise NotPrinted("under-measured")
    if most - least > N_DRIFT_MAX * most:
        raise NotPrinted("n-changes")
    return least


def _kept_points(at: Sequence[str], n: int | None) -> list[str]:
    shown = printed_n(n) if n is not None else 0
    allowed = POINTS_MAX_LARGE if isinstance(shown, int) and shown >= LARGE_N else POINTS_MAX
    order = list(POINTS_AT)
    within = [name for name in at if name not in FOLLOW_UPS]
    ranked = sorted(within, key=lambda name: (name not in FIRST_KEPT, order.index(name)))[:allowed]
    return sorted([*ranked, *(name for name in at if name in FOLLOW_UPS)], key=order.index)


def _print_point(
    measure: ExactMeasure, exact: Averaged, n: int | None, scale: Sequence[float] | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {} if n is None else {"n": printed_n(n)}
    if exact.x is not None and n is not None and exact.n:
        return shown | {"band": list(band(exact.x * n / exact.n, n))}
    if exact.mean is not None and exact.sd is not None:
        if measure.unit == "mean" and scale is None:
            raise NotPrinted("no-scale")
        if exact.sd < LEAST_SD:
            raise NotPrinted("no-spread")
        sd = two_digit_sd(exact.sd)
        return shown | {"mean": printed_mean(exact.mean, mean_step(shown["n"], sd, scale)), "sd": sd}
    if exact.events is None:
        raise NotPrinted("impossible-number")
    shown["events"] = printed_events(exact.events)
    if measure.unit == "rate":
        if exact.exposure is None or exact.exposure < 1:
            raise NotPrinted("impossible-number")
        shown["exposure"] = two_digits(exact.exposure)
    return shown


def average(point: ExactPoint, unit: str) -> Averaged:
    """The mean of a point's periods (of events their sum); NotPrinted where a number can't be or there is none."""
    if not point.periods:
        raise NotPrinted("no-points")
    for period in point.periods:
        verify_period(period, unit)
    sizes = people_of(point.periods)
    n = min(sizes) if sizes else None
    counts = [period for period in point.periods if isinstance(period, Count)]
    means = [period for period in point.periods if isinstance(period, Mean)]
    events = [period for period in point.periods if isinstance(period, Events)]
    if counts and n:
        return Averaged(
            n=n, x=sum((n * Fraction(count.x) for count in counts), Fraction(0)) / sum(count.n for count in counts)
        )
    if means:
        people = sum(period.n for period in means)
        return Averaged(
            n=n,
            mean=sum((period.n * Fraction(period.mean) for period in means), Fraction(0)) / people,
            sd=math.sqrt(sum(period.n * period.sd**2 for period in means) / people),
        )
    return Averaged(
        n=n,
        events=sum((Fraction(period.events) for period in events), Fraction(0)),
        exposure=sum((Fraction(period.exposure or 0) for period in events), Fraction(0)),
    )


def people_of(periods: Sequence[Period]) -> list[int]:
    """How many people each period counts, where it says so."""
    return [period.n for period in periods if period.n is not None]


def verify_period(period: Period, unit: str) -> None:
    """NotPrinted('impossible-number') for what no honest sheet holds: NaN, negative, x > n, the wrong unit."""
    if not isinstance(period, PERIODS_OF_UNIT[unit]):
        raise NotPrinted("impossible-number")
    match period:
        case Count(x, n):
            fine = _are_finite(x, n) and n > 0 and 0 <= x <= n
        case Mean(mean, sd, n):
            fine = _are_finite(mean, sd, n) and n > 0 and sd >= 0
        case Events(events, exposure, n):
            rest = [number for number in (exposure, n) if number is not None]
            fine = _are_finite(events, *rest) and events >= 0 and all(number > 0 for number in rest)
    if not fine:
        raise NotPrinted("impossible-number")


def _are_finite(*numbers: float) -> bool:
    return all(not isinstance(number, bool) and abs(number) <= NUMBER_MAX for number in numbers)  # NaN is not
