"""Witnesses of a log: who is named by an epoch, and collecting their cosignatures on its checkpoint.

After each checkpoint every witness is asked at once (C2SP tlog-witness). Each cosignature goes onto the published note
as it comes, under the lock of the log's row: a writer that is faster is not set back. Who gave none is asked again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.tlog.checkpoint import Checkpoint, consistency_tiles, verify_checkpoint
from federation.tlog.merkle import build_consistency_proof
from federation.tlog.note import NoteSignature, VerifierKey, add_signatures, parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH, Tile, TileHashes
from federation.tlog.witness import (
    MAX_COSIGNATURES_BYTES,
    MAX_SIZE_BYTES,
    SIZE_CONTENT_TYPE,
    AddCheckpoint,
    build_add_checkpoint,
    parse_size_answer,
    read_cosignatures,
)
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.logstore.store import LogStore
from nic_node.membership.local import LocalNode
from nic_node.network.log.files import store_of
from nic_node.network.log.tables import Cosigner, Log
from nic_node.network.tables import Member
from schemas.code import Code
from schemas.entity import WITNESS
from schemas.leaf import WITNESSES_MAX
from schemas.states import APPROVED

COSIGN: Final = "network.cosign"
EPOCHS_ASKED: Final = 3
"""Witnesses of so many newest epochs are asked: whose quorum counts, each reader knows by what is final there."""
ASKED_AGAIN: Final = timedelta(seconds=30)
TRIES: Final = 2
"""The second one, once a witness has said from which size on it wants the proof."""
LONGEST_TROUBLE: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The checkpoint that is to be cosigned."""

    log_id: int
    store: LogStore
    checkpoint: Checkpoint
    note: bytes


async def witnesses_of(session: AsyncSession, network_id: int) -> list[Member]:
    """Approved members with the role and a key, in the order of their addresses."""
    chosen = select(Member).where(
        Member.network_id == network_id, Member.state == APPROVED, Member.witness_key.is_not(None)
    )
    found = await session.scalars(chosen.order_by(Member.entity))
    return [member for member in found if WITNESS in member.roles]


async def name_witnesses(session: AsyncSession, log: Log, epoch: int) -> tuple[VerifierKey, ...]:
    """The keys that an epoch's leaf names; they are asked from now on."""
    named = []
    for member in (await witnesses_of(session, log.network_id))[:WITNESSES_MAX]:
        assert member.witness_key is not None
        key = parse_vkey(member.witness_key)
        await insert_if_missing(
            session, Cosigner, log_id=log.id, vkey=key.text, entity=member.entity, epoch=epoch, size=0
        )
        row = await session.get_one(Cosigner, (log.id, key.text), with_for_update=True)
        row.entity, row.epoch = member.entity, epoch
        named.append(key)
    return tuple(named)


async def asked_witnesses(session: AsyncSession, log_id: int) -> list[Cosigner]:
    """Those of the newest epochs, in the order of their addresses."""
    rows = list(await session.scalars(select(Cosigner).where(Cosigner.log_id == log_id).order_by(Cosigner.entity)))
    newest = sorted({row.epoch for row in rows}, reverse=True)[:EPOCHS_ASKED]
    return [row for row in rows if row.epoch in newest]


async def cosign_soon(session: AsyncSession, log_id: int, now: datetime) -> None:
    await enqueue(session, kind=COSIGN, key=str(log_id), run_at=now, arguments={"log_id": log_id})


def cosign_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again | None:
        is_complete = await collect_cosignatures(node, int(arguments["log_id"]))
        wait = min(ASKED_AGAIN, timedelta(seconds=node.config.poll_seconds))
        return None if is_complete else Again(at=node.clock() + wait)

    return handle


async def collect_cosignatures(node: LocalNode, log_id: int) -> bool:
    """Ask every witness that has not cosigned the published checkpoint; False while one of them has not."""
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
        witnesses = await asked_witnesses(session, log_id)
    store = store_of(node, log)
    note = await asyncio.to_thread(store.read, CHECKPOINT_PATH)
    if note is None or not witnesses:
        return True
    keys = {row.vkey: parse_vkey(row.vkey) for row in witnesses}
    verified = verify_checkpoint(note, parse_vkey(log.log_key), list(keys.values()))
    wish = Wish(log_id=log_id, store=store, checkpoint=verified.checkpoint, note=note)
    missing = [row for row in witnesses if keys[row.vkey].name not in verified.cosigned]
    outcomes = await asyncio.gather(*(_cosigned_by(node, wish, row, keys[row.vkey]) for row in missing))
    async with node.database.reading() as session:
        is_newest = (await session.get_one(Log, log_id)).signed_size <= wish.checkpoint.size
    return all(outcomes) and is_newest


async def _cosigned_by(node: LocalNode, wish: Wish, row: Cosigner, key: VerifierKey) -> bool:
    """Whether this witness has cosigned, and the published note says so."""
    try:
        signatures = await _ask(node, wish, row.entity, row.size, key)
    except FederationError as error:
        await _note_trouble(node, wish, row, error.detail)
        return False
    await _publish(node, wish, row, signatures)
    return True


async def _ask(node: LocalNode, wish: Wish, entity: str, old_size: int, key: VerifierKey) -> list[NoteSignature]:
    """The witness's lines.

    Raises:
        Untrusted: it refused, or what it answered is no cosignature of its own. Unreachable: no answer.
    """
    for _ in range(TRIES):
        proof = await asyncio.to_thread(_proof, wish, old_size)
        request = AddCheckpoint(old_size, proof, wish.note)
        answer = await node.client.post(
            f"{entity.rstrip('/')}/witness/add-checkpoint",
            body=build_add_checkpoint(request),
            body_type="text/plain",
            content_type=(),
            max_bytes=MAX_COSIGNATURES_BYTES,
            accept_status=frozenset({200, 409}),
        )
        if answer.status == 200:
            return read_cosignatures(wish.note, answer.body, key)
        if answer.content_type != SIZE_CONTENT_TYPE or len(answer.body) > MAX_SIZE_BYTES:
            break
        old_size = parse_size_answer(answer.body)
        if old_size > wish.checkpoint.size:
            raise Untrusted(Code.WITNESS_CONFLICT, "The witness has cosigned a longer log than this one.")
    raise Untrusted(Code.WITNESS_CONFLICT, "The witness has cosigned another log under this name.")


def _proof(wish: Wish, old_size: int) -> tuple[bytes, ...]:
    """From the files that anybody is served.

    Raises:
        Unreachable: LOG_INCOMPLETE, a tile is missing.
    """
    if not 0 < old_size < wish.checkpoint.size:
        return ()
    tiles = consistency_tiles(Checkpoint(wish.checkpoint.origin, old_size, b""), wish.checkpoint)
    wanted = [path for tile in tiles for path in (tile.path, Tile(tile.level, tile.index).path)]
    files: Mapping[str, bytes] = {path: data for path in wanted if (data := wish.store.read(path)) is not None}
    hashes = TileHashes(files, wish.checkpoint.size)
    return tuple(build_consistency_proof(old_size, wish.checkpoint.size, hashes.hash_at))


async def _publish(node: LocalNode, wish: Wish, row: Cosigner, signatures: list[NoteSignature]) -> None:
    """Put a cosignature onto the note, if that is still the newest one; how far the witness went is kept anyway."""
    now = node.clock()
    async with node.database.writing() as session:
        log = await session.get_one(Log, wish.log_id, with_for_update=True)
        kept = await session.get_one(Cosigner, (wish.log_id, row.vkey), with_for_update=True)
        kept.size, kept.cosigned_at, kept.asked_at, kept.trouble = wish.checkpoint.size, now, now, ""
        note = await asyncio.to_thread(wish.store.read, CHECKPOINT_PATH)
        if note is not None and verify_checkpoint(note, parse_vkey(log.log_key)).checkpoint == wish.checkpoint:
            await asyncio.to_thread(wish.store.write_checkpoint, add_signatures(note, signatures))


async def _note_trouble(node: LocalNode, wish: Wish, row: Cosigner, detail: str) -> None:
    async with node.database.writing() as session:
        kept = await session.get_one(Cosigner, (wish.log_id, row.vkey), with_for_update=True)
        kept.asked_at, kept.trouble = node.clock(), detail[:LONGEST_TROUBLE]
