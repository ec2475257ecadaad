"""The mid-way check and the close: what was decided, what was learned, and why if it ended early."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, Stale
from nic_node.i18n import N_, filled
from nic_node.school.editing import CHANGED_MEANWHILE, FORMER_YEARS, far_off
from nic_node.school.projects.read import LAST_DAY, day_45, day_of
from nic_node.school.projects.services import HasLeft
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import editable_project, locked_project
from schemas.vocab import AIM_RESULTS, DECISIONS

LONGEST_LESSON = 800
LONGEST_REASON = 400
EXTENDED = N_("This project was extended once. Now decide: adopt, adapt or abandon; each is a good end.")


async def check_midway(
    session: AsyncSession, *, actor: Actor, project_id: int, note: str, on: date, version: int, now: datetime
) -> Project:
    """Write down what the mid-way check (day 22) found."""
    project = await editable_project(session, project_id, version)
    if not note.strip() or len(note) > 2000:
        raise InvalidInput({"note": [N_("Write what you saw and what you change, within 2,000 characters.")]})
    project.midway_note, project.midway_on, project.updated_at = note.strip(), on, now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="project.checked",
        subject="project",
        subject_id=project.id,
        before=None,
        after={"midway_on": on},
        now=now,
    )
    return project


async def extend_project(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    to: date | None,
    because: str,
    version: int,
    now: datetime,
) -> Project:
    """Give a running project more days, once, with the reason.

    Raises:
        Conflict: a stale version, it is closed, or it was extended before.
        InvalidInput: no reason, or a last day that is not within 45 days after day 45.
    """
    project = await editable_project(session, project_id, version)
    if project.extended_to is not None:
        raise Conflict(EXTENDED)
    said: dict[str, list[str]] = {}
    last = day_45(project)
    if to is None or not last < to <= last + timedelta(days=LAST_DAY):
        said["to"] = [filled(N_("Choose a last day after {last}, at most {n} days later."), last=last, n=LAST_DAY)]
    if not because.strip() or len(because) > LONGEST_REASON:
        said["because"] = [N_("Say in one or two sentences what the additional days will tell you.")]
    if said:
        raise InvalidInput(said)
    project.extended_to, project.extended_because, project.updated_at = to, because.strip(), now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="project.extended",
        subject="project",
        subject_id=project.id,
        before={"extended_to": None},
        after={"extended_to": to, "extended_because": project.extended_because},
        now=now,
    )
    return project


async def close_project(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    decision: str,
    aim_result: str | None,
    worked: str,
    would_change: str,
    watch_out: str,
    closed_on: date,
    early_because: str,
    version: int,
    today: date,
    now: datetime,
) -> Project:
    """Close a running project with a decision. Closing freezes its facts.

    Raises:
        Conflict: a stale version, or it is closed already.
        InvalidInput: no decision; before day 45 without a reason; a close before the start.
    """
    project = await editable_project(session, project_id, version)
    lessons = {"worked": worked.strip(), "would_change": would_change.strip(), "watch_out": watch_out.strip()}
    said: dict[str, list[str]] = {
        name: [N_("Keep it within 800 characters.")] for name, text in lessons.items() if len(text) > LONGEST_LESSON
    }
    if decision not in DECISIONS:
        said["decision"] = [N_("Decide: adopt, adapt or abandon. Each is a good end.")]
    if aim_result is not None and aim_result not in AIM_RESULTS:
        said["aim_result"] = [N_("Say whether the aim was reached, partly, or not.")]
    if closed_on < project.starts_on:
        said["closed_on"] = [N_("It can't close before it started.")]
    elif wrong := far_off(closed_on, today, back=FORMER_YEARS):
        said["closed_on"] = [wrong]
    project.closed_on = closed_on
    if day_of(project, closed_on) < LAST_DAY and not early_because.strip():
        said["early_because"] = [filled(N_("Day {n} is not here yet. Say why it ends early, or wait."), n=LAST_DAY)]
    if said:
        raise InvalidInput(said)
    project.state, project.decision, project.aim_result = "closed", decision, aim_result
    project.closed_early_because = early_because.strip()
    project.worked, project.would_change, project.watch_out = lessons.values()
    project.updated_at = now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="project.closed",
        subject="project",
        subject_id=project.id,
        before={"state": "active"},
        after={"decision": decision, "closed_on": closed_on},
        now=now,
    )
    return project


async def reopen_project(
    session: AsyncSession, *, actor: Actor, project_id: int, version: int, has_left: HasLeft, now: datetime
) -> Project:
    """Undo a close.

    Raises:
        Conflict: a stale version, it is not closed, or what came of it was approved for sharing.
    """
    project = await locked_project(session, project_id)
    if project.version != version:
        raise Stale(CHANGED_MEANWHILE)
    if project.state != "closed":
        raise Conflict(N_("This project is not closed."))
    if await has_left(session, project_id):
        raise Conflict(N_("What came of it was approved for sharing, so its facts stay. Start a new project."))
    project.state, project.closed_on, project.updated_at = "active", None, now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="project.reopened",
        subject="project",
        subject_id=project.id,
        before={"state": "closed", "decision": project.decision},
        after={"state": "active"},
        now=now,
    )
    return project
