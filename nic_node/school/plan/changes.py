"""What changed in the plan since a day, from the audit log and from the projects' own days, as plain sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from gettext import NullTranslations
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.accounts.tables import AuditEntry
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from nic_node.school.meetings.tables import Meeting
from nic_node.school.plan.goals import PlanView
from nic_node.school.plan.tables import Goal, GoalSupport
from nic_node.school.projects.tables import Project

WITHOUT_MEETING: Final = timedelta(days=30)
MOST_MEETINGS: Final = 5
"""So many of the last meetings are offered to look back to."""
SAYS: Final[Mapping[str, str]] = {
    "added": N_("New goal: {title}"),
    "active": N_("We work on this goal again: {title}"),
    "resting": N_("This goal rests for now: {title}"),
    "reached": N_("We reached this goal: {title}"),
    "dropped": N_("We let this goal go: {title}"),
    "target": N_("The target is now {target}, before it was {before}: {title}"),
    "target-set": N_("The target is now {target}: {title}"),
    "target-gone": N_("The target was taken out: {title}"),
    "owner": N_("{owner} looks after this goal now: {title}"),
    "owner-gone": N_("Nobody looks after this goal now: {title}"),
    "support": N_("{what} is new for this goal: {title}"),
    "support-gone": N_("{what} is no longer given to this goal: {title}"),
    "started": N_("A project began: {title}"),
    "adopt": N_("A project ended, and we keep what it tried: {title}"),
    "adapt": N_("A project ended, and we change what it tried: {title}"),
    "abandon": N_("A project ended, and we stop what it tried: {title}"),
}
OF_STAFF: Final = frozenset({"owner", "owner-gone"})
"""Kinds that papers for others than staff leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """Attributes: kind: of SAYS. about: goal or project. values: what its sentence holds beside the title."""

    kind: str
    about: str
    about_id: int
    title: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """In English."""
        return self.in_words(ENGLISH)

    def in_words(self, catalogue: NullTranslations) -> str:
        return Sentence(SAYS[self.kind], {"title": self.title, **self.values}).said(catalogue)


async def meeting_days(session: AsyncSession) -> list[date]:
    """Days of the last meetings that were held to their end, the newest first."""
    held = select(Meeting.held_on).where(Meeting.ended_at.is_not(None)).distinct()
    return list(await session.scalars(held.order_by(Meeting.held_on.desc()).limit(MOST_MEETINGS)))


def last_time(meetings: Sequence[date], today: date) -> date:
    """The day of the last meeting, or thirty days ago where none was held."""
    return meetings[0] if meetings else today - WITHOUT_MEETING


async def changes_since(
    session: AsyncSession, plan: PlanView, *, since: date, today: date, time_zone: str
) -> list[PlanChange]:
    """Of the goals that are in the plan now and of the projects that serve them, the day `since` included."""
    begins = datetime.combine(since, time(), ZoneInfo(time_zone))
    goals = {goal.id: goal for goal in plan.goals}
    told = [*await _of_goals(session, goals, begins), *await _of_supports(session, goals, begins)]
    serving = select(Project).where(Project.goal_id.in_([goal.id for goal in plan.goals]), Project.state != "draft")
    for project in await session.scalars(serving.order_by(Project.starts_on, Project.id)):
        about: dict[str, Any] = {"about": "project", "about_id": project.id, "title": project.title}
        if since <= project.starts_on <= today:
            told.append(PlanChange(kind="started", **about))
        if project.state == "closed" and project.decision and project.closed_on and project.closed_on >= since:
            told.append(PlanChange(kind=project.decision, **about))
    return told


async def _of_goals(session: AsyncSession, goals: Mapping[int, Goal], begins: datetime) -> list[PlanChange]:
    about_goals = (AuditEntry.subject == "goal", AuditEntry.subject_id.in_([str(one) for one in goals]))
    entries = await session.scalars(
        select(AuditEntry).where(*about_goals, AuditEntry.at >= begins).order_by(AuditEntry.id)
    )
    added: set[int] = set()
    was: dict[int, dict[str, Any]] = {}
    for entry in entries:
        goal_id = int(entry.subject_id or 0)
        if entry.at < goals[goal_id].created_at:
            continue  # SQLite gives the highest id again once its row is gone: this tells of another goal.
        if entry.action == "goal.added":
            added.add(goal_id)
        elif entry.action == "goal.changed":
            # What it was first, so that a change and its way back are no change.
            was[goal_id] = {**(entry.before or {}), **was.get(goal_id, {})}
    names = await person_names(session, {goal.owner_id for goal in goals.values() if goal.owner_id})
    told = []
    for goal in goals.values():
        about: dict[str, Any] = {"about": "goal", "about_id": goal.id, "title": goal.title}
        if goal.id in added:
            told.append(PlanChange(kind="added", **about))
        before = was.get(goal.id, {})
        told += [PlanChange(kind=kind, values=values, **about) for kind, values in _differences(goal, before, names)]
    return told


async def _of_supports(session: AsyncSession, goals: Mapping[int, Goal], begins: datetime) -> list[PlanChange]:
    """Those that came or went; one that came with its goal, or that came and went since, is no news."""
    chosen = select(GoalSupport).where(GoalSupport.goal_id.in_(goals), GoalSupport.created_at >= begins)
    came = [
        (one.goal_id, "support", one.what)
        for one in await session.scalars(chosen.order_by(GoalSupport.id))
        if one.created_at != goals[one.goal_id].created_at
    ]
    entries = await session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "support", AuditEntry.at >= begins).order_by(AuditEntry.id)
    )
    new: set[str | None] = set()
    went: dict[int, tuple[int, str, str]] = {}
    for entry in entries:
        before, after = entry.before or {}, entry.after or {}
        if entry.action == "support.added":
            new.add(entry.subject_id)
        elif entry.action == "support.restored":
            went = {at: gone for at, gone in went.items() if gone[2] != after.get("label")}
        elif entry.action == "support.removed" and entry.subject_id in new:
            new.discard(entry.subject_id)
        elif entry.action == "support.removed" and before.get("goal_id") in goals:
            went[entry.id] = (before["goal_id"], "support-gone", before["label"])
    return [
        PlanChange(kind=kind, about="goal", about_id=goal_id, title=goals[goal_id].title, values={"what": what})
        for goal_id, kind, what in [*came, *went.values()]
    ]


def _differences(goal: Goal, before: Mapping[str, Any], names: Mapping[int, str]) -> list[tuple[str, dict[str, str]]]:
    """(kind, values) of what is no longer as `before` has it."""
    found: list[tuple[str, dict[str, str]]] = []
    if before.get("state", goal.state) != goal.state and goal.state in SAYS:
        found.append((goal.state, {}))
    target = before.get("target", goal.target)
    if target != goal.target:
        kind = "target-gone" if not goal.target else "target" if target else "target-set"
        found.append((kind, {"target": goal.target, "before": target}))
    if before.get("owner_id", goal.owner_id) != goal.owner_id:
        owner = names.get(goal.owner_id or 0, "")
        found.append(("owner", {"owner": owner}) if owner else ("owner-gone", {}))
    return found
