"""What was deleted is gone from the disk too: the blob of a record that was taken back, a key that has served."""

from nic_node.db.engine import Database


async def overwrite_erased(database: Database) -> None:
    """Empty SQLite's write-ahead log, whose pages may still hold what `secure_delete` overwrote in the file.

    PostgreSQL overwrites at its next VACUUM, which autovacuum or the operator runs.
    """
    if not database.is_sqlite:
        return
    async with database.engine.connect() as connection:
        # On the driver's own connection: the engine would open a transaction first, and in one this can't run.
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()
