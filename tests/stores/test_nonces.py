"""A nonce is accepted once, whichever process sees it, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

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


@asynccontextmanager
async def another_process(database: Database) -> AsyncIterator[NonceStore]:
    """A store with an engine of its own: nothing is shared but the database itself."""
    other = Database.connect(database.engine.url.render_as_string(hide_password=False))
    yield NonceStore(other)
    await other.close()


async def test_of_many_at_once_in_two_processes_one_is_accepted(database: Database) -> None:
    async with another_process(database) as other:
        stores = [NonceStore(database), other]
        results = await asyncio.gather(
            *(stores[number % 2].remember(KEY_ID, NONCE, now=NOW) for number in range(8)), return_exceptions=True
        )
    refused = [result for result in results if result is not None]
    assert len(refused) == 7
    assert all(isinstance(error, Untrusted) and error.code == Code.REQUEST_REPLAYED for error in refused)


async def test_two_processes_that_see_the_same_crowd_never_wait_for_each_other(database: Database) -> None:
    """Each nonce is sent to both, in opposite order: each is accepted once, and nobody ends in a deadlock."""
    names = [f"nonce-of-a-crowd-{number}" for number in range(40)]
    one = NonceStore(database)
    async with another_process(database) as other:
        results = await asyncio.gather(
            *(one.remember(KEY_ID, name, now=NOW) for name in names),
            *(other.remember(KEY_ID, name, now=NOW) for name in reversed(names)),
            return_exceptions=True,
        )
    assert sum(result is None for result in results) == 40
    assert all(result is None or isinstance(result, Untrusted) for result in results)
    assert await count(database) == 40


async def test_what_arrives_together_is_written_together(database: Database) -> None:
    nonces, transactions = NonceStore(database), 0

    @event.listens_for(database.engine.sync_engine, "commit")
    def committed(connection: object) -> None:
        nonlocal transactions
        transactions += 1

    await asyncio.gather(*(nonces.remember(KEY_ID, f"nonce-{number:011}", now=NOW) for number in range(50)))
    event.remove(database.engine.sync_engine, "commit", committed)
    assert await count(database) == 50
    assert transactions <= 2


async def test_who_can_not_be_remembered_is_not_accepted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    nonces = NonceStore(database)

    async def fail(seen: object) -> set[bytes]:
        raise ConnectionError

    monkeypatch.setattr(nonces, "_insert", fail)
    failed = await asyncio.gather(*(nonces.remember(KEY_ID, NONCE + x, now=NOW) for x in "ab"), return_exceptions=True)
    assert [type(error) for error in failed] == [ConnectionError, ConnectionError]
    monkeypatch.undo()
    await nonces.remember(KEY_ID, NONCE + "a", now=NOW)
    assert await count(database) == 1


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
