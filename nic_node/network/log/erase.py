"""What was deleted is gone from the disk too: the blob of a record that was taken back, a key that has served."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.db.rewrite import AGAIN, overwrite_freed, rewrite_when_quiet
from nic_node.membership.local import LocalNode

SCOUR: Final = "network.scour"
TABLES: Final = ("network_log_blobs", "network_log_envelopes", "network_log_queue", "keyring_keys")
NOT_SAMPLED: Final = {
    "network_log_blobs": ("content",),
    "network_log_queue": ("leaf", "blob"),
    "keyring_keys": ("sealed_private_jwk",),
}


async def scour_soon(session: AsyncSession, *, now: datetime) -> None:
    """Have the files rewritten, whatever happens to this process."""
    await enqueue(session, kind=SCOUR, key="", run_at=now)


def scour_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again | None:
        if not await overwrite_erased(node.database):
            return Again(at=node.clock() + AGAIN)
        at = await rewrite_when_quiet(node.database, TABLES, now=node.clock(), time_zone=node.config.time_zone)
        return None if at is None else Again(at=at)

    return handle


async def overwrite_erased(database: Database) -> bool:
    """At once; what PostgreSQL's freed pages still hold, or a log that is being read, goes with `network.scour`."""
    return await overwrite_freed(database, TABLES)
