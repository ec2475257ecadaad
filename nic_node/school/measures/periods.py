"""Exact numbers for publishing: baseline, middle and end of a project, each of two periods or more.

The numbers stay exact here; `disclosure` averages and prints them. Points that a person left out, and bare values
that were never counts or means of people, are not among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.snapshot import Better, Count, Events, ExactMeasure, ExactPoint, Mean, Period
from nic_node.school.measures.read import comparison_measure, measure_of, observations_of
from nic_node.school.measures.tables import Measure, Observed
from schemas.vocab import MEASURES
from schemas.vocab.entry import OTHER

PERIODS_A_POINT: Mapping[str, int] = {"day": 5, "lesson": 3}
"""How many periods a point is the mean of, by cadence; two for the rest."""
A_YEAR = timedelta(weeks=52)  # the same weekdays
OLDEST_BASELINE = timedelta(weeks=12)
NEAR_THE_END = timedelta(days=14)  # a number that comes in after the close still tells its end
FOLLOW_UPS = {"day-90": timedelta(days=90), "day-135": timedelta(days=135)}
ABOUT_A_FOLLOW_UP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ExactPeriod:
    period: date
    numbers: Period


async def exact_periods(session: AsyncSession, measure_id: int, *, since: date, until: date) -> list[ExactPeriod]:
    """The exact numbers of a measure from `since` to `until`, both included, in time order. Raises NotFound."""
    measure = await measure_of(session, measure_id)
    found = await observations_of(session, measure_id, since=since, until=until)
    return [
        ExactPeriod(observation.period, numbers)
        for observation in found
        if (numbers := exact_numbers(measure, observation)) is not None
    ]


async def exact_measure(
    session: AsyncSession, measure_id: int, *, starts_on: date, closes_on: date, until: date | None = None
) -> ExactMeasure | None:
    """A measure of a project as `disclosure` takes it, with its comparison; None without baseline and end.

    Args:
        starts_on: the project's first day; the baseline lies before it.
        closes_on: the day of its close.
        until: today, for the follow-ups on days 90 and 135.

    Raises:
        NotFound.
    """
    measure = await measure_of(session, measure_id)
    last = max(until or closes_on, closes_on) + NEAR_THE_END
    points = await _points(session, measure, starts_on, closes_on, last)
    if not {"baseline", "end"} <= {point.at for point in points}:
        return None
    design, comparison = await _comparison(session, measure, starts_on, closes_on, last)
    known = MEASURES[measure.vocabulary]
    scale = None
    if measure.scale_low is not None and measure.scale_high is not None and measure.unit == "mean":
        scale = (measure.scale_low, measure.scale_high)
    return ExactMeasure(
        measure=measure.vocabulary,
        kind=measure.kind,
        unit=measure.unit,
        window=measure.window or known.window,
        design=design,
        season="ruled-out" if comparison else "not-ruled-out",
        points=points,
        comparison=comparison,
        definition_version=known.version,
        better=_better(measure),
        label=measure.label or None,
        group=measure.group_name,
        scale=scale,
    )


async def _comparison(
    session: AsyncSession, measure: Measure, starts_on: date, closes_on: date, last: date
) -> tuple[str, tuple[ExactPoint, ...]]:
    """What the change is set against: a group without it, else the same weeks of last year, else nothing."""
    other = await comparison_measure(session, measure.id)
    if other is not None:
        points = await _points(session, other, starts_on, closes_on, last)
        if {"baseline", "end"} <= {point.at for point in points}:
            return "comparison-group", points
    year_before = (day - A_YEAR for day in (starts_on, closes_on, last))
    points = await _points(session, measure, *year_before)
    if {"baseline", "end"} <= {point.at for point in points}:
        return "season-comparison", points
    return "pre-post", ()


def exact_numbers(measure: Measure, observation: Observed) -> Period | None:
    """One period in disclosure's terms, None where it is left out or has no people or events behind it."""
    if observation.value is None or observation.excluded_because:
        return None
    n = observation.n if observation.n is not None else measure.group_size
    if measure.unit == "proportion" and observation.x is not None and observation.n is not None:
        return Count(observation.x, observation.n)
    if measure.unit in ("mean", "minutes") and observation.sd is not None and n is not None:
        return Mean(observation.value, observation.sd, n)
    if measure.unit == "count" and observation.x is not None:
        return Events(observation.x)
    if measure.unit == "rate" and observation.x is not None and observation.exposure is not None and n is not None:
        return Events(observation.x, observation.exposure, n)
    return None


async def _points(
    session: AsyncSession, measure: Measure, starts_on: date, closes_on: date, last: date
) -> tuple[ExactPoint, ...]:
    periods = await exact_periods(session, measure.id, since=starts_on - OLDEST_BASELINE, until=last)
    return build_points(periods, starts_on, closes_on, PERIODS_A_POINT.get(measure.cadence, 2))


def build_points(
    periods: Sequence[ExactPeriod], starts_on: date, closes_on: date, a_point: int
) -> tuple[ExactPoint, ...]:
    """Baseline, middle, end and follow-ups of periods in time order; a point with fewer than two is left out.

    Args:
        a_point: how many periods a point takes; the end is taken before the middle, so that none counts twice.
    """
    before = [period for period in periods if period.period < starts_on]
    within = [period for period in periods if starts_on <= period.period <= closes_on]
    if len(within) < a_point:
        within = [period for period in periods if starts_on <= period.period <= closes_on + NEAR_THE_END]
    end, rest = within[-a_point:], within[:-a_point]
    half_way = starts_on + (closes_on - starts_on) / 2
    nearest = sorted(rest, key=lambda period: abs(period.period - half_way))[:a_point]
    chosen = {
        "baseline": before[-a_point:],
        "middle": sorted(nearest, key=lambda period: period.period),
        "end": end,
    }
    for at, after in FOLLOW_UPS.items():
        about = starts_on + after
        later = [period for period in periods if period.period > closes_on and period not in end]
        chosen[at] = [period for period in later if abs(period.period - about) <= ABOUT_A_FOLLOW_UP][-a_point:]
    return tuple(
        ExactPoint(at, tuple(period.numbers for period in found)) for at, found in chosen.items() if len(found) >= 2
    )


def _better(measure: Measure) -> Better | None:
    if measure.vocabulary != OTHER or measure.better == "neither":
        return None
    return "up" if measure.better == "up" else "down"
