"""An agenda: what is proposed from the school's work, lines that are typed, and items that come again undecided."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_, Filled, filled, say, translations
from nic_node.school.actions.read import open_actions
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem
from nic_node.school.projects.read import MIDWAY_DAY, day_of, is_late, running_projects
from nic_node.school.projects.signals import running_signals
from nic_node.school.projects.tables import Project

ROUTINE = ""
"""The topic of what stands on every agenda: nobody asks for a decision on the welcome."""
WELCOME, CLOSING = N_("Welcome, norms"), N_("Closing reflection")
USUAL_MINUTES, LONG_MINUTES, SHORT_MINUTES = 10, 15, 5
LONGEST = 200
EARLY_FOR_MIDWAY = 3
"""Days before the mid-way check at which it comes onto an agenda."""
TOO_OFTEN = 3
"""The third time on an agenda without a decision is named."""
LINE = re.compile(r"^\s*(?:[-*•]\s*)?(?:(?P<minutes>\d{1,3})\s*(?:min(?:utes)?\.?|['′])?[\s:.)-]+)?(?P<text>\S.*?)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaLine:
    """An item that is not kept yet."""

    text: str
    minutes: int
    project_id: int | None = None
    topic: str | None = None
    """None: the text itself."""


def topic_of(text: str) -> str:
    """What makes two items the same thing: their words, whatever their case and spaces."""
    words = " ".join(text.casefold().split())
    return ROUTINE if words in (WELCOME.casefold(), CLOSING.casefold()) else words[:LONGEST]


def read_agenda(text: str, proposed: Sequence[AgendaLine] = ()) -> list[AgendaLine]:
    """'15 Breakfast: what cycle 4 tests' a line; without a number it gets ten minutes.

    A line that was proposed and kept as it was stays with its project.
    """
    known = {line.text: line for line in proposed}
    read = []
    for found in map(LINE.match, text.splitlines()):
        if found is None:
            continue
        words = found["text"][:LONGEST]
        before = known.get(words)
        read.append(
            AgendaLine(
                text=words,
                minutes=int(found["minutes"] or USUAL_MINUTES),
                project_id=before.project_id if before else None,
                topic=before.topic if before else None,
            )
        )
    return read


async def propose_agenda(session: AsyncSession, today: date) -> list[AgendaLine]:
    """From what the last meeting left undecided, projects that are due, charts with a signal, and open actions.

    Its own words are English and `Filled`, as their topics are, whichever language a meeting speaks: see `spoken`.
    """
    lines = [AgendaLine(text=filled(WELCOME), minutes=SHORT_MINUTES, topic=ROUTINE)]
    lines += await _left_undecided(session)
    projects = await running_projects(session)
    lines += _due(projects, today)
    lines += await _signals(session)
    lines += await _open(session, today)
    lines.append(AgendaLine(text=filled(CLOSING), minutes=SHORT_MINUTES, topic=ROUTINE))
    # What was left over and is due too stands once.
    return list({(line.topic if line.topic is not None else line.text) or line.text: line for line in lines}.values())


def spoken(lines: Iterable[AgendaLine], language: str) -> list[AgendaLine]:
    """A proposal in the school's language, to be kept for everybody; what people wrote stays as it is."""
    catalogue = translations(language)
    return [replace(line, text=say(line.text, catalogue)) if isinstance(line.text, Filled) else line for line in lines]


async def problem_in_focus(session: AsyncSession, lines: Iterable[AgendaLine]) -> str:
    """The problem of practice of the first project on an agenda that has one written; '' for none."""
    for project_id in (line.project_id for line in lines if line.project_id is not None):
        project = await session.get(Project, project_id)
        if project is not None and project.problem_statement:
            return project.problem_statement
    return ""


def agenda_text(lines: Iterable[AgendaLine]) -> str:
    """As `read_agenda` takes it."""
    return "\n".join(f"{line.minutes} {line.text}" for line in lines)


async def times_undecided(session: AsyncSession, meeting: Meeting, topics: Iterable[str]) -> Mapping[str, int]:
    """Topic -> how often it has now been on an agenda without a decision, this meeting's included.

    Meetings count that were held up to this one's day, and only since the topic's last decision.
    """
    wanted = {topic for topic in topics if topic}
    decided = exists().where(MeetingDecision.item_id == MeetingItem.id, MeetingDecision.removed_at.is_(None))
    chosen = (
        select(MeetingItem.topic, MeetingItem.meeting_id, decided)
        .join(Meeting, Meeting.id == MeetingItem.meeting_id)
        .where(MeetingItem.topic.in_(wanted), MeetingItem.removed_at.is_(None))
        .where(Meeting.started_at.is_not(None), Meeting.held_on <= meeting.held_on, Meeting.id != meeting.id)
        .order_by(Meeting.held_on, Meeting.id)
    )
    undecided: dict[str, set[int]] = {topic: set() for topic in wanted}
    for topic, meeting_id, is_decided in await session.execute(chosen):
        if is_decided:
            undecided[topic].clear()
        else:
            undecided[topic].add(meeting_id)
    return {topic: len(meetings) + 1 for topic, meetings in undecided.items()}


async def _left_undecided(session: AsyncSession) -> list[AgendaLine]:
    last = await session.scalar(
        select(Meeting.id).where(Meeting.ended_at.is_not(None)).order_by(Meeting.ended_at.desc()).limit(1)
    )
    decided = exists().where(MeetingDecision.item_id == MeetingItem.id, MeetingDecision.removed_at.is_(None))
    chosen = (
        select(MeetingItem)
        .where(MeetingItem.meeting_id == last, MeetingItem.topic != ROUTINE)
        .where(MeetingItem.removed_at.is_(None), ~decided)
    )
    return [
        AgendaLine(text=item.text, minutes=item.minutes, project_id=item.project_id, topic=item.topic)
        for item in await session.scalars(chosen.order_by(MeetingItem.position))
    ]


def _due(projects: Sequence[Project], today: date) -> list[AgendaLine]:
    lines = []
    for project in projects:
        if is_late(project, today):
            says = N_("{title}: adopt, adapt or abandon")
        elif project.midway_on is None and day_of(project, today) >= MIDWAY_DAY - EARLY_FOR_MIDWAY:
            says = N_("{title}: mid-way check")
        else:
            continue
        text = filled(says, title=project.title)
        lines.append(AgendaLine(text=text, minutes=LONG_MINUTES, project_id=project.id, topic=topic_of(text)))
    return lines


async def _signals(session: AsyncSession) -> list[AgendaLine]:
    lines = []
    for one in await running_signals(session):
        text = filled(N_("{name}: what changed"), name=one.measure.name)
        project_id = one.measure.project_id
        lines.append(AgendaLine(text=text, minutes=USUAL_MINUTES, project_id=project_id, topic=topic_of(text)))
    return lines


async def _open(session: AsyncSession, today: date) -> list[AgendaLine]:
    actions = await open_actions(session, today)
    if not actions:
        return []
    late = sum(1 for line in actions if line.late)
    says = N_("Open action items: {n}, {late} of them late") if late else N_("Open action items: {n}")
    text = filled(says, n=len(actions), late=late)
    return [AgendaLine(text=text, minutes=SHORT_MINUTES, topic=ROUTINE)]
