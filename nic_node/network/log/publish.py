"""From entries in the database to a signed checkpoint on disk, so that what is signed can never be taken back.

The order is what counts: the database has swapped (size, root) before anything is written here; tiles and bundles are
written once and flushed; they are read back and the root is computed again from them; only then is it signed; the
checkpoint file itself remembers, outside the database, how far the log was signed. Each step can be repeated: a process
killed anywhere is followed by one that writes the same bytes.
"""

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk, thumbprint
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import TreeEdge, append_entries
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import TILE_WIDTH
from nic_node.keyring.keys import load_private_jwk
from nic_node.logstore.store import LogStore, LogStoreDamaged
from nic_node.membership.local import LocalNode
from nic_node.network.log.cosigners import cosign_soon
from nic_node.network.log.files import LogBehind, signed_checkpoint, store_of
from nic_node.network.log.hints import hint_soon
from nic_node.network.log.mend import ENTRIES_AT_ONCE, entries_of, mend_files
from nic_node.network.log.tables import Log


def verify_not_behind(log: Log, signed: Checkpoint) -> None:
    """Raises LogBehind: an old backup of the database came back, or another log was signed under this name."""
    if signed.size > log.size:
        raise LogBehind(
            f"The log was signed up to {signed.size} entries and this database knows {log.size}: an older backup was "
            "restored. Nothing is signed until a newer one is: restore the newest backup there is. If there is none: "
            "nic network recover."
        )
    if signed.size == log.size and signed.root != log.root:
        raise LogBehind(
            f"The log was signed with another content of its {signed.size} entries than this database holds. Nothing "
            "is signed until the database that belongs to these files is restored."
        )


async def publish_log(node: LocalNode, log_id: int, *, now: datetime) -> int:
    """Write, read back, sign and publish what the database holds; answers the size that is now published.

    Raises:
        LogBehind: nothing may be signed.
        LogStoreConflict, LogStoreDamaged: the files are not those of this log.
        OSError: the disk is full or gone; to be tried again.
    """
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
    store = store_of(node, log)
    signed = await asyncio.to_thread(signed_checkpoint, store, log)
    async with node.database.reading() as session:
        # Read after the file, which another writer may just have replaced: the database is always ahead of it.
        log = await session.get_one(Log, log_id)
    verify_not_behind(log, signed)
    if signed.size < log.size:
        await _write_files(node, store, log, signed)
        await asyncio.to_thread(store.read_back, signed.size, log.size, log.root)
    if signed.size < log.size or log.signed_size < log.size:
        await _sign(node, store, log, now)
    if signed.size // TILE_WIDTH < log.size // TILE_WIDTH:
        await asyncio.to_thread(store.drop_partials, log.size)
    return log.size


async def _write_files(node: LocalNode, store: LogStore, log: Log, signed: Checkpoint) -> None:
    edge = await standing_edge(node, store, log, size=signed.size, root=signed.root)
    while edge.size < log.size:
        end = min(log.size, edge.size - edge.size % TILE_WIDTH + ENTRIES_AT_ONCE)
        entries = await entries_of(node, log, edge.size, end)
        partial = await asyncio.to_thread(store.load_partial_bundle, edge.size)
        appended = append_entries(edge, partial, entries)
        if end == log.size and appended.root != log.root:
            raise LogBehind(
                "The entries in the database don't give the root that it swapped in. Restore a backup; nothing was "
                "written or signed."
            )
        await asyncio.to_thread(store.write_all, appended.files)
        edge = appended.edge


async def standing_edge(node: LocalNode, store: LogStore, log: Log, *, size: int, root: bytes) -> TreeEdge:
    """The right edge of the tree that stands on disk; what is missing or altered there is mended first.

    Raises:
        LogBehind: the database can't tell what should be there.
    """
    try:
        edge = await asyncio.to_thread(store.load_edge, size)
        await asyncio.to_thread(store.verify_edge, edge)
    except LogStoreDamaged:
        edge = None
    if edge is None or edge.root() != root:
        await mend_files(node, store, log, size=size, root=root)
        edge = await asyncio.to_thread(store.load_edge, size)
    return edge


async def _sign(node: LocalNode, store: LogStore, log: Log, now: datetime) -> None:
    """Sign and publish while the log's row is locked, so that of two writers one comes after the other."""
    async with node.database.writing() as session:
        row = await session.get_one(Log, log.id, with_for_update=True)
        held = await asyncio.to_thread(signed_checkpoint, store, row)
        if held.size < log.size:
            private = await _log_private(session, node, row)
            note = sign_checkpoint(Checkpoint(log.origin, log.size, log.root), private)
            await asyncio.to_thread(store.write_checkpoint, note)
        before, row.signed_size, row.signed_at = row.signed_size, max(held.size, log.size), now
        if row.signed_size > before:
            await cosign_soon(session, log.id, now)
            await hint_soon(session, node, row, before=before, now=now)


async def _log_private(session: AsyncSession, node: LocalNode, log: Log) -> Jwk:
    """The key that entry 0 names, whichever is the newest in the keyring."""
    kid = thumbprint(parse_vkey(log.log_key).jwk)
    return await load_private_jwk(session, operator_key=node.operator_key, entity_id=log.network, kid=kid)
