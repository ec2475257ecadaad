"""Reading a log that lies in a folder, by the same protocol as one behind HTTP."""

import asyncio
from pathlib import Path

from federation.errors import Unreachable, Untrusted
from nic_node.logstore.store import LogStore
from schemas.problem import Code


class FolderReader:
    """A `federation.tlog.reader.LogReader` over a folder as `LogStore` (or any C2SP log) lays it out."""

    def __init__(self, root: Path) -> None:
        self._store = LogStore(root)

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        data = await asyncio.to_thread(self._store.read, path)
        if data is None:
            raise Unreachable(Code.LOG_INCOMPLETE, f"{self._store.root} has no {path}.")
        if len(data) > max_bytes:
            raise Untrusted(Code.PEER_TOO_LARGE, f"{path} has {len(data)} bytes, more than a log may serve there.")
        return data
