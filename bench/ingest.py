"""Taking in a bundle of 256 leaves (judged, stored in one transaction on SQLite), against a plain loop.

The loop does what no mirror can leave out: one hash and one Ed25519 verification a leaf, and one insert of the bytes.
"""

import asyncio
import hashlib
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete

from bench.pairs import Result, compare
from federation.judge import LogState, MemoryRows, Pins
from federation.keys import load_public
from federation.leaves import read_leaf
from federation.tlog.edge import EMPTY_EDGE, extend_edge
from federation.tlog.merkle import hash_leaf
from federation.tlog.tiles import TILE_WIDTH
from nic_node.db.engine import Database
from nic_node.mirror.entries import Bundle, take_in
from nic_node.mirror.states import LogState as MirrorState
from nic_node.mirror.tables import MirrorLog
from schemas.base64url import decode_base64url
from schemas.limits import WIRE_VERSION
from tests.conftest import TestClock, open_sqlite
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import MEMBERS, NetworkLog, open_log, pseudonym_key

LOG_URL = "https://net.example/net/north/log/1"
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)


def run() -> Result:
    log = open_log()
    while len(log.entries) < TILE_WIDTH:
        log.publish("ada")
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        mirror = runner.run(Mirror.opened(Path(folder), log))
        plain = PlainLoop(Path(folder), log)
        result = compare(
            "ingest-bundle",
            lambda: runner.run(mirror.take_in()),
            plain.take_in,
            n=TILE_WIDTH,
            clock="wall",
            pairs=7,
            between=lambda: runner.run(mirror.forget()),
        )
        runner.run(mirror.database.close())
    return result


class Mirror:
    """Ours; the bundle is the beginning of the log, which is forgotten between two runs."""

    def __init__(self, database: Database, log: NetworkLog, membership_id: int) -> None:
        self.database = database
        self._log = log
        self._membership_id = membership_id
        edge, tiles = extend_edge(EMPTY_EDGE, [hash_leaf(entry) for entry in log.entries])
        self._bundle = Bundle(start=0, entries=log.entries, edge=edge, tiles=tiles)

    @classmethod
    async def opened(cls, folder: Path, log: NetworkLog) -> "Mirror":
        database = await open_sqlite(folder)
        async with database.writing() as session:
            row = membership_row(log, LOG_URL, TestClock(NOW))
            session.add(row)
            await session.flush()
            return cls(database, log, row.id)

    async def forget(self) -> None:
        async with self.database.writing() as session:
            await session.execute(delete(MirrorLog))

    async def take_in(self) -> None:
        async with self.database.writing() as session:
            row = _log_row(self._log, self._membership_id)
            session.add(row)
            await session.flush()
        state = LogState(Pins(), MemoryRows())
        verdicts = await take_in(self.database, row.id, state, self._bundle, source="bench", now=NOW)
        assert all(verdict.code is None for verdict in verdicts)


class PlainLoop:
    def __init__(self, folder: Path, log: NetworkLog) -> None:
        self._entries = log.entries
        signers = [load_public(jwk) for jwk in (log.leaf_private, *(pseudonym_key(name) for name in MEMBERS))]
        keys = {key.jkt: key.handle for key in signers if isinstance(key.handle, Ed25519PublicKey)}
        self._keys = [keys[read_leaf(entry).kid] for entry in log.entries]
        self._connection = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE leaves (number INTEGER, hash BLOB, leaf BLOB)")

    def take_in(self) -> None:
        rows = []
        for number, (entry, key) in enumerate(zip(self._entries, self._keys, strict=True)):
            signed, _, signature = entry.rpartition(b".")
            key.verify(decode_base64url(signature.decode()), signed)
            rows.append((number, hashlib.sha256(b"\0" + entry).digest(), entry))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO leaves VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")


def _log_row(log: NetworkLog, membership_id: int) -> MirrorLog:
    return MirrorLog(
        membership_id=membership_id,
        network=log.network,
        generation=1,
        origin=log.origin,
        log_key=log.log_key.text,
        log_url=LOG_URL,
        state=MirrorState.NEW,
        edge=EMPTY_EDGE.to_bytes(),
        judged_version=WIRE_VERSION,
        created_at=NOW,
    )
