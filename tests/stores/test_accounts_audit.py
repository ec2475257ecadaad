"""The audit log, and what is forgotten, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nic_node.accounts.actor import SYSTEM, peer_actor
from nic_node.accounts.attempts import KEPT
from nic_node.accounts.audit import audit_entries, record_audit
from nic_node.accounts.change_people import change_roles, deactivate, reactivate, rename_person
from nic_node.accounts.jobs import prune
from nic_node.accounts.tables import AuditEntry, OneTimeLink, Person, SignInAttempt, SignInSession
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, count, enter, first_person, invite, join


@pytest.fixture
async def ada(database: Database, clock: TestClock) -> Person:
    return await first_person(database, clock)


async def actions(database: Database) -> list[str]:
    async with database.reading() as session:
        return [entry.action for entry in reversed(await audit_entries(session, after=None, limit=100))]


async def test_the_database_itself_keeps_the_audit_log_as_it_is(
    database: Database, clock: TestClock, ada: Person
) -> None:
    for statement in ("UPDATE audit_entries SET actor_name = 'nobody'", "DELETE FROM audit_entries"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.writing() as session:
                await session.execute(text(statement))
    assert await count(database, AuditEntry) == 1


async def test_a_migrated_database_keeps_it_too(tmp_path: Path) -> None:
    wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries' ORDER BY name"
    database = Database.connect(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    try:
        await upgrade(database)
        async with database.reading() as session:
            triggers = (await session.scalars(text(wanted))).all()
    finally:
        await database.close()
    assert triggers == ["audit_entries_no_delete", "audit_entries_no_update"]


async def test_everything_that_changes_leaves_an_entry(database: Database, clock: TestClock, ada: Person) -> None:
    ben = await join(database, clock, "ben@school.example", "teacher")
    await enter(database, clock, "ben@school.example")
    async with database.writing() as session:
        await rename_person(session, actor=ADA, person_id=ben.id, name="Ben Stone", now=clock())
        await change_roles(session, actor=ADA, person_id=ben.id, roles=["coach"], version=ben.version + 1, now=clock())
        await deactivate(session, actor=ADA, person_id=ben.id, now=clock())
        await reactivate(session, actor=ADA, person_id=ben.id, now=clock())
    assert await actions(database) == [
        "node.set-up",
        "person.invited",
        "invitation.accepted",
        "session.opened",
        "person.renamed",
        "person.roles-changed",
        "person.deactivated",
        "session.ended",
        "person.reactivated",
    ]
    async with database.reading() as session:
        changed = next(
            entry
            for entry in await audit_entries(session, after=None, limit=100)
            if entry.action == "person.roles-changed"
        )
    assert (changed.actor_id, changed.actor_name, changed.subject_id) == (ada.id, "Ada Field", str(ben.id))
    assert (changed.before, changed.after) == ({"roles": ["teacher"]}, {"roles": ["coach"]})


async def test_entries_come_newest_first_a_page_at_a_time(database: Database, clock: TestClock) -> None:
    for n in range(5):
        async with database.writing() as session:
            await record_audit(
                session,
                actor=SYSTEM if n % 2 else peer_actor("https://node.example"),
                action="thing.changed",
                subject="thing",
                subject_id=f"t{n}",
                before=None,
                after={"day": clock().date(), "kept": (1, 2), "who": {"b", "a"}},
                now=clock(),
            )
    async with database.reading() as session:
        first = await audit_entries(session, after=None, limit=2)
        rest = await audit_entries(session, after=first[-1].id, limit=10)
    assert [entry.subject_id for entry in (*first, *rest)] == ["t4", "t3", "t2", "t1", "t0"]
    assert first[0].after == {"day": "2026-10-27", "kept": [1, 2], "who": ["a", "b"]}
    assert (first[0].actor_kind, first[0].actor_name) == ("peer", "https://node.example")
    assert first[0].before is None


async def test_what_is_over_is_forgotten(database: Database, clock: TestClock, ada: Person) -> None:
    await enter(database, clock, "ada@school.example")
    await invite(database, clock, "ben@school.example", "teacher")
    clock.forward(hours=11)
    async with database.writing() as session:
        await prune(session, now=clock())
    assert await count(database, SignInSession) == 1
    clock.forward(seconds=KEPT.total_seconds())
    async with database.writing() as session:
        await prune(session, now=clock())
    assert (await count(database, SignInSession), await count(database, SignInAttempt)) == (0, 0)
    assert await count(database, OneTimeLink) == 2
    clock.forward(days=120)
    async with database.writing() as session:
        await prune(session, now=clock())
    assert await count(database, OneTimeLink) == 0
