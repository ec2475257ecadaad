"""A nonce is accepted once, whichever process sees it, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from federation.errors import Untrusted
from federation.requests import MAX_AGE, MAX_SKEW, NONCE_KEPT
from nic_node.db.engine import Database
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.tables import NonceRow
from schemas.problem import Code

KEY_ID = "https://maple.example.org#kid"
NONCE = "0123456789abcdef"
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(NonceRow)) or 0


async def test_once_and_not_twice(database: Database) -> None:
    nonces = NonceStore(database)
    await nonces.remember(KEY_ID, NONCE, now=NOW)
    with pytest.raises(Untrusted) as refused:
        await nonces.remember(KEY_ID, NONCE, now=NOW + timedelta(seconds=30))
    assert refused.value.code == Code.REQUEST_REPLAYED
    assert await count(database) == 1


async def test_signers_do_not_share_nonces(database: Database) -> None:
    nonces = NonceStore(database)
    await nonces.remember(KEY_ID, NONCE, now=NOW)
    await nonces.remember("https://oak.example.org#kid", NONCE, now=NOW)
    await nonces.remember(KEY_ID, NONCE + "x", now=NOW)
    assert await count(database) == 3


async def test_of_many_at_once_one_is_accepted(database: Database) -> None:
    # Two stores stand for two processes: nothing is shared between them but the database.
    stores = [NonceStore(database), NonceStore(Database(database.engine))]
    results = await asyncio.gather(
        *(stores[number % 2].remember(KEY_ID, NONCE, now=NOW) for number in range(8)), return_exceptions=True
    )
    refused = [result for result in results if result is not None]
    assert len(refused) == 7
    assert all(isinstance(error, Untrusted) and error.code == Code.REQUEST_REPLAYED for error in refused)


async def test_pruning_forgets_only_what_is_stale(database: Database) -> None:
    assert NONCE_KEPT > MAX_AGE + MAX_SKEW, "a forgotten nonce belongs to a signature that no longer holds"
    nonces = NonceStore(database)
    await nonces.remember(KEY_ID, "old-nonce-0123456", now=NOW)
    await nonces.remember(KEY_ID, "new-nonce-0123456", now=NOW + timedelta(minutes=5))
    assert await nonces.prune(now=NOW + NONCE_KEPT) == 0
    assert await nonces.prune(now=NOW + NONCE_KEPT + timedelta(seconds=1)) == 1
    with pytest.raises(Untrusted):
        await nonces.remember(KEY_ID, "new-nonce-0123456", now=NOW + timedelta(minutes=6))
    assert await count(database) == 1
