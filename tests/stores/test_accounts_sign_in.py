"""Signing in, passwords and access tokens, on SQLite and on PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from nic_node.accounts.actor import Actor
from nic_node.accounts.attempts import FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS
from nic_node.accounts.change_people import deactivate, reactivate
from nic_node.accounts.choose_password import change_password, create_reset_link, reset_password
from nic_node.accounts.passwords import TEST_COST, Cost, Passwords
from nic_node.accounts.sessions import end_session, list_sessions
from nic_node.accounts.tables import Person, SignInAttempt, SignInSession
from nic_node.accounts.tokens import create_token, list_tokens, revoke_token
from nic_node.accounts.who import Who
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound, TooMany
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, PASSWORD, PASSWORDS, count, enter, first_person, invite, join, outcomes

WHO = Who({}, {})


@pytest.fixture
async def ada(database: Database, clock: TestClock) -> Person:
    return await first_person(database, clock)


async def test_tries_at_once_are_all_counted(database: Database, clock: TestClock, ada: Person) -> None:
    tries = [enter(database, clock, "ada@school.example", "wrong one") for _ in range(FAILURES_PER_ACCOUNT + 5)]
    _, refused = await outcomes(*tries)
    assert sum(isinstance(error, TooMany) for error in refused) == 5
    with pytest.raises(TooMany):
        await enter(database, clock, "ada@school.example")


async def test_an_address_that_tries_many_accounts_has_to_wait(
    database: Database, clock: TestClock, ada: Person
) -> None:
    async with database.writing() as session:
        session.add_all(
            SignInAttempt(account_hash=f"{n:064}", address="198.51.100.7", at=clock())
            for n in range(FAILURES_PER_ADDRESS)
        )
    with pytest.raises(TooMany):
        await enter(database, clock, "ada@school.example", address="198.51.100.7")
    assert await enter(database, clock, "ada@school.example", address="198.51.100.8")


async def test_an_unknown_account_costs_as_much_as_a_known_one(
    database: Database, clock: TestClock, ada: Person
) -> None:
    passwords = CountingPasswords(TEST_COST)
    for email in ("ada@school.example", "nobody@school.example"):
        with pytest.raises(InvalidInput, match="another value"):
            await enter(database, clock, email, "not the password", passwords=passwords)
    assert passwords.checked == 2
    assert await count(database, SignInAttempt) == 2


class CountingPasswords(Passwords):
    checked = 0

    def _matches(self, password_hash: str, password: str) -> bool:
        self.checked += 1
        return super()._matches(password_hash, password)


async def test_a_password_of_another_cost_is_hashed_anew(database: Database, clock: TestClock, ada: Person) -> None:
    dearer = Passwords(Cost(passes=2, memory_kib=64))
    await enter(database, clock, "ada@school.example", passwords=dearer)
    async with database.reading() as session:
        now_kept = (await session.get_one(Person, ada.id)).password_hash or ""
    assert "t=2" in now_kept
    await enter(database, clock, "ada@school.example", passwords=dearer)


async def test_nobody_signs_in_to_a_closed_account(database: Database, clock: TestClock, ada: Person) -> None:
    ben = await join(database, clock, "ben@school.example", "teacher")
    opened = await enter(database, clock, "ben@school.example")
    async with database.writing() as session:
        issued = await create_token(
            session,
            actor=Actor(person_id=ben.id, name="Ben", kind="person"),
            name="script",
            scopes=["plan.read"],
            allowed=frozenset({"plan.read"}),
            days=9,
            now=clock(),
        )
    async with database.writing() as session:
        await deactivate(session, actor=ADA, person_id=ben.id, now=clock())
    with pytest.raises(InvalidInput):
        await enter(database, clock, "ben@school.example")
    assert await WHO.by_cookie(database, opened.token, now=clock()) is None
    assert await WHO.by_token(database, issued.token, now=clock()) is None
    async with database.writing() as session:
        await reactivate(session, actor=ADA, person_id=ben.id, now=clock())
    assert await enter(database, clock, "ben@school.example")
    assert await WHO.by_token(database, issued.token, now=clock()) is None


async def test_sessions_are_their_owners_to_end(database: Database, clock: TestClock, ada: Person) -> None:
    ben = await join(database, clock, "ben@school.example", "teacher")
    await enter(database, clock, "ben@school.example")
    async with database.writing() as session:
        (bens,) = await list_sessions(session, ben.id, now=clock())
        assert bens.browser == "Firefox on Linux"
        with pytest.raises(NotFound):
            await end_session(session, actor=ADA, session_id=bens.id, now=clock())
        await end_session(
            session, actor=Actor(person_id=ben.id, name="Ben", kind="person"), session_id=bens.id, now=clock()
        )
    assert await count(database, SignInSession) == 0


async def test_changing_a_password_needs_the_old_one(database: Database, clock: TestClock, ada: Person) -> None:
    here = await enter(database, clock, "ada@school.example")
    await enter(database, clock, "ada@school.example")

    async def change(current: str, new: str) -> None:
        await change_password(
            database,
            PASSWORDS,
            actor=ADA,
            email=ada.email,
            current=current,
            new=new,
            session_id=here.session_id,
            address="127.0.0.1",
            now=clock(),
        )

    with pytest.raises(InvalidInput) as wrong:
        await change("wrong one", "another long secret")
    with pytest.raises(InvalidInput) as short:
        await change(PASSWORD, "short")
    assert (list(wrong.value.fields), list(short.value.fields)) == (["current"], ["password"])
    await change(PASSWORD, "another long secret")
    async with database.reading() as session:
        assert [one.id for one in await list_sessions(session, ada.id, now=clock())] == [here.session_id]
    with pytest.raises(InvalidInput):
        await enter(database, clock, "ada@school.example")
    assert await enter(database, clock, "ada@school.example", "another long secret")


async def test_a_reset_link_is_for_those_who_are_here(database: Database, clock: TestClock, ada: Person) -> None:
    link = await invite(database, clock, "ben@school.example", "teacher")
    assert link.person_id is not None
    async with database.writing() as session:
        with pytest.raises(Conflict):
            await create_reset_link(session, actor=ADA, person_id=link.person_id, now=clock())
    async with database.writing() as session:
        reset = await create_reset_link(session, actor=ADA, person_id=ada.id, now=clock())
    password_hash = await PASSWORDS.new_hash("another long secret", email="")

    async def use() -> None:
        async with database.writing() as session:
            await reset_password(session, token=reset.token, password_hash=password_hash, now=clock())

    done, refused = await outcomes(use(), use())
    assert (len(done), len(refused)) == (1, 1)
    assert await enter(database, clock, "ada@school.example", "another long secret")


async def test_a_token_allows_no_more_than_its_maker_may(database: Database, clock: TestClock, ada: Person) -> None:
    async def make(scopes: list[str], days: int = 30) -> Any:
        async with database.writing() as session:
            return await create_token(
                session,
                actor=ADA,
                name="script",
                scopes=scopes,
                allowed=frozenset({"plan.read"}),
                days=days,
                now=clock(),
            )

    for scopes in ([], ["plan.write"], ["plan.read", "nothing"]):
        with pytest.raises(InvalidInput):
            await make(scopes)
    with pytest.raises(InvalidInput):
        await make(["plan.read"], days=400)
    issued = await make(["plan.read"])
    found = await WHO.by_token(database, issued.token, now=clock())
    assert found is not None
    assert (found.way_id, found.scopes) == (issued.id, {"plan.read"})
    assert await WHO.by_token(database, issued.token, now=clock() + timedelta(days=30)) is None
    assert await WHO.by_token(database, issued.token[:-1], now=clock()) is None
    async with database.writing() as session:
        await revoke_token(session, actor=ADA, token_id=issued.id, now=clock())
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await revoke_token(session, actor=ADA, token_id=issued.id, now=clock())
        assert await list_tokens(session, ada.id, now=clock()) == []
