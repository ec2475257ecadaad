"""Every signed request is accepted once: nonces, shared by all processes of a node through the database."""

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from federation.errors import Untrusted
from federation.requests import NONCE_KEPT
from nic_node.db.engine import Database
from nic_node.peerhttp.tables import NonceRow
from schemas.problem import Code


class NonceStore:
    """Remembers nonces for `NONCE_KEPT`, longer than any signature holds.

    Args:
        database: the node's; each call is a short transaction of its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, key_id: str, nonce: str, *, now: datetime) -> None:
        """Take note of a nonce; of several calls with the same one, at once or in other processes, one returns.

        Raises:
            Untrusted: REQUEST_REPLAYED.
        """
        digest = hashlib.sha256(f"{key_id}\x00{nonce}".encode()).digest()
        insert = sqlite_insert if self._database.is_sqlite else postgresql_insert
        statement = insert(NonceRow).values(digest=digest, seen_at=now).on_conflict_do_nothing()
        async with self._database.writing() as session:
            result = await session.execute(statement.returning(NonceRow.digest))
            is_new = result.scalar_one_or_none() is not None
        if not is_new:
            raise Untrusted(Code.REQUEST_REPLAYED, "This very request was received before. Sign it anew.")

    async def prune(self, *, now: datetime) -> int:
        """Forget nonces of requests that are stale by now; how many."""
        async with self._database.writing() as session:
            rows = await session.scalars(
                delete(NonceRow).where(NonceRow.seen_at < now - NONCE_KEPT).returning(NonceRow.digest)
            )
            return len(rows.all())
