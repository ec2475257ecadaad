"""Record a visit in a minute; its tally becomes a number of the project's process measure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_, filled
from nic_node.school.bin.keep import KEPT_FOR
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, verify
from nic_node.school.measures.observe import add_observation, change_observation, remove_observation
from nic_node.school.measures.read import measures_of_project
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.measures.write import add_measure
from nic_node.school.projects.write import locked_project
from nic_node.school.visits.tables import LookFor, Visit, VisitMark

LOOK_FORS_SEEN = "look-fors-seen"
FROM_VISITS = N_("from classroom visits")
"""The note of a number that visits made: another one was typed by a person, and is let be."""
MOST_LOOK_FORS = 10
TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Sr|Sra|Srta)\b\.?\s+[^\W\d_a-z]")
ROOM = re.compile(r"\b(?:room|rm\.?|salón|aula)\s*#?\s*[A-Z]?\d+", re.IGNORECASE)
WHO = N_("This tells whose lesson it was. Write the grade or the subject: no name, no room.")
NO_VISIT = N_("There is no such visit here.")


async def agree_look_fors(
    session: AsyncSession, *, actor: Actor, project_id: int, texts: Sequence[str], now: datetime
) -> list[LookFor]:
    """Write what visitors look for, in this order; those that keep their words go on, others retire.

    With the first ones the project gets its process measure, unless it counts look-fors already.

    Raises:
        NotFound.
        InvalidInput: field 'look_fors'.
    """
    project = await locked_project(session, project_id)
    wanted = list(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))
    if not 1 <= len(wanted) <= MOST_LOOK_FORS or any(len(text) > 200 for text in wanted):
        raise InvalidInput(
            {"look_fors": [filled(N_("Write one to {most} things, each in a line of its own."), most=MOST_LOOK_FORS)]}
        )
    old = {row.text: row for row in await _all_look_fors(session, project_id)}
    for position, text in enumerate(wanted):
        values = {"position": position, "is_retired": False}
        if text in old:
            await keep_changes(session, old[text], values, actor=actor, action="look-for.kept", now=now)
        else:
            row = LookFor(project_id=project.id, text=text, **values)
            await keep_new(session, row, actor=actor, action="look-for.agreed", now=now)
    for text, row in old.items():
        if text not in wanted:
            await keep_changes(session, row, {"is_retired": True}, actor=actor, action="look-for.retired", now=now)
    if await tally_measure(session, project_id) is None:
        counted = {"project_id": project.id, "vocabulary": LOOK_FORS_SEEN, "name": "Look-fors seen", "cadence": "day"}
        await add_measure(session, actor=actor, values=counted, now=now)
    return await look_fors_of(session, project_id)


async def record_visit(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    visited_on: date | None,
    place: str,
    note: str,
    marks: Mapping[int, bool],
    today: date,
    now: datetime,
) -> Visit:
    """Keep a visit, and the day's tally as a number of the measure.

    Args:
        marks: look-for id -> whether it was seen; what could not be told is left out.

    Raises:
        NotFound.
        InvalidInput: with sentences beside the fields.
    """
    await locked_project(session, project_id)
    known = {row.id for row in await look_fors_of(session, project_id)}
    said = long_ones({"place": place, "note": note}, {"place": 80, "note": 400})
    said["visited_on"] = far_off(visited_on, today) if visited_on else N_("Say on which day.")
    if visited_on and visited_on > today:
        said["visited_on"] = N_("This day is still to come.")
    said |= await _says_who(session, {"place": place, "note": note})
    if not marks or not set(marks) <= known:
        said["marks"] = N_("Say of at least one thing whether you saw it.")
    verify(said)
    assert visited_on is not None
    row = Visit(project_id=project_id, visited_on=visited_on, place=place.strip(), note=note.strip())
    visit = await keep_new(session, row, actor=actor, action="visit.recorded", now=now)
    session.add_all(VisitMark(visit_id=visit.id, look_for_id=one, seen=seen) for one, seen in sorted(marks.items()))
    await session.flush()
    await _feed_measure(session, actor, project_id, visited_on, now)
    return visit


async def remove_visit(session: AsyncSession, *, actor: Actor, visit_id: int, now: datetime) -> Visit:
    """Take a visit back, and its part of the tally; for thirty days it can be put back."""
    visit = await locked_row(session, Visit, visit_id, missing=NO_VISIT)
    values = {"removed_at": visit.removed_at or now}
    await keep_changes(session, visit, values, actor=actor, action="visit.removed", now=now)
    await _feed_measure(session, actor, visit.project_id, visit.visited_on, now)
    return visit


async def restore_visit(session: AsyncSession, *, actor: Actor, visit_id: int, now: datetime) -> Visit:
    visit = await locked_row(session, Visit, visit_id, missing=NO_VISIT)
    await keep_changes(session, visit, {"removed_at": None}, actor=actor, action="visit.restored", now=now)
    await _feed_measure(session, actor, visit.project_id, visit.visited_on, now)
    return visit


async def look_fors_of(session: AsyncSession, project_id: int) -> list[LookFor]:
    """What is looked for now, in order."""
    return [row for row in await _all_look_fors(session, project_id) if not row.is_retired]


async def visits_of(session: AsyncSession, project_id: int, *, limit: int = 50) -> list[Visit]:
    """The newest first."""
    chosen = select(Visit).where(Visit.project_id == project_id, Visit.removed_at.is_(None))
    return list(await session.scalars(chosen.order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(limit)))


async def tally_of(session: AsyncSession, project_id: int) -> dict[int, tuple[int, int]]:
    """Look-for id -> (visits in which it was seen, visits in which it was looked for)."""
    chosen = (
        select(VisitMark.look_for_id, func.sum(case((VisitMark.seen, 1), else_=0)), func.count())
        .join(Visit, Visit.id == VisitMark.visit_id)
        .where(Visit.project_id == project_id, Visit.removed_at.is_(None))
        .group_by(VisitMark.look_for_id)
    )
    return {look_for_id: (int(seen), of) for look_for_id, seen, of in await session.execute(chosen)}


async def tally_measure(session: AsyncSession, project_id: int) -> Measure | None:
    """The measure that visits feed: the project's own look-fors."""
    measures = await measures_of_project(session, project_id)
    own = (one for one in measures if one.vocabulary == LOOK_FORS_SEEN and one.comparison_of is None)
    return next(own, None)


async def visit_of(session: AsyncSession, visit_id: int) -> Visit:
    visit = await session.get(Visit, visit_id)
    if visit is None:
        raise NotFound(NO_VISIT)
    return visit


async def prune_visits(session: AsyncSession, *, now: datetime) -> None:
    """Forget visits that were taken back long ago; the tally left them out since."""
    gone = select(Visit.id).where(Visit.removed_at < now - KEPT_FOR)
    await session.execute(delete(VisitMark).where(VisitMark.visit_id.in_(gone)))
    await session.execute(delete(Visit).where(Visit.removed_at < now - KEPT_FOR))


async def _says_who(session: AsyncSession, texts: Mapping[str, str]) -> dict[str, str | None]:
    """Beside a field that tells whose lesson it was: a colleague's whole name, a title before a name, or a room."""
    names = [name for name in await session.scalars(select(Person.name)) if " " in name]
    patterns = [TITLED, ROOM, *(re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in names)]
    return {name: WHO for name, text in texts.items() if any(pattern.search(text) for pattern in patterns)}


async def _all_look_fors(session: AsyncSession, project_id: int) -> list[LookFor]:
    chosen = select(LookFor).where(LookFor.project_id == project_id).order_by(LookFor.position, LookFor.id)
    return list(await session.scalars(chosen))


async def _feed_measure(session: AsyncSession, actor: Actor, project_id: int, day: date, now: datetime) -> None:
    """The day's number is what its visits saw of what they looked for; a number that a person typed stays."""
    measure = await tally_measure(session, project_id)
    if measure is None:
        return
    chosen = (
        select(func.sum(case((VisitMark.seen, 1), else_=0)), func.count())
        .join(Visit, Visit.id == VisitMark.visit_id)
        .where(Visit.project_id == project_id, Visit.visited_on == day, Visit.removed_at.is_(None))
    )
    seen, of = (await session.execute(chosen)).one()
    by_day = select(Observation).where(Observation.measure_id == measure.id, Observation.period == day)
    found = await session.scalar(by_day)
    if found is not None and found.note != FROM_VISITS:
        return
    whose: dict[str, Any] = {"actor": actor, "measure_id": measure.id, "now": now}
    given = {"x": int(seen or 0), "exposure": of}
    if found is None and of:
        # That the day had come was checked when the visit was recorded.
        await add_observation(session, period=day, given=given, note=FROM_VISITS, today=day, **whose)
    elif found is not None and of:
        same: dict[str, Any] = {
            "observation_id": found.id,
            "version": found.version,
            "note": FROM_VISITS,
            "excluded_because": "",
        }
        await change_observation(session, given=given, **same, **whose)
    elif found is not None:
        await remove_observation(session, observation_id=found.id, version=found.version, to_bin=False, **whose)
