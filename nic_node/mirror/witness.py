"""This node as a witness: it cosigns a log's checkpoint when the tree only grew since the one that it cosigned last.

What it cosigned last is compared and swapped in the database, and kept in a file beside it, before anything is signed:
of two processes one comes after the other, and a restored old backup of the database does not make it sign back. The
same node follows the log by itself; what it is shown there must fit what it is shown here.
"""

import asyncio
import hashlib
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint, read_checkpoint, verify_checkpoint
from federation.tlog.merkle import EMPTY_ROOT
from federation.tlog.note import VerifierKey, parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH
from federation.tlog.witness import (
    WitnessConflict,
    cosign,
    parse_add_checkpoint,
    verify_add_checkpoint,
)
from nic_node.db.insert import insert_if_missing
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.keyring.keys import current_private_jwk
from nic_node.keyring.purposes import KeyPurpose
from nic_node.logstore.store import LogStore, LogStoreConflict
from nic_node.membership.local import LocalNode
from nic_node.membership.read import current_memberships
from nic_node.mirror.believe import Forked
from nic_node.mirror.forks.freeze import fork_of, freeze_log, is_settled
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorWitnessed
from schemas.code import Code
from schemas.entity import WITNESS, trust_mark_type
from schemas.ids import build_witness_name
from schemas.states import APPROVED

DISAGREES: Final = N_(
    "What this witness cosigned last stands otherwise in its file than in its database, so it cosigns nothing."
    " Restore the newest backup of this node."
)


async def add_checkpoint(node: LocalNode, body: bytes, *, now: datetime) -> bytes:
    """The line by which this node cosigns.

    Raises:
        Untrusted: LOG_UNKNOWN, this node is no witness of such a log; LOG_FROZEN; what `verify_add_checkpoint` finds.
            Two histories freeze the copy of the log, and both notes are kept.
        Conflict: database and file disagree about what was cosigned last.
    """
    request = parse_add_checkpoint(body)
    origin = read_checkpoint(request.note).origin
    log_key = await _known_key(node, origin)
    held = await last_cosigned(node, log_key)
    try:
        verified = verify_add_checkpoint(request, log_key, held)
        await _verify_seen(node, verified)
    except Untrusted as error:
        if error.code is Code.LOG_FORKED:
            await _freeze(node, origin, request.note)
        raise
    await _swap(node, held, verified, now)
    async with node.database.reading() as session:
        private = await current_private_jwk(
            session, operator_key=node.operator_key, entity_id=node.entity_id, purpose=KeyPurpose.WITNESS, now=now
        )
    return cosign(verified.note, private, build_witness_name(node.entity_id), int(now.timestamp()))


async def _known_key(node: LocalNode, origin: str) -> VerifierKey:
    """The key of a log that this node is a witness of."""
    async with node.database.reading() as session:
        for membership in await current_memberships(session):
            mark = trust_mark_type(membership.network, WITNESS)
            is_ours = membership.log_origin == origin and membership.state == APPROVED
            if is_ours and mark in membership.roles:
                return parse_vkey(membership.log_key)
    raise Untrusted(Code.LOG_UNKNOWN, "This node is not a witness of such a log.")


# What was cosigned last ---------------------------------------------------------------------------------------------


def witness_store(node: LocalNode, origin: str) -> LogStore:
    """The folder whose one file is the last checkpoint that this node cosigned, as the log signed it."""
    return LogStore(node.config.data / "witness" / hashlib.sha256(origin.encode()).hexdigest())


async def last_cosigned(node: LocalNode, log_key: VerifierKey) -> Checkpoint:
    """What this node cosigned last of a log, or the empty tree; the file counts where the database was set back.

    Raises:
        Conflict: of the same size they tell different trees.
    """
    origin = log_key.name
    async with node.database.reading() as session:
        row = await session.get(MirrorWitnessed, origin)
    kept = Checkpoint(origin, row.size, row.root) if row is not None else Checkpoint(origin, 0, EMPTY_ROOT)
    note = await asyncio.to_thread(witness_store(node, origin).read, CHECKPOINT_PATH)
    if note is None:
        return kept
    filed = verify_checkpoint(note, log_key).checkpoint
    if filed.size == kept.size and filed.root != kept.root:
        raise Conflict(DISAGREES)
    if filed.size <= kept.size:
        return kept
    return await _catch_up(node, filed, note)


async def _catch_up(node: LocalNode, filed: Checkpoint, note: bytes) -> Checkpoint:
    """What was cosigned last, once the database is as far as the file.

    Whoever cosigns at this moment writes the file before it commits: behind its lock the row is as far already, and
    nobody was refused.

    Raises:
        Conflict: as `last_cosigned`.
    """
    async with node.database.writing() as session:
        await insert_if_missing(session, MirrorWitnessed, origin=filed.origin, size=0, root=EMPTY_ROOT)
        row = await session.get_one(MirrorWitnessed, filed.origin, with_for_update=True)
        if row.size < filed.size:
            row.size, row.root, row.note, row.cosigned_at = filed.size, filed.root, note, node.clock()
        elif row.size == filed.size and row.root != filed.root:
            raise Conflict(DISAGREES)
        return Checkpoint(row.origin, row.size, row.root)


async def last_cosigned_note(node: LocalNode, origin: str) -> bytes:
    """The note that this node cosigned last of a log, as it was sent."""
    async with node.database.reading() as session:
        row = await session.get_one(MirrorWitnessed, origin)
    assert row.note is not None, "whoever asks knows that something was cosigned"
    return row.note


async def _swap(node: LocalNode, held: Checkpoint, verified: VerifiedCheckpoint, now: datetime) -> None:
    """From now on this is what was cosigned last, in the database and in its file; only then it is signed.

    Raises:
        WitnessConflict: another request was faster.
    """
    new = verified.checkpoint
    async with node.database.writing() as session:
        await _compare_and_swap(session, held, new, verified.note, now)
        try:
            # While the row is locked. Where the commit fails the file is ahead, and `last_cosigned` goes by it.
            await asyncio.to_thread(witness_store(node, new.origin).write_checkpoint, verified.note)
        except LogStoreConflict as error:
            raise Conflict(DISAGREES) from error


async def _compare_and_swap(
    session: AsyncSession, held: Checkpoint, new: Checkpoint, note: bytes, now: datetime
) -> None:
    await insert_if_missing(session, MirrorWitnessed, origin=held.origin, size=0, root=EMPTY_ROOT)
    same = (
        (MirrorWitnessed.origin == held.origin)
        & (MirrorWitnessed.size == held.size)
        & (MirrorWitnessed.root == held.root)
    )
    values = {"size": new.size, "root": new.root, "note": note, "cosigned_at": now}
    swapped = await session.execute(update(MirrorWitnessed).where(same).values(**values))
    if cast("CursorResult[Any]", swapped).rowcount != 1:
        raise WitnessConflict((await session.get_one(MirrorWitnessed, held.origin)).size)


# What this node was shown as everybody else -------------------------------------------------------------------------


async def _verify_seen(node: LocalNode, verified: VerifiedCheckpoint) -> None:
    """That the checkpoint is not another history than the one that this node follows.

    Raises:
        Untrusted: LOG_FROZEN; LOG_FORKED, the same size with another root. Of another size the next pull will see it:
            what it is shown must extend what was cosigned.
    """
    new = verified.checkpoint
    async with node.database.reading() as session:
        log = await session.scalar(select(MirrorLog).where(MirrorLog.origin == new.origin))
    if log is None:
        return
    if log.state == LogState.FROZEN:
        raise Untrusted(Code.LOG_FROZEN, "This node saw two histories of the log, and cosigns it no more.")
    if log.size == new.size and log.root is not None and log.root != new.root:
        raise Untrusted(Code.LOG_FORKED, "This node was shown another history of the same length.")


async def _freeze(node: LocalNode, origin: str, note: bytes) -> None:
    """Keep both notes: of what was cosigned, or followed, and this one, which is of the same size."""
    async with node.database.reading() as session:
        log = await session.scalar(select(MirrorLog).where(MirrorLog.origin == origin))
    if log is None:
        return
    shown = read_checkpoint(note)
    is_followed = log.checkpoint is not None and log.size == shown.size and log.root != shown.root
    error = Forked(note, None, first=None if is_followed else await last_cosigned_note(node, origin))
    if await is_settled(node.database, log, error):
        return
    async with node.database.writing() as session:
        held = await session.scalar(select(MirrorLog).where(MirrorLog.origin == origin).with_for_update())
        if held is not None and held.state != LogState.FROZEN:
            await freeze_log(session, held, fork_of(error, log), source=held.log_url, now=node.clock())
