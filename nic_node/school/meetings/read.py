"""A meeting as its page, its minutes and its e-mail show it: everything of it, in a bounded number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.accounts.tables import Person
from nic_node.school.actions.read import ActionLine, actions_of_meeting
from nic_node.school.editing import row_of
from nic_node.school.meetings.agenda import TOO_OFTEN, times_undecided
from nic_node.school.meetings.plan import NO_MEETING
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem, MeetingPerson
from nic_node.school.projects.tables import Project

AHEAD, BACK = 20, 40
"""How many meetings to come, and that were held, a list shows."""
HELD_LATE = timedelta(days=1)
"""A meeting that nobody ended is still the next one until the day after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item with what came of it.

    Attributes:
        times: how often it has now been on an agenda undecided; 0 where nobody expects a decision.
        project: the title of the project that it is about, or ''.
    """

    item: MeetingItem
    decisions: Sequence[MeetingDecision]
    times: int
    project: str

    @property
    def is_named(self) -> bool:
        """It comes for the third time or more, nothing was decided, and nobody said why it waits."""
        return self.times >= TOO_OFTEN and not self.decisions and not self.item.waits_because

    @property
    def is_running(self) -> bool:
        return self.item.started_at is not None and self.item.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    person_id: int
    name: str
    came: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingView:
    """Attributes: loose: decisions beside the agenda. actions: those that came of it, not only of its items."""

    meeting: Meeting
    items: Sequence[ItemView]
    loose: Sequence[MeetingDecision]
    actions: Sequence[ActionLine]
    people: Sequence[Attendee]
    facilitator: str
    recorder: str

    @property
    def planned_minutes(self) -> int:
        return sum(view.item.minutes for view in self.items)

    @property
    def held_minutes(self) -> int | None:
        meeting = self.meeting
        if meeting.started_at is None or meeting.ended_at is None:
            return None
        return round((meeting.ended_at - meeting.started_at).total_seconds() / 60)

    @property
    def is_running(self) -> bool:
        return self.meeting.started_at is not None and self.meeting.ended_at is None


async def meeting_of(session: AsyncSession, meeting_id: int) -> Meeting:
    """Raises NotFound."""
    return await row_of(session, Meeting, meeting_id, missing=NO_MEETING)


async def view_meeting(session: AsyncSession, meeting_id: int, today: date) -> MeetingView:
    """Raises NotFound."""
    meeting = await meeting_of(session, meeting_id)
    of_it = select(MeetingItem).where(MeetingItem.meeting_id == meeting_id, MeetingItem.removed_at.is_(None))
    items = (await session.scalars(of_it.order_by(MeetingItem.position, MeetingItem.id))).all()
    taken = select(MeetingDecision).where(MeetingDecision.meeting_id == meeting_id)
    decisions = (
        await session.scalars(taken.where(MeetingDecision.removed_at.is_(None)).order_by(MeetingDecision.id))
    ).all()
    by_item: dict[int, list[MeetingDecision]] = {item.id: [] for item in items}
    loose: list[MeetingDecision] = []
    for decision in decisions:
        by_item.get(decision.item_id or 0, loose).append(decision)
    times = await times_undecided(session, meeting, [item.topic for item in items])
    about = {item.project_id for item in items if item.project_id is not None}
    chosen = select(Project.id, Project.title).where(Project.id.in_(about))
    titles = dict((await session.execute(chosen)).all()) if about else {}
    names = await person_names(session, {meeting.facilitator_id, meeting.recorder_id})
    return MeetingView(
        meeting=meeting,
        items=[
            ItemView(
                item=item,
                decisions=by_item[item.id],
                times=times.get(item.topic, 0),
                project=titles.get(item.project_id or 0, ""),
            )
            for item in items
        ],
        loose=loose,
        actions=await actions_of_meeting(session, meeting_id, today),
        people=await _people_of(session, meeting_id),
        facilitator=names.get(meeting.facilitator_id or 0, ""),
        recorder=names.get(meeting.recorder_id or 0, ""),
    )


async def next_meetings(
    session: AsyncSession, today: date, *, limit: int = AHEAD, person_id: int | None = None
) -> list[Meeting]:
    """What is planned or runs, the next one first; with `person_id` only where they are expected, or nobody is yet."""
    chosen = select(Meeting).where(Meeting.ended_at.is_(None), Meeting.held_on >= today - HELD_LATE)
    if person_id is not None:
        expected = select(MeetingPerson.id).where(MeetingPerson.meeting_id == Meeting.id)
        chosen = chosen.where(
            expected.where(MeetingPerson.person_id == person_id).exists()
            | ~expected.exists()
            | (Meeting.facilitator_id == person_id)
            | (Meeting.recorder_id == person_id)
        )
    return list(await session.scalars(chosen.order_by(Meeting.held_on, Meeting.begins_at, Meeting.id).limit(limit)))


async def past_meetings(session: AsyncSession, today: date) -> list[Meeting]:
    """The newest first, those that were planned and never held among them."""
    chosen = select(Meeting).where((Meeting.held_on < today - HELD_LATE) | Meeting.ended_at.is_not(None))
    return list(await session.scalars(chosen.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(BACK)))


async def count_decisions(session: AsyncSession, meeting_ids: Sequence[int]) -> dict[int, int]:
    """Meeting id -> how many decisions fell."""
    chosen = (
        select(MeetingDecision.meeting_id, func.count())
        .where(MeetingDecision.meeting_id.in_(meeting_ids), MeetingDecision.removed_at.is_(None))
        .group_by(MeetingDecision.meeting_id)
    )
    return dict((await session.execute(chosen)).all())


async def meetings_after(session: AsyncSession, after: int, *, limit: int) -> list[Meeting]:
    """Every meeting, by id."""
    return list(await session.scalars(select(Meeting).where(Meeting.id > after).order_by(Meeting.id).limit(limit)))


async def _people_of(session: AsyncSession, meeting_id: int) -> list[Attendee]:
    chosen = (
        select(MeetingPerson.person_id, Person.name, MeetingPerson.came)
        .join(Person, Person.id == MeetingPerson.person_id)
        .where(MeetingPerson.meeting_id == meeting_id)
        .order_by(Person.name)
    )
    return [
        Attendee(person_id=person_id, name=name, came=came) for person_id, name, came in await session.execute(chosen)
    ]
