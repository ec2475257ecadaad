"""The contents of a whole log verified from nothing: each living blob by its leaf, its term's rules and what it names.

What is withheld, what is served although it was taken back or blocked, and what stands for no record is told apart.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from federation.judge import LogState, MemoryRows, Outcome, RecordRow
from federation.judge.blobs import judge_blob, wanted_documents
from federation.tlog.tiles import TILE_WIDTH, Tile, tiles_at
from schemas.canonical import sha256_hex
from schemas.problem import Code


class Contents(Protocol):
    """Where the contents of a log are read; nothing of it is believed."""

    async def read_blobs(self, tile: Tile) -> list[bytes]:
        """The living blobs under a tile of level 0, in any order.

        Raises:
            Unreachable, Untrusted: there is no such file, or no answer of use.
        """
        ...

    async def read_document(self, network: str, sha256: str) -> Mapping[str, Any]:
        """A policy or a lattice, its hash checked.

        Raises:
            Unreachable, Untrusted: as `read_blobs`.
        """
        ...


@dataclass
class ContentsAudit:
    """What was found so far. living: blobs that hold; newer: for newer programs; strays: lines that are no record's."""

    living: int = 0
    newer: int = 0
    strays: int = 0
    refused: dict[int, Code] = field(default_factory=dict)
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def run(self, contents: Contents, state: LogState, rows: MemoryRows) -> AsyncIterator[int]:
        """Verify the contents of a log whose entries were judged; yields how many entries are behind.

        Raises:
            FederationError: a file of contents or a document is not to be had: the rest could not be verified.
        """
        origin = state.required_genesis.origin
        for tile in tiles_at(0, state.size):
            first = tile.index * TILE_WIDTH
            within = range(first, first + tile.width)
            records = [found for index in within if (found := rows.find_record(origin, index)) is not None]
            if records:
                await self._judge(contents, state, rows, records, await contents.read_blobs(tile))
            yield first + tile.width

    async def _judge(
        self, contents: Contents, state: LogState, rows: MemoryRows, records: list[RecordRow], lines: list[bytes]
    ) -> None:
        served = {sha256_hex(line): line for line in lines}
        for record in records:
            data = served.pop(record.blob_sha256, None)
            if record.gone is not None or is_blocked(state, record):
                if data is not None:
                    self.refused[record.index] = Code.BLOB_RETRACTED
            elif data is None:
                self.refused[record.index] = Code.BLOB_MISSING
            else:
                await self._judge_blob(contents, state, rows, record, data)
        self.strays += len(served)

    async def _judge_blob(
        self, contents: Contents, state: LogState, rows: MemoryRows, record: RecordRow, data: bytes
    ) -> None:
        network = state.required_genesis.network
        for sha256 in wanted_documents(state, record):
            if sha256 not in self.documents:
                self.documents[sha256] = await contents.read_document(network, sha256)
        verdict = judge_blob(state, record, data, self.documents)
        for row in verdict.rows:
            rows.add(row)
        if verdict.outcome is Outcome.NEWER:
            self.newer += 1
        elif verdict.code is not None:
            self.refused[record.index] = verdict.code
        else:
            self.living += 1


def is_blocked(state: LogState, record: RecordRow) -> bool:
    """Whether its pseudonym was blocked from it, or from an earlier entry on."""
    return state.blocks.get(record.jkt, record.index + 1) <= record.index
