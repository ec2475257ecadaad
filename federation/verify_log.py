"""A whole log verified from nothing: every leaf hashed, every tile, signature and credential checked; then contents.

Pure but for the reader that is awaited. What is wrong with single entries stands in `refused` and the rest goes on;
what is wrong with the log as such stands in `faults`. Either makes the report not ok.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.epochs import read_epoch
from federation.errors import FederationError, Unreachable, Untrusted
from federation.judge import LogState, MemoryRows, Outcome, Pins, Verdict, judge_leaf
from federation.tlog.checkpoint import Checkpoint, is_final, read_checkpoint, verify_checkpoint
from federation.tlog.edge import EMPTY_EDGE, TreeEdge, extend_edge
from federation.tlog.merkle import hash_leaf
from federation.tlog.note import parse_vkey
from federation.tlog.reader import LogReader, read_bundle, read_note, read_tile
from federation.tlog.tiles import TILE_WIDTH, Tile, tiles_at
from federation.verify_contents import Contents, ContentsAudit
from schemas.problem import Code


@dataclass(frozen=True)
class Progress:
    """Entries verified so far, and of how many; is_contents: of their contents, which come afterwards."""

    done: int
    size: int
    is_contents: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong with the log as such: code and one plain sentence."""

    code: Code
    detail: str


@dataclass(frozen=True)
class Report:
    """What verification found.

    Attributes:
        newer: entries for newer programs. pinned: whether the keys were known beforehand.
        is_final: a quorum of the witnesses that the newest term names cosigned the checkpoint. Whether that term was
            final before, which makes them count, a node knows from what it saw earlier, and no log says.
        counted: what the log establishes: members, epochs, pseudonyms, blocked pseudonyms, records gone.
        contents: living, newer and strays among the blobs; None where they were not asked for.
    """

    origin: str | None
    size: int
    root: str | None
    records: int
    cosignatures: tuple[str, ...]
    refused: tuple[tuple[int, Code], ...]
    newer: int
    alarms: tuple[tuple[int, Code], ...]
    faults: tuple[Fault, ...]
    pinned: bool
    is_final: bool = False
    counted: Mapping[str, int] = field(default_factory=dict)
    contents: Mapping[str, int] | None = None

    @property
    def ok(self) -> bool:
        return not self.refused and not self.faults

    def document(self) -> dict[str, Any]:
        """The answer of `nic log verify --json`; root in hex."""
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "records": self.records,
            "cosignatures": list(self.cosignatures),
            "refused": [{"index": index, "code": code.value} for index, code in self.refused],
            "newer": self.newer,
            "alarms": [{"index": index, "code": code.value} for index, code in self.alarms],
            "faults": [{"code": fault.code.value, "detail": fault.detail} for fault in self.faults],
            "pinned": self.pinned,
            "final": self.is_final,
            "counted": dict(self.counted),
            "contents": None if self.contents is None else dict(self.contents),
            "ok": self.ok,
        }


async def verify_log(
    reader: LogReader, pins: Pins, contents: Contents | None = None
) -> AsyncIterator[Progress | Report]:
    """Verify everything that a reader serves; the last item is the Report.

    Args:
        contents: where the blobs are read, which members get; without it they are not verified.

    Raises:
        Unreachable: the source gives no answer at all (a file that it does not have is a fault of the log).
    """
    audit = _Audit(pins)
    try:
        async for progress in audit.run(reader):
            yield progress
        if contents is not None:
            async for progress in audit.run_contents(contents):
                yield progress
    except Unreachable as error:
        if error.code is not Code.LOG_INCOMPLETE:
            raise
        audit.fault(error)
    except Untrusted as error:
        audit.fault(error)
    yield audit.report()


@dataclass
class _Audit:
    """What is known so far.

    Two trees grow side by side, one of the entries and one of the tiles of level 0: where they part, the signed root
    tells which of the two is wrong.
    """

    pins: Pins
    checkpoint: Checkpoint | None = None
    cosignatures: tuple[str, ...] = ()
    refused: dict[int, Code] = field(default_factory=dict)
    alarms: list[tuple[int, Code]] = field(default_factory=list)
    records: int = 0
    newer: int = 0
    faults: list[Fault] = field(default_factory=list)
    by_entries: TreeEdge = EMPTY_EDGE
    by_tiles: TreeEdge = EMPTY_EDGE
    differing: list[int] = field(default_factory=list)
    upper_tiles: dict[tuple[int, int], tuple[Tile, bytes]] = field(default_factory=dict)

    is_final: bool = False
    contents: ContentsAudit | None = None

    def __post_init__(self) -> None:
        self.rows = MemoryRows()
        self.state = LogState(self.pins, self.rows)

    async def run(self, reader: LogReader) -> AsyncIterator[Progress]:
        note = await read_note(reader)
        checkpoint = self.checkpoint = read_checkpoint(note)
        if checkpoint.size == 0:
            raise Untrusted(Code.GENESIS_MISSING, "The log is empty: it has not even its genesis leaf.")
        for tile in tiles_at(0, checkpoint.size):
            entries = await read_bundle(reader, tile)
            self._grow(await read_tile(reader, tile), entries)
            self._judge(entries)
            if tile.index == 0:
                self._verify_note(note)
            yield Progress(self.state.size, checkpoint.size)
        self._compare_roots(checkpoint.root)
        await self._compare_upper_tiles(reader)
        self._verify_cosignatures(note)

    async def run_contents(self, contents: Contents) -> AsyncIterator[Progress]:
        self.contents = ContentsAudit()
        try:
            async for done in self.contents.run(contents, self.state, self.rows):
                yield Progress(done, self.state.size, is_contents=True)
        finally:
            self.refused |= self.contents.refused
        if self.contents.strays:
            detail = f"{self.contents.strays} blobs are served that no record of the log commits to."
            self.faults.append(Fault(Code.BLOB_HASH_WRONG, detail))

    def fault(self, error: FederationError) -> None:
        self.faults.append(Fault(error.code, error.detail))

    # The tree --------------------------------------------------------------------------------------------------------

    def _grow(self, hashes: Sequence[bytes], entries: Sequence[bytes]) -> None:
        computed = [hash_leaf(entry) for entry in entries]
        pairs = enumerate(zip(computed, hashes, strict=True), start=self.by_entries.size)
        self.differing += [index for index, (ours, theirs) in pairs if ours != theirs]
        self.by_entries, _ = extend_edge(self.by_entries, computed)
        self.by_tiles, tiles = extend_edge(self.by_tiles, hashes)
        # A later, wider version of the same tile takes its place.
        self.upper_tiles |= {(tile.level, tile.index): (tile, data) for tile, data in tiles.items() if tile.level}

    def _compare_roots(self, root: bytes) -> None:
        if self.by_entries.root() == root:
            wrong = {index // TILE_WIDTH for index in self.differing}
            self.faults += [_tile_wrong(Tile(0, index)) for index in sorted(wrong)]
            return
        self.refused |= dict.fromkeys(self.differing, Code.ENTRY_WRONG)
        if self.by_tiles.root() != root:
            self.faults.append(Fault(Code.INCLUSION_WRONG, "The log's entries do not make the root that it signed."))

    async def _compare_upper_tiles(self, reader: LogReader) -> None:
        for tile, expected in self.upper_tiles.values():
            if b"".join(await read_tile(reader, tile)) != expected:
                self.faults.append(_tile_wrong(tile))

    # What is in it ---------------------------------------------------------------------------------------------------

    def _judge(self, entries: Sequence[bytes]) -> None:
        for entry in entries:
            index = self.state.size
            try:
                verdict = judge_leaf(self.state, index, entry)
            except Untrusted as error:
                # Entry 0: without it nobody can say what the others mean.
                self.refused[index] = error.code
                raise
            self.state.apply(verdict)
            self._count(verdict)

    def _count(self, verdict: Verdict) -> None:
        if verdict.outcome is Outcome.NEWER:
            self.newer += 1
        elif verdict.code is not None:
            self.refused[verdict.index] = verdict.code
        elif verdict.leaf is not None and verdict.leaf.t == "record":
            self.records += 1
        self.alarms += [(verdict.index, code) for code in verdict.alarms]

    # Who signed it ---------------------------------------------------------------------------------------------------

    def _verify_note(self, note: bytes) -> None:
        verify_checkpoint(note, parse_vkey(self.state.required_genesis.log_key))

    def _verify_cosignatures(self, note: bytes) -> None:
        """By the witnesses of the newest epoch; before there is one, of none."""
        epochs = self.state.epochs
        epoch = read_epoch(epochs[max(epochs)].payload) if epochs else None
        witnesses = () if epoch is None else epoch.witnesses
        verified = verify_checkpoint(note, parse_vkey(self.state.required_genesis.log_key), witnesses)
        self.cosignatures = tuple(sorted(verified.cosigned))
        if epoch is not None:
            self.is_final = is_final(verified.cosigned, [witness.name for witness in witnesses], epoch.quorum)

    def report(self) -> Report:
        checkpoint = self.checkpoint
        return Report(
            origin=checkpoint.origin if checkpoint else None,
            size=checkpoint.size if checkpoint else 0,
            root=checkpoint.root.hex() if checkpoint else None,
            records=self.records,
            cosignatures=self.cosignatures,
            refused=tuple(sorted(self.refused.items())),
            newer=self.newer,
            alarms=tuple(self.alarms),
            faults=tuple(self.faults),
            pinned=self.pins.are_keys_pinned,
            is_final=self.is_final,
            counted=self._counted(),
            contents=None if self.contents is None else self._contents(self.contents),
        )

    def _counted(self) -> dict[str, int]:
        return {
            "members": self.rows.count_members(),
            "epochs": len(self.state.epochs),
            "pseudonyms": len(self.rows.pseudonyms),
            "blocked": len(self.state.blocks),
            "gone": sum(record.gone is not None for record in self.rows.records.values()),
        }

    @staticmethod
    def _contents(audit: ContentsAudit) -> dict[str, int]:
        return {"living": audit.living, "newer": audit.newer, "strays": audit.strays}


def _tile_wrong(tile: Tile) -> Fault:
    return Fault(Code.TILE_WRONG, f"{tile.path} does not hold the hashes of what is under it.")
