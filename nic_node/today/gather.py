"""What each person has to do now, in one pass: acts, what is late, what it is time for, meetings and signals."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.actions.read import ActionLine, open_actions
from nic_node.school.coaching.read import OwnStep, own_steps
from nic_node.school.measures.tables import Measure
from nic_node.school.meetings.agenda import AgendaLine, propose_agenda
from nic_node.school.meetings.read import MeetingView, next_meetings, view_meeting
from nic_node.school.plan.goals import active_goals
from nic_node.school.projects.read import running_projects
from nic_node.school.projects.signals import ChartSignal, running_signals
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.team.calendar import calendar_of
from nic_node.today.acts import Act, Late, Work, acts_of, late_of, owner_names, read_done
from nic_node.today.asks import Ask, asks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Attributes: is_own: of a measure that this person owns, or of a project that they lead."""

    of: ChartSignal
    is_own: bool

    @property
    def measure(self) -> Measure:
        return self.of.measure

    @property
    def latest(self) -> str:
        return self.of.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMeeting:
    """The next one where this person is expected, or that runs. `proposed` is an agenda for one that has none yet."""

    view: MeetingView
    proposed: Sequence[AgendaLine]

    @property
    def rows(self) -> list[tuple[int, str]]:
        """(minutes, text) of its agenda."""
        if self.view.items:
            return [(one.item.minutes, one.item.text) for one in self.view.items]
        return [(line.minutes, line.text) for line in self.proposed]

    @property
    def undecided(self) -> list[tuple[str, int]]:
        """(text, how often it has now come) of items that come again and again without a decision."""
        return [(one.item.text, one.times) for one in self.view.items if one.is_named]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Attributes: mine, coaching: this person's open action items, and next steps that only a pair sees."""

    acts: Sequence[Act]
    late: Sequence[Late]
    asks: Sequence[Ask]
    signals: Sequence[Signal]
    projects: Sequence[Project]
    mine: Sequence[ActionLine]
    coaching: Sequence[OwnStep]
    meeting: NextMeeting | None

    @property
    def is_new(self) -> bool:
        """Nothing is planned yet: the page shows the next best step instead."""
        return not self.acts


async def gather(
    session: AsyncSession, key: OperatorKey, *, person_id: int, permissions: AbstractSet[str], today: date
) -> Gathered:
    """A bounded number of queries, whatever the school has."""
    work = await _read_work(session, today)
    asks = await asks_of(
        session,
        key,
        person_id=person_id,
        permissions=permissions,
        projects=work.projects,
        calendar=work.calendar,
        today=today,
    )
    return Gathered(
        acts=acts_of(work),
        late=late_of(work, person_id),
        asks=asks,
        signals=await _signals(session, work.projects, person_id),
        projects=work.projects,
        coaching=await own_steps(session, key, person_id),
        mine=[line for line in work.actions if line.item.owner_id == person_id],
        meeting=await _meeting(session, today, person_id),
    )


async def _read_work(session: AsyncSession, today: date) -> Work:
    goals = await active_goals(session)
    projects = await running_projects(session)
    steps: dict[int, list[ProjectStep]] = {project.id: [] for project in projects}
    chosen = select(ProjectStep).where(ProjectStep.project_id.in_(steps)).order_by(ProjectStep.position)
    for step in await session.scalars(chosen):
        steps[step.project_id].append(step)
    done = await read_done(session, goals, projects)
    return Work(
        goals=goals,
        projects=projects,
        steps=steps,
        actions=await open_actions(session, today),
        owners=await owner_names(session, projects, done),
        done=done,
        calendar=await calendar_of(session),
        today=today,
    )


async def _meeting(session: AsyncSession, today: date, person_id: int) -> NextMeeting | None:
    ahead = await next_meetings(session, today, limit=1, person_id=person_id)
    if not ahead:
        return None
    view = await view_meeting(session, ahead[0].id, today)
    return NextMeeting(view=view, proposed=[] if view.items else await propose_agenda(session, today))


async def _signals(session: AsyncSession, projects: Sequence[Project], person_id: int) -> list[Signal]:
    """Those of this person's own measures and projects first."""
    led = {project.id for project in projects if project.lead_id == person_id}
    signals = [
        Signal(of=one, is_own=one.measure.owner_id == person_id or one.measure.project_id in led)
        for one in await running_signals(session)
    ]
    return sorted(signals, key=lambda signal: not signal.is_own)
