"""A year of meetings in one act: each like the last one that was planned, none on a day off."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import people_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.meetings.plan import plan_meeting
from nic_node.school.meetings.tables import Meeting, MeetingPerson
from nic_node.school.team.calendar import calendar_of, meeting_days
from nic_node.school.team.tables import TeamYear

LEADERS = frozenset({"principal", "ilt-member"})
"""Who is expected when nothing was planned before."""
USUAL = {"title": N_("Leadership team"), "minutes": 45}
COPIED = ("title", "begins_at", "minutes", "place", "norms", "facilitator_id", "recorder_id")
"""What the next meeting takes over from the last one."""
EVERY_WEEKS = (1, 2, 4)


async def start_of_next(session: AsyncSession) -> tuple[dict[str, object], list[int]]:
    """What the next meeting starts from, and who is expected."""
    last = await session.scalar(select(Meeting).order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(1))
    if last is None:
        agreed = await session.scalar(select(TeamYear.norms).order_by(TeamYear.school_year.desc()).limit(1))
        return {**USUAL, "norms": agreed or ""}, [one.id for one in await people_of(session) if one.roles & LEADERS]
    active = {one.id for one in await people_of(session)}
    people = await session.scalars(select(MeetingPerson.person_id).where(MeetingPerson.meeting_id == last.id))
    values = {name: getattr(last, name) for name in COPIED}
    for name in ("facilitator_id", "recorder_id"):
        values[name] = values[name] if values[name] in active else None
    return values, [one for one in people if one in active]


async def plan_series(
    session: AsyncSession,
    *,
    actor: Actor,
    first: date | None,
    last: date | None,
    every_weeks: int,
    today: date,
    now: datetime,
) -> list[Meeting]:
    """Plan meetings from `first` to `last`; a day that has one already gets no second.

    Raises:
        InvalidInput: no days, or none that is a school day.
    """
    if first is None or last is None:
        raise InvalidInput({"first" if first is None else "last": [N_("Say from which day to which.")]})
    if every_weeks not in EVERY_WEEKS:
        raise InvalidInput({"every": [N_("Meet every week, every two, or every four.")]})
    days = meeting_days(await calendar_of(session), first, last, every_weeks)
    taken = set(await session.scalars(select(Meeting.held_on).where(Meeting.held_on.in_(days))))
    values, people = await start_of_next(session)
    return [
        await plan_meeting(
            session,
            actor=actor,
            values={**values, "held_on": day},
            agenda=(),
            people=people,
            today=today,
            now=now,
        )
        for day in days
        if day not in taken
    ]
