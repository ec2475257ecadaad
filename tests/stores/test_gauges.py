"""What a monitor reads from the database, on both of them: every fault that stays there, in as many statements."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.mail.tables import Mail
from nic_node.mirror.tables import MirrorLog, MirrorRefusal, MirrorSource
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import LogRefusal
from nic_node.operations.gauges import database_gauges
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release
from tests.conftest import TestClock
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import NetworkLog
from tests.stores.network_stage import staged

STATEMENTS = 8


async def seen(database: Database, clock: TestClock) -> tuple[dict[tuple[str, ...], float], int]:
    """(name, values of labels...) -> value; and how many statements it took."""
    statements = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.reading() as session:
        families = await database_gauges(session, now=clock())
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    samples = [sample for family in families for sample in family.samples]
    assert all(isinstance(float(sample.value), float) for sample in samples)
    asked = [one for one in statements if not one.startswith(("BEGIN", "ROLLBACK"))]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}, len(asked)


async def test_a_node_at_rest(database: Database, clock: TestClock) -> None:
    found, statements = await seen(database, clock)
    assert statements == STATEMENTS
    assert found.pop(("nic_database_bytes",)) > 0
    assert set(found.values()) == {0}


async def test_work_that_waits(database: Database, clock: TestClock) -> None:
    now = clock()
    jobs = [
        Job(kind="mirror.pull", key="late", arguments={}, run_at=now - timedelta(minutes=16)),
        Job(kind="mirror.pull", key="due", arguments={}, run_at=now - timedelta(minutes=1)),
        Job(kind="mirror.pull", key="in hand", arguments={}, run_at=now, leased_until=now + timedelta(minutes=1)),
        Job(kind="publishing.retract", key="1", arguments={}, run_at=now + timedelta(hours=1)),
        Job(kind="mail.send", key="1", arguments={}, run_at=now - timedelta(days=1), dead=True),
    ]
    async with database.writing() as session:
        session.add_all(jobs)
    found, _ = await seen(database, clock)
    assert found["nic_jobs_due",] == 2
    assert found["nic_jobs_oldest_due_seconds",] == 16 * 60
    assert {name: value for name, value in found.items() if name[0] in ("nic_jobs_overdue", "nic_jobs_dead")} == {
        ("nic_jobs_overdue", "mirror.pull"): 1,
        ("nic_jobs_dead", "mail.send"): 1,
    }
    assert not [name for name in found if "publishing.retract" in name], "that something is taken back shows nowhere"


async def mirrored(database: Database, clock: TestClock, number: int) -> MirrorLog:
    """A log that is behind, in trouble and lies, with a copy that lied, two that fail and one that answers."""
    async with database.writing() as session:
        network = NetworkLog(f"https://net{number}.example")
        row = membership_row(network, "https://net.example/log", clock)
        session.add(row)
        await session.flush()
        log = MirrorLog(
            membership_id=row.id, network=row.network, generation=1, origin=f"o{number}", log_key="k", log_url="u",
            state="live", edge=b"", judged_version=1, created_at=clock(), current_at=clock(), size=100, mirrored=90,
            trouble="peer-timed-out",
        )  # fmt: skip
        session.add(log)
        await session.flush()
        for url, more in (
            ("lied", {"stopped_at": clock()}),
            ("u", {"failures": 2, "trouble": "signature-invalid"}),
            ("fails", {"failures": 3, "trouble": "peer-timed-out"}),
            ("lacks", {"failures": 1, "trouble": "log-incomplete"}),
            ("ok", {"answered_at": clock()}),
        ):
            session.add(MirrorSource(log_id=log.id, url=url, entity="e", **more))
        for subject in ("1", "2"):
            session.add(
                MirrorRefusal(
                    log_id=log.id, what="leaf", subject=subject, code="rule-band", detail="d", source="s",
                    first_seen_at=clock(), seen_at=clock(),
                )
            )  # fmt: skip
    return log


async def test_logs_that_are_read(database: Database, clock: TestClock) -> None:
    log = (await mirrored(database, clock, 1)).network
    clock.forward(hours=1)
    found, statements = await seen(database, clock)
    assert (found["nic_mirror_size", log, "1"], found["nic_mirror_missing", log, "1"]) == (100, 10)
    assert found["nic_mirror_behind_seconds", log, "1"] == 3600
    assert (found["nic_mirror_state", log, "1", "stale"], found["nic_mirror_state", log, "1", "live"]) == (1, 0)
    assert found["nic_mirror_trouble", log, "1", "peer-timed-out"] == 1
    states = {
        state: found["nic_mirror_sources", log, "1", state]
        for state in ("stopped", "wrong", "failing", "answers", "unasked")
    }
    assert states == {"stopped": 1, "wrong": 1, "failing": 2, "answers": 1, "unasked": 0}
    assert found["nic_mirror_refused", log, "1", "rule-band"] == 2
    assert statements == STATEMENTS
    for number in (2, 3, 4):
        await mirrored(database, clock, number)
    more, statements = await seen(database, clock)
    assert statements == STATEMENTS, "more networks, no more statements"
    assert sum(name[0] == "nic_mirror_size" for name in more) == 4


async def test_a_log_that_is_written_here(database: Database, clock: TestClock, tmp_path) -> None:
    stage = await staged(database, clock, tmp_path)
    async with database.writing() as session:
        log = await log_of(session, stage.network.id)
        log.trouble, log.signed_size, log.size, log.signed_at = "The disk is full.", 1, 3, clock()
        session.add(
            LogRefusal(log_id=log.id, at=clock(), what="leaf", code="leaf-malformed", detail="d", sha256="a" * 64)
        )
    found, _ = await seen(database, clock)
    name = (log.network, "1")
    assert (found["nic_log_size", *name], found["nic_log_unsigned", *name]) == (3, 2)
    assert found["nic_log_signed_timestamp_seconds", *name] == clock().timestamp()
    assert found["nic_log_stands_still", *name] == 1
    assert found["nic_log_refused", *name, "leaf-malformed"] == 1


@pytest.mark.parametrize("state", OutboxState)
async def test_of_what_is_on_its_way_only_what_stands_still(
    database: Database, clock: TestClock, state: OutboxState
) -> None:
    """Else a monitor's numbers would tell when this school published, and so which record is its own."""
    before, _ = await seen(database, clock)
    async with database.writing() as session:
        release = Release(
            network="n", kind="practice", title="t", record_sha256="a" * 64, sealed_record=b"", policy_sha256="a" * 64,
            approved_at=clock(),
        )  # fmt: skip
        session.add(release)
        await session.flush()
        session.add(OutboxRow(release_id=release.id, network="n", state=state.value, updated_at=clock()))
    after, _ = await seen(database, clock)
    changed = {name for name in after if after[name] != before.get(name) and name != ("nic_database_bytes",)}
    assert changed == ({("nic_outbox_stopped",)} if state is OutboxState.STOPPED else set())


async def test_e_mails_that_wait_for_a_person(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        for number, state in enumerate(("sent", "held", "dead", "dead")):
            session.add(
                Mail(
                    desk="accounts", event="invited", to_address="a@b.example", to_name="A", reply_to="", subject="S",
                    text="T", html="", holds_link=False, message_id=str(number), state=state, made_at=clock(),
                )
            )  # fmt: skip
    found, _ = await seen(database, clock)
    assert (found["nic_mails", "held"], found["nic_mails", "dead"]) == (1, 2)
