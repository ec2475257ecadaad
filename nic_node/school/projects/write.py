"""Open and change a project and its steps. A closed project's facts are frozen: reopen it to change them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_
from nic_node.school.bin.keep import bin_rows
from nic_node.school.bin.tables import Binned
from nic_node.school.editing import CHANGED_MEANWHILE, no_such_owner, verify
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.check import MOST_STEPS, verify_project, verify_steps
from nic_node.school.projects.read import NO_PROJECT, steps_of
from nic_node.school.projects.rewording import reworded
from nic_node.school.projects.tables import Project, ProjectStep

PROJECT_FIELDS = (
    "goal_id", "title", "lead_id", "starts_on",
    "problem_category", "problem_label", "problem_statement", "grade_bands", "subject",
    "aim_measure", "aim_label", "aim_better", "aim_text", "aim_target", "aim_by_days",
    "idea_category", "idea_label", "idea_summary",
    "adaptable", "dose", "cost", "materials", "supports", "conditions", "kept", "changed",
)  # fmt: skip
STEP_FIELDS = ("who", "does", "how_often", "minutes", "core", "due")
NO_STEP = N_("There is no such step; the steps were written anew. Load the page again.")
NO_ROOM = N_("A change idea has at most 12 steps. Join some of them first.")
CLOSED = N_("This project is closed, and its facts are frozen. Reopen it to change them.")


async def open_project(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], today: date, now: datetime
) -> Project:
    """Open a project; it runs from `starts_on`.

    Args:
        values: fields of PROJECT_FIELDS; `title` and `starts_on` are needed, the rest can wait until it closes.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    known = {name: values[name] for name in PROJECT_FIELDS if values.get(name) is not None}
    verify_project(known, today)
    await _verify_goal(session, known.get("goal_id"))
    verify({"lead_id": await no_such_owner(session, known.get("lead_id"))})
    project = Project(
        state="active",
        author_id=actor.person_id,
        created_at=now,
        updated_at=now,
        **{"lead_id": actor.person_id, **known},
    )
    session.add(project)
    await session.flush()
    await _audit(session, actor, "project.opened", project, None, {"title": project.title}, now)
    return project


async def change_project(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> Project:
    """Change what `values` names; other fields stay.

    Raises:
        NotFound, Conflict: a stale version, or the project is closed.
        InvalidInput: with sentences beside the fields.
    """
    project = await editable_project(session, project_id, version)
    merged = {name: values.get(name, getattr(project, name)) for name in PROJECT_FIELDS}
    verify_project(merged, today)
    await _verify_goal(session, merged["goal_id"])
    verify({"lead_id": await no_such_owner(session, merged["lead_id"], project.lead_id)})
    before = {name: getattr(project, name) for name in PROJECT_FIELDS if getattr(project, name) != merged[name]}
    for name in before:
        setattr(project, name, merged[name])
    if before:
        project.updated_at = now
        await session.flush()
        after = {name: merged[name] for name in before}
        await _audit(session, actor, "project.changed", project, before, after, now)
    return project


async def replace_steps(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    steps: Sequence[Mapping[str, Any]],
    version: int,
    now: datetime,
) -> list[ProjectStep]:
    """Write the steps anew, in this order; a step that keeps its words, or nearly, keeps that it is done.

    Steps that are no longer among them go into the bin, together; the old words of one that was only worded anew do
    not: they stand in the audit log.

    Args:
        steps: {who, does, how_often, minutes, core, due} each.
    """
    project = await editable_project(session, project_id, version)
    verify_steps(steps, project.starts_on)
    old = await steps_of(session, project_id)
    before, after = [step.does for step in old], [step["does"] for step in steps]
    anew = reworded(before, after)
    done = {step.does: step.done_on for step in old} | {after[at]: old[was].done_on for at, was in anew.items()}
    dropped = [step for at, step in enumerate(old) if step.does not in after and at not in anew.values()]
    if dropped:
        label = f"{project.title}: {'; '.join(step.does for step in dropped)}"
        await bin_rows(session, kind="step", label=label, rows=dropped, actor=actor, now=now)
    await session.execute(delete(ProjectStep).where(ProjectStep.project_id == project_id))
    for position, step in enumerate(steps):
        known = {name: step[name] for name in STEP_FIELDS if step.get(name) is not None}
        session.add(ProjectStep(project_id=project_id, position=position, done_on=done.get(step["does"]), **known))
    project.updated_at = now
    await session.flush()
    await _audit(session, actor, "project.planned", project, {"steps": before}, {"steps": after}, now)
    return await steps_of(session, project_id)


async def put_steps_last(session: AsyncSession, binned: Binned, *, now: datetime) -> None:
    """What comes back from the bin stands after the steps that are there by now.

    Raises:
        Conflict: the project is closed, or has no room for them.
    """
    back = [document for document in binned.rows if document["table"] == ProjectStep.__tablename__]
    project = await session.get(Project, back[0]["row"]["project_id"], with_for_update=True)
    if project is None:
        return  # it can't be put back, which says why
    if project.state == "closed":
        raise Conflict(CLOSED)
    first = len(await steps_of(session, project.id))
    if first + len(back) > MOST_STEPS:
        raise Conflict(NO_ROOM)
    placed = [
        {**document, "row": {**document["row"], "position": position}} for position, document in enumerate(back, first)
    ]
    binned.rows = [*placed, *binned.rows[len(back) :]]
    project.updated_at = now


async def mark_step(
    session: AsyncSession, *, actor: Actor, step_id: int, done: bool, today: date, now: datetime
) -> ProjectStep:
    """Tick a step off, or take that back.

    Raises:
        NotFound: there is no such step, or no longer. Conflict: the project is closed.
    """
    # The project is locked first, as by whoever writes the steps anew, so that neither waits for the other.
    project_id = await session.scalar(select(ProjectStep.project_id).where(ProjectStep.id == step_id))
    if project_id is None:
        raise NotFound(NO_STEP)
    project = await locked_project(session, project_id)
    if project.state == "closed":
        raise Conflict(CLOSED)
    step = await session.get(ProjectStep, step_id, with_for_update=True)
    if step is None:
        raise NotFound(NO_STEP)
    before = {"done_on": step.done_on}
    step.done_on = (step.done_on or today) if done else None
    await session.flush()
    await _audit(
        session, actor, "project.step-marked", project, before, {"done_on": step.done_on, "step": step.does}, now
    )
    return step


async def locked_project(session: AsyncSession, project_id: int) -> Project:
    project = await session.get(Project, project_id, with_for_update=True)
    if project is None:
        raise NotFound(NO_PROJECT)
    return project


async def editable_project(session: AsyncSession, project_id: int, version: int) -> Project:
    project = await locked_project(session, project_id)
    if project.state == "closed":
        raise Conflict(CLOSED)
    if project.version != version:
        raise Stale(CHANGED_MEANWHILE)
    return project


async def _verify_goal(session: AsyncSession, goal_id: int | None) -> None:
    if goal_id is not None and await session.get(Goal, goal_id) is None:
        raise InvalidInput({"goal_id": [N_("Choose one of the goals in the list.")]})


async def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    project: Project,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="project",
        subject_id=project.id,
        before=before,
        after=after,
        now=now,
    )
