"""What stands in one's calendar: action items and steps with a date, and meetings where one is expected.

Coaching is not among them: whoever shares a calendar would share it.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.config import Config
from nic_node.i18n import N_, filled, say, translations
from nic_node.school.actions.read import open_actions
from nic_node.school.meetings.tables import Meeting, MeetingPerson
from nic_node.school.projects.read import closes_on
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.today.ics import Entry

LOOKS_BACK = timedelta(days=90)
NINE = "09:00"


async def entries_of(session: AsyncSession, config: Config, *, person_id: int, today: date) -> list[Entry]:
    """In four queries, whatever the school has."""
    return [
        *await _actions(session, config, person_id, today),
        *await _projects(session, config, person_id),
        *await _meetings(session, config, person_id, today),
    ]


async def _actions(session: AsyncSession, config: Config, person_id: int, today: date) -> list[Entry]:
    return [
        Entry(
            uid=_uid(config, "action", line.item.id),
            title=line.item.text,
            day=line.item.due,
            url=f"{config.public_url}/actions/{line.item.id}",
        )
        for line in await open_actions(session, today, owner_id=person_id)
        if line.item.due is not None
    ]


async def _projects(session: AsyncSession, config: Config, person_id: int) -> list[Entry]:
    """Of the projects that one leads: steps with a date, and the last day."""
    led = select(Project).where(Project.state == "active", Project.lead_id == person_id)
    projects = {project.id: project for project in await session.scalars(led)}
    own = await session.scalar(select(Person.language).where(Person.id == person_id))
    catalogue = translations(own or config.language)
    dated = select(ProjectStep).where(
        ProjectStep.project_id.in_(projects), ProjectStep.done_on.is_(None), ProjectStep.due.is_not(None)
    )
    entries = [
        Entry(
            uid=_uid(config, "step", step.id),
            title=f"{step.does} ({projects[step.project_id].title})",
            day=step.due,
            url=f"{config.public_url}/projects/{step.project_id}",
        )
        for step in await session.scalars(dated.order_by(ProjectStep.id))
    ]
    return entries + [
        Entry(
            uid=_uid(config, "project", project.id),
            title=say(filled(N_("{title}: last day"), title=project.title), catalogue),
            day=closes_on(project),
            url=f"{config.public_url}/projects/{project.id}",
        )
        for project in projects.values()
    ]


async def _meetings(session: AsyncSession, config: Config, person_id: int, today: date) -> list[Entry]:
    named = select(MeetingPerson.meeting_id).where(MeetingPerson.person_id == person_id)
    expected = select(Meeting).where(
        Meeting.id.in_(named) | (Meeting.facilitator_id == person_id) | (Meeting.recorder_id == person_id),
        Meeting.held_on >= today - LOOKS_BACK,
    )
    entries = []
    for meeting in await session.scalars(expected.order_by(Meeting.held_on, Meeting.id)):
        about: dict[str, Any] = {
            "uid": _uid(config, "meeting", meeting.id),
            "title": meeting.title,
            "place": meeting.place,
            "url": f"{config.public_url}/meetings/{meeting.id}",
        }
        if meeting.begins_at:
            at = time.fromisoformat(meeting.begins_at.zfill(len(NINE)))
            begins = datetime.combine(meeting.held_on, at, tzinfo=ZoneInfo(config.time_zone))
            entries.append(Entry(**about, begins=begins, minutes=meeting.minutes))
        else:
            entries.append(Entry(**about, day=meeting.held_on))
    return entries


def _uid(config: Config, kind: str, number: int) -> str:
    return f"{kind}-{number}@{config.public_url.split('://')[-1]}"
