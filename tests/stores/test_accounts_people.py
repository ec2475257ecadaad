"""Set-up, invitations and changes of people, and their races, on SQLite and on PostgreSQL."""

from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.change_people import change_roles, deactivate, rename_person
from nic_node.accounts.invite import renew_invitation
from nic_node.accounts.people import people_of, people_who_may, person_name, person_names, person_of
from nic_node.accounts.set_up import complete_setup, is_set_up
from nic_node.accounts.tables import OneTimeLink, Person
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from tests.conftest import TestClock
from tests.unit.accounts.stage import (
    ADA,
    PASSWORD,
    PASSWORDS,
    accept,
    count,
    first_person,
    invite,
    join,
    new_link,
    outcomes,
    set_up,
)


@pytest.fixture
async def ada(database: Database, clock: TestClock) -> Person:
    return await first_person(database, clock)


async def test_two_set_ups_at_once_make_one_account(database: Database, clock: TestClock) -> None:
    token = (await new_link(database, clock)).token
    done, refused = await outcomes(*(set_up(database, token, clock, f"a{n}@school.example") for n in range(4)))
    assert (len(done), len(refused)) == (1, 3)
    assert all(isinstance(error, Conflict) for error in refused)
    assert await count(database, Person) == 1


async def test_two_starts_at_once_leave_one_link(database: Database, clock: TestClock) -> None:
    done, refused = await outcomes(*(new_link(database, clock) for _ in range(3)))
    assert done
    assert all(isinstance(error, Conflict) for error in refused)
    assert await count(database, OneTimeLink) == 1


async def test_there_is_no_set_up_link_once_somebody_is_here(database: Database, clock: TestClock, ada: Person) -> None:
    async with database.reading() as session:
        assert await is_set_up(session)
    with pytest.raises(Conflict, match="set up already"):
        await new_link(database, clock)


async def test_a_set_up_that_fails_half_way_leaves_nothing(database: Database, clock: TestClock) -> None:
    token = (await new_link(database, clock)).token

    async def fail(session: AsyncSession, /, *, actor: Actor, school_name: str, now: datetime) -> None:
        raise InvalidInput({"school_name": ["This name is taken."]})

    password_hash = await PASSWORDS.new_hash(PASSWORD, email="")
    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await complete_setup(
                session,
                token=token,
                name="Ada",
                email="ada@school.example",
                school_name="x",
                password_hash=password_hash,
                after_setup=fail,
                now=clock(),
            )
    assert await count(database, Person) == 0
    assert await set_up(database, token, clock)


async def test_an_invitation_used_twice_at_once_is_used_once(database: Database, clock: TestClock, ada: Person) -> None:
    link = await invite(database, clock, "ben@school.example", "teacher")
    done, refused = await outcomes(*(accept(database, clock, link) for _ in range(4)))
    assert (len(done), len(refused)) == (1, 3)
    assert all(isinstance(error, Conflict) for error in refused)


async def test_one_address_is_one_account_whatever_its_case(database: Database, clock: TestClock, ada: Person) -> None:
    with pytest.raises(InvalidInput) as caught:
        await invite(database, clock, " ADA@School.Example ", "teacher")
    assert list(caught.value.fields) == ["email"]


async def test_one_address_invited_twice_at_once_is_invited_once(
    database: Database, clock: TestClock, ada: Person
) -> None:
    done, refused = await outcomes(*(invite(database, clock, "ben@school.example", "coach") for _ in range(3)))
    assert len(done) == 1
    assert all(isinstance(error, InvalidInput) for error in refused)


@pytest.mark.parametrize("roles", [(), ("emperor",), ("teacher", "emperor")])
async def test_roles_are_those_of_the_table(
    database: Database, clock: TestClock, ada: Person, roles: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await invite(database, clock, "ben@school.example", *roles)
    assert list(caught.value.fields) == ["roles"]
    assert await count(database, Person) == 1


async def test_a_renewed_invitation_replaces_the_link(database: Database, clock: TestClock, ada: Person) -> None:
    older = await invite(database, clock, "ben@school.example", "teacher")
    assert older.person_id is not None
    async with database.writing() as session:
        newer = await renew_invitation(session, actor=ADA, person_id=older.person_id, now=clock())
    with pytest.raises(NotFound):
        await accept(database, clock, older)
    await accept(database, clock, newer)
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await renew_invitation(session, actor=ADA, person_id=older.person_id, now=clock())


async def test_a_stale_version_changes_nothing(database: Database, clock: TestClock, ada: Person) -> None:
    ben = await join(database, clock, "ben@school.example", "teacher")

    async def give(role: str) -> None:
        async with database.writing() as session:
            await change_roles(session, actor=ADA, person_id=ben.id, roles=[role], version=ben.version, now=clock())

    done, refused = await outcomes(give("coach"), give("reviewer"))
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)
    async with database.reading() as session:
        changed = await person_of(session, ben.id)
    assert changed.roles in ({"coach"}, {"reviewer"})
    assert changed.version > ben.version


async def test_the_last_administrator_stays(database: Database, clock: TestClock, ada: Person) -> None:
    async with database.writing() as session:
        with pytest.raises(Conflict, match="only administrator"):
            await change_roles(
                session, actor=ADA, person_id=ada.id, roles=["principal"], version=ada.version, now=clock()
            )
        with pytest.raises(Conflict, match="only administrator"):
            await deactivate(session, actor=ADA, person_id=ada.id, now=clock())


async def test_two_administrators_who_remove_each_other_leave_one(
    database: Database, clock: TestClock, ada: Person
) -> None:
    ben = await join(database, clock, "ben@school.example", "administrator")

    async def close(person_id: int) -> None:
        async with database.writing() as session:
            await deactivate(session, actor=ADA, person_id=person_id, now=clock())

    async def demote() -> None:
        async with database.writing() as session:
            await change_roles(session, actor=ADA, person_id=ada.id, roles=["reader"], version=ada.version, now=clock())

    done, refused = await outcomes(close(ben.id), demote())
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)


async def test_an_invited_administrator_does_not_count_yet(database: Database, clock: TestClock, ada: Person) -> None:
    await invite(database, clock, "ben@school.example", "administrator")
    with pytest.raises(Conflict, match="only administrator"):
        async with database.writing() as session:
            await deactivate(session, actor=ADA, person_id=ada.id, now=clock())


async def test_names_for_other_rooms(database: Database, clock: TestClock, ada: Person) -> None:
    ben = await join(database, clock, "ben@school.example", "reviewer")
    async with database.writing() as session:
        await rename_person(session, actor=ADA, person_id=ben.id, name="Ben Stone", now=clock())
    async with database.reading() as session:
        assert [one.name for one in await people_of(session)] == ["Ada Field", "Ben Stone"]
        assert [one.name for one in await people_who_may(session, "plan.write")] == ["Ada Field"]
        assert await person_names(session, [ben.id, None, 99]) == {ben.id: "Ben Stone"}
        assert await person_name(session, ben.id) == "Ben Stone"
        assert await person_name(session, None) == ""
        with pytest.raises(NotFound):
            await person_of(session, 99)
    async with database.writing() as session:
        await deactivate(session, actor=ADA, person_id=ben.id, now=clock())
    async with database.reading() as session:
        assert [one.name for one in await people_of(session)] == ["Ada Field"]
        assert await person_name(session, ben.id) == "Ben Stone"
