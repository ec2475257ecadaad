"""What projects moved, as it may be told: from and to, or that the group is too small."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.charts.control_words import ONE_PERIOD, lasts
from nic_node.i18n import N_
from nic_node.school.measures.chart import BEFORE_THE_START, MeasureChart, build_chart
from nic_node.school.measures.phases import stories_of
from nic_node.school.measures.read import numbers_of
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.told import held_back, told_numbers
from nic_node.school.papers.paper import Writer
from nic_node.school.projects.tables import Project
from nic_node.school.returns.read import Moved, moved_by

SMALL_GROUP = N_("too small a group to show")
MOVED = N_("{measure}: from {before} to {after}")
MOVED_UP = N_("The numbers have moved up and stay up.")
MOVED_DOWN = N_("The numbers have moved down and stay down.")
UNCLEAR = N_("We do not see a clear change yet.")
EACH_POINT = N_("Each point is {period}.")
DECISIONS: Mapping[str, str] = {
    "adopt": N_("We keep it."),
    "adapt": N_("We keep it and change it."),
    "abandon": N_("We stopped it."),
    "": N_("It is under way."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A project in a plan or a table. Attributes: moved: '' where nothing was measured."""

    project: Project
    moved: str

    @property
    def decision(self) -> str:
        return self.project.decision or "" if self.project.state == "closed" else ""


async def outcomes_of(session: AsyncSession, projects: Sequence[Project], writer: Writer) -> dict[int, Outcome]:
    moved = await moved_by(session, projects)
    return {one.id: Outcome(project=one, moved=moved_words(writer, moved.get(one.id))) for one in projects}


def moved_words(writer: Writer, moved: Moved | None) -> str:
    if moved is None:
        return ""
    name = writer.own(moved.measure.name)
    if moved.told is None:
        writer.held += 1
        return f"{name}: {writer.say(SMALL_GROUP)}"
    return writer.say(MOVED, measure=name, before=moved.told[0], after=moved.told[1])


async def told_charts(
    session: AsyncSession, project: Project, measures: Iterable[Measure], writer: Writer
) -> list[MeasureChart]:
    """A project's charts of what may be told, in the paper's language."""
    own = [measure for measure in measures if measure.comparison_of is None]
    held = await held_back(session, own)
    writer.held += len(held)
    shown = [measure for measure in own if measure.id not in held]
    since = project.starts_on - BEFORE_THE_START
    numbers = await numbers_of(session, shown, since=since)
    stories = await stories_of(session, shown, writer.catalogue)
    return [
        build_chart(
            _named(measure, writer.own(measure.name)),
            told_numbers(measure, numbers[measure.id]),
            (),
            stories[measure.id],
            catalogue=writer.catalogue,
            language=writer.language,
            kind="run",
        )
        for measure in shown
        if numbers[measure.id]
    ]


def plain_says(writer: Writer, chart: MeasureChart) -> str:
    """What a chart shows, as one would say it to a neighbour."""
    shift = chart.chart.runs.shifts[-1] if chart.chart is not None and chart.chart.runs.shifts else None
    said = UNCLEAR
    if shift is not None and chart.chart is not None and lasts(chart.chart, shift):
        said = MOVED_UP if shift.side == "above" else MOVED_DOWN
    period = writer.say(ONE_PERIOD[chart.measure.cadence])
    return f"{writer.say(said)} {writer.say(EACH_POINT, period=period)}"


def _named(measure: Measure, name: str) -> Measure:
    """A copy under the name that may be told; it belongs to no session."""
    values = {column.key: getattr(measure, column.key) for column in measure.__mapper__.column_attrs}
    return Measure(**{**values, "name": name})
