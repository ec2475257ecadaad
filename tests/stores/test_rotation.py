"""Rotation on both databases: one new key at a time, and the old one ends on its day."""

import asyncio
from datetime import timedelta

import pytest

from federation.keys import generate_private_jwk
from nic_node.db.engine import Database
from nic_node.errors import Conflict
from nic_node.keyring.keys import all_public_keys, create_key, current_key, historical_keys
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, OVERLAP, KeyState, key_views, rotate_key
from tests.conftest import TestClock

OPERATOR = OperatorKey(bytes(range(32)))
ENTITY = "https://school.example"
IT = {"entity_id": ENTITY, "purpose": KeyPurpose.HTTP}


async def made(database: Database, clock: TestClock) -> str:
    async with database.writing() as session:
        stored = await create_key(
            session, operator_key=OPERATOR, private_jwk=generate_private_jwk("Ed25519"), now=clock(), **IT
        )
    return stored.kid


async def rotated(database: Database, clock: TestClock, **more: timedelta) -> str:
    async with database.writing() as session:
        stored = await rotate_key(
            session, operator_key=OPERATOR, private_jwk=generate_private_jwk("Ed25519"), now=clock(), **IT, **more
        )
    return stored.kid


async def test_old_and_new_overlap(database: Database, clock: TestClock) -> None:
    old = await made(database, clock)
    new = await rotated(database, clock)
    seen = []
    for later in (timedelta(), LEAD, OVERLAP):
        clock.forward(seconds=later.total_seconds())
        async with database.reading() as session:
            signs = (await current_key(session, now=clock(), **IT)).kid
            published = {key.kid for key in await all_public_keys(session, now=clock(), **IT)}
            past = [key.kid for key in await historical_keys(session, now=clock(), **IT)]
            states = {view.kid: view.state for view in await key_views(session, entity_id=ENTITY, now=clock())}
        seen.append((signs, published, past, states))
    assert seen == [
        (old, {old, new}, [], {old: KeyState.USED, new: KeyState.AHEAD}),
        (new, {old, new}, [], {old: KeyState.ENDING, new: KeyState.USED}),
        (new, {new}, [old], {old: KeyState.RETIRED, new: KeyState.USED}),
    ]


async def test_one_rotation_at_a_time(database: Database, clock: TestClock) -> None:
    await made(database, clock)
    outcomes = await asyncio.gather(*(rotated(database, clock) for _ in range(3)), return_exceptions=True)
    assert [isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, Exception)] == [True, True]
    clock.forward(days=LEAD.days)
    await rotated(database, clock)


async def test_what_does_not_rotate(database: Database, clock: TestClock) -> None:
    with pytest.raises(ValueError, match="does not rotate"):
        async with database.writing() as session:
            await rotate_key(
                session,
                operator_key=OPERATOR,
                entity_id=ENTITY,
                purpose=KeyPurpose.LOG,
                private_jwk=generate_private_jwk("Ed25519"),
                now=clock(),
            )


async def test_a_key_in_use_for_a_year_is_due(database: Database, clock: TestClock) -> None:
    await made(database, clock)
    for days, due in ((365, False), (1, True)):
        clock.forward(days=days)
        async with database.reading() as session:
            (view,) = await key_views(session, entity_id=ENTITY, now=clock())
        assert view.is_due(clock()) is due
    await rotated(database, clock)
    async with database.reading() as session:
        views = await key_views(session, entity_id=ENTITY, now=clock())
    assert not any(view.is_due(clock()) for view in views)
