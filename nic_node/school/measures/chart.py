"""A measure's chart as a template shows it: two drawings, the sentence, the tag, the key, the numbers.

A measure that adds up through the year gets no chart: each point contains the ones before it, so the run rules would
see signals that are not there.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from gettext import NullTranslations
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.charts.control import control_chart_svg
from nic_node.charts.control_words import DECIDED, Swatch, chart_columns, chart_key, chart_rows, chart_says, shift_tag
from nic_node.charts.frame import ChartPoint, Decided
from nic_node.charts.sparkline import sparkline_svg
from nic_node.charts.svg import ChartSize
from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.limits import Kind
from nic_node.evidence.run_chart import Rules
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from nic_node.school.measures.chosen_chart import ChosenChart, chosen_chart
from nic_node.school.measures.compare import CLOSED_DAY
from nic_node.school.measures.marks import marks_by_measure, marks_of
from nic_node.school.measures.numbers import sign_of
from nic_node.school.measures.phases import Story, placed_decisions, placed_phases, story_of
from nic_node.school.measures.read import list_measures, measure_of, numbers_of
from nic_node.school.measures.tables import Measure, MeasureMark, Observed
from nic_node.school.measures.words import latest_words, value_words

ON_A_PAGE: tuple[ChartSize, ...] = ("wide", "narrow")
ON_A_WALL: tuple[ChartSize, ...] = ("small",)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureChart:
    """Everything that a page needs. Drawings are '' where there is nothing to draw; `small` is for a wall of charts."""

    measure: Measure
    title: str
    says: str
    drawings: Mapping[ChartSize, str] = field(default_factory=dict)
    tag: str | None = None
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    key: Sequence[Swatch] = ()
    latest: str | None = None
    latest_on: date | None = None
    chosen: ChosenChart | None = None
    refused: bool = False

    @property
    def wide(self) -> str:
        return self.drawings.get("wide", "")

    @property
    def narrow(self) -> str:
        return self.drawings.get("narrow", "")

    @property
    def small(self) -> str:
        return self.drawings.get("small", "")

    @property
    def chart(self) -> ControlChart | None:
        return self.chosen.chart if self.chosen else None

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
    of_project: bool = False,
    kind: Kind | None = None,
    rules: Rules | None = None,
) -> MeasureChart:
    """The chart of a measure, with its project's cycles and decisions.

    Args:
        of_project: only what its project needs: from eight weeks before its first day.
        kind: instead of the measure's own.
        rules: likewise.

    Raises:
        NotFound.
    """
    measure = await measure_of(session, measure_id)
    story = await story_of(session, measure, catalogue)
    since = story.starts_on - BEFORE_THE_START if of_project and story.starts_on else None
    observations = (await numbers_of(session, [measure], since=since))[measure_id]
    marks = await marks_of(session, measure_id)
    return build_chart(
        measure, observations, marks, story, catalogue=catalogue, language=language, kind=kind, rules=rules
    )


def build_chart(
    measure: Measure,
    observations: Sequence[Observed],
    marks: Sequence[MeasureMark],
    story: Story,
    *,
    catalogue: NullTranslations = ENGLISH,
    language: str = "en",
    kind: Kind | None = None,
    rules: Rules | None = None,
    sizes: Sequence[ChartSize] = ON_A_PAGE,
) -> MeasureChart:
    """The chart of these observations, which stand in time order; only drawings of these sizes are made."""
    counted = [observation for observation in observations if _counts(observation)]
    if is_cumulative(measure):
        return _refused_chart(measure, counted, catalogue)
    shown = _shown(observations)
    chosen = chosen_chart(measure, shown, marks, kind=kind, rules=rules)
    points, decided = _points(shown, story, catalogue, language)
    chart, unit = chosen.chart, sign_of(measure.unit, measure.vocabulary)
    target = None if chart.kind == "mr" else measure.target
    says = chart_says(points, chart, unit=unit, period=measure.cadence, catalogue=catalogue)
    if not counted:
        return MeasureChart(measure=measure, title=measure.name, says=says)
    if chosen.apart:
        says = f"{says} {chosen.apart.said(catalogue)}"
    phases = placed_phases(story.phases, chosen.days)
    drawings = {
        size: control_chart_svg(
            measure.name,
            says,
            points,
            chart,
            unit=unit,
            target=target,
            phases=phases,
            decided=decided,
            size=size,
            catalogue=catalogue,
        )
        for size in sizes
    }
    return MeasureChart(
        measure=measure,
        title=measure.name,
        says=says,
        drawings=drawings,
        tag=shift_tag(chart, catalogue),
        columns=chart_columns(points, chart, catalogue),
        rows=chart_rows(points, chart, unit=unit, catalogue=catalogue),
        key=chart_key(
            chart, points, unit=unit, period=measure.cadence, target=target, decided=decided, catalogue=catalogue
        ),
        latest=latest_words(measure, counted[-1], catalogue),
        latest_on=counted[-1].period,
        chosen=chosen,
    )


def chart_document(shown: MeasureChart) -> dict[str, Any]:
    """What a chart shows, for a program."""
    names = ("n_useful", "longest_run", "longest_run_max", "crossings", "crossings_min")
    lists = ("days", "values", "center", "lcl", "ucl", "sigma_signals")
    document: dict[str, Any] = {
        "says": shown.says,
        "tag": shown.tag,
        "signal": shown.signal,
        "refused": shown.refused,
        **dict.fromkeys(("kind", "rules", "median", "icons", "rebase_on", *names)),
        **{name: [] for name in lists},
        "trial": False,
    }
    if shown.chosen is None:
        return document
    chosen, chart = shown.chosen, shown.chosen.chart
    document |= {name: value for name, value in chart.document().items() if name in document}
    return {
        **document,
        "rules": chart.rules,
        "median": chart.centre,
        "days": chosen.days,
        "values": [None if math.isnan(value) else value for value in chart.y.tolist()],
        "trial": chart.has_limits and chart.trial,
        "icons": asdict(chosen.icons) if chosen.icons else None,
        "rebase_on": chosen.rebase_on,
    }


def is_cumulative(measure: Measure) -> bool:
    return measure.window == CUMULATIVE


async def latest_numbers(
    session: AsyncSession, measure_ids: Iterable[int], *, catalogue: NullTranslations = ENGLISH
) -> dict[int, Latest]:
    """Of each measure that has a number: the newest one in a line, without a sparkline."""
    return await latest_of_measures(session, await list_measures(session, measure_ids), catalogue=catalogue)


async def latest_of_measures(
    session: AsyncSession, measures: Sequence[Measure], *, catalogue: NullTranslations = ENGLISH
) -> dict[int, Latest]:
    """As `latest_numbers`, of measures that were read before."""
    observations = await numbers_of(session, measures)
    marks = await marks_by_measure(session, observations)
    found = {
        measure.id: latest_of(measure, observations[measure.id], marks[measure.id], catalogue, drawn=False)
        for measure in measures
    }
    return {measure_id: latest for measure_id, latest in found.items() if latest is not None}


def latest_of(
    measure: Measure,
    observations: Sequence[Observed],
    marks: Sequence[MeasureMark],
    catalogue: NullTranslations = ENGLISH,
    *,
    drawn: bool = True,
) -> Latest | None:
    """The newest number that counts, None without one."""
    counted = [observation for observation in observations if _counts(observation)]
    if not counted:
        return None
    signal, spark = False, ""
    if not is_cumulative(measure):
        chart = chosen_chart(measure, _shown(observations), marks).chart
        signal, spark = chart.signal, sparkline_svg(chart) if drawn else ""
    return Latest(value_words(measure, counted[-1].value), counted[-1].period, signal, spark)


def _refused_chart(measure: Measure, counted: Sequence[Observed], catalogue: NullTranslations) -> MeasureChart:
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


def _counts(observation: Observed) -> bool:
    return observation.value is not None and not observation.excluded_because


def _shown(observations: Sequence[Observed]) -> list[Observed]:
    """A closed day is no gap in the series of school days; a day that was left out is one."""
    return [observation for observation in observations if observation.excluded_because != CLOSED_DAY]


def _points(
    shown: Sequence[Observed], story: Story, catalogue: NullTranslations, language: str
) -> tuple[list[ChartPoint], list[Decided]]:
    placed = placed_decisions(story.decisions, [observation.period for observation in shown])
    said = {
        decided.at: f"{decision.of.said(catalogue)}: {catalogue.gettext(DECIDED[decided.decision])}"
        for decided, decision in placed
    }
    points = [
        _point(observation, story.starts_on, said.get(index, ""), catalogue, language)
        for index, observation in enumerate(shown)
    ]
    return points, [decided for decided, _ in placed]


def _point(
    observation: Observed, starts_on: date | None, decided: str, catalogue: NullTranslations, language: str
) -> ChartPoint:
    day = (observation.period - starts_on).days + 1 if starts_on else 0
    reason = observation.excluded_because
    notes = [catalogue.gettext(reason) if reason else "", observation.note, decided]
    return ChartPoint(
        label=i18n.short_day(observation.period, language, "UTC"),
        sublabel=Sentence(N_("day {day}"), {"day": day}).said(catalogue) if day >= 1 else "",
        left_out=observation.value if reason else None,
        note="; ".join(note for note in notes if note),
    )
