"""People for tests of accounts: Ada, who set the node up, and whom she invites."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.invite import accept_invitation, invite_person
from nic_node.accounts.links import IssuedLink
from nic_node.accounts.passwords import TEST_COST, Passwords
from nic_node.accounts.set_up import complete_setup, create_setup_link
from nic_node.accounts.sign_in import sign_in
from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from tests.conftest import TestClock

PASSWORD = "seven green kites"
ADA = Actor(person_id=1, name="Ada Field", kind="person")
PASSWORDS = Passwords(TEST_COST)


async def keep_nothing(session: AsyncSession, /, *, actor: Actor, school_name: str, now: datetime) -> None:
    assert school_name


async def set_up(database: Database, token: str, clock: TestClock, email: str = "ada@school.example") -> Person:
    password_hash = await PASSWORDS.new_hash(PASSWORD, email=email)
    async with database.writing() as session:
        return await complete_setup(
            session,
            token=token,
            name="Ada Field",
            email=email,
            school_name="Rivermouth School",
            password_hash=password_hash,
            after_setup=keep_nothing,
            now=clock(),
        )


async def new_link(database: Database, clock: TestClock) -> IssuedLink:
    async with database.writing() as session:
        return await create_setup_link(session, now=clock())


async def first_person(database: Database, clock: TestClock) -> Person:
    """Ada, the first administrator and principal."""
    return await set_up(database, (await new_link(database, clock)).token, clock)


async def invite(database: Database, clock: TestClock, email: str, *roles: str) -> IssuedLink:
    async with database.writing() as session:
        return await invite_person(
            session, actor=ADA, name=email.split("@", maxsplit=1)[0].title(), email=email, roles=roles, now=clock()
        )


async def accept(database: Database, clock: TestClock, link: IssuedLink, name: str = "Somebody") -> Person:
    password_hash = await PASSWORDS.new_hash(PASSWORD, email="")
    async with database.writing() as session:
        return await accept_invitation(session, token=link.token, name=name, password_hash=password_hash, now=clock())


async def join(database: Database, clock: TestClock, email: str, *roles: str, name: str = "Somebody") -> Person:
    """Somebody who accepted Ada's invitation."""
    return await accept(database, clock, await invite(database, clock, email, *roles), name)


async def enter(database: Database, clock: TestClock, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return await sign_in(
        database,
        more.get("passwords", PASSWORDS),
        email=email,
        password=password,
        address=more.get("address", "127.0.0.1"),
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        now=clock(),
    )


async def outcomes(*running: Awaitable[Any]) -> tuple[list[Any], list[BaseException]]:
    """What succeeded and what was raised, of several at once."""
    results = await asyncio.gather(*running, return_exceptions=True)
    done = [result for result in results if not isinstance(result, BaseException)]
    return done, [result for result in results if isinstance(result, BaseException)]


async def count(database: Database, table: type[Any]) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)
