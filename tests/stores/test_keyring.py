"""Keys at rest, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from federation.keys import Jwk, generate_private_jwk, load_private, thumbprint
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotFound
from nic_node.keyring.errors import SealBroken, WrongOperatorKey
from nic_node.keyring.keys import (
    StoredKey,
    all_public_keys,
    create_key,
    current_key,
    current_private_jwk,
    erase_key,
    historical_keys,
    load_private_jwk,
    retire_key,
    verify_operator_key,
)
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow

OPERATOR = OperatorKey(b"k" * 32)
STRANGER = OperatorKey(b"s" * 32)
SCHOOL = "https://maple.example.org"
NETWORK = "https://hub.example.org/net/reading"
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


async def put(database: Database, private: Jwk | None = None, **named: object) -> StoredKey:
    arguments: dict[str, object] = {"entity_id": SCHOOL, "purpose": KeyPurpose.HTTP, "now": NOW} | named
    async with database.writing() as session:
        return await create_key(
            session, operator_key=OPERATOR, private_jwk=private or generate_private_jwk("Ed25519"), **arguments
        )


async def test_a_key_comes_back_whole(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    stored = await put(database, private)
    assert stored.kid == thumbprint(private)
    assert stored.public_jwk == load_private(private).public
    async with database.reading() as session:
        found = await current_key(session, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, now=NOW)
        loaded = await load_private_jwk(session, operator_key=OPERATOR, entity_id=SCHOOL, kid=stored.kid)
        current = await current_private_jwk(
            session, operator_key=OPERATOR, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, now=NOW
        )
    assert found == stored
    assert loaded == current == private


async def test_nothing_private_rests_in_the_clear(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    await put(database, private)
    async with database.reading() as session:
        row = await session.scalar(select(KeyRow))
    assert row is not None
    assert private["d"] not in str(row.public_jwk)
    assert private["d"].encode() not in (row.sealed_private_jwk or b"")


async def test_entities_purposes_and_scopes_are_apart(database: Database) -> None:
    epoch_one, epoch_two = f"{NETWORK}#1", f"{NETWORK}#2"
    http = await put(database)
    log = await put(database, purpose=KeyPurpose.LOG, entity_id=NETWORK)
    first = await put(database, purpose=KeyPurpose.PSEUDONYM, scope=epoch_one)
    second = await put(database, purpose=KeyPurpose.PSEUDONYM, scope=epoch_two)
    async with database.reading() as session:

        async def kid(entity_id: str, purpose: KeyPurpose, scope: str = "") -> str:
            return (await current_key(session, entity_id=entity_id, purpose=purpose, now=NOW, scope=scope)).kid

        assert await kid(SCHOOL, KeyPurpose.HTTP) == http.kid
        assert await kid(NETWORK, KeyPurpose.LOG) == log.kid
        assert await kid(SCHOOL, KeyPurpose.PSEUDONYM, epoch_one) == first.kid
        assert await kid(SCHOOL, KeyPurpose.PSEUDONYM, epoch_two) == second.kid
        with pytest.raises(NotFound, match="no http key in use"):
            await kid(NETWORK, KeyPurpose.HTTP)
        with pytest.raises(NotFound):
            await kid(SCHOOL, KeyPurpose.PSEUDONYM)
        with pytest.raises(NotFound):
            await load_private_jwk(session, operator_key=OPERATOR, entity_id=NETWORK, kid=http.kid)
        pseudonyms = await all_public_keys(session, entity_id=SCHOOL, purpose=KeyPurpose.PSEUDONYM, now=NOW)
        of_one = await all_public_keys(
            session, entity_id=SCHOOL, purpose=KeyPurpose.PSEUDONYM, now=NOW, scope=epoch_one
        )
    assert {key.kid for key in pseudonyms} == {first.kid, second.kid}
    assert [key.kid for key in of_one] == [first.kid]


async def test_rotation_overlaps(database: Database) -> None:
    old = await put(database)
    new = await put(database, active_from=NOW + DAY)
    async with database.writing() as session:
        await retire_key(session, entity_id=SCHOOL, kid=old.kid, at=NOW + 2 * DAY)

    async def state(now: datetime) -> tuple[str, list[str], list[str]]:
        async with database.reading() as session:
            arguments = {"entity_id": SCHOOL, "purpose": KeyPurpose.HTTP, "now": now}
            current = await current_key(session, **arguments)
            published = await all_public_keys(session, **arguments)
            past = await historical_keys(session, **arguments)
        return current.kid, [key.kid for key in published], [key.kid for key in past]

    assert await state(NOW) == (old.kid, [new.kid, old.kid], []), "published before it signs"
    assert await state(NOW + DAY) == (new.kid, [new.kid, old.kid], []), "signs, and the old one still verifies"
    assert await state(NOW + 2 * DAY) == (new.kid, [new.kid], [old.kid]), "the old one is history"


async def test_retiring_never_puts_the_end_off(database: Database) -> None:
    key = await put(database)
    async with database.writing() as session:
        await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW + DAY)
        await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW, reason="compromised")
        kept = await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW + 9 * DAY)
    assert (kept.retired_at, kept.retired_reason) == (NOW, "compromised")
    async with database.writing() as session:
        with pytest.raises(ValueError, match="unknown reason"):
            await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW, reason="because")
        with pytest.raises(NotFound):
            await retire_key(session, entity_id=SCHOOL, kid="nobody's", at=NOW)


async def test_a_retired_key_still_signs_what_it_must(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    key = await put(database, private, purpose=KeyPurpose.PSEUDONYM, scope=f"{NETWORK}#1")
    async with database.writing() as session:
        await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW)
        assert await load_private_jwk(session, operator_key=OPERATOR, entity_id=SCHOOL, kid=key.kid) == private


async def test_erased_means_gone(database: Database) -> None:
    key = await put(database)
    async with database.writing() as session:
        sealed = await session.scalar(select(KeyRow.sealed_private_jwk))
        assert sealed is not None
    async with database.writing() as session:
        erased = await erase_key(session, entity_id=SCHOOL, kid=key.kid, now=NOW)
        assert await erase_key(session, entity_id=SCHOOL, kid=key.kid, now=NOW + DAY) == erased
    assert (erased.erased_at, erased.retired_at) == (NOW, NOW)
    async with database.reading() as session:
        with pytest.raises(NotFound, match="was erased"):
            await load_private_jwk(session, operator_key=OPERATOR, entity_id=SCHOOL, kid=key.kid)
        with pytest.raises(NotFound, match="no http key in use"):
            await current_key(session, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, now=NOW)
        past = await historical_keys(session, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, now=NOW)
    assert [found.public_jwk for found in past] == [key.public_jwk], "what it signed still verifies"


async def test_no_trace_of_an_erased_key_stays_in_sqlite_s_files(sqlite_database: Database, tmp_path: Path) -> None:
    key = await put(sqlite_database)
    async with sqlite_database.reading() as session:
        sealed = await session.scalar(select(KeyRow.sealed_private_jwk))
    assert sealed is not None

    def is_on_disk() -> bool:
        return any(sealed in file.read_bytes() for file in tmp_path.iterdir())

    assert is_on_disk()
    async with sqlite_database.writing() as session:
        await erase_key(session, entity_id=SCHOOL, kid=key.kid, now=NOW)
    async with sqlite_database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert not is_on_disk()


async def test_a_wrong_operator_key_is_named_at_start_and_later(database: Database) -> None:
    async with database.reading() as session:
        await verify_operator_key(session, operator_key=STRANGER)
    key = await put(database)
    async with database.reading() as session:
        await verify_operator_key(session, operator_key=OPERATOR)
        with pytest.raises(WrongOperatorKey, match="Put back the earlier"):
            await verify_operator_key(session, operator_key=STRANGER)
        with pytest.raises(WrongOperatorKey):
            await load_private_jwk(session, operator_key=STRANGER, entity_id=SCHOOL, kid=key.kid)


async def test_a_sealed_key_moved_to_another_row_does_not_open(database: Database) -> None:
    mine, theirs = await put(database), await put(database, entity_id=NETWORK)
    async with database.writing() as session:
        sealed = await session.scalar(select(KeyRow.sealed_private_jwk).where(KeyRow.kid == theirs.kid))
        await session.execute(update(KeyRow).where(KeyRow.kid == mine.kid).values(sealed_private_jwk=sealed))
    async with database.reading() as session:
        with pytest.raises(SealBroken):
            await load_private_jwk(session, operator_key=OPERATOR, entity_id=SCHOOL, kid=mine.kid)


async def test_one_key_never_gets_two_jobs(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    await put(database, private)
    with pytest.raises(Conflict, match="in use already"):
        await put(database, private, purpose=KeyPurpose.LOG, entity_id=NETWORK)


async def test_a_refused_key_does_not_spoil_the_caller_s_transaction(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    async with database.writing() as session:
        first = await create_key(
            session, operator_key=OPERATOR, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, private_jwk=private, now=NOW
        )
        with pytest.raises(Conflict):
            await create_key(
                session, operator_key=OPERATOR, entity_id=SCHOOL, purpose=KeyPurpose.LOG, private_jwk=private, now=NOW
            )
    async with database.reading() as session:
        assert await current_key(session, entity_id=SCHOOL, purpose=KeyPurpose.HTTP, now=NOW) == first


async def test_a_key_of_the_wrong_kind_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="must be ES256, not Ed25519"):
        await put(database, purpose=KeyPurpose.FEDERATION)


async def test_two_that_create_the_same_key_at_once(database: Database) -> None:
    private = generate_private_jwk("Ed25519")
    results = await asyncio.gather(put(database, private), put(database, private), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "StoredKey"]


async def test_erase_and_retire_at_once_leave_it_erased(database: Database) -> None:
    key = await put(database)

    async def erase() -> None:
        async with database.writing() as session:
            await erase_key(session, entity_id=SCHOOL, kid=key.kid, now=NOW)

    async def retire() -> None:
        async with database.writing() as session:
            await retire_key(session, entity_id=SCHOOL, kid=key.kid, at=NOW + DAY)

    await asyncio.gather(erase(), retire())
    async with database.reading() as session:
        row = await session.scalar(select(KeyRow))
    assert row is not None
    assert (row.sealed_private_jwk, row.erased_at, row.retired_at) == (None, NOW, NOW)
