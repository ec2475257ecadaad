"""Action items as lists show them: with their owners' names, what they serve, and how late they are."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.db.once import once_a_reading
from nic_node.school.actions.tables import ActionItem
from nic_node.school.actions.write import NO_ACTION
from nic_node.school.editing import row_of
from nic_node.school.meetings.tables import Meeting
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.tables import Project
from nic_node.school.team.calendar import calendar_of

MOST_SETTLED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """An action item in words.

    Attributes:
        owner: '' for nobody. owner_left: whoever had it has no account any more.
        late: school days since it was due, 0 where it is not late.
        goal, project, meeting: what it serves and where it came from; '' for nothing.
    """

    item: ActionItem
    owner: str
    owner_left: bool
    late: int
    goal: str
    project: str
    meeting: str


async def action_of(session: AsyncSession, action_id: int) -> ActionItem:
    """Raises NotFound."""
    return await row_of(session, ActionItem, action_id, missing=NO_ACTION)


@once_a_reading
async def open_actions(
    session: AsyncSession,
    today: date,
    *,
    owner_id: int | None = None,
    project_id: int | None = None,
) -> list[ActionLine]:
    """What is to be done, the latest first, then by date; those without a date at the end."""
    chosen = select(ActionItem).where(ActionItem.state == "open")
    if owner_id is not None:
        chosen = chosen.where(ActionItem.owner_id == owner_id)
    if project_id is not None:
        chosen = chosen.where(ActionItem.project_id == project_id)
    lines = await _lines(session, chosen, today)
    return sorted(lines, key=lambda line: (line.item.due is None, line.item.due or today, line.item.id))


async def settled_actions(session: AsyncSession, today: date) -> list[ActionLine]:
    """The newest that were done or dropped."""
    chosen = select(ActionItem).where(ActionItem.state != "open")
    return await _lines(
        session, chosen.order_by(ActionItem.settled_on.desc(), ActionItem.id.desc()).limit(MOST_SETTLED), today
    )


async def actions_of_meeting(session: AsyncSession, meeting_id: int, today: date) -> list[ActionLine]:
    """All that came of a meeting but those that were dropped, in the order in which they fell."""
    chosen = select(ActionItem).where(ActionItem.meeting_id == meeting_id, ActionItem.state != "dropped")
    return await _lines(session, chosen.order_by(ActionItem.id), today)


async def actions_after(session: AsyncSession, after: int, *, limit: int) -> list[ActionItem]:
    """Every action item, by id."""
    chosen = select(ActionItem).where(ActionItem.id > after).order_by(ActionItem.id).limit(limit)
    return list(await session.scalars(chosen))


async def _lines(session: AsyncSession, chosen: Select[ActionItem], today: date) -> list[ActionLine]:
    told = (
        chosen.add_columns(Person.name, Person.active, Goal.title, Project.title, Meeting.title)
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .outerjoin(Goal, Goal.id == ActionItem.goal_id)
        .outerjoin(Project, Project.id == ActionItem.project_id)
        .outerjoin(Meeting, Meeting.id == ActionItem.meeting_id)
    )
    rows = (await session.execute(told)).all()
    calendar = await calendar_of(session)
    return [
        ActionLine(
            item=item,
            owner=owner or "",
            owner_left=active is False,
            late=calendar.school_days_late(item.due, today) if item.due and item.state == "open" else 0,
            goal=goal or "",
            project=project or "",
            meeting=meeting or "",
        )
        for item, owner, active, goal, project, meeting in rows
    ]
