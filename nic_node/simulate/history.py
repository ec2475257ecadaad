"""What a log shows: its files, its living blobs, its checkpoint. An honest log has one history, a forked one two."""

import gzip
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace

from federation.judge import LogState, MemoryRows, Outcome, Pins, Verdict, judge_leaf
from federation.tlog.checkpoint import Checkpoint
from federation.tlog.edge import EMPTY_EDGE, TreeEdge, append_entries
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile, parse_index_path

BLOBS = "blobs/"


@dataclass(slots=True)
class History:
    """`state` is that of the judge at its end; `lines` keeps what a bundle of blobs weighs on the wire."""

    origin: str
    edge: TreeEdge = EMPTY_EDGE
    files: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[int, bytes] = field(default_factory=dict)
    state: LogState = field(default_factory=lambda: LogState(Pins(), MemoryRows()))
    note: bytes = b""
    _lines: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.origin, self.edge.size, self.edge.root())

    def append(self, leaves: Iterable[bytes]) -> None:
        """Leaves that the judge has accepted already."""
        position, held = divmod(self.edge.size, TILE_WIDTH)
        partial = self.files[Tile(0, position, held).bundle_path] if held else b""
        appended = append_entries(self.edge, partial, list(leaves))
        self.edge = appended.edge
        self.files |= appended.files

    def accept(self, leaves: Iterable[bytes]) -> list[Verdict]:
        """Judge leaves of the network's own and append them; one that is refused is a mistake of this simulation."""
        verdicts = []
        held = list(leaves)
        for leaf in held:
            verdict = judge_leaf(self.state, self.state.size, leaf)
            if verdict.outcome is not Outcome.ACCEPTED:
                raise ValueError(f"the log refuses its own leaf: {verdict.code}: {verdict.detail}")
            self.state.apply(verdict)
            verdicts.append(verdict)
        self.append(held)
        return verdicts

    def branch(self) -> "History":
        """The same up to here; what comes after is its own."""
        return History(
            self.origin, self.edge, dict(self.files), dict(self.blobs), copy_state(self.state), self.note, {}
        )

    # Serving -----------------------------------------------------------------------------------------------------

    def file(self, path: str) -> tuple[bytes, int] | None:
        """The bytes at a path, and how many of them cross the wire: blobs are compressed. None: it is not there."""
        if path == CHECKPOINT_PATH:
            return self.note, len(self.note)
        if path.startswith(BLOBS):
            return self._lines.get(path) or self._lines.setdefault(path, self._blob_lines(path))
        data = self.files.get(path)
        return None if data is None else (data, len(data))

    def _blob_lines(self, path: str) -> tuple[bytes, int]:
        position, width = parse_index_path(path.removeprefix(BLOBS))
        first = position * TILE_WIDTH
        lines = b"".join(self.blobs[index] + b"\n" for index in range(first, first + width) if index in self.blobs)
        return lines, len(gzip.compress(lines, 6, mtime=0))


def copy_state(state: LogState) -> LogState:
    """One that goes its own way from here; the rows themselves never change."""
    rows = state.rows
    assert isinstance(rows, MemoryRows)
    parted = MemoryRows()
    vars(parted).update({name: copy(held) for name, held in vars(rows).items()})
    return replace(state, rows=parted, epochs=dict(state.epochs), blocks=dict(state.blocks))
