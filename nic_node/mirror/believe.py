"""Which checkpoint is believed: signed by the pinned key, and of a tree that only grew.

A source that shows anything else is stopped. A log whose key signed two histories is frozen: that is proof, whoever
shows it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from federation.epochs import Epoch, read_epoch
from federation.errors import Untrusted
from federation.judge import EpochRow
from federation.tlog.checkpoint import (
    MIN_WITNESSES,
    Checkpoint,
    VerifiedCheckpoint,
    consistency_tiles,
    is_final,
    verify_checkpoint,
    verify_extends,
)
from federation.tlog.fork import ForkProof, build_fork_proof
from federation.tlog.note import Note, NoteSignature, format_note, parse_note, parse_vkey
from federation.tlog.reader import LogReader, read_note, read_tile
from federation.tlog.tiles import Tile, TileHashes, tiles_wanted
from schemas.problem import Code


@dataclass
class Tiles:
    """Tiles of one source, fetched once a run: claims, until something computed from them meets a signed root."""

    reader: LogReader
    files: dict[str, bytes] = field(default_factory=dict)

    async def fetch(self, tiles: Iterable[Tile]) -> None:
        for tile in tiles:
            if tile.path not in self.files:
                self.files[tile.path] = b"".join(await read_tile(self.reader, tile))


class Forked(Untrusted):
    """Two histories, signed by the log's own key.

    Attributes:
        note: the second checkpoint; proof: what `federation.tlog.fork.Fork` says of the two.
        tiles: of who showed it.
        first: the checkpoint that it contradicts, where that is not the one that was believed last.
        shown_by: a member, where it was not the log itself.
    """

    def __init__(
        self, note: bytes, proof: ForkProof | None, tiles: Tiles | None = None, first: bytes | None = None
    ) -> None:
        super().__init__(Code.LOG_FORKED, "The log signed two different histories. Nothing more is taken from it.")
        self.note = note
        self.proof = proof
        self.tiles = tiles
        self.first = first
        self.shown_by = ""


async def fetch_checkpoint(
    tiles: Tiles, log_key: str, old: Checkpoint | None, held: Tiles | None = None
) -> VerifiedCheckpoint:
    """The source's checkpoint, if it extends the one that was believed last.

    Args:
        held: our own copy of the tree of `old`, where it is whole: what is shorter is held against it.

    Raises:
        Forked: the log signed two histories.
        Untrusted: what `verify_checkpoint` and `verify_extends` find.
        Unreachable: no answer, or a tile is missing.
    """
    note = await read_note(tiles.reader)
    verified = verify_checkpoint(note, parse_vkey(log_key))
    if held is not None and old is not None and verified.checkpoint.size < old.size:
        # An old answer, unless our own copy says that the tree was another one then.
        await verify_growth(held, verified.checkpoint, old, note)
    await verify_growth(tiles, old, verified.checkpoint, note)
    return verified


async def verify_growth(tiles: Tiles, old: Checkpoint | None, new: Checkpoint, note: bytes) -> None:
    """That the new tree extends the old one; both were signed by the log's key, `note` is the one that was shown last.

    Raises:
        Forked: the log signed two histories.
        Untrusted: what `verify_extends` finds.
        Unreachable: a tile is missing.
    """
    if old is not None:
        await tiles.fetch(consistency_tiles(old, new))
    try:
        verify_extends(old, new, tiles.files)
    except Untrusted as error:
        if error.code is Code.LOG_FORKED:
            raise Forked(note, None, tiles) from error
        proof = None if old is None else await prove_fork(tiles, old, new)
        if proof is not None:
            raise Forked(note, proof, tiles) from error
        raise


async def prove_fork(tiles: Tiles, old: Checkpoint, new: Checkpoint) -> ForkProof | None:
    """What shows that the new tree itself, and not only a wrong tile, contradicts the old one; None where nothing does.

    If the tiles show that the new root's tree had another root at the old size, its signature is on another history.
    """
    if not 0 < old.size < new.size:
        return None
    await tiles.fetch(tiles_wanted([(0, old.size)], new.size))
    return build_fork_proof(old, new, TileHashes(tiles.files, new.size).hash_at)


async def read_copy(tiles: Tiles, log_key: str, ours: Checkpoint | None, copy: LogReader) -> Checkpoint:
    """A member's checkpoint, if one of the two trees is the beginning of the other.

    Args:
        tiles: of our tree, as far as `ours` goes; None: there is none yet, and any that is signed will do.

    Raises:
        Forked: the log signed two histories. Untrusted, Unreachable: as `fetch_checkpoint`.
    """
    note, theirs_tiles = await read_note(copy), Tiles(copy)
    theirs = verify_checkpoint(note, parse_vkey(log_key)).checkpoint
    try:
        if ours is not None and theirs.size <= ours.size:
            await verify_growth(tiles, theirs, ours, note)
        else:
            # Its tree goes on where ours ends: the proof is in its copy.
            await verify_growth(theirs_tiles, ours, theirs, note)
    except Forked as error:
        error.tiles = theirs_tiles
        raise
    return theirs


@dataclass(frozen=True, slots=True)
class Finality:
    """Up to where entries are final, and by whom.

    Attributes:
        is_witnessed: by a quorum of witnesses; else by members that serve a consistent checkpoint.
        cosigned, witnesses: so many of so many confirmed what is final.
    """

    size: int
    is_witnessed: bool
    cosigned: int = 0
    witnesses: int = 0


@dataclass(frozen=True, slots=True)
class Vouched:
    """What members of this node's own choice serve.

    Attributes:
        wanted: how many it takes: two, or as many others as there are.
        sizes: of their checkpoints, each consistent with ours, and cut to our size.
    """

    wanted: int
    sizes: tuple[int, ...] = ()

    @property
    def size(self) -> int | None:
        """How far as many as it takes go; None where too few served any."""
        if self.wanted == 0 or len(self.sizes) < self.wanted:
            return None
        return sorted(self.sizes, reverse=True)[self.wanted - 1]


def has_witnesses(epochs: Mapping[int, EpochRow], final_size: int) -> bool:
    """Whether a checkpoint becomes final by cosignatures; else members are asked what they see."""
    epoch = witnessing_epoch(epochs, final_size)
    return epoch is not None and len(epoch.witnesses) >= MIN_WITNESSES


def find_finality(
    note: bytes, log_key: str, epochs: Mapping[int, EpochRow], before: Finality, vouched: Vouched
) -> Finality:
    """What a believed checkpoint makes final, by the witnesses of the newest epoch that is already final.

    Args:
        epochs: of the log up to this checkpoint.
        before: what was final until now; the first epoch leaf counts for itself.
        vouched: what members serve, asked where there are fewer than three witnesses.
    """
    epoch = witnessing_epoch(epochs, before.size)
    witnesses = () if epoch is None else epoch.witnesses
    verified = verify_checkpoint(note, parse_vkey(log_key), witnesses)
    size = verified.checkpoint.size
    if len(witnesses) < MIN_WITNESSES or epoch is None:
        # A network of one has nobody else to ask.
        seen = size if vouched.wanted == 0 else max(before.size, vouched.size or 0)
        return Finality(seen, is_witnessed=False, cosigned=len(vouched.sizes), witnesses=vouched.wanted)
    cosigned = len(verified.cosigned)
    if is_final(verified.cosigned, [witness.name for witness in witnesses], epoch.quorum):
        return Finality(size, is_witnessed=True, cosigned=cosigned, witnesses=len(witnesses))
    return before


def join_cosignatures(
    held: bytes | None, shown: VerifiedCheckpoint, log_key: str, epochs: Mapping[int, EpochRow]
) -> bytes:
    """One note of all that two of the same checkpoint have: no source can take a cosignature away again.

    Only lines of the log and of witnesses that an epoch names are in it, each of them verified: whoever is served this
    note has nothing to blame us for.

    Raises:
        Untrusted: SIGNATURE_INVALID, one of them in the note that is shown does not hold.
    """
    key = parse_vkey(log_key)
    witnesses = {witness for row in epochs.values() for witness in read_epoch(row.payload).witnesses}
    verify_checkpoint(shown.note, key, witnesses)
    note = parse_note(shown.note)
    before = None if held is None else parse_note(held)
    # Extension lines may differ where the tree does not: then the signatures of before are under other words.
    lines = (*(before.signatures if before is not None and before.text == note.text else ()), *note.signatures)
    known = {(named.name, named.key_id) for named in (key, *witnesses)}
    joined: dict[tuple[str, bytes], NoteSignature] = {}
    for line in lines:
        if (by := (line.name, line.key_id)) in known:
            joined.setdefault(by, line)
    return format_note(Note(note.text, tuple(joined.values())))


def confirmed_at(note: bytes, log_key: str, epochs: Mapping[int, EpochRow], final_size: int) -> datetime | None:
    """Until when a checkpoint was the newest, by the word of a quorum of witnesses; None where too few say so.

    A copy of a log may be old: when its network wrote this, the times of the cosignatures say.
    """
    epoch = witnessing_epoch(epochs, final_size)
    if epoch is None or len(epoch.witnesses) < MIN_WITNESSES:
        return None
    cosigned = verify_checkpoint(note, parse_vkey(log_key), epoch.witnesses).cosigned
    times = sorted(cosigned.values(), reverse=True)
    return datetime.fromtimestamp(times[epoch.quorum - 1], UTC) if len(times) >= epoch.quorum else None


def witnessing_epoch(epochs: Mapping[int, EpochRow], final_size: int) -> Epoch | None:
    """The newest epoch that is final, else the first: its witnesses decide what is final."""
    final = [row for row in epochs.values() if row.index < final_size]
    newest = max(final, key=lambda row: row.index, default=None) or min(
        epochs.values(), key=lambda row: row.index, default=None
    )
    return None if newest is None else read_epoch(newest.payload)
