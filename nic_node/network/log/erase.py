"""What was deleted is gone from the disk too: the blob of a record that was taken back, a key that has served."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.db.rewrite import rewrite_when_quiet
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
        await overwrite_erased(node.database)
        at = await rewrite_when_quiet(node.database, TABLES, now=node.clock(), time_zone=node.config.time_zone)
        return None if at is None else Again(at=at)

    return handle


async def overwrite_erased(database: Database) -> None:
    """Empty SQLite's write-ahead log, whose pages may still hold what `secure_delete` overwrote in the file.

    On PostgreSQL the dead rows are vacuumed at once, and not when autovacuum comes by; what freed pages still hold goes
    with the job `network.scour`.
    """
    async with database.engine.connect() as connection:
        # On the driver's own connection: the engine would open a transaction first, and in one this can't run.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not database.is_sqlite:
            await driver.execute(f"VACUUM {', '.join(TABLES)}")
            return
        await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()
