"""This node's own copy of a log's files: what it serves, and what others show is held against."""

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Unreachable
from federation.tlog.merkle import HASH_BYTES
from federation.tlog.tiles import decode_entries, encode_entries, is_tile_path, parse_index_path
from nic_node.db.engine import Database
from nic_node.mirror.tables import ENTRIES, MirrorTile
from schemas.problem import Code


class HeldLog:
    """A `federation.tlog.reader.LogReader` over the tiles and bundles that are here; of notes it has none."""

    def __init__(self, database: Database, log_id: int) -> None:
        self._database = database
        self._log_id = log_id

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        """The file at a path, as wide as it is asked for; `max_bytes` is kept by what was let in.

        Raises:
            Unreachable: LOG_INCOMPLETE, it is not here.
        """
        async with self._database.reading() as session:
            content = await held_file(session, self._log_id, path)
        if content is None:
            raise Unreachable(Code.LOG_INCOMPLETE, f"This node's copy has no {path}.")
        return content


async def held_file(session: AsyncSession, log_id: int, path: str) -> bytes | None:
    """A tile or an entry bundle, cut to the width that its path names; None where there is none."""
    if not is_tile_path(path):
        return None
    _, level, index = path.split("/", 2)
    position, width = parse_index_path(index)
    row = await session.get(MirrorTile, (log_id, ENTRIES if level == "entries" else int(level), position))
    return None if row is None or row.width < width else _cut(row, width)


def _cut(row: MirrorTile, width: int) -> bytes:
    if row.width == width:
        return row.content
    if row.level != ENTRIES:
        return row.content[: width * HASH_BYTES]
    return encode_entries(decode_entries(row.content, row.width)[:width])
