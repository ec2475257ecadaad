"""After deleting: overwriting what was freed, so that what was deleted is in none of the database's files.

SQLite overwrites the pages of its file by itself; its write-ahead log is emptied here. PostgreSQL's tables are written
anew: VACUUM frees the room of dead rows and leaves their bytes there, in GIN indexes even the words; VACUUM FULL copies
what lives to new files, indexes and TOAST included, and drops the old ones. It keeps all out of a table meanwhile:
a small one is rewritten at once, a large one at night, and a table in use is left for the next try. Rows that an older
snapshot still sees would be copied along, so those are waited for. The server's write-ahead log is its operator's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from asyncpg.exceptions import LockNotAvailableError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database

AT_ONCE_BYTES: Final = 64 * 2**20
NIGHT_HOURS: Final = range(1, 5)
AGAIN: Final = timedelta(minutes=1)
LOCK_TIMEOUT: Final = "2s"
SNAPSHOT_SECONDS: Final = 5.0
LOOK_EVERY_SECONDS: Final = 0.1

_NEXT_TRANSACTION = "SELECT (pg_snapshot_xmax(pg_current_snapshot())::xid)::text"
_OLDER_SNAPSHOTS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND age(backend_xmin) > age($1::text::xid)"
)


async def overwrite_freed(database: Database, tables: Sequence[str]) -> bool:
    """Empty SQLite's write-ahead log, whose pages may still hold what `secure_delete` overwrote in the file.

    On PostgreSQL the dead rows are vacuumed at once, and not when autovacuum comes by; what freed pages still hold goes
    with `rewrite_when_quiet`. False while a reader holds the write-ahead log: try again.
    """
    async with database.engine.connect() as connection:
        # On the driver's own connection: the engine would open a transaction first, and in one this can't run.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not database.is_sqlite:
            await driver.execute(f"VACUUM {', '.join(tables)}")
            return True
        async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            is_busy, *_ = await cursor.fetchone()
        return not is_busy


async def rewrite_when_quiet(
    database: Database,
    tables: Sequence[str],
    *,
    now: datetime,
    time_zone: str,
    at_once_bytes: int = AT_ONCE_BYTES,
    snapshot_seconds: float = SNAPSHOT_SECONDS,
) -> datetime | None:
    """Rewrite tables from which something was erased; None once that is done, else when to try again.

    SQLite needs none of it: it overwrites what it frees (secure_delete).

    Args:
        tables: names, as the code knows them. at_once_bytes: more than this together waits for the school's night.
        snapshot_seconds: how long to wait for readers that began before.
    """
    if database.is_sqlite:
        return None
    if not _is_night(now, time_zone) and await _bytes_of(database, tables) > at_once_bytes:
        return _next_night(now, time_zone)
    return None if await _rewrite(database, tables, snapshot_seconds) else now + AGAIN


async def _bytes_of(database: Database, tables: Sequence[str]) -> int:
    sizes = "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0) FROM unnest(CAST(:names AS text[])) name"
    async with database.reading() as session:
        return int(await session.scalar(text(sizes), {"names": list(tables)}) or 0)


async def _rewrite(database: Database, tables: Sequence[str], snapshot_seconds: float) -> bool:
    """False: somebody reads or writes a table for longer than may be waited for."""
    async with database.engine.connect() as connection:
        # On the driver's own connection: the engine would open a transaction first, and in one VACUUM refuses to run.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not await _no_older_snapshot(driver, snapshot_seconds):
            return False
        await driver.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            for table in tables:
                await driver.execute(f"VACUUM FULL {table}")
        except LockNotAvailableError:
            return False
        finally:
            await driver.execute("RESET lock_timeout")
    return True


async def _no_older_snapshot(driver: Any, patience_seconds: float) -> bool:
    """Wait until nobody sees what was deleted before now; False when that takes too long."""
    until = asyncio.get_running_loop().time() + patience_seconds
    next_transaction = await driver.fetchval(_NEXT_TRANSACTION)
    while await driver.fetchval(_OLDER_SNAPSHOTS, next_transaction):
        if asyncio.get_running_loop().time() >= until:
            return False
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return True


def _is_night(now: datetime, time_zone: str) -> bool:
    return now.astimezone(ZoneInfo(time_zone)).hour in NIGHT_HOURS


def _next_night(now: datetime, time_zone: str) -> datetime:
    """Less than a day away, since it is not night now."""
    local = now.astimezone(ZoneInfo(time_zone))
    night = local.replace(hour=NIGHT_HOURS.start, minute=0, second=0, microsecond=0)
    night += timedelta(days=night <= local)
    return night.astimezone(now.tzinfo)


async def keep_no_samples(session: AsyncSession, columns: Mapping[str, Sequence[str]]) -> None:
    """Keep values of these columns (table -> names) out of PostgreSQL's statistics, from which we can't erase."""
    if session.get_bind().dialect.name == "sqlite":
        return
    sampled = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
        " AND attstattarget IS DISTINCT FROM 0"
    )
    for table, names in columns.items():
        found = set(await session.scalars(sampled, {"table": table}))
        for name in sorted(found & set(names)):
            await session.execute(text(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0"))
