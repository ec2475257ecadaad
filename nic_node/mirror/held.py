"""This node's own copy of a log's tiles, as something to read from: what others show is held against it."""

from federation.errors import Unreachable
from federation.tlog.merkle import HASH_BYTES
from federation.tlog.tiles import is_tile_path, parse_index_path
from nic_node.db.engine import Database
from nic_node.mirror.tables import MirrorTile
from schemas.problem import Code


class HeldLog:
    """A `federation.tlog.reader.LogReader` over the hash tiles that are here; of entries and notes it has none."""

    def __init__(self, database: Database, log_id: int) -> None:
        self._database = database
        self._log_id = log_id

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        """The tile at a path, as wide as it is asked for.

        Raises:
            Unreachable: LOG_INCOMPLETE, it is not here.
        """
        _, level, index = path.split("/", 2)
        if is_tile_path(path) and level.isdigit():
            position, width = parse_index_path(index)
            async with self._database.reading() as session:
                row = await session.get(MirrorTile, (self._log_id, int(level), position))
            if row is not None and row.width >= width:
                return row.content[: width * HASH_BYTES][:max_bytes]
        raise Unreachable(Code.LOG_INCOMPLETE, f"This node's copy has no {path}.")
