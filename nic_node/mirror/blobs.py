"""Blobs: fetched a bundle at a time for the records that lack theirs, examined, judged, stored in one transaction.

Where many bundles wait, several are examined and stored together, as their entries are.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge import (
    Documents,
    LogState,
    MemoryRows,
    RecordRow,
    Verdict,
    judge_examined,
    wanted_by_references,
    wanted_documents,
)
from federation.tlog.tiles import TILE_WIDTH, Tile
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.mirror.ahead import read_ahead
from nic_node.mirror.entries import lock_log
from nic_node.mirror.examine import DescribedBlob, DescribedFile, ServedFile, Standard, describe_blobs
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.keep_blobs import LIVING, Judged, keep_blobs, state_after
from nic_node.mirror.recognise import recognise
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.rows import load_rows
from nic_node.mirror.source import HttpLog
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from schemas.canonical import sha256_hex
from schemas.problem import Code

LACKING = (RecordState.WANTED, RecordState.WITHHELD)
COLUMNS = ("id", "state", "leaf_index", "kind", "jkt", "epoch", "blob_sha256", "gone")
NOT_TO_BE_SERVED = (RecordState.GONE, RecordState.BLOCKED)

BlobFile = tuple[int, Sequence[bytes]]
"""A bundle's position, and the lines that are served for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobReading:
    """What reading the blobs of one log takes.

    log: as it was read; entries up to `log.mirrored` are judged. state: after those entries. is_first: it is the
    source that is read; others are only asked for what that one lacks. ends_at: by `time.monotonic`; then no new
    bundle is fetched.
    """

    node: LocalNode
    source: HttpLog
    log: MirrorLog
    state: LogState
    examiners: Examiners
    ends_at: float
    is_first: bool = True
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class BlobRecord(NamedTuple):
    """A record of the bundle in hand, and the id of its row."""

    id: int
    state: str
    row: RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobBundle:
    """What is served for the records of a bundle, or of several: each that lacks its blob, or should have none.

    served: None in the place of a blob that is not. strays: position of a bundle -> contents that no record has.
    """

    positions: Sequence[int]
    served: Sequence[tuple[BlobRecord, bytes | None, DescribedBlob]]
    strays: Mapping[int, Sequence[bytes]]


async def waiting_bundles(session: AsyncSession, log: MirrorLog, *, now: datetime, limit: int) -> list[int]:
    """The bundles with records whose blobs are to be asked for now, the oldest first.

    Each state is asked for by itself, in the order of its index, and no further than needed: a poll of a million
    records that are all here looks at none of them.
    """
    index = MirrorRecord.leaf_index
    ours = select(index).where(MirrorRecord.log_id == log.id).order_by(index).limit(limit * TILE_WIDTH)
    wanted = await session.scalars(ours.where(MirrorRecord.state == RecordState.WANTED))
    withheld = ours.where(MirrorRecord.state == RecordState.WITHHELD, MirrorRecord.retry_at <= now)
    waiting = [*wanted, *await session.scalars(withheld)]
    return sorted({leaf_index // TILE_WIDTH for leaf_index in waiting})[:limit]


def read_blob_bundles(reading: BlobReading, positions: Iterable[int]) -> AsyncGenerator[BlobBundle, None]:
    """Fetched and examined; each may be asked for before the one before it is stored, and is fetched earlier still.

    Up to BUNDLES_AT_ONCE come as one. The first is fetched in any case, others until `reading.ends_at`.

    Raises:
        Untrusted, Unreachable: the source does not serve the bundle, or a document of an epoch.
    """
    fetched = _fetch_bundles(reading, positions)
    return read_ahead(fetched, partial(_read_lot, reading), size=_size, ahead=reading.examiners.ahead)


async def _fetch_bundles(reading: BlobReading, positions: Iterable[int]) -> AsyncGenerator[BlobFile, None]:
    for position in positions:
        width = min(TILE_WIDTH, reading.log.size - position * TILE_WIDTH)
        yield position, await reading.source.read_blobs(Tile(0, position, width))
        if monotonic() >= reading.ends_at:
            return


def _size(file: BlobFile) -> int:
    return sum(map(len, file[1]))


async def _read_lot(reading: BlobReading, lot: Sequence[BlobFile]) -> BlobBundle:
    files = dict(lot)
    async with reading.node.database.reading() as session:
        records = {position: await _records_of(session, reading.log, position) for position in files}
    described = await _describe(reading, [(records[position], lines) for position, lines in files.items()])
    served: list[tuple[BlobRecord, bytes | None, DescribedBlob]] = []
    strays: dict[int, Sequence[bytes]] = {}
    for (position, lines), found in zip(files.items(), described, strict=True):
        strays[position] = [lines[number] for number in found.strays]
        for record, (number, blob) in zip(records[position], found.records, strict=True):
            data = None if number is None else lines[number]
            if record.state in LACKING or (record.state in NOT_TO_BE_SERVED and data is not None):
                served.append((record, data, blob))
    return BlobBundle(positions=list(files), served=served, strays=strays)


async def _records_of(session: AsyncSession, log: MirrorLog, position: int) -> list[BlobRecord]:
    """All of a bundle, also those that are here or gone: a line may be theirs."""
    first = position * TILE_WIDTH
    within = MirrorRecord.leaf_index.between(first, first + TILE_WIDTH - 1)
    columns = MirrorRecord.__table__.c
    found = select(*(columns[name] for name in COLUMNS)).where(MirrorRecord.log_id == log.id, within)
    rows = (await session.execute(found.order_by(MirrorRecord.leaf_index))).all()
    origin = log.origin
    return [BlobRecord(row_id, state, RecordRow(origin, *values)) for row_id, state, *values in rows]


async def _describe(
    reading: BlobReading, files: Sequence[tuple[Sequence[BlobRecord], Sequence[bytes]]]
) -> list[DescribedFile]:
    state = reading.state
    lacking = {record.row.epoch: record.row for records, _ in files for record in records if record.state in LACKING}
    wanted = {epoch: wanted_documents(state, record) for epoch, record in lacking.items()}
    standard = Standard(
        network=state.required_genesis.network, documents=await _documents(reading, wanted), wanted=wanted
    )
    served = [
        ServedFile([(record.row, record.state in LACKING) for record in records], lines) for records, lines in files
    ]
    # Alone, all in one call: words come in a turn of their own, the longer the better (`describe_blobs`).
    a_call = 1 if reading.examiners.ahead else len(served)
    return await reading.examiners.run_for_each(describe_blobs, served, a_call, standard)


async def _documents(reading: BlobReading, wanted: Mapping[int, tuple[str, str]]) -> Documents:
    """Each read once a run."""
    hashes = sorted({sha256 for pair in wanted.values() for sha256 in pair})
    for sha256 in hashes:
        if sha256 not in reading.documents:
            reading.documents[sha256] = await _document(reading, sha256)
    return {sha256: reading.documents[sha256] for sha256 in hashes}


async def _document(reading: BlobReading, sha256: str) -> dict[str, Any]:
    """From a member's copy first, where the blobs come from there: the network is down, perhaps."""
    source, log = reading.source.url, reading.log
    folder = None if source == log.log_url else f"{source}/documents"
    return await obtain_document(reading.node, log.network, sha256, first_at=folder)


# Judging and keeping --------------------------------------------------------------------------------------------------


async def take_in_blobs(reading: BlobReading, bundle: BlobBundle, *, now: datetime) -> list[Judged]:
    """Judge a bundle's blobs, or those of several, and keep what may be kept.

    Raises:
        Overtaken: somebody else works on the same log.
    """
    node, log, state = reading.node, reading.log, reading.state
    named = [(record.row, described.examined.references) for record, _, described in bundle.served]
    state.rows = MemoryRows()
    if any(references for _, references in named):
        async with node.database.reading() as session:
            state.rows = await load_rows(session, log, wanted_by_references(named))
    judged = await asyncio.to_thread(_judge_all, state, bundle.served)
    async with node.database.writing() as session:
        (await lock_log(session, log.id)).shelf += 1
        poll = timedelta(seconds=node.config.poll_seconds) if reading.is_first else None
        overtaken = await keep_blobs(session, judged, poll=poll, now=now)
        await recognise(session, log.network, [each.id for each in judged if each.state == LIVING])
        refused = [*_refusals(judged, bundle.strays), *overtaken]
        await note_refusals(session, log.id, refused, source=reading.source.url, now=now)
    return judged


def _judge_all(state: LogState, served: Sequence[tuple[BlobRecord, bytes | None, DescribedBlob]]) -> list[Judged]:
    """In log order, so that of two replications the first one counts."""
    return [_judge(state, *each) for each in served]


def _judge(state: LogState, record: BlobRecord, data: bytes | None, described: DescribedBlob) -> Judged:
    verdict: Verdict | None = None
    if data is not None:
        verdict = judge_examined(state, record.row, described.examined)
        for established in verdict.rows:
            state.rows.add(established)
    return Judged(record.id, record.row, data, verdict, described, state_after(record.row, data, verdict))


def _refusals(judged: Sequence[Judged], strays: Mapping[int, Sequence[bytes]]) -> list[Refused]:
    refused = [
        Refused(
            what="blob",
            code=each.verdict.code,
            detail=each.verdict.detail,
            leaf_index=each.row.index,
            sha256=sha256_hex(each.data),
        )
        for each in judged
        if each.verdict is not None and each.verdict.code is not None and each.data is not None
    ]
    refused += [
        Refused(
            what="blob",
            code=Code.BLOB_HASH_WRONG,
            detail=f"{len(contents)} contents are served that no record in the log commits to.",
            sha256=sha256_hex(contents[0]),
            place=f"blobs/{position}",
        )
        for position, contents in strays.items()
        if contents
    ]
    return refused
