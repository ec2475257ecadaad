"""Files of a log that went missing or were altered are made again from the database, once it is proven to be the log.

The proof is the signed root: only entries that give it are written, so a mended log is the one that was signed, byte
for byte. What stood there instead is set aside for a person to see. The whole log is looked at at each start and once a
day; what the sequencer needs, when it finds it wrong.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from federation.tlog.edge import EMPTY_EDGE, Appended, TreeEdge, append_entries
from federation.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import Again, Handler
from nic_node.logstore.store import LogStore
from nic_node.membership.local import LocalNode
from nic_node.network.log.files import LogBehind, signed_checkpoint, store_of
from nic_node.network.log.tables import Log, LogEntry

MEND: Final = "network.mend"
LOOKED_AT_AGAIN: Final = timedelta(days=1)
ENTRIES_AT_ONCE: Final = 4096
"""A multiple of a tile's width, so that writing a long log again leaves no partial bundles in between."""


@dataclass(slots=True)
class Mended:
    """Paths in the log that were not there, and those that held other bytes."""

    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def is_any(self) -> bool:
        return bool(self.missing or self.altered)


def mend_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again:
        async with node.database.reading() as session:
            log = await session.get_one(Log, int(arguments["log_id"]))
        store = store_of(node, log)
        signed = await asyncio.to_thread(signed_checkpoint, store, log)
        await mend_files(node, store, log, size=signed.size, root=signed.root)
        await asyncio.to_thread(store.drop_drafts, (node.clock() - LOOKED_AT_AGAIN).timestamp())
        return Again(at=node.clock() + LOOKED_AT_AGAIN)

    return handle


async def mend_files(node: LocalNode, store: LogStore, log: Log, *, size: int, root: bytes) -> Mended:
    """Make every file of the tree over the first `size` entries stand there as it was signed.

    Raises:
        LogBehind: the entries in the database don't give `root`; nothing was touched.
        OSError: the disk is full or gone.
    """
    if await root_of_entries(node, log, size) != root:
        raise LogBehind(
            f"The first {size} entries in the database don't give the root that was signed. Nothing is signed until "
            "the database that belongs to these files is restored: restore the newest backup there is."
        )
    mended, edge = Mended(), EMPTY_EDGE
    while edge.size < size:
        end = min(size, edge.size + ENTRIES_AT_ONCE)
        appended = append_entries(edge, b"", await entries_of(node, log, edge.size, end))
        files = _lasting(appended) if end < size else _lasting(appended) | _at_the_edge(appended, end)
        await asyncio.to_thread(_mend, store, files, mended)
        edge = appended.edge
    if mended.is_any:
        await _note(node, log, mended)
    return mended


async def root_of_entries(node: LocalNode, log: Log, size: int) -> bytes:
    """The root of the first `size` entries of the database. Raises LogBehind: it does not have them all."""
    edge = EMPTY_EDGE
    while edge.size < size:
        end = min(size, edge.size + ENTRIES_AT_ONCE)
        entries = await entries_of(node, log, edge.size, end)
        edge = (await asyncio.to_thread(append_entries, edge, b"", entries)).edge
    return edge.root()


async def entries_of(node: LocalNode, log: Log, start: int, end: int) -> list[bytes]:
    """Raises LogBehind: the database does not have them all."""
    async with node.database.reading() as session:
        query = select(LogEntry.leaf).where(LogEntry.log_id == log.id, LogEntry.index >= start, LogEntry.index < end)
        entries = list((await session.scalars(query.order_by(LogEntry.index))).all())
    if len(entries) != end - start:
        raise LogBehind(
            "The database lacks entries of the log. Restore the newest backup there is; nothing was signed."
        )
    return entries


def _lasting(appended: Appended) -> dict[str, bytes]:
    """Full tiles and bundles: partial ones in the middle of a log need not be there."""
    return {path: data for path, data in appended.files.items() if ".p/" not in path}


def _at_the_edge(appended: Appended, size: int) -> dict[str, bytes]:
    edge: TreeEdge = appended.edge
    tiles = {
        Tile(level, size >> (TILE_HEIGHT * (level + 1)), len(hashes)).path: b"".join(hashes)
        for level, hashes in enumerate(edge.partials)
        if hashes
    }
    index, width = divmod(size, TILE_WIDTH)
    if width:
        bundle = Tile(0, index, width).bundle_path
        tiles[bundle] = appended.files[bundle]
    return tiles


def _mend(store: LogStore, files: dict[str, bytes], mended: Mended) -> None:
    wanted: dict[str, bytes] = {}
    for path, data in files.items():
        held = store.read(path)
        if held == data:
            continue
        (mended.missing if held is None else mended.altered).append(path)
        if held is not None:
            store.set_aside(path)
        wanted[path] = data
    if wanted:
        store.write_all(wanted)


async def _note(node: LocalNode, log: Log, mended: Mended) -> None:
    async with node.database.writing() as session:
        await record_audit(
            session,
            actor=SYSTEM,
            action="log.mended",
            subject="log",
            subject_id=log.id,
            before=None,
            after={"missing": len(mended.missing), "altered": mended.altered[:20]},
            now=node.clock(),
        )
