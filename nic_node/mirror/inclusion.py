"""That a record is in the log: from its blob to its leaf, the tree and the signed checkpoint, out of what is here."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Unreachable, Untrusted
from federation.leaves import read_leaf
from federation.tlog.checkpoint import verify_checkpoint
from federation.tlog.merkle import build_inclusion_proof, hash_leaf, inclusion_ranges, verify_inclusion
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import TILE_WIDTH, TileHashes, decode_entries, tiles_wanted
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.mirror.read import record_of
from nic_node.mirror.tables import ENTRIES, MirrorBlob, MirrorLog, MirrorTile
from schemas.canonical import sha256_hex
from schemas.problem import Code

ABSENT: Final = N_("There is no such record in the log, as far as it is here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """A proof that held. root and proof in hex; the proof goes from the nearest sibling up (RFC 6962)."""

    record_id: str
    index: int
    size: int
    root: str
    leaf_sha256: str
    proof: tuple[str, ...]
    is_final: bool
    is_witnessed: bool


async def verify_record_inclusion(session: AsyncSession, record_id: str) -> Inclusion:
    """Check anew, from the stored bytes, that the log holds the record and its leaf commits to the blob that is shown.

    Raises:
        NotFound: there is no such record, or its entries are not all here yet.
        Untrusted: something that is stored was altered: BLOB_HASH_WRONG, INCLUSION_WRONG, what `verify_checkpoint`
            and `read_leaf` find.
    """
    record = await record_of(session, record_id)
    if record is None:
        raise NotFound(ABSENT)
    log = await session.get_one(MirrorLog, record.log_id)
    if log.checkpoint is None or log.mirrored < log.size:
        raise NotFound(ABSENT)
    checkpoint = verify_checkpoint(log.checkpoint, parse_vkey(log.log_key)).checkpoint
    entry = await _entry(session, log.id, record.leaf_index)
    await _verify_blob(session, record.id, entry)
    proof = await _build_proof(session, log.id, record.leaf_index, checkpoint.size)
    verify_inclusion(hash_leaf(entry), record.leaf_index, checkpoint.size, proof, checkpoint.root)
    return Inclusion(
        record_id=record_id,
        index=record.leaf_index,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        leaf_sha256=sha256_hex(entry),
        proof=tuple(node.hex() for node in proof),
        is_final=record.leaf_index < log.final_size,
        is_witnessed=log.is_witnessed,
    )


async def _entry(session: AsyncSession, log_id: int, index: int) -> bytes:
    position, within = divmod(index, TILE_WIDTH)
    bundle = await session.get(MirrorTile, (log_id, ENTRIES, position))
    if bundle is None or bundle.width <= within:
        raise NotFound(ABSENT)
    return decode_entries(bundle.content, bundle.width)[within]


async def _verify_blob(session: AsyncSession, record_id: int, entry: bytes) -> None:
    """That the leaf commits to the blob; one that was erased has nothing to compare."""
    blob = await session.get(MirrorBlob, record_id)
    committed = read_leaf(entry).payload.get("blob_sha256")
    if blob is not None and sha256_hex(blob.content) != committed:
        raise Untrusted(Code.BLOB_HASH_WRONG, "What is kept of a record is not what its leaf in the log commits to.")


async def _build_proof(session: AsyncSession, log_id: int, index: int, size: int) -> list[bytes]:
    """The tiles as wide as they are stored: the tree only grew since the checkpoint, if at all."""
    files: dict[str, bytes] = {}
    for tile in tiles_wanted(inclusion_ranges(index, size), size):
        stored = await session.scalar(
            select(MirrorTile).where(
                MirrorTile.log_id == log_id, MirrorTile.level == tile.level, MirrorTile.position == tile.index
            )
        )
        if stored is not None:
            files[tile.path] = stored.content[: tile.width * 32]
    try:
        return build_inclusion_proof(index, size, TileHashes(files, size).hash_at)
    except Unreachable as error:
        raise NotFound(ABSENT) from error
