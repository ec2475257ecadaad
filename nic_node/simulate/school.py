"""One school's node: what it believes of the log, and how it follows it with the mirror's own code, without a database.

The same steps in the same order as `nic_node.mirror.follow`: checkpoint, entries a bundle at a time, blobs. What was
taken in stays when a later step fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from federation.judge import LogState, MemoryRows, Outcome, Pins, RecordRow, judge_blob, judge_leaf
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint
from federation.tlog.edge import EMPTY_EDGE, TreeEdge
from federation.tlog.merkle import EMPTY_ROOT
from federation.tlog.note import VerifierKey
from federation.tlog.reader import LogReader
from federation.tlog.tiles import TILE_WIDTH, Tile
from nic_node.mirror.believe import Finality, Tiles, Vouched, fetch_checkpoint, find_finality
from nic_node.mirror.blob_lines import match_lines
from nic_node.mirror.entries import fetch_bundle
from nic_node.mirror.source import MAX_BLOBS_BYTES
from nic_node.simulate.history import copy_state
from nic_node.simulate.reading import Line
from nic_node.simulate.sharing import Verdicts
from schemas.problem import Code

LOG: Final = -1
"""The log itself, among sources."""
AT_ONCE: Final = Vouched(wanted=0)
"""As if there were nobody else to ask: what members see of each other's copies is not simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What every node was given when it joined: the log's key, what an invitation pins, public documents by hash."""

    log_key: VerifierKey
    pins: Pins
    documents: Mapping[str, Mapping[str, Any]]
    verdicts: Verdicts


@dataclass(slots=True, eq=False)
class School:
    """`believed` is the last checkpoint, `edge` and `state` are as far as entries were judged, `root` is the edge's.

    Attributes:
        lacking: records whose blob is still to come.
        refused: codes of leaves and blobs that were not taken.
        evidence: the two notes, once the log showed two histories.
        shown: the checkpoint that each source gave last, by the number of its school, or LOG.
    """

    number: int
    line: Line
    started_at: float
    state: LogState
    believed: Checkpoint | None = None
    note: bytes = b""
    edge: TreeEdge = EMPTY_EDGE
    root: bytes = EMPTY_ROOT
    final_size: int = 0
    lacking: tuple[RecordRow, ...] = ()
    refused: list[Code] = field(default_factory=list)
    alarms: list[Code] = field(default_factory=list)
    evidence: tuple[bytes, bytes] | None = None
    shown: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_frozen(self) -> bool:
        return self.evidence is not None

    @property
    def is_complete(self) -> bool:
        """Whether everything up to the checkpoint is here."""
        return self.believed is not None and self.edge.size == self.believed.size and not self.lacking


@dataclass(frozen=True, slots=True)
class _Entries:
    edge: TreeEdge
    root: bytes
    state: LogState
    records: tuple[RecordRow, ...]
    refused: tuple[Code, ...]
    alarms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class _Blobs:
    accepted: tuple[RecordRow, ...]
    refused: tuple[Code, ...]
    still_lacking: tuple[RecordRow, ...]


def new_state(pins: Pins) -> LogState:
    return LogState(pins, MemoryRows())


async def follow(school: School, reader: LogReader, rules: Rules) -> list[RecordRow]:
    """One run of pulling from one source; answers the records that came.

    Raises:
        Forked: the log signed two histories.
        Untrusted, Unreachable: the source is of no use now. What came before is kept.
    """
    came: list[RecordRow] = []
    await _follow_checkpoint(school, reader, rules)
    assert school.believed is not None
    while school.edge.size < school.believed.size:
        await _follow_bundle(school, school.believed, reader, rules)
    for position in sorted({row.index // TILE_WIDTH for row in school.lacking}):
        came += await _follow_blobs(school, school.believed, position, reader, rules)
    school.final_size = max(school.final_size, _final_size(school, rules))
    return came


async def _follow_checkpoint(school: School, reader: LogReader, rules: Rules) -> None:
    old = school.believed

    async def work(reader: LogReader) -> VerifiedCheckpoint:
        return await fetch_checkpoint(Tiles(reader), rules.log_key.text, old)

    verified = await rules.verdicts.reach(("checkpoint", old), reader, work)
    school.believed, school.note = verified.checkpoint, verified.note


async def _follow_bundle(school: School, checkpoint: Checkpoint, reader: LogReader, rules: Rules) -> None:
    work = partial(_take_in, edge=school.edge, state=school.state, checkpoint=checkpoint, rules=rules)
    taken = await rules.verdicts.reach(("entries", school.root, checkpoint), reader, work)
    school.edge, school.root, school.state = taken.edge, taken.root, taken.state
    school.lacking += taken.records
    school.refused += taken.refused
    school.alarms += taken.alarms


async def _take_in(
    reader: LogReader, *, edge: TreeEdge, state: LogState, checkpoint: Checkpoint, rules: Rules
) -> _Entries:
    bundle = await fetch_bundle(Tiles(reader), edge, checkpoint)
    state = copy_state(state) if rules.verdicts.is_shared else state
    records: list[RecordRow] = []
    refused: list[Code] = []
    alarms: list[Code] = []
    for entry in bundle.entries:
        verdict = judge_leaf(state, state.size, entry)
        state.apply(verdict)
        records += [row for row in verdict.rows if isinstance(row, RecordRow) and row.gone is None]
        refused += [verdict.code] if verdict.code is not None else []
        alarms += verdict.alarms
    return _Entries(bundle.edge, bundle.edge.root(), state, tuple(records), tuple(refused), tuple(alarms))


# Blobs ----------------------------------------------------------------------------------------------------------------


async def _follow_blobs(
    school: School, checkpoint: Checkpoint, position: int, reader: LogReader, rules: Rules
) -> Sequence[RecordRow]:
    here = tuple(row for row in school.lacking if row.index // TILE_WIDTH == position)
    known = ("blobs", checkpoint, position, tuple(row.index for row in here))
    tile = Tile(0, position, min(TILE_WIDTH, checkpoint.size - position * TILE_WIDTH))
    work = partial(_judge_blobs, tile=tile, lacking=here, state=school.state, rules=rules)
    judged = await rules.verdicts.reach(known, reader, work)
    elsewhere = tuple(row for row in school.lacking if row.index // TILE_WIDTH != position)
    school.lacking = elsewhere + judged.still_lacking
    school.refused += judged.refused
    return judged.accepted


async def _judge_blobs(
    reader: LogReader, *, tile: Tile, lacking: tuple[RecordRow, ...], state: LogState, rules: Rules
) -> _Blobs:
    """In log order, as the mirror does it, so that of two replications the first one counts."""
    data = await reader.read(tile.blobs_path, max_bytes=MAX_BLOBS_BYTES)
    lines = [line for line in data.split(b"\n") if line]
    numbers = match_lines(_commitments(tile, state), lines).of_record
    accepted: list[RecordRow] = []
    refused: list[Code] = []
    for row in lacking:
        if row.index not in numbers:
            continue
        verdict = judge_blob(state, row, lines[numbers[row.index]], rules.documents)
        for established in verdict.rows:
            state.rows.add(established)
        if verdict.outcome is Outcome.ACCEPTED:
            accepted.append(row)
        elif verdict.code is not None:
            refused.append(verdict.code)
    withheld = tuple(row for row in lacking if row.index not in numbers)
    return _Blobs(tuple(accepted), tuple(refused), withheld)


def _commitments(tile: Tile, state: LogState) -> dict[int, str]:
    """Leaf index -> sha256 of the blob, of all records under a tile."""
    origin, first = state.required_genesis.origin, tile.index * TILE_WIDTH
    found = (state.rows.find_record(origin, index) for index in range(first, first + tile.width))
    return {row.index: row.blob_sha256 for row in found if row is not None}


# Finality -------------------------------------------------------------------------------------------------------------


def _final_size(school: School, rules: Rules) -> int:
    """By the mirror's own rule. With fewer than three witnesses members vouch for what was read, and at once."""
    note, epochs = school.note, school.state.epochs
    before = Finality(school.final_size, is_witnessed=True)

    def found() -> int:
        return find_finality(note, rules.log_key.text, epochs, before, AT_ONCE).size

    return rules.verdicts.once(("final", note, before.size, max(epochs, default=0)), found)
