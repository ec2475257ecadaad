"""Checkpoints (C2SP tlog-checkpoint): what a log promises about its size and root, signed, and what extends what.

A checkpoint is believed when the log's key signed it and the tree only grew since the last one that was believed.
It is final when, besides, a quorum of the epoch's witnesses cosigned it.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from federation.errors import Untrusted
from federation.keys import PrivateKey
from federation.tlog.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    build_consistency_proof,
    consistency_ranges,
    verify_consistency,
)
from federation.tlog.note import Note, VerifierKey, format_note, is_key_name, parse_note, sign_note, verify_note
from federation.tlog.tiles import Tile, TileHashes, tiles_wanted
from schemas.problem import Code

MAX_SIZE = 2**63 - 1
MIN_WITNESSES = 3
"""Below this a checkpoint is never final by cosignatures: the node says 'unwitnessed'."""


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """The text of the note."""
        return "".join(
            f"{line}\n" for line in (self.origin, self.size, b64encode(self.root).decode(), *self.extensions)
        )


@dataclass(frozen=True)
class VerifiedCheckpoint:
    """Signed by the log's key; `cosigned` maps the names of known witnesses to their times (Unix seconds)."""

    checkpoint: Checkpoint
    note: bytes
    cosigned: Mapping[str, int]


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text.

    Raises:
        Untrusted: CHECKPOINT_MALFORMED.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise _malformed("it needs an origin, a size and a root, a line each")
    origin, size, root, *extensions = lines[:-1]
    if not is_key_name(origin):
        raise _malformed("its origin holds spaces or a plus sign")
    return Checkpoint(origin, parse_size(size), _parse_root(root), tuple(extensions))


def parse_size(text: str) -> int:
    """A tree's size in its one spelling. Raises Untrusted: CHECKPOINT_MALFORMED."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or str(int(text)) != text or int(text) > MAX_SIZE:
        raise _malformed("its size is no decimal number")
    return int(text)


def _parse_root(text: str) -> bytes:
    try:
        root = b64decode(text, validate=True)
    except ValueError as error:
        raise _malformed("its root is not base64") from error
    if len(root) != HASH_BYTES or b64encode(root).decode() != text:
        raise _malformed("its root is not the base64 of 32 bytes")
    return root


def sign_checkpoint(checkpoint: Checkpoint, private: Mapping[str, str] | PrivateKey) -> bytes:
    """The signed note; the log's key signs under the log's origin."""
    text = checkpoint.body()
    return format_note(Note(text, (sign_note(text, private, checkpoint.origin),)))


def read_checkpoint(data: bytes) -> Checkpoint:
    """What a note claims, nothing verified: to learn which log it is about.

    Raises:
        Untrusted: CHECKPOINT_MALFORMED.
    """
    return parse_checkpoint(parse_note(data).text)


def verify_checkpoint(data: bytes, log_key: VerifierKey, witnesses: Collection[VerifierKey] = ()) -> VerifiedCheckpoint:
    """The checkpoint of the log whose origin is the key's name.

    Raises:
        Untrusted: CHECKPOINT_MALFORMED, CHECKPOINT_ORIGIN_WRONG, CHECKPOINT_UNSIGNED (not by this key),
            SIGNATURE_INVALID (by this key or a witness, but altered).
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise Untrusted(Code.CHECKPOINT_ORIGIN_WRONG, "A checkpoint is that of another log.")
    verified = verify_note(note, [log_key, *witnesses])
    if all(signature.key != log_key for signature in verified):
        raise Untrusted(Code.CHECKPOINT_UNSIGNED, "A checkpoint is not signed by the log's key.")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise _malformed("an empty log has another root")
    cosigned = {s.key.name: s.timestamp for s in verified if s.timestamp is not None}
    return VerifiedCheckpoint(checkpoint, data, cosigned)


def is_final(cosigned: Collection[str], witnesses: Collection[str], quorum: int) -> bool:
    """Whether a quorum of these witnesses (names) cosigned; never with fewer than three witnesses."""
    return len(witnesses) >= MIN_WITNESSES and len(set(cosigned) & set(witnesses)) >= quorum


def is_fork(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether two signed checkpoints alone prove that a log shows two histories."""
    return one.origin == other.origin and one.size == other.size and one.root != other.root


def consistency_tiles(old: Checkpoint, new: Checkpoint) -> list[Tile]:
    """The tiles to fetch before `verify_extends`."""
    if not 0 < old.size < new.size:
        return []
    return tiles_wanted(consistency_ranges(old.size, new.size), new.size)


def verify_extends(old: Checkpoint | None, new: Checkpoint, files: Mapping[str, bytes]) -> None:
    """That the log only grew.

    Args:
        old: the last checkpoint that was believed, none at first.
        new: a checkpoint with a valid signature.
        files: path -> bytes of the tiles that `consistency_tiles` names.

    Raises:
        Untrusted: CHECKPOINT_ORIGIN_WRONG; CHECKPOINT_SHRUNK (a smaller tree: perhaps only an old answer); LOG_FORKED
            (same size, another root: proof of two histories); CONSISTENCY_WRONG, TILE_MALFORMED.
        Unreachable: LOG_INCOMPLETE, a tile is not there.
    """
    if old is None:
        return
    if old.origin != new.origin:
        raise Untrusted(Code.CHECKPOINT_ORIGIN_WRONG, "A checkpoint is that of another log.")
    if new.size < old.size:
        raise Untrusted(Code.CHECKPOINT_SHRUNK, f"The log says {new.size} entries and said {old.size} before.")
    if is_fork(old, new):
        raise Untrusted(Code.LOG_FORKED, "The log signed two different histories of the same length.")
    proof: Sequence[bytes] = ()
    if 0 < old.size < new.size:
        proof = build_consistency_proof(old.size, new.size, TileHashes(files, new.size).hash_at)
    verify_consistency(old.size, old.root, new.size, new.root, proof)


def _malformed(why: str) -> Untrusted:
    return Untrusted(Code.CHECKPOINT_MALFORMED, f"A checkpoint can't be read: {why}.")
