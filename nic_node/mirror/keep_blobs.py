"""From a bundle's judged blobs to the tables: one transaction, in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from federation.judge import ACCEPTED, REFERENCES, Outcome, RecordRow, ReplicationRow, Verdict
from nic_node.db.insert import insert_many
from nic_node.db.one_of import one_of
from nic_node.mirror.describe import Properties
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.examine import DescribedBlob
from nic_node.mirror.full_text import add_texts
from nic_node.mirror.refuse import Refused
from nic_node.mirror.rows import by_first, parts
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorProperties, MirrorRecord, MirrorReference
from nic_node.mirror.versions import keep_versions
from schemas.canonical import read_json, sha256_hex
from schemas.limits import BLOB_MAX_BYTES
from schemas.problem import Code

LONGEST_RETRY: Final = timedelta(hours=1)
MOST_DOUBLINGS: Final = 12
LIVING: Final = RecordState.LIVING
LACKS_BLOB: Final = MirrorRecord.state.in_((RecordState.WANTED, RecordState.WITHHELD))
PROPERTY_COLUMNS: Final = ("record_id", *Properties._fields)


class Judged(NamedTuple):
    """A record that lacked its blob, what was served for it (None: nothing), the verdict on that, and its state then.

    id: of its row.
    """

    id: int
    row: RecordRow
    data: bytes | None
    verdict: Verdict | None
    described: DescribedBlob
    state: RecordState


def state_after(row: RecordRow, data: bytes | None, verdict: Verdict | None) -> RecordState:
    """Bytes that are not the record's own say nothing about it: its blob is still to come."""
    if verdict is None or data is None:
        return RecordState.WITHHELD
    if verdict.outcome is ACCEPTED:
        return LIVING
    if sha256_hex(data) != row.blob_sha256:
        return RecordState.WITHHELD
    return RecordState.NEWER if verdict.outcome is Outcome.NEWER else RecordState.REFUSED


async def keep_blobs(
    session: AsyncSession, judged: Sequence[Judged], *, poll: timedelta | None, now: datetime
) -> list[Refused]:
    """Store what was judged; the refusals are of records that were accepted before.

    Args:
        poll: what is withheld is asked for again after so long, twice as long each time; None: that is settled.
    """
    living = await _settled(session, judged, LIVING)
    newer = await _settled(session, judged, RecordState.NEWER)
    await _settled(session, judged, RecordState.REFUSED)
    if poll is not None:
        await _keep_withheld(session, judged, poll, now)
    await _insert_blobs(session, newer, is_indexed=False)
    await _insert_living(session, living)
    return await _refuse_overtaken_replications(session, living, now=now)


async def _settled(session: AsyncSession, judged: Sequence[Judged], state: RecordState) -> list[Judged]:
    """Those that have this state from now on: nobody took them back, took them down or filled them in meanwhile."""
    wanted = [each for each in judged if each.state == state]
    if not wanted:
        return []
    change = update(MirrorRecord).where(one_of(MirrorRecord.id, [each.id for each in wanted]), LACKS_BLOB)
    change = change.values(state=state.value, retry_at=None).returning(MirrorRecord.id)
    ids = set(await session.scalars(change.execution_options(synchronize_session=False)))
    return [each for each in wanted if each.id in ids]


async def _keep_withheld(session: AsyncSession, judged: Sequence[Judged], poll: timedelta, now: datetime) -> None:
    """Asked for again after twice the time each time."""
    state = RecordState.WITHHELD
    withheld = [each.id for each in judged if each.state == state]
    if not withheld:
        return
    lacking = select(MirrorRecord.id, MirrorRecord.tries).where(one_of(MirrorRecord.id, withheld), LACKS_BLOB)
    by_tries = by_first((tries + 1, row_id) for row_id, tries in await session.execute(lacking))
    for tries, ids in by_tries.items():
        retry_at = now + min(LONGEST_RETRY, poll * 2 ** min(tries, MOST_DOUBLINGS))
        await _set(session, ids, state=state.value, tries=tries, retry_at=retry_at)


async def _set(session: AsyncSession, ids: Sequence[int], **values: Any) -> None:
    if ids:
        changed = update(MirrorRecord).where(one_of(MirrorRecord.id, ids)).values(**values)
        await session.execute(changed.execution_options(synchronize_session=False))


async def _insert_blobs(session: AsyncSession, kept: Sequence[Judged], *, is_indexed: bool) -> None:
    rows = [(each.id, each.data, is_indexed) for each in kept]
    await insert_many(session, MirrorBlob, ("record_id", "content", "is_indexed"), rows)


async def _insert_living(session: AsyncSession, living: Sequence[Judged]) -> None:
    """Blobs, and what people find them by."""
    await _insert_blobs(session, living, is_indexed=True)
    properties = [(each.id, *each.described.properties) for each in living]
    await insert_many(session, MirrorProperties, PROPERTY_COLUMNS, properties)
    references = [
        (each.id, name, target, each.row.jkt, each.row.index)
        for each in living
        for name in REFERENCES
        if (target := each.described.examined.references.get(name)) is not None
    ]
    await insert_many(session, MirrorReference, ("record_id", "name", "target", "jkt", "leaf_index"), references)
    await keep_versions(session, _corrections(living))
    await add_texts(session, [(each.id, *each.described.text) for each in living])


def _corrections(living: Iterable[Judged]) -> dict[int, Mapping[str, Any]]:
    return {
        each.id: read_json(each.data, max_bytes=BLOB_MAX_BYTES)["payload"]
        for each in living
        if each.data is not None and "supersedes" in each.described.examined.references
    }


async def _refuse_overtaken_replications(
    session: AsyncSession, living: Sequence[Judged], *, now: datetime
) -> list[Refused]:
    """A blob that was withheld may come after a later one that was taken for the first: the log's order decides."""
    established = [row for each in living if each.verdict is not None for row in each.verdict.rows]
    first = {(row.jkt, row.practice): row.index for row in established if isinstance(row, ReplicationRow)}
    if not first:
        return []
    later = await _later_replications(session, first)
    await _set(session, [record.id for record in later], state=RecordState.REFUSED.value)
    await erase_contents(session, [record.id for record in later], now=now)
    return [
        Refused(
            what="blob",
            code=Code.REPLICATED_ALREADY,
            detail="An author replicates a practice once, and then corrects that; an earlier one has arrived.",
            leaf_index=record.leaf_index,
            sha256=record.blob_sha256,
        )
        for record in later
    ]


async def _later_replications(session: AsyncSession, first: Mapping[tuple[str, str], int]) -> list[MirrorRecord]:
    """Replications that are no corrections and come after the one that was kept now: (jkt, practice) -> its index."""
    correction = aliased(MirrorReference)
    corrects = exists().where(correction.record_id == MirrorReference.record_id, correction.name == "supersedes")
    origins = select(MirrorReference).where(MirrorReference.name == "origin", ~corrects)
    # Not by pairs: SQLite would read all references. Few authors replicate much.
    found = await session.scalars(origins.where(one_of(MirrorReference.jkt, list(by_first(first)))))
    later = [row.record_id for row in found if row.leaf_index > first.get((row.jkt, row.target), row.leaf_index)]
    records: list[MirrorRecord] = []
    for ids in parts(later):
        records += await session.scalars(select(MirrorRecord).where(MirrorRecord.id.in_(ids)))
    return records
