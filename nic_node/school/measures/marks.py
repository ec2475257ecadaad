"""Where a person let a chart's limits begin anew, or froze them, and why."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_, too_long
from nic_node.school.bin.keep import bin_rows
from nic_node.school.bin.tables import Binned
from nic_node.school.measures.observe import period_fault
from nic_node.school.measures.read import measure_of
from nic_node.school.measures.tables import MeasureMark

MARK_KINDS: Mapping[str, str] = {
    "split": N_("Limits begin anew on this day"),
    "freeze": N_("Limits come from the numbers up to this day"),
}
LONGEST_REASON = 200
NO_MARK = N_("This was taken off the chart already.")


async def marks_of(session: AsyncSession, measure_id: int) -> list[MeasureMark]:
    """In order of their days."""
    return (await marks_by_measure(session, [measure_id]))[measure_id]


async def marks_by_measure(session: AsyncSession, measure_ids: Iterable[int]) -> dict[int, list[MeasureMark]]:
    found: dict[int, list[MeasureMark]] = {measure_id: [] for measure_id in measure_ids}
    chosen = select(MeasureMark).where(MeasureMark.measure_id.in_(found)).order_by(MeasureMark.day, MeasureMark.id)
    for mark in await session.scalars(chosen):
        found[mark.measure_id].append(mark)
    return found


async def add_mark(
    session: AsyncSession,
    *,
    actor: Actor,
    measure_id: int,
    kind: str,
    day: date,
    because: str,
    today: date,
    now: datetime,
) -> MeasureMark:
    """Split or freeze a chart's limits. Nothing does so by itself: a person confirms it and says why.

    Raises:
        NotFound.
        InvalidInput: no reason, an unknown kind, an impossible day, or one that has such a mark.
    """
    await measure_of(session, measure_id, locked=True)
    reason = because.strip()
    said: dict[str, list[str]] = {}
    if kind not in MARK_KINDS:
        said["kind"] = [N_("Choose one of the list.")]
    if not reason:
        said["because"] = [N_("Say why, such as 'The new timetable began'.")]
    elif len(reason) > LONGEST_REASON:
        said["because"] = [too_long(LONGEST_REASON)]
    fault = period_fault(day, today)
    if fault is None and any((mark.kind, mark.day) == (kind, day) for mark in await marks_of(session, measure_id)):
        fault = N_("This day is marked so already.")
    if fault:
        said["day"] = [fault]
    if said:
        raise InvalidInput(said)
    mark = MeasureMark(
        measure_id=measure_id, kind=kind, day=day, because=reason, person_id=actor.person_id, created_at=now
    )
    session.add(mark)
    await session.flush()
    await _audit(session, actor, f"limits.{kind}", mark, now)
    return mark


async def remove_mark(session: AsyncSession, *, actor: Actor, measure_id: int, mark_id: int, now: datetime) -> Binned:
    """Into the bin. Raises NotFound, also for another measure's mark."""
    mark = await session.get(MeasureMark, mark_id, with_for_update=True)
    if mark is None or mark.measure_id != measure_id:
        raise NotFound(NO_MARK)
    measure = await measure_of(session, measure_id)
    label = f"{measure.name}, {mark.day.isoformat()}: {mark.because}"
    binned = await bin_rows(session, kind="mark", label=label, rows=[mark], actor=actor, now=now)
    await _audit(session, actor, "limits.unmarked", mark, now)
    return binned


async def _audit(session: AsyncSession, actor: Actor, action: str, mark: MeasureMark, now: datetime) -> None:
    is_off = action == "limits.unmarked"
    told = {"kind": mark.kind, "day": mark.day, "because": mark.because}
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="measure",
        subject_id=mark.measure_id,
        before=told if is_off else None,
        after=None if is_off else told,
        now=now,
    )
