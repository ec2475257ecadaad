"""What was deleted is gone from the disk too: the blob of a record that was taken back, a key that has served."""

from typing import Any

from nic_node.db.engine import Database


async def overwrite_erased(database: Database) -> None:
    """Empty SQLite's write-ahead log, whose pages may still hold what `secure_delete` overwrote in the file.

    On PostgreSQL the dead rows are vacuumed at once, and not when autovacuum comes by; freed pages hold old bytes until
    new ones take their place.
    """
    async with database.engine.connect() as connection:
        # On the driver's own connection: the engine would open a transaction first, and in one this can't run.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not database.is_sqlite:
            await driver.execute("VACUUM network_log_blobs, network_log_envelopes, network_log_queue")
            return
        await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()
