"""A measure's run chart as a template shows it: two drawings, the sentence, the tag, the key, the numbers.

Points that were left out are gaps. A measure that adds up through the year gets no run chart: each point contains the
ones before it, so the run rules would see signals that are not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from gettext import NullTranslations

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.charts.run import Phase, RunPoint, run_chart_svg
from nic_node.charts.sparkline import sparkline_svg
from nic_node.charts.words import (
    Swatch,
    run_chart_columns,
    run_chart_key,
    run_chart_rows,
    run_chart_says,
    shift_tag,
)
from nic_node.evidence.control_chart import ControlChart, run_chart
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from nic_node.school.measures.compare import CLOSED_DAY
from nic_node.school.measures.numbers import sign_of
from nic_node.school.measures.read import list_measures, measure_of, observations_by_measure, observations_of
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.measures.words import latest_words, value_words

BEFORE_THE_START = timedelta(weeks=8)
CUMULATIVE = "year-to-date"
ADDS_UP = N_(
    "This measure adds up through the year, so each point contains the ones before it and a run chart would mislead. "
    "Add '{window}' to see change."
)
ADDS_UP_TOO = N_(
    "This measure adds up through the year, so each point contains the ones before it and a run chart would mislead. "
    "Measure what happened in each week or month instead."
)


@dataclass(frozen=True, slots=True)
class DatedPhase:
    """A stretch of the strip over the chart, from its day to the next one's; `before` is drawn quiet."""

    label: str
    starts_on: date
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureChart:
    """Everything that a page needs. `wide` and `narrow` are '' where there is nothing to draw."""

    measure: Measure
    title: str
    says: str
    wide: str = ""
    narrow: str = ""
    tag: str | None = None
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    key: Sequence[Swatch] = ()
    latest: str | None = None
    latest_on: date | None = None
    chart: ControlChart | None = None
    refused: bool = False

    @property
    def signal(self) -> bool:
        return self.chart is not None and self.chart.signal


@dataclass(frozen=True, slots=True)
class Latest:
    """A measure in one line: its newest number, whether its chart signals, and a sparkline (SVG)."""

    text: str
    period: date
    signal: bool
    spark: str


async def measure_chart(
    session: AsyncSession,
    measure_id: int,
    *,
    catalogue: NullTranslations = ENGLISH,
    language: str = "en",
    phases: Sequence[DatedPhase] = (),
    starts_on: date | None = None,
) -> MeasureChart:
    """The chart of a measure.

    Args:
        phases: the project's cycles, in order of their days.
        starts_on: the project's first day: points carry its days, and those from eight weeks before it are shown.

    Raises:
        NotFound.
    """
    measure = await measure_of(session, measure_id)
    since = starts_on - BEFORE_THE_START if starts_on else None
    observations = await observations_of(session, measure_id, since=since)
    return build_chart(
        measure, observations, catalogue=catalogue, language=language, phases=phases, starts_on=starts_on
    )


def build_chart(
    measure: Measure,
    observations: Sequence[Observation],
    *,
    catalogue: NullTranslations = ENGLISH,
    language: str = "en",
    phases: Sequence[DatedPhase] = (),
    starts_on: date | None = None,
) -> MeasureChart:
    """The chart of these observations, which stand in time order."""
    # A closed day is no gap in the series of school days; a day that was left out is one.
    shown = [observation for observation in observations if observation.excluded_because != CLOSED_DAY]
    counted = [observation for observation in observations if _counts(observation)]
    if is_cumulative(measure):
        return _refused_chart(measure, counted, catalogue)
    points = [_point(observation, language, starts_on, catalogue) for observation in shown]
    chart = run_chart([point.value for point in points])
    unit = sign_of(measure.unit, measure.vocabulary)
    says = run_chart_says(points, chart, unit=unit, period=measure.cadence, catalogue=catalogue)
    if not counted:
        return MeasureChart(measure=measure, title=measure.name, says=says)
    placed = _placed(phases, shown)
    wide, narrow = (
        run_chart_svg(measure.name, says, points, chart, unit=unit, phases=placed, size=size, catalogue=catalogue)
        for size in ("wide", "narrow")
    )
    return MeasureChart(
        measure=measure,
        title=measure.name,
        says=says,
        wide=wide,
        narrow=narrow,
        tag=shift_tag(chart, catalogue),
        columns=run_chart_columns(points, catalogue),
        rows=run_chart_rows(points, chart, unit=unit, catalogue=catalogue),
        key=run_chart_key(chart, period=measure.cadence, catalogue=catalogue),
        latest=latest_words(measure, counted[-1], catalogue),
        latest_on=counted[-1].period,
        chart=chart,
    )


def is_cumulative(measure: Measure) -> bool:
    return measure.window == CUMULATIVE


async def latest_numbers(
    session: AsyncSession, measure_ids: Iterable[int], *, catalogue: NullTranslations = ENGLISH
) -> dict[int, Latest]:
    """Of each measure that has a number: the newest one in a line."""
    wanted = set(measure_ids)
    measures = [measure for measure in await list_measures(session) if measure.id in wanted]
    observations = await observations_by_measure(session, wanted)
    found = {measure.id: latest_of(measure, observations[measure.id], catalogue) for measure in measures}
    return {measure_id: latest for measure_id, latest in found.items() if latest is not None}


def latest_of(measure: Measure, observations: Sequence[Observation], catalogue: NullTranslations) -> Latest | None:
    """The newest number that counts, None without one."""
    counted = [observation for observation in observations if _counts(observation)]
    if not counted:
        return None
    values = [observation.value for observation in counted]
    chart = run_chart(values)
    signal = chart.signal and not is_cumulative(measure)
    spark = "" if is_cumulative(measure) else sparkline_svg(values, chart)
    return Latest(value_words(measure, counted[-1].value), counted[-1].period, signal, spark)


def _refused_chart(measure: Measure, counted: Sequence[Observation], catalogue: NullTranslations) -> MeasureChart:
    window = Sentence(N_("Absent 10 % or more, last 20 school days"))
    is_absence = measure.vocabulary == "chronic-absence-year"
    says = Sentence(ADDS_UP, {"window": window}) if is_absence else Sentence(ADDS_UP_TOO)
    latest = counted[-1] if counted else None
    return MeasureChart(
        measure=measure,
        title=measure.name,
        says=says.said(catalogue),
        latest=latest_words(measure, latest, catalogue) if latest else None,
        latest_on=latest.period if latest else None,
        refused=True,
    )


def _counts(observation: Observation) -> bool:
    return observation.value is not None and not observation.excluded_because


def _point(observation: Observation, language: str, starts_on: date | None, catalogue: NullTranslations) -> RunPoint:
    label = i18n.short_day(observation.period, language, "UTC")
    day = (observation.period - starts_on).days + 1 if starts_on else 0
    sublabel = Sentence(N_("day {day}"), {"day": day}).said(catalogue) if day >= 1 else ""
    return RunPoint(observation.value if _counts(observation) else None, label, sublabel)


def _placed(phases: Sequence[DatedPhase], shown: Sequence[Observation]) -> list[Phase]:
    """Phases by index of their first point; those that have no point yet are left out."""
    placed: list[Phase] = []
    for number, phase in enumerate(phases):
        ends = phases[number + 1].starts_on if number + 1 < len(phases) else date.max
        within = (i for i, observation in enumerate(shown) if phase.starts_on <= observation.period < ends)
        first = next(within, None)
        if first is not None:
            placed.append(Phase(phase.label, first, phase.before))
    return placed
