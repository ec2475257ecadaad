"""The school that everybody lies to: a real node that follows a log over real HTTP, in a copy made for each lie.

Two records were read, the log has 14 entries then; what a lie changes is served afterwards.
"""

import copy
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from federation.keys import Jwk, build_jwks, public_jwk
from federation.tlog.note import COSIGNATURE_V1, build_vkey
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.keys import make_missing_keys
from nic_node.membership.local import LOCAL_NODE, LocalNode
from nic_node.mirror.read import list_living
from nic_node.mirror.routes import peer_routes
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord, MirrorRefusal
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.web import context
from nic_node.web.application import build_application
from tests.conftest import TestClock, open_sqlite
from tests.fakes.dishonest_peers import DishonestPeers
from tests.fakes.mirroring import Mirroring
from tests.fakes.network_log import MEMBERS, PRACTICE, START, NetworkLog, announced_log, open_log, shared_key

KINDS = ("practice", "replication", "question")
PATIENCE_SECONDS = 1.0
"""So that a test waits no longer than this for who never answers."""
DATABASE = "test.sqlite3"
READ, NEW, FRESH, WITNESSED = "read", "new", "fresh", "witnessed"
WITNESSES = tuple(f"{name}.example/witness" for name in MEMBERS)


class Reader(Mirroring):
    """`peers` may be anything; `await found()` says in a word what the node made of it."""

    def __init__(self, node: LocalNode, peers: DishonestPeers, clock: TestClock) -> None:
        super().__init__(node, peers, clock)
        self.peers = peers
        self.membership_id = 1

    async def found(self) -> str:
        """After a look at the log: its state where that is no good one, else a code, or how a record stands."""
        async with self.database.reading() as session:
            known = set(await session.scalars(select(MirrorRefusal.id)))
        report = await self.pull()
        async with self.database.reading() as session:
            seen = select(MirrorLog.state, MirrorLog.size, MirrorLog.final_size)
            state, size, final = (await session.execute(seen)).one()
            refused = await session.scalars(select(MirrorRefusal).order_by(MirrorRefusal.id))
            codes = {one.code for one in refused if one.id not in known}
            records = set(await session.scalars(select(MirrorRecord.state)))
        if state == LogState.FROZEN:
            return "frozen"
        if report.trouble is not None:
            return report.trouble.value
        if codes or RecordState.WITHHELD in records:
            return " ".join(sorted(codes)) or "withheld"
        return "taken" if final == size else "provisional"

    async def titles(self) -> set[str]:
        """Of all that is shown to people here."""
        async with self.database.reading() as session:
            return {record.payload.get("title", "") for record in await list_living(session, log_ids=[1], kinds=KINDS)}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[TestClient]:
        """The node as others reach it."""

        def services(app: web.Application) -> None:
            app[LOCAL_NODE] = self.node
            app[context.DATABASE], app[context.CLOCK], app[context.WAKE] = self.database, self.clock, self.node.wake

        routes = peer_routes()
        app = build_application(self.node.config, pages=routes, operations=[], rooms={}, services=services)
        async with TestClient(TestServer(app)) as client:
            yield client

    def signed_by(self, key: Jwk, path: str, body: bytes) -> dict[str, str]:
        """Headers of a request that ada's node sends to this one."""
        signer = RequestSigner(self.log.entity("ada"), key)
        target = f"{self.node.config.public_url}{path}"
        return build_signature_headers(
            signer, method="POST", target_uri=target, body=body, now=self.clock(), nonce=token_urlsafe(16)
        )

    def publish(self, title: str, name: str = "ada") -> int:
        return self.log.publish(name, payload=PRACTICE | {"title": title})


@dataclass
class Stands:
    """What is made once: the server, a node that has joined and one that has read, and two logs to show them."""

    peers: DishonestPeers
    folder: Path
    clock: TestClock
    logs: dict[str, NetworkLog] = field(default_factory=dict)

    async def make(self) -> None:
        for kind, begun in ((FRESH, announced_log), (READ, open_log), (WITNESSED, witnessed_log)):
            self.peers.log = begun(network=self.peers.network, host=self.peers.host)
            folder = self.folder / kind
            folder.mkdir()
            async with self.reader(folder, await open_sqlite(folder)) as reader:
                await reader.join(jwks=build_jwks([public_jwk(shared_key("Ed25519", "http north"))]))
                if kind != FRESH:
                    reader.publish("First")
                    reader.publish("Second", "ben")
                    assert await reader.found() == ("taken" if kind == READ else "provisional")
            self.logs[kind] = self.peers.log

    @asynccontextmanager
    async def copied(self, kind: str, folder: Path) -> AsyncIterator[Reader]:
        """A node that is shown a copy of a log.

        Args:
            kind: 'read' has read two records of an open term, 'witnessed' of one with three witnesses; 'new' has
                joined, and may read what 'read' read; 'fresh' has joined a network whose term is announced.
        """
        shutil.copyfile(self.folder / (FRESH if kind == NEW else kind) / DATABASE, folder / DATABASE)
        self.peers.be_honest()
        self.peers.log = copy.deepcopy(self.logs[READ if kind == NEW else kind])
        self.clock.now = START
        database = Database.connect(f"sqlite:///{folder / DATABASE}")
        async with self.reader(folder, database) as reader:
            yield reader

    @asynccontextmanager
    async def reader(self, folder: Path, database: Database) -> AsyncIterator[Reader]:
        client = PeerClient(clock=self.clock, allow_insecure_loopback=True, total_seconds=PATIENCE_SECONDS)
        async with client:
            node = LocalNode(
                config=read_config(folder, {"NIC_POLL_SECONDS": "60"}),
                database=database,
                operator_key=OperatorKey(b"k" * 32),
                client=client,
                nonces=NonceStore(database),
                clock=self.clock,
                random_bytes=token_bytes,
                wake=lambda: None,
            )
            try:
                await make_missing_keys(node)
                yield Reader(node, self.peers, self.clock)
            finally:
                await database.close()


def witnessed_log(**fields: Any) -> NetworkLog:
    """As `open_log`; its term names three witnesses."""
    log = NetworkLog(**fields)
    witnesses = tuple(build_vkey(name, shared_key("Ed25519", name), COSIGNATURE_V1) for name in WITNESSES)
    log.append(log.genesis(), *(log.member(name) for name in MEMBERS), log.epoch(witnesses=witnesses))
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS), log.open())
    return log


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Stands]:
    peers = DishonestPeers()
    async with peers.running():
        stands = Stands(peers, folder, TestClock(START))
        await stands.make()
        yield stands
