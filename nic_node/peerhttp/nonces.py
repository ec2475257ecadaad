"""Every signed request is accepted once: nonces, shared by all processes of a node through the database."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from federation.errors import Untrusted
from federation.requests import NONCE_KEPT
from nic_node.db.engine import Database
from nic_node.peerhttp.tables import NonceRow
from schemas.problem import Code

MAX_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    digest: bytes
    now: datetime
    is_new: asyncio.Future[bool]


class NonceStore:
    """Remembers nonces for `NONCE_KEPT`, longer than any signature holds.

    What arrives while a transaction is under way is written together by the next one: requests in a crowd share the
    wait for the disk. To be used inside one running loop.

    Args:
        database: the node's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def remember(self, key_id: str, nonce: str, *, now: datetime) -> None:
        """Take note of a nonce; of several calls with the same one, at once or in other processes, one returns.

        Raises:
            Untrusted: REQUEST_REPLAYED.
        """
        digest = hashlib.sha256(f"{key_id}\x00{nonce}".encode()).digest()
        mine = _Waiting(digest, now, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_waiting())
        if not await mine.is_new:
            raise Untrusted(Code.REQUEST_REPLAYED, "This very request was received before. Sign it anew.")

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                await self._settle(batch)
        finally:
            self._writer = None
            for left in self._waiting:
                left.is_new.cancel()
            self._waiting = []

    async def _settle(self, batch: list[_Waiting]) -> None:
        """Each one learns whether its nonce is new, or why that can't be said."""
        try:
            new = await self._insert({waiting.digest: waiting.now for waiting in batch})
        except Exception as error:  # noqa: BLE001 - it is raised by whoever waits
            for waiting in batch:
                if not waiting.is_new.done():
                    waiting.is_new.set_exception(error)
            return
        except BaseException:
            for waiting in batch:
                waiting.is_new.cancel()
            raise
        for waiting in batch:
            is_first = waiting.digest in new
            new.discard(waiting.digest)
            if not waiting.is_new.done():
                waiting.is_new.set_result(is_first)

    async def _insert(self, seen: dict[bytes, datetime]) -> set[bytes]:
        """The digests that were not there yet."""
        insert = sqlite_insert if self._database.is_sqlite else postgresql_insert
        statement = insert(NonceRow).on_conflict_do_nothing().returning(NonceRow.digest)
        # In one order everywhere, so that two processes never wait for each other's rows.
        rows = [{"digest": digest, "seen_at": now} for digest, now in sorted(seen.items())]
        async with self._database.writing() as session:
            return set((await session.scalars(statement, rows)).all())

    async def prune(self, *, now: datetime) -> int:
        """Forget nonces of requests that are stale by now; how many."""
        async with self._database.writing() as session:
            rows = await session.scalars(
                delete(NonceRow).where(NonceRow.seen_at < now - NONCE_KEPT).returning(NonceRow.digest)
            )
            return len(rows.all())
