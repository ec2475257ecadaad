"""A school with years of work behind it, written straight into its tables: what pages are measured on."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import AuditEntry, Person, RoleGrant
from nic_node.db.base import Base
from nic_node.school.actions.tables import ActionItem
from nic_node.school.assessment.tables import AssessedPractice, Assessment, PracticeRating
from nic_node.school.causes.tables import Cause
from nic_node.school.communication.tables import Message
from nic_node.school.communities.tables import Community, CommunityMember, CommunitySession, CommunityTrial
from nic_node.school.cycles.tables import Cycle
from nic_node.school.discussion.tables import Attachment, Comment
from nic_node.school.drivers.tables import Driver
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem, MeetingPerson
from nic_node.school.notices.tables import Notice
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.plan.supports import KINDS
from nic_node.school.plan.tables import Goal, GoalSupport, Plan
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.pulse.tables import PulseCount, PulseItem, PulseSurvey
from nic_node.school.reflection.tables import Reflection, StoppedThing
from nic_node.school.returns.tables import ProjectInput, StaffYear
from nic_node.school.team.tables import DayOff, TeamMember
from nic_node.school.visits.tables import LookFor, Visit, VisitMark

NOW = datetime(2026, 10, 27, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
WORDS = [
    "bus",
    "breakfast",
    "call",
    "home",
    "math",
    "grade",
    "six",
    "reading",
    "door",
    "lunch",
    "late",
    "table",
    "family",
    "phone",
]
DRAW = random.Random(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is.

    Attributes:
        running: projects that run now; the rest were closed through the years.
        measures: of each project.
        times: how often each thing beside a project, in a meeting or in a survey is there.
    """

    people: int = 120
    projects: int = 200
    running: int = 6
    cycles: int = 10
    measures: int = 2
    observations: int = 150
    meetings: int = 180
    years: int = 5
    times: int = 1


def words(count: int) -> str:
    return " ".join(DRAW.choice(WORDS) for _ in range(count)).capitalize()


async def fill(session: AsyncSession, size: Size) -> None:
    """Person 1 is there already; everything else is made here, each with the ids 1, 2, 3 ..."""
    await _people(session, size)
    await _plan(session, size)
    starts = await _projects(session, size)
    await _measures(session, size, starts)
    await _meetings(session, size)
    await _beside_projects(session, size, starts)
    await _school(session, size)


async def _put(session: AsyncSession, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    columns = table.__table__.columns.keys()
    stamps = {"created_at": NOW, "updated_at": NOW, "version": 1, "created_by": 1}
    usual = {name: value for name, value in stamps.items() if name in columns}
    kept = [usual | row for row in rows]
    for begin in range(0, len(kept), 5000):
        await session.execute(insert(table), kept[begin : begin + 5000])


async def _people(session: AsyncSession, size: Size) -> None:
    await _put(
        session,
        Person,
        (
            {"name": f"Teacher {number} Quill", "email": f"t{number}@x.example", "email_key": f"t{number}@x.example"}
            | {"joined_at": NOW, "active": True}
            for number in range(2, size.people + 1)
        ),
    )
    grants = ({"person_id": one, "role": "teacher", "granted_at": NOW} for one in range(2, size.people + 1))
    await _put(session, RoleGrant, grants)
    term = {"role": "teacher-leader", "represents": ["math"], "since": date(2026, 8, 1)}
    await _put(session, TeamMember, ({"person_id": one, **term} for one in range(1, min(12, size.people))))


async def _plan(session: AsyncSession, size: Size) -> None:
    years = [f"{2026 - ago}-{(27 - ago):02}" for ago in range(size.years)]
    await _put(session, Plan, ({"school_year": year, "vision": words(30)} for year in years))
    goals: list[dict[str, Any]] = []
    for plan_id in range(1, size.years + 1):
        state = "active" if plan_id == 1 else "reached"
        goals.append({"plan_id": plan_id, "horizon": "two-year", "title": words(8), "state": state})
        parent = {"parent_id": len(goals), "horizon": "annual", "state": state, "owner_id": 1}
        goals += [{"plan_id": plan_id, "title": words(8), "why": words(20), **parent} for _ in range(3)]
    for goal in goals:
        await _put(session, Goal, [goal])
    supports = [
        {"goal_id": goal_id, "kind": kind, "what": words(6), "how_much": words(2)}
        for goal_id in range(1, len(goals) + 1)
        for kind in KINDS
        for _ in range(size.times)
    ]
    await _put(session, GoalSupport, supports)


async def _projects(session: AsyncSession, size: Size) -> list[date]:
    """The start of each, those that run last."""
    closed = size.projects - size.running
    starts = [
        TODAY - timedelta(days=60 + (365 * size.years - 60) * (closed - n) // max(1, closed)) for n in range(closed)
    ]
    starts += [TODAY - timedelta(days=20 + n) for n in range(size.running)]
    texts = ("problem_statement", "aim_text", "idea_summary", "worked", "would_change", "watch_out")
    await _put(
        session,
        Project,
        (
            {"title": words(4), "starts_on": start, "lead_id": 1 + number % size.people}
            | {"goal_id": _goal_of(size, start, number)}
            | {"state": "active" if number >= closed else "closed"}
            | ({} if number >= closed else {"closed_on": start + timedelta(days=45), "decision": "adopt"})
            | {name: words(20) for name in texts}
            for number, start in enumerate(starts)
        ),
    )
    await _put(
        session,
        ProjectStep,
        (
            {"project_id": number, "position": position, "does": words(6), "due": TODAY + timedelta(days=position)}
            for number in range(1, size.projects + 1)
            for position in range(6 * size.times)
        ),
    )
    await _put(
        session,
        Cycle,
        (
            {"project_id": number + 1, "number": turn + 1, "question": words(10), "prediction": words(8)}
            | {"did": words(20), "studied": words(20), "act": "adapt", "next_step": words(6)}
            | {"starts_on": start + timedelta(days=4 * turn), "measure_id": None}
            for number, start in enumerate(starts)
            for turn in range(size.cycles)
        ),
    )
    return starts


def _goal_of(size: Size, start: date, number: int) -> int:
    """One of the three goals of its year; each year has a goal for two years before them."""
    years_ago = min((TODAY - start).days // 365, size.years - 1)
    return 4 * years_ago + 2 + number % 3


async def _measures(session: AsyncSession, size: Size, starts: list[date]) -> None:
    usual = {"unit": "proportion", "better": "up", "cadence": "day", "vocabulary": "attendance-rate"}
    kinds = [("outcome", "process")[turn % 2] for turn in range(size.measures)]
    await _put(
        session,
        Measure,
        (
            {"project_id": number, "name": words(3), "kind": kind, **usual}
            for number in range(1, size.projects + 1)
            for kind in kinds
        ),
    )
    # A shift at half, the same in every size: each chart has its signal.
    numbers = (
        {
            "measure_id": size.measures * number + which + 1,
            "period": start + timedelta(days=day - 90),
            "entered_at": NOW,
        }
        | {"x": float(x := 70 + 7 * day % 13 + (12 if 2 * day > size.observations else 0)), "n": 100, "value": float(x)}
        for number, start in enumerate(starts)
        for which in range(size.measures)
        for day in range(size.observations)
        if start + timedelta(days=day - 90) <= TODAY
    )
    await _put(session, Observation, numbers)


async def _meetings(session: AsyncSession, size: Size) -> None:
    days = [TODAY + timedelta(days=7 - 10 * ago) for ago in range(size.meetings)]
    held = [datetime(day.year, day.month, day.day, 15, tzinfo=UTC) for day in days]
    await _put(
        session,
        Meeting,
        (
            {"title": "Team", "held_on": day, "begins_at": "15:15", "minutes": 45, "closing": words(20)}
            | ({} if day > TODAY else {"started_at": at, "ended_at": at + timedelta(minutes=45)})
            for day, at in zip(days, held, strict=True)
        ),
    )
    ids = range(1, size.meetings + 1)
    a_meeting = 6 * size.times
    items = [(meeting, position, words(5)) for meeting in ids for position in range(a_meeting)]
    item = {"minutes": 7}
    await _put(
        session,
        MeetingItem,
        (
            {"meeting_id": one, "position": at, "text": text, "topic": text.lower(), "notes": words(30), **item}
            for one, at, text in items
        ),
    )
    decisions = (
        {"meeting_id": one, "item_id": a_meeting * one - turn, "text": words(8)}
        for one in ids
        for turn in range(2 * size.times)
    )
    await _put(session, MeetingDecision, decisions)
    came = (
        {"meeting_id": one, "person_id": who, "came": True} for one in ids for who in range(1, min(10, size.people))
    )
    await _put(session, MeetingPerson, came)
    await _put(
        session,
        ActionItem,
        (
            {"text": words(8), "owner_id": 1 + (one + turn) % size.people, "due": days[one - 1] + timedelta(days=7)}
            | {"state": "open" if one < 5 else "done", "settled_on": days[one - 1], "meeting_id": one}
            | {"project_id": size.projects - turn % size.projects}
            for one in ids
            for turn in range(3 * size.times)
        ),
    )


async def _beside_projects(session: AsyncSession, size: Size, starts: list[date]) -> None:
    ids = range(1, size.projects + 1)

    def each(times: int, make: Callable[[int, int], dict[str, Any]]) -> Iterable[dict[str, Any]]:
        return (make(one, turn) for one in ids for turn in range(times * size.times))

    await _put(session, LookFor, each(3, lambda one, turn: {"project_id": one, "position": turn, "text": words(6)}))
    cause = {"branch": "home", "is_chosen": True}
    await _put(session, Cause, each(6, lambda one, _turn: {"project_id": one, "text": words(8), **cause}))
    driver = {"level": "primary"}
    await _put(session, Driver, each(5, lambda one, _turn: {"project_id": one, "text": words(6), **driver}))
    visits = each(10, lambda one, turn: {"project_id": one, "visited_on": starts[one - 1] + timedelta(days=turn)})
    await _put(session, Visit, ({**visit, "place": "grade 6", "note": words(8)} for visit in visits))
    visited, looked_for = 10 * size.times, 3 * size.times
    marks = (
        {"visit_id": visited * (one - 1) + turn + 1, "look_for_id": looked_for * (one - 1) + which + 1}
        | {"seen": bool(turn % 2)}
        for one in ids
        for turn in range(visited)
        for which in range(looked_for)
    )
    await _put(session, VisitMark, marks)
    spent = {"what": "Time", "hours": 3.0, "dollars": 20.0}
    await _put(
        session, ProjectInput, each(5, lambda one, _turn: {"project_id": one, "put_on": starts[one - 1], **spent})
    )
    obstacle = {"asks": words(6), "kind": "money", "state": "open", "since": TODAY}
    await _put(session, Obstacle, each(1, lambda one, _turn: {"project_id": one, "what": words(8), **obstacle}))
    at = {"subject_kind": "project"}
    await _put(session, Comment, each(5, lambda one, _turn: {**at, "subject_id": one, "text": words(15)}))
    file = {"media_type": "application/pdf", "size": 9000, "sha256": "0" * 64, "name": "minutes.pdf"}
    await _put(session, Attachment, each(1, lambda one, _turn: {**at, "subject_id": one, **file}))


async def _school(session: AsyncSession, size: Size) -> None:
    communities = range(1, 3 * size.years)
    await _put(session, Community, ({"name": words(3), "focus": words(10)} for _ in communities))
    members = ({"community_id": one, "person_id": who} for one in communities for who in range(1, min(8, size.people)))
    await _put(session, CommunityMember, members)
    held = {"held_on": TODAY, "stage": "hunch"}
    of_each = [one for one in communities for _ in range(2 * size.years * size.times)]
    await _put(session, CommunitySession, ({"community_id": one, "notes": words(20), **held} for one in of_each))
    await _put(session, CommunityTrial, ({"community_id": one, "idea": words(10)} for one in of_each))
    back = [TODAY - timedelta(days=45 * turn) for turn in range(8 * size.years)]
    await _put(session, Reflection, ({"held_on": day, "works": words(20), "better": words(20)} for day in back))
    await _put(session, StoppedThing, ({"text": words(5), "hours_a_week": 1.0, "stopped_on": day} for day in back))
    audiences = ("staff", "families")
    told = (
        {"title": words(4), "audience": one, "body": words(60), "written_on": day} for day in back for one in audiences
    )
    await _put(session, Message, told)
    await _put(session, DayOff, ({"starts_on": day, "ends_on": day, "label": "Staff day"} for day in back))
    years = ({"school_year": f"{2025 - n}-{26 - n}", "staff": 60, "stayed": 50} for n in range(size.years))
    await _put(session, StaffYear, years)
    assessed = range(1, size.years + 1)
    await _put(session, Assessment, ({"title": "Fall", "held_on": TODAY - timedelta(days=365 * n)} for n in assessed))
    practices = (
        {"assessment_id": one, "position": at, "text": words(8)} for one in assessed for at in range(8 * size.times)
    )
    await _put(session, AssessedPractice, practices)
    raters = range(1, min(12, size.people))
    ratings = (
        {
            "practice_id": 8 * size.times * (one - 1) + at + 1,
            "person_id": who,
            "rating": (at + who) % 4,
            "evidence": words(6),
        }
        for one in assessed
        for at in range(8 * size.times)
        for who in raters
    )
    await _put(session, PracticeRating, ratings)
    await _pulse(session, size)
    notice = {"kind": "comment", "by": "Jin Park", "subject_kind": "project", "subject_id": 1, "is_for_mail": False}
    notices = ({"person_id": 1, "about": words(4), "text": words(8), **notice} for _ in range(10 * size.years))
    await _put(session, Notice, notices)
    audit = {"actor_kind": "person", "actor_id": 1, "actor_name": "Ada Field", "action": "x.changed", "subject": "x"}
    await _put(session, AuditEntry, ({"at": NOW, "subject_id": str(n), **audit} for n in range(2000 * size.years)))


async def _pulse(session: AsyncSession, size: Size) -> None:
    surveys = range(1, 2 * size.years + 1)
    asked = {"title": "Staff", "audience": "staff", "asked": 60, "answers": 40}
    await _put(
        session,
        PulseSurvey,
        (
            {"opens_on": (day := TODAY - timedelta(days=170 * one)), "closes_on": day, "link": f"link-{one}", **asked}
            | {"closed_at": NOW - timedelta(days=160 * one)}
            for one in surveys
        ),
    )
    items = (
        {"survey_id": one, "position": at, "text": words(8), "construct": "efficacy"}
        for one in surveys
        for at in range(4 * size.times)
    )
    await _put(session, PulseItem, items)
    counts = (
        {"item_id": one, "value": value, "count": 8}
        for one in range(1, 8 * size.times * size.years + 1)
        for value in range(1, 6)
    )
    await _put(session, PulseCount, counts)
