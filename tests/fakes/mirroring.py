"""A school's node that follows a served log: real database, real HTTP client, no web server of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_bytes

from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.keys import make_missing_keys
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.follow import PullReport
from nic_node.mirror.pull import pull
from nic_node.peerhttp.nonces import NonceStore
from tests.conftest import TestClock
from tests.fakes.member_mirrors import MemberMirrors
from tests.fakes.network_log import NetworkLog, open_log
from tests.fakes.served_log import ServedLog

SCHOOL = "http://127.0.0.1:8000"
HASH = "0" * 64


class Mirroring:
    """`node` is a member of the network that `served` serves; `await pull()` is one run."""

    def __init__(self, node: LocalNode, served: ServedLog, clock: TestClock) -> None:
        self.node = node
        self.served = served
        self.clock = clock
        self.membership_id = 0

    @property
    def database(self) -> Database:
        return self.node.database

    @property
    def log(self) -> NetworkLog:
        return self.served.log

    async def pull(self) -> PullReport:
        return await pull(self.node, self.membership_id)

    async def join(self, *, state: str = "approved", **metadata: object) -> int:
        """A membership row as the membership room writes it once a network has answered."""
        async with self.database.writing() as session:
            row = membership_row(self.log, self.served.log_url, self.clock, state, metadata)
            session.add(row)
            await session.flush()
            self.membership_id = row.id
        return row.id


def membership_row(
    log: NetworkLog, log_url: str, clock: TestClock, state: str = "approved", changes: dict | None = None
) -> MembershipRow:
    metadata = {
        "name": "Northern schools",
        "generation": 1,
        "log_url": log_url,
        "log_origin": log.origin,
        "log_key": log.log_key.text,
        "leaf_jwk": {name: log.leaf_private[name] for name in ("kty", "crv", "x")},
        "policy_sha256": HASH,
        "charter_sha256": HASH,
    }
    return MembershipRow(
        network=log.network,
        name="Northern schools",
        state=state,
        pinned=[],
        jti="j",
        invitation="i",
        contact={},
        profile={},
        policy_accepted=HASH,
        charter_accepted=HASH,
        moves=[],
        network_metadata=metadata | (changes or {}),
        endpoints={},
        chain=[],
        chain_expires_at=clock().replace(year=2030),
        checked_at=clock(),
        trust_marks={},
        created_at=clock(),
    )


@asynccontextmanager
async def mirroring(database: Database, folder: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    """A node with its keys, and an open network with three members whose log is served; joined."""
    served = ServedLog()
    client = MemberMirrors(served, clock=clock, allow_insecure_loopback=True)
    async with served.running(), client:
        served.log = open_log(network=served.network)
        node = LocalNode(
            config=read_config(folder, {"NIC_POLL_SECONDS": "60"}),
            database=database,
            operator_key=OperatorKey(b"k" * 32),
            client=client,
            nonces=NonceStore(database),
            clock=clock,
            random_bytes=token_bytes,
            wake=lambda: None,
        )
        await make_missing_keys(node)
        world = Mirroring(node, served, clock)
        await world.join()
        yield world
