"""Blobs: fetched a bundle at a time for the records that lack theirs, judged, indexed, stored in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge import (
    Documents,
    LogState,
    Outcome,
    RecordRow,
    ReplicationRow,
    Verdict,
    judge_blob,
    wanted_by_blobs,
    wanted_documents,
)
from federation.tlog.tiles import TILE_WIDTH, Tile
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.mirror.blob_lines import match_lines
from nic_node.mirror.entries import lock_log
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.facets import build_facets
from nic_node.mirror.full_text import add_texts
from nic_node.mirror.recognise import recognise
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.rows import load_rows, parts, record_row
from nic_node.mirror.source import HttpLog
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorFacet, MirrorLog, MirrorRecord, MirrorReference
from nic_node.mirror.versions import keep_versions
from nic_node.mirror.words import index_text
from schemas.canonical import sha256_hex
from schemas.problem import Code

LONGEST_RETRY: Final = timedelta(hours=1)
REFERENCES: Final = ("origin", "target", "supersedes", "practice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A record that lacked its blob, what was served for it (None: nothing), and the verdict on that.

    Of an accepted one also its facets and its text for the index (`words.index_text`).
    """

    record: MirrorRecord
    data: bytes | None
    verdict: Verdict | None
    facets: frozenset[tuple[str, str]] = frozenset()
    text: tuple[str, str] = ("", "")

    @property
    def is_its_blob(self) -> bool:
        return self.data is not None and sha256_hex(self.data) == self.record.blob_sha256


async def waiting_bundles(session: AsyncSession, log: MirrorLog, *, now: datetime, limit: int) -> list[int]:
    """The bundles with records whose blobs are to be asked for now, the oldest first."""
    due = or_(
        MirrorRecord.state == RecordState.WANTED,
        and_(MirrorRecord.state == RecordState.WITHHELD, MirrorRecord.retry_at <= now),
    )
    position = (MirrorRecord.leaf_index // TILE_WIDTH).label("position")
    found = select(position).where(MirrorRecord.log_id == log.id, due).distinct().order_by(position).limit(limit)
    return list(await session.scalars(found))


async def take_in_blobs(
    node: LocalNode, source: HttpLog, log: MirrorLog, state: LogState, position: int, *, now: datetime
) -> list[Judged]:
    """Fetch the blobs of one bundle and keep what may be kept.

    Args:
        log: as it was read; entries up to `log.mirrored` are judged.
        state: after those entries.

    Raises:
        Untrusted, Unreachable: the source does not serve the bundle, or a document of an epoch.
        Overtaken: somebody else works on the same log.
    """
    first = position * TILE_WIDTH
    async with node.database.reading() as session:
        records = await _records_of(session, log.id, first)
    lines = await source.read_blobs(Tile(0, position, min(TILE_WIDTH, log.size - first)))
    matched = match_lines({record.leaf_index: record.blob_sha256 for record in records}, lines)
    served = [(record, matched.of_record.get(record.leaf_index)) for record in records]
    rows = {record.leaf_index: record_row(record, log.origin) for record in records}
    documents = await _documents(node, log.network, state, [rows[record.leaf_index] for record in records])
    async with node.database.reading() as session:
        wanted = wanted_by_blobs((rows[record.leaf_index], data) for record, data in served if data is not None)
        state.rows = await load_rows(session, log, wanted)
    judged = await asyncio.to_thread(_judge, state, served, rows, documents)
    async with node.database.writing() as session:
        await lock_log(session, log.id)
        overtaken = await _keep(session, judged, poll=timedelta(seconds=node.config.poll_seconds), now=now)
        await recognise(session, log.network)
        refused = [*_refusals(judged, matched.strays, position), *overtaken]
        await note_refusals(session, log.id, refused, source=source.url, now=now)
    return judged


async def _records_of(session: AsyncSession, log_id: int, first: int) -> list[MirrorRecord]:
    """All of a bundle, also those that are here or gone: a line may be theirs."""
    within = MirrorRecord.leaf_index.between(first, first + TILE_WIDTH - 1)
    found = select(MirrorRecord).where(MirrorRecord.log_id == log_id, within).order_by(MirrorRecord.leaf_index)
    return list(await session.scalars(found))


async def _documents(node: LocalNode, network: str, state: LogState, records: Sequence[RecordRow]) -> Documents:
    wanted = {sha256 for record in records for sha256 in wanted_documents(state, record)}
    return {sha256: await obtain_document(node, network, sha256) for sha256 in sorted(wanted)}


def _judge(
    state: LogState,
    served: Sequence[tuple[MirrorRecord, bytes | None]],
    rows: Mapping[int, RecordRow],
    documents: Documents,
) -> list[Judged]:
    """In log order, so that of two replications the first one counts."""
    judged = []
    for record, data in served:
        row = rows[record.leaf_index]
        is_lacking = record.state in (RecordState.WANTED, RecordState.WITHHELD)
        if data is None and is_lacking:
            judged.append(Judged(record=record, data=None, verdict=None))
        elif data is not None and (is_lacking or record.state in (RecordState.GONE, RecordState.BLOCKED)):
            verdict = judge_blob(state, row, data, documents)
            for established in verdict.rows:
                state.rows.add(established)
            judged.append(_judged(record, data, verdict, documents[wanted_documents(state, row)[1]]))
    return judged


def _judged(record: MirrorRecord, data: bytes, verdict: Verdict, lattice: Mapping[str, Any]) -> Judged:
    if verdict.content is None:
        return Judged(record=record, data=data, verdict=verdict)
    payload = verdict.content["payload"]
    return Judged(
        record=record,
        data=data,
        verdict=verdict,
        facets=frozenset(build_facets(payload, lattice)),
        text=index_text(record.kind, payload),
    )


# Keeping --------------------------------------------------------------------------------------------------------------


async def _keep(session: AsyncSession, judged: Sequence[Judged], *, poll: timedelta, now: datetime) -> list[Refused]:
    """Store what was judged; the refusals are of records that were accepted before."""
    current = await _still_lacking(session, judged)
    by_state: dict[RecordState, list[Judged]] = {state: [] for state in RecordState}
    for each in judged:
        if each.record.id in current:
            by_state[_state_after(each)].append(each)
    for state in (RecordState.LIVING, RecordState.NEWER, RecordState.REFUSED):
        for part in parts([each.record.id for each in by_state[state]]):
            changed = update(MirrorRecord).where(MirrorRecord.id.in_(part))
            await session.execute(changed.values(state=state.value, retry_at=None))
    await _insert_contents(session, by_state[RecordState.LIVING], is_indexed=True)
    await _insert_contents(session, by_state[RecordState.NEWER], is_indexed=False)
    for each in by_state[RecordState.WITHHELD]:
        record = current[each.record.id]
        record.state, record.tries = RecordState.WITHHELD, record.tries + 1
        record.retry_at = now + min(LONGEST_RETRY, poll * 2 ** min(record.tries, 12))
    return await _refuse_overtaken_replications(session, by_state[RecordState.LIVING], now=now)


def _state_after(judged: Judged) -> RecordState:
    """Bytes that are not the record's own say nothing about it: its blob is still to come."""
    if judged.verdict is None or not judged.is_its_blob:
        return RecordState.WITHHELD
    outcomes = {Outcome.ACCEPTED: RecordState.LIVING, Outcome.NEWER: RecordState.NEWER}
    return outcomes.get(judged.verdict.outcome, RecordState.REFUSED)


async def _still_lacking(session: AsyncSession, judged: Sequence[Judged]) -> dict[int, MirrorRecord]:
    """Those that nobody took back, took down or filled in meanwhile."""
    found: dict[int, MirrorRecord] = {}
    for part in parts([each.record.id for each in judged]):
        lacking = select(MirrorRecord).where(MirrorRecord.id.in_(part))
        lacking = lacking.where(MirrorRecord.state.in_((RecordState.WANTED, RecordState.WITHHELD)))
        found |= {record.id: record for record in await session.scalars(lacking)}
    return found


async def _insert_contents(session: AsyncSession, kept: Sequence[Judged], *, is_indexed: bool) -> None:
    if not kept:
        return
    blobs = [{"record_id": each.record.id, "content": each.data, "is_indexed": is_indexed} for each in kept]
    await session.execute(insert(MirrorBlob), blobs)
    if not is_indexed:
        return
    facets, references, texts = [], [], []
    corrections: dict[int, Mapping[str, Any]] = {}
    for each in kept:
        assert each.verdict is not None
        assert each.verdict.content is not None
        record, payload = each.record, each.verdict.content["payload"]
        facets += [{"record_id": record.id, "name": name, "value": value} for name, value in sorted(each.facets)]
        references += [
            {
                "record_id": record.id,
                "name": name,
                "target": payload[name],
                "jkt": record.jkt,
                "leaf_index": record.leaf_index,
            }
            for name in REFERENCES
            if name in payload
        ]
        if "supersedes" in payload:
            corrections[record.id] = payload
        texts.append((record.id, *each.text))
    if facets:
        await session.execute(insert(MirrorFacet), facets)
    if references:
        await session.execute(insert(MirrorReference), references)
    await keep_versions(session, corrections)
    await add_texts(session, texts)


async def _refuse_overtaken_replications(
    session: AsyncSession, living: Sequence[Judged], *, now: datetime
) -> list[Refused]:
    """A blob that was withheld may come after a later one that was taken for the first: the log's order decides."""
    refused = []
    for each in living:
        for row in each.verdict.rows if each.verdict is not None else ():
            if isinstance(row, ReplicationRow):
                refused += await _refuse_later(session, row, now=now)
    return refused


async def _refuse_later(session: AsyncSession, row: ReplicationRow, *, now: datetime) -> list[Refused]:
    same = select(MirrorReference.record_id).where(
        MirrorReference.name == "origin",
        MirrorReference.jkt == row.jkt,
        MirrorReference.target == row.practice,
        MirrorReference.leaf_index > row.index,
    )
    corrections = select(MirrorReference.record_id).where(MirrorReference.name == "supersedes")
    later = same.where(MirrorReference.record_id.not_in(corrections))
    records = list(await session.scalars(select(MirrorRecord).where(MirrorRecord.id.in_(later))))
    for record in records:
        record.state = RecordState.REFUSED
    await erase_contents(session, [record.id for record in records], now=now)
    return [
        Refused(
            what="blob",
            code=Code.REPLICATED_ALREADY,
            detail="An author replicates a practice once, and then corrects that; an earlier one has arrived.",
            leaf_index=record.leaf_index,
            sha256=record.blob_sha256,
        )
        for record in records
    ]


def _refusals(judged: Sequence[Judged], strays: Sequence[bytes], position: int) -> list[Refused]:
    refused = [
        Refused(
            what="blob",
            code=each.verdict.code,
            detail=each.verdict.detail,
            leaf_index=each.record.leaf_index,
            sha256=sha256_hex(each.data),
        )
        for each in judged
        if each.verdict is not None and each.verdict.code is not None and each.data is not None
    ]
    if strays:
        refused.append(
            Refused(
                what="blob",
                code=Code.BLOB_HASH_WRONG,
                detail=f"{len(strays)} contents are served that no record in the log commits to.",
                sha256=sha256_hex(strays[0]),
                place=f"blobs/{position}",
            )
        )
    return refused
