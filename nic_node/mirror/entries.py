"""Entries: fetched a bundle at a time, proven to be in the signed tree, judged, stored in one transaction.

Where many bundles wait, several are judged and stored together: what a statement and a commit cost is paid once.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import monotonic

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.judge import ACCEPTED, LogState, Verdict, judge_leaf, read_leaves, wanted_by_read
from federation.leaves import Leaf, signer_of
from federation.tlog.checkpoint import Checkpoint, consistency_tiles
from federation.tlog.edge import TreeEdge, extend_edge
from federation.tlog.merkle import build_consistency_proof, hash_leaf, verify_consistency
from federation.tlog.reader import read_bundle
from federation.tlog.tiles import TILE_WIDTH, Tile, TileHashes, encode_entries
from nic_node.db.engine import Database
from nic_node.mirror.ahead import read_ahead
from nic_node.mirror.believe import Tiles
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.keep_rows import keep_rows
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.rows import KnownPseudonyms, load_rows, origins_of
from nic_node.mirror.tables import ENTRIES, MirrorLog, MirrorTile
from nic_node.mirror.upsert import upsert
from schemas.canonical import sha256_hex
from schemas.problem import PROBLEMS, Code


class Overtaken(Exception):
    """Another process works on the same log and is further: nothing is lost by stopping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """New entries from index `start` on, of one bundle or of several that follow each other, and the tree after them.

    `leaves` are the entries as `read_leaves` reads them, with the keys of known pseudonyms.
    """

    start: int
    entries: Sequence[bytes]
    edge: TreeEdge
    tiles: dict[Tile, bytes]
    leaves: Sequence[Leaf | Untrusted] = ()

    @property
    def files(self) -> int:
        """How many bundles of the log these are."""
        return -(-(self.start % TILE_WIDTH + len(self.entries)) // TILE_WIDTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafReading:
    """What reading the bundles of one log takes, from run to run of bundles."""

    database: Database
    network: str
    examiners: Examiners
    known: KnownPseudonyms = field(default_factory=KnownPseudonyms)


def read_bundles(
    reading: LeafReading, tiles: Tiles, edge: TreeEdge, checkpoint: Checkpoint, *, limit: int, ends_at: float
) -> AsyncGenerator[Bundle, None]:
    """The bundles that follow the edge, up to the checkpoint or so many, as `fetch_bundle`, their leaves read.

    Up to BUNDLES_AT_ONCE come as one. Each waits for nothing that the one before it brings: it may be asked for before
    that one is stored, and the next one is fetched while its leaves are read.

    Args:
        ends_at: by `time.monotonic`; from then on none but the first is fetched.
    """
    fetched = _fetch_bundles(tiles, edge, checkpoint, limit, ends_at)
    return read_ahead(fetched, partial(_read_lot, reading), size=_size, ahead=reading.examiners.ahead)


def _size(bundle: Bundle) -> int:
    return sum(map(len, bundle.entries))


async def _read_lot(reading: LeafReading, lot: Sequence[Bundle]) -> Bundle:
    bundle = _joined(lot)
    return replace(bundle, leaves=await _read(reading, bundle.entries))


def _joined(lot: Sequence[Bundle]) -> Bundle:
    """Bundles that follow each other as one."""
    # A tile that grows from bundle to bundle is kept as the last one left it.
    grown = {(tile.level, tile.index): (tile, data) for bundle in lot for tile, data in bundle.tiles.items()}
    entries = [entry for bundle in lot for entry in bundle.entries]
    return Bundle(start=lot[0].start, entries=entries, edge=lot[-1].edge, tiles=dict(grown.values()))


async def _fetch_bundles(
    tiles: Tiles, edge: TreeEdge, checkpoint: Checkpoint, limit: int, ends_at: float
) -> AsyncGenerator[Bundle, None]:
    for _ in range(limit):
        if edge.size >= checkpoint.size:
            return
        bundle = await fetch_bundle(tiles, edge, checkpoint)
        yield bundle
        if monotonic() >= ends_at:
            return
        edge = bundle.edge


async def _read(reading: LeafReading, entries: Sequence[bytes]) -> list[Leaf | Untrusted]:
    kids = {kid for kid in map(signer_of, entries) if kid is not None}
    if reading.known.lacks(kids):
        async with reading.database.reading() as session:
            await reading.known.look_up(session, await origins_of(session, reading.network), kids)
    keys = {pseudonym.jkt: pseudonym.x for pseudonym in reading.known.find(kids)}
    return await reading.examiners.run_for_each(read_leaves, entries, TILE_WIDTH, keys)


async def fetch_bundle(tiles: Tiles, edge: TreeEdge, checkpoint: Checkpoint) -> Bundle:
    """The entries that follow the edge, up to the end of their bundle, proven to be in the checkpoint's tree.

    Raises:
        Untrusted: ENTRY_WRONG, CONSISTENCY_WRONG, TILE_MALFORMED, BUNDLE_MALFORMED.
        Unreachable: no answer, or a file is missing.
    """
    position, held = divmod(edge.size, TILE_WIDTH)
    tile = Tile(0, position, min(TILE_WIDTH, checkpoint.size - position * TILE_WIDTH))
    entries = (await read_bundle(tiles.reader, tile))[held:]
    hashes = [hash_leaf(entry) for entry in entries]
    longer, new_tiles = extend_edge(edge, hashes)
    try:
        await _verify_prefix(tiles, longer, checkpoint)
    except Untrusted as error:
        raise await _diagnose(tiles, tile, hashes, error) from error
    return Bundle(start=edge.size, entries=entries, edge=longer, tiles=new_tiles)


async def _verify_prefix(tiles: Tiles, edge: TreeEdge, checkpoint: Checkpoint) -> None:
    """That a tree as far as we have it is the beginning of the signed one."""
    prefix = Checkpoint(checkpoint.origin, edge.size, edge.root())
    await tiles.fetch(consistency_tiles(prefix, checkpoint))
    proof = []
    if edge.size < checkpoint.size:
        proof = build_consistency_proof(edge.size, checkpoint.size, TileHashes(tiles.files, checkpoint.size).hash_at)
    verify_consistency(edge.size, prefix.root, checkpoint.size, checkpoint.root, proof)


async def _diagnose(tiles: Tiles, tile: Tile, hashes: Sequence[bytes], error: Untrusted) -> Untrusted:
    """Entries that differ from their tile are named; else the tiles are to blame."""
    await tiles.fetch([tile])
    said = tiles.files[tile.path][-32 * len(hashes) :]
    first = tile.index * TILE_WIDTH + tile.width - len(hashes)
    for number, leaf_hash in enumerate(hashes):
        if said[32 * number : 32 * (number + 1)] != leaf_hash:
            return Untrusted(Code.ENTRY_WRONG, f"Entry {first + number} is not the one that the log signed.")
    return error


# Judging and keeping --------------------------------------------------------------------------------------------------


async def take_in(
    reading: LeafReading, log: MirrorLog, state: LogState, bundle: Bundle, *, source: str, now: datetime
) -> list[Verdict]:
    """Judge a bundle, its leaves read, and store what it established; `state` has moved on when this returns.

    Raises:
        Untrusted: entry 0 is not the genesis that it must be.
        Overtaken: somebody else stored these entries first; nothing was stored.
    """
    async with reading.database.reading() as session:
        state.rows = await load_rows(session, log, wanted_by_read(bundle.leaves), reading.known)
    # Signatures of new pseudonyms: a bundle takes a tenth of a second, in which pages are to be answered.
    verdicts = await asyncio.to_thread(judge_bundle, state, bundle)
    async with reading.database.writing() as session:
        log = await lock_log(session, log.id)
        if log.mirrored != bundle.start:
            raise Overtaken
        await keep_rows(session, log, verdicts, now=now)
        await _keep_files(session, log.id, bundle)
        await note_refusals(session, log.id, _refusals(verdicts, bundle), source=source, now=now)
        log.mirrored, log.edge, log.approved_members = state.size, bundle.edge.to_bytes(), state.approved_members
    return verdicts


def judge_bundle(state: LogState, bundle: Bundle) -> list[Verdict]:
    verdicts = []
    for entry, leaf in zip(bundle.entries, bundle.leaves, strict=True):
        verdict = judge_leaf(state, state.size, entry, leaf)
        state.apply(verdict)
        verdicts.append(verdict)
    return verdicts


async def lock_log(session: AsyncSession, log_id: int) -> MirrorLog:
    """Whoever writes to a log's copy goes through its row, one after the other. Raises Overtaken: it is gone."""
    log = await session.scalar(select(MirrorLog).where(MirrorLog.id == log_id).with_for_update())
    if log is None:
        raise Overtaken
    return log


def _refusals(verdicts: Sequence[Verdict], bundle: Bundle) -> list[Refused]:
    found: list[Refused] = []
    for verdict, entry in zip(verdicts, bundle.entries, strict=True):
        if verdict.outcome is ACCEPTED and not verdict.alarms:
            continue
        of_entry = partial(Refused, leaf_index=verdict.index, sha256=sha256_hex(entry))
        found += [of_entry(what="alarm", code=code, detail=PROBLEMS[code].title) for code in verdict.alarms]
        if verdict.outcome is not ACCEPTED and verdict.code is not None:
            found.append(of_entry(what="leaf", code=verdict.code, detail=verdict.detail))
    return found


async def _keep_files(session: AsyncSession, log_id: int, bundle: Bundle) -> None:
    """The tiles, and the entries, the first ones behind those that their bundle already had."""
    files = [
        {"log_id": log_id, "level": tile.level, "position": tile.index, "width": tile.width, "content": content}
        for tile, content in bundle.tiles.items()
    ]
    position, held = divmod(bundle.start, TILE_WIDTH)
    before = (await session.get_one(MirrorTile, (log_id, ENTRIES, position))).content if held else b""
    for number, first in enumerate(range(-held, len(bundle.entries), TILE_WIDTH)):
        entries = bundle.entries[max(first, 0) : first + TILE_WIDTH]
        content, width = encode_entries(entries), len(entries)
        if first < 0:
            content, width = before + content, held + width
        place = {"log_id": log_id, "level": ENTRIES, "position": position + number}
        files.append(place | {"width": width, "content": content})
    await upsert(session, MirrorTile, files)
