"""A school's node that follows a generated log: database, HTTP client and all, but no web server of its own."""

from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes

from sqlalchemy import select

from bench.generated_log import GeneratedLog
from nic_node.app.tables import METADATA
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.documents import keep_copy
from nic_node.membership.keys import make_missing_keys
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.follow import PullReport
from nic_node.mirror.pull import pull
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from schemas.canonical import canonical_bytes

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HASH = "0" * 64


class FollowingNode:
    def __init__(self, node: LocalNode, membership_id: int) -> None:
        self.node = node
        self.membership_id = membership_id

    @classmethod
    async def opened(cls, folder: Path, log: GeneratedLog, url: str | None = None) -> "FollowingNode":
        """One that joins at this address, or one whose folder stands already."""
        database = Database.connect(f"sqlite:///{folder / 'nic.sqlite3'}")
        node = LocalNode(
            config=read_config(folder, {}),
            database=database,
            operator_key=OperatorKey(b"k" * 32),
            client=PeerClient(clock=lambda: NOW, allow_insecure_loopback=True),
            nonces=NonceStore(database),
            clock=lambda: NOW,
            random_bytes=token_bytes,
            wake=lambda: None,
        )
        if url is None:
            async with database.reading() as session:
                return cls(node, await session.scalar(select(MembershipRow.id)) or 0)
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        await make_missing_keys(node)
        return cls(node, await _join(node, log, url))

    async def move_to(self, url: str) -> None:
        """From now on the log is at this address."""
        async with self.node.database.writing() as session:
            row = await session.get_one(MembershipRow, self.membership_id)
            assert row.network_metadata is not None
            row.network_metadata = row.network_metadata | {"log_url": url}

    async def follow(self, examiners: Examiners) -> int:
        """Pull until everything is here; how many records came."""
        records, done = 0, False
        while not done:
            report = await self.pull(examiners)
            records, done = records + report.new_records, report.done
        return records

    async def pull(self, examiners: Examiners) -> PullReport:
        """One run; nothing of an honest log is refused."""
        report = await pull(self.node, self.membership_id, examiners)
        assert report.trouble is None, report.trouble
        assert report.refused == 0
        return report

    async def close(self) -> None:
        await self.node.client.close()
        await self.node.database.close()


async def _join(node: LocalNode, log: GeneratedLog, url: str) -> int:
    async with node.database.writing() as session:
        row = _membership(log, url)
        session.add(row)
        for sha256, document in log.documents.items():
            await keep_copy(session, network=log.network, sha256=sha256, content=canonical_bytes(document), now=NOW)
        await session.flush()
        return row.id


def _membership(log: GeneratedLog, url: str) -> MembershipRow:
    metadata = {
        "name": "Northern schools",
        "generation": 1,
        "log_url": url,
        "log_origin": log.origin,
        "log_key": log.log_key.text,
        "leaf_jwk": log.leaf_jwk,
        "policy_sha256": HASH,
        "charter_sha256": HASH,
    }
    return MembershipRow(
        network=log.network,
        name="Northern schools",
        state="approved",
        pinned=[],
        jti="j",
        invitation="i",
        contact={},
        profile={},
        policy_accepted=HASH,
        charter_accepted=HASH,
        moves=[],
        network_metadata=metadata,
        endpoints={},
        chain=[],
        chain_expires_at=NOW.replace(year=2030),
        trust_marks={},
        created_at=NOW,
    )
