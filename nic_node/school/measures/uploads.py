"""A file that was read and waits: kept as numbers only, for its person, until it is confirmed or expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, NotFound
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.compare import READ_AND_KEPT, Comparison, compare
from nic_node.school.measures.derived import WORKED_OUT, is_derived
from nic_node.school.measures.file_rows import Fault, load_fault, load_row
from nic_node.school.measures.numbers import Bounds, bounds_of
from nic_node.school.measures.read import measure_of, observations_of
from nic_node.school.measures.read_file import MeasureFacts, ReadFile
from nic_node.school.measures.tables import Measure, MeasureImport, MeasureRecipe

WAITS = timedelta(hours=24)
GONE = N_("This upload is gone: it waits for a day and for its own person only. Send the file again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An upload beside what is here now. `id` is None where there was nothing to keep, so nothing waits."""

    id: int | None
    measure: Measure
    comparison: Comparison
    faults: tuple[Fault, ...]
    rows_read: int
    is_counted: bool
    file_name: str

    @property
    def fault_count(self) -> int:
        """Of all rows that can't be read, also of those that are not told one by one."""
        return sum(fault.count for fault in self.faults)

    @property
    def state(self) -> str:
        return "waiting" if self.id is not None else "nothing-changed"


async def facts_of(session: AsyncSession, measure_id: int) -> MeasureFacts:
    """What reading a file needs to know of its measure.

    Raises:
        NotFound.
        Conflict: the measure is worked out from others.
    """
    measure = await measure_of(session, measure_id)
    if is_derived(measure):
        raise Conflict(WORKED_OUT)
    recipe = await session.get(MeasureRecipe, measure_id)
    bounds = bounds_of(measure.unit, measure.scale_low, measure.scale_high)
    return MeasureFacts(unit=measure.unit, bounds=bounds, remembered=recipe.recipe if recipe else {})


async def preview_import(
    session: AsyncSession, *, actor: Actor, measure_id: int, upload: ReadFile, now: datetime
) -> Preview:
    """Keep what was read until it is confirmed; an earlier upload of this person for this measure gives way.

    Raises:
        NotFound.
    """
    measure = await measure_of(session, measure_id, locked=True)
    await session.execute(
        delete(MeasureImport).where(
            MeasureImport.measure_id == measure_id,
            MeasureImport.person_id == actor.person_id,
            MeasureImport.state == "waiting",
        )
    )
    comparison = compare(upload.rows, await observations_of(session, measure_id), _bounds(measure))
    waiting_id = None
    if comparison.to_write or upload.faults:
        waiting = MeasureImport(
            measure_id=measure_id,
            person_id=actor.person_id,
            state="waiting",
            file_name=upload.file_name,
            rows=[row.document() for row in upload.rows],
            rows_read=upload.rows_read,
            faults=[fault.document() for fault in upload.faults],
            read=dict(upload.read),
            before=[],
            created_at=now,
        )
        session.add(waiting)
        await session.flush()
        waiting_id = waiting.id
    return Preview(
        id=waiting_id,
        measure=measure,
        comparison=comparison,
        faults=upload.faults,
        rows_read=upload.rows_read,
        is_counted="students" in upload.read,
        file_name=upload.file_name,
    )


async def waiting_import(
    session: AsyncSession, *, actor: Actor, measure_id: int, import_id: int, now: datetime
) -> MeasureImport:
    """This person's upload, still waiting. Raises NotFound for any other."""
    found = await session.get(MeasureImport, import_id, populate_existing=True)
    is_theirs = found is not None and (found.measure_id, found.person_id) == (measure_id, actor.person_id)
    if found is None or not is_theirs or found.state != "waiting" or found.created_at + WAITS < now:
        raise NotFound(GONE)
    return found


async def waiting_preview(
    session: AsyncSession, *, actor: Actor, measure_id: int, import_id: int, now: datetime
) -> Preview:
    """The upload beside what is here now; it may have changed since it was sent. Raises NotFound."""
    waiting = await waiting_import(session, actor=actor, measure_id=measure_id, import_id=import_id, now=now)
    measure = await measure_of(session, measure_id)
    rows = [load_row(document) for document in waiting.rows]
    return Preview(
        id=waiting.id,
        measure=measure,
        comparison=compare(rows, await observations_of(session, measure_id), _bounds(measure)),
        faults=tuple(load_fault(document) for document in waiting.faults),
        rows_read=waiting.rows_read,
        is_counted="students" in waiting.read,
        file_name=waiting.file_name,
    )


async def discard_import(
    session: AsyncSession, *, actor: Actor, measure_id: int, import_id: int, now: datetime
) -> None:
    """Forget an upload that waits. Raises NotFound."""
    await measure_of(session, measure_id, locked=True)
    await session.delete(
        await waiting_import(session, actor=actor, measure_id=measure_id, import_id=import_id, now=now)
    )


async def imports_of(session: AsyncSession, measure_id: int) -> list[MeasureImport]:
    """Files that were taken, the newest first; those that wait are their person's own."""
    chosen = select(MeasureImport).where(MeasureImport.measure_id == measure_id, MeasureImport.state != "waiting")
    return list(await session.scalars(chosen.order_by(MeasureImport.id.desc())))


def told_import(done: MeasureImport) -> Sentence:
    """What an import did: the rows that were read, the numbers that were kept (x and n for counted students)."""
    values = {"rows": f"{done.rows_read:,}", "numbers": len(done.before)}
    if "students" in done.read:
        return Sentence(READ_AND_KEPT, {**values, "numbers": 2 * len(done.before)})
    return Sentence(N_("Read {rows} rows, wrote {numbers} of them."), values)


async def prune_uploads(session: AsyncSession, *, now: datetime) -> int:
    """Forget uploads that nobody confirmed; returns how many."""
    expired = (MeasureImport.state == "waiting", MeasureImport.created_at < now - WAITS)
    ids = list(await session.scalars(select(MeasureImport.id).where(*expired)))
    await session.execute(delete(MeasureImport).where(*expired))
    return len(ids)


def _bounds(measure: Measure) -> Bounds:
    return bounds_of(measure.unit, measure.scale_low, measure.scale_high)
