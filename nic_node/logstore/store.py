"""A log's files in a folder: tiles and entry bundles written once, a checkpoint and the acks replaced whole.

A file appears under its name complete and flushed, or not at all, so that a process killed at any instruction leaves
nothing half-written. Writing the same bytes again passes: what was interrupted is repeated.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from federation.errors import FederationError
from federation.tlog.checkpoint import Checkpoint, is_fork, read_checkpoint
from federation.tlog.edge import TreeEdge, edge_from_files, edge_tiles, extend_edge
from federation.tlog.merkle import hash_leaf
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile, decode_entries, is_tile_path, tile_levels, tiles_at
from nic_node.errors import Conflict, NicError

_READABLE_BY_ALL = 0o644
"""A log is public: any web server may serve its files."""
_DRAFT = ".part"


ACKS_PATH = "acks"
REPLACED = (CHECKPOINT_PATH, ACKS_PATH)


class LogStoreConflict(Conflict):
    """Other bytes stand where these should go: somebody else wrote, or an old state came back."""


class LogStoreDamaged(NicError):
    """What is on disk is not what was written."""


class LogStore:
    """One log in one folder. Safe for many readers; its one writer is fenced elsewhere."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, path: str) -> Path | None:
        """Where a path of the log lies, for a server that sends files; none where nothing of the log is."""
        if path not in REPLACED and not is_tile_path(path):
            return None
        file = self.root / path
        return file if file.is_file() else None

    def read(self, path: str) -> bytes | None:
        """The bytes at a path, none where there is no such file."""
        file = self.locate(path)
        try:
            return None if file is None else file.read_bytes()
        except FileNotFoundError:
            # A partial tile that was dropped since.
            return None

    # Writing -----------------------------------------------------------------------------------------------------

    def checkpoint_state(self) -> tuple[int, int, int] | None:
        """Changes whenever the checkpoint's file is written; None while there is none."""
        try:
            found = (self.root / CHECKPOINT_PATH).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """New tiles and bundles; when this returns they survive a power cut.

        Raises:
            LogStoreConflict: one stands there with other bytes. Nothing is overwritten.
        """
        for path, data in files.items():
            if not is_tile_path(path):
                raise ValueError(f"{path} is not a path of a tile")
            self._write_once(self.root / path, data)
        self._flush_folders(self.root / path for path in files)

    def _write_once(self, file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = _write_beside(file, data)
        try:
            # Like O_EXCL, but only ever with the whole content.
            os.link(temporary, file)
        except FileExistsError:
            if file.read_bytes() != data:
                raise LogStoreConflict(
                    f"{file} holds other bytes than this log has: another node writes here, or an old backup was "
                    "restored. Stop the other one, or restore the newest backup; if neither is so, move the file away "
                    "and it is written again."
                ) from None
        finally:
            temporary.unlink()

    def _flush_folders(self, files: Iterable[Path]) -> None:
        folders = {parent for file in files for parent in file.parents if parent.is_relative_to(self.root)}
        for folder in folders:
            _flush(folder)

    def write_checkpoint(self, note: bytes) -> None:
        """Publish a signed checkpoint in one step. The folder remembers how far this log was signed.

        Raises:
            LogStoreConflict: the one that is there is longer, or of the same length with another root.
        """
        new, held = read_checkpoint(note), self.read(CHECKPOINT_PATH)
        old = read_checkpoint(held) if held is not None else None
        if old is not None:
            _verify_follows(old, new)
        self.root.mkdir(parents=True, exist_ok=True)
        file = self.root / CHECKPOINT_PATH
        _write_beside(file, note).replace(file)
        _flush(self.root)

    def write_acks(self, acks: bytes) -> None:
        """Replace what members promised to have erased, in one step."""
        self.root.mkdir(parents=True, exist_ok=True)
        _write_beside(self.root / ACKS_PATH, acks).replace(self.root / ACKS_PATH)
        _flush(self.root)

    # Reading back ------------------------------------------------------------------------------------------------

    def load_edge(self, size: int) -> TreeEdge:
        """The right edge of the stored tree; a claim until its root is compared with a signed one.

        Raises:
            LogStoreDamaged: a tile is missing or has the wrong length.
        """
        wanted = [*edge_tiles(size), *(Tile(tile.level, tile.index) for tile in edge_tiles(size))]
        found = {tile.path: data for tile in wanted if (data := self.read(tile.path)) is not None}
        try:
            return edge_from_files(size, found)
        except FederationError as error:
            raise LogStoreDamaged(f"The log's files are damaged: {error.detail}") from error

    def load_partial_bundle(self, size: int) -> bytes:
        """The entry bundle at the right edge, empty where the last one is full.

        Raises:
            LogStoreDamaged: it is missing.
        """
        index, width = divmod(size, TILE_WIDTH)
        return self._required(Tile(0, index, width).bundle_path) if width else b""

    def verify_edge(self, edge: TreeEdge) -> None:
        """That the partial bundle holds the entries of the partial tile beside it: appending copies both.

        Raises:
            LogStoreDamaged: it is missing, or holds others.
        """
        bundle = self.load_partial_bundle(edge.size)
        hashes = edge.partials[0] if edge.partials else ()
        try:
            entries = decode_entries(bundle, len(hashes))
        except FederationError as error:
            raise LogStoreDamaged(f"The last entries in {self.root} are damaged: {error.detail}") from error
        if tuple(hash_leaf(entry) for entry in entries) != tuple(hashes):
            raise LogStoreDamaged(f"The last entries in {self.root} are not those that were hashed.")

    def read_back(self, old_size: int, size: int, root: bytes) -> None:
        """Recompute the tree from what is on disk now: every new entry, every tile above it, the root.

        Only then may a root be signed.

        Raises:
            LogStoreDamaged: it comes out otherwise.
        """
        whole = old_size - old_size % TILE_WIDTH
        edge = self.load_edge(whole)
        hashes: list[bytes] = []
        for tile in tiles_at(0, size, first=whole // TILE_WIDTH):
            hashes += [hash_leaf(entry) for entry in self._stored_entries(tile)]
        edge, tiles = extend_edge(edge, hashes)
        for tile, data in tiles.items():
            if self._required(tile.path) != data:
                raise LogStoreDamaged(f"{self.root / tile.path} does not hold the hashes of the entries under it.")
        if edge.root() != root:
            raise LogStoreDamaged(f"The log's files in {self.root} do not give the root that is to be signed.")

    def _stored_entries(self, tile: Tile) -> list[bytes]:
        try:
            return decode_entries(self._required(tile.bundle_path), tile.width)
        except FederationError as error:
            raise LogStoreDamaged(f"{self.root / tile.bundle_path} is damaged: {error.detail}") from error

    def _required(self, path: str) -> bytes:
        data = self.read(path)
        if data is None:
            raise LogStoreDamaged(f"{self.root / path} is missing. Restore it from a mirror: the bytes are the same.")
        return data

    def set_aside(self, path: str) -> Path:
        """Move a file that holds other bytes than it should out of the log; answers where it lies now."""
        if not is_tile_path(path):
            raise ValueError(f"{path} is not a path of a tile")
        kept = self.root / "set-aside" / path.replace("/", "_")
        kept.parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).replace(kept)
        _flush(kept.parent)
        _flush((self.root / path).parent)
        return kept

    # Keeping house -----------------------------------------------------------------------------------------------

    def drop_partials(self, size: int) -> int:
        """Remove partial tiles and bundles whose full one is there (C2SP tlog-tiles allows it); answers how many."""
        dropped = 0
        for level in range(tile_levels(size)):
            for tile in tiles_at(level, size):
                if tile.width == TILE_WIDTH:
                    dropped += self._drop_partials_of(tile.path)
                    dropped += self._drop_partials_of(tile.bundle_path) if level == 0 else 0
        return dropped

    def drop_drafts(self, before: float) -> int:
        """Remove what a killed process left half-written before then (seconds since 1970); answers how much.

        It stands under no name of the log, and nobody reads it.
        """
        left = [file for file in self.root.rglob(f".*{_DRAFT}") if file.is_file() and file.stat().st_mtime < before]
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _drop_partials_of(self, full_path: str) -> int:
        folder = self.root / f"{full_path}.p"
        if not folder.is_dir() or self.locate(full_path) is None:
            return 0
        partials = list(folder.iterdir())
        for partial in partials:
            partial.unlink()
        folder.rmdir()
        return len(partials)


def _verify_follows(old: Checkpoint, new: Checkpoint) -> None:
    if old.origin != new.origin:
        raise LogStoreConflict(f"This folder holds the log {old.origin}; {new.origin} needs a folder of its own.")
    if new.size < old.size:
        raise LogStoreConflict(
            f"This log was signed at {old.size} entries before and can't go back to {new.size}: an old backup was "
            "restored. Restore the newest one; if there is none: nic network recover."
        )
    if is_fork(old, new):
        raise LogStoreConflict(f"This log was signed at {old.size} entries before with another content.")


def _write_beside(file: Path, data: bytes) -> Path:
    """A temporary file in the same folder with the whole content, flushed. Where there is no room, nothing is left."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=_DRAFT, dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(data)
            temporary.flush()
            os.fchmod(temporary.fileno(), _READABLE_BY_ALL)
            os.fsync(temporary.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
