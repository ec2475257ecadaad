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
from nic_node.school.team.tables import TeamMember, TeamYear

LEADERS = frozenset({"principal", "ilt-member"})
"""Who is expected when nothing was planned before, and nobody is on the team."""
USUAL = {"title": N_("Leadership team"), "minutes": 45}
COPIED = ("title", "begins_at", "minutes", "place", "norms", "facilitator_id", "recorder_id")
"""What the next meeting takes over from the last one."""
DUTY_OF = {"facilitator_id": "facilitator", "recorder_id": "recorder"}
EVERY_WEEKS = (1, 2, 4)


async def start_of_next(session: AsyncSession, today: date) -> tuple[dict[str, object], list[int]]:
    """What the next meeting starts from, and who is expected: as the last time, at first as the team has it."""
    last = await session.scalar(select(Meeting).order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(1))
    if last is None:
        agreed = await session.scalar(select(TeamYear.norms).order_by(TeamYear.school_year.desc()).limit(1))
        on_it = await _team(session, today)
        duties = {duty: person_id for person_id, duty in on_it if duty}
        starts = {**USUAL, "norms": agreed or ""} | {field: duties.get(duty) for field, duty in DUTY_OF.items()}
        leaders = [one.id for one in await people_of(session) if one.roles & LEADERS]
        return starts, [person_id for person_id, _duty in on_it] or leaders
    active = {one.id for one in await people_of(session)}
    people = await session.scalars(select(MeetingPerson.person_id).where(MeetingPerson.meeting_id == last.id))
    values = {name: getattr(last, name) for name in COPIED}
    for name in ("facilitator_id", "recorder_id"):
        values[name] = values[name] if values[name] in active else None
    return values, [one for one in people if one in active]


async def _team(session: AsyncSession, today: date) -> list[tuple[int, str]]:
    """(person id, duty) of whose term runs."""
    chosen = select(TeamMember.person_id, TeamMember.duty).where(
        TeamMember.since <= today, TeamMember.until.is_(None) | (TeamMember.until >= today)
    )
    return [(person_id, duty) for person_id, duty in await session.execute(chosen.order_by(TeamMember.id))]


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
    values, people = await start_of_next(session, today)
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
