"""What the files of a database hold, on either: a folder with SQLite's file and the log's own, the database's part of the cluster."""

from pathlib import Path

from sqlalchemy import text

from nic_node.db.engine import Database


async def holding(database: Database, folder: Path, *secrets: str | bytes) -> list[str]:
    """Names of the files that hold one of these; on PostgreSQL also of tables, indexes, TOAST and catalogue."""
    folders = [folder]
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("CHECKPOINT"))
            root = await connection.scalar(text("SHOW data_directory"))
            table = await connection.scalar(text("SELECT pg_relation_filepath('jobs')"))
        folders.append(Path(str(root), str(table)).parent)
    wanted = [secret.encode() if isinstance(secret, str) else secret for secret in secrets]
    files = [path for each in folders for path in each.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if any(secret in _content(path) for secret in wanted)]


def _content(path: Path) -> bytes:
    """A cluster makes and removes files while it is looked at: what is gone holds nothing."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
