"""Advice on a project as its page shows it; overrule it with a note, take that back, and answer 'did it hold?'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.school.advice.advise import ASKED_FOR, CODES, FOLLOW_UP_DAYS, Advice, advise, follow_up_due
from nic_node.school.advice.tables import AdviceNote, FollowUp
from nic_node.school.causes.read import why_of_projects
from nic_node.school.cycles.tables import Cycle
from nic_node.school.editing import keep_changes, keep_new, long_ones, verify
from nic_node.school.measures.tables import Measure
from nic_node.school.projects.read import project_of
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import locked_project
from nic_node.school.team.calendar import SchoolCalendar, calendar_of

HELD = ("yes", "partly", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """Attributes: overruled: those with the note of whoever overruled them. follow_up: 90 or 135 when it is due."""

    open: Sequence[Advice]
    overruled: Sequence[tuple[Advice, AdviceNote]]
    follow_ups: Sequence[FollowUp]
    follow_up: int | None


async def advice_on(session: AsyncSession, project_id: int, today: date) -> Advised:
    """Raises NotFound."""
    project = await project_of(session, project_id)
    found, notes = (await _found(session, [project], await calendar_of(session), today))[project_id]
    asked = select(FollowUp).where(FollowUp.project_id == project_id).order_by(FollowUp.day)
    follow_ups = (await session.scalars(asked)).all()
    return Advised(
        open=[one for one in found if one.code not in notes],
        overruled=[(one, notes[one.code]) for one in found if one.code in notes],
        follow_ups=follow_ups,
        follow_up=follow_up_due(project, [one.day for one in follow_ups], today),
    )


async def open_advice(
    session: AsyncSession, projects: Sequence[Project], calendar: SchoolCalendar, today: date
) -> dict[int, list[Advice]]:
    """Project id -> what stands, without what somebody overruled; in a few queries, however many they are."""
    found = await _found(session, projects, calendar, today)
    return {of: [one for one in advice if one.code not in notes] for of, (advice, notes) in found.items()}


async def follow_ups_due(session: AsyncSession, today: date) -> list[tuple[Project, int]]:
    """Projects of which it is time to ask whether it held, and on which day."""
    first = today - timedelta(days=max(FOLLOW_UP_DAYS)) - ASKED_FOR
    last = today - timedelta(days=min(FOLLOW_UP_DAYS) - 1)
    chosen = (
        select(Project, FollowUp.day)
        .outerjoin(FollowUp, FollowUp.project_id == Project.id)
        .where(Project.state == "closed", Project.decision != "abandon", Project.starts_on.between(first, last))
        .order_by(Project.id)
    )
    done: dict[Project, list[int]] = {}
    for project, day in await session.execute(chosen):
        done.setdefault(project, []).append(day)
    found = ((project, follow_up_due(project, days, today)) for project, days in done.items())
    return [(project, day) for project, day in found if day is not None]


async def overrule_advice(
    session: AsyncSession, *, actor: Actor, project_id: int, code: str, note: str, now: datetime
) -> AdviceNote:
    """Go on without heeding it, with the reason; writing again replaces the note.

    Raises:
        NotFound: no such project, or no such advice.
        InvalidInput: field 'note'.
    """
    await locked_project(session, project_id)
    if code not in CODES:
        raise NotFound(N_("There is no such advice."))
    said = long_ones({"note": note}, {"note": 400})
    if not note.strip():
        said["note"] = N_("Say in a sentence why you go on without it.")
    verify(said)
    row = await _note(session, project_id, code)
    if row is None:
        made = AdviceNote(project_id=project_id, code=code, note=note.strip())
        return await keep_new(session, made, actor=actor, action="advice.overruled", now=now)
    return await keep_changes(session, row, {"note": note.strip()}, actor=actor, action="advice.overruled", now=now)


async def heed_advice(session: AsyncSession, *, actor: Actor, project_id: int, code: str, now: datetime) -> None:
    """Take the overruling back: the advice stands again. Raises NotFound for a project that is not there."""
    await locked_project(session, project_id)
    row = await _note(session, project_id, code)
    if row is None:
        return
    before = {"code": row.code, "note": row.note}
    await session.delete(row)
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="advice.heeded",
        subject="advice",
        subject_id=row.id,
        before=before,
        after=None,
        now=now,
    )


async def say_whether_it_held(
    session: AsyncSession, *, actor: Actor, project_id: int, day: int, held: str, note: str, now: datetime
) -> FollowUp:
    """Answer 'did it hold?' for day 90 or 135; answering again replaces the answer.

    Raises:
        NotFound.
        Conflict: the project is not closed, or what it tried was abandoned.
        InvalidInput: with sentences beside the fields.
    """
    project = await locked_project(session, project_id)
    if project.state != "closed" or project.decision == "abandon":
        raise Conflict(N_("Only what a closed project kept can hold."))
    said = long_ones({"note": note}, {"note": 400})
    if day not in FOLLOW_UP_DAYS:
        said["day"] = N_("It is asked on day 90 and on day 135.")
    if held not in HELD:
        said["held"] = N_("Say whether it held: yes, partly, or no.")
    verify(said)
    chosen = select(FollowUp).where(FollowUp.project_id == project_id, FollowUp.day == day).with_for_update()
    row = await session.scalar(chosen)
    values = {"held": held, "note": note.strip()}
    if row is None:
        made = FollowUp(project_id=project_id, day=day, **values)
        return await keep_new(session, made, actor=actor, action="follow-up.answered", now=now)
    return await keep_changes(session, row, values, actor=actor, action="follow-up.answered", now=now)


async def _found(
    session: AsyncSession, projects: Sequence[Project], calendar: SchoolCalendar, today: date
) -> dict[int, tuple[list[Advice], dict[str, AdviceNote]]]:
    """Project id -> (all that may be advised, the notes by which some of it was overruled)."""
    ids = [project.id for project in projects]
    kinds: dict[int, list[str]] = {of: [] for of in ids}
    notes: dict[int, dict[str, AdviceNote]] = {of: {} for of in ids}
    measured = select(Measure.project_id, Measure.kind)
    for of, kind in await session.execute(
        measured.where(Measure.project_id.in_(ids), Measure.comparison_of.is_(None)).order_by(Measure.id)
    ):
        kinds[of or 0].append(kind)
    for note in await session.scalars(select(AdviceNote).where(AdviceNote.project_id.in_(ids))):
        notes[note.project_id][note.code] = note
    scales: dict[int, list[str]] = {of: [] for of in ids}
    for of, scale in await session.execute(
        select(Cycle.project_id, Cycle.scale).where(Cycle.project_id.in_(ids), Cycle.scale != "").distinct()
    ):
        scales[of].append(scale)
    why = await why_of_projects(session, ids)
    return {
        one.id: (advise(one, kinds[one.id], calendar, today, why=why[one.id], scales=scales[one.id]), notes[one.id])
        for one in projects
    }


async def _note(session: AsyncSession, project_id: int, code: str) -> AdviceNote | None:
    chosen = select(AdviceNote).where(AdviceNote.project_id == project_id, AdviceNote.code == code)
    row: AdviceNote | None = await session.scalar(chosen.with_for_update())
    return row
