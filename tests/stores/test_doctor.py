"""What the doctor reads from the database, on both of them."""

from datetime import timedelta
from pathlib import Path

from federation.keys import generate_private_jwk
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.keyring.keys import create_key
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.purposes import KeyPurpose
from nic_node.mail.tables import Mail
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog
from nic_node.network.log.queue import log_of
from nic_node.operations import stored
from nic_node.operations.checks import CheckState
from nic_node.operations.last_backup import LastBackup, note_backup
from nic_node.operations.machine import check_backup
from tests.conftest import TestClock
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import NetworkLog
from tests.stores.network_stage import staged

OPERATOR = OperatorKey(bytes(range(32)))
ENTITY = "https://school.example"


async def test_the_database_answers(database: Database) -> None:
    for is_thorough in (False, True):
        check = await stored.check_database(database, is_thorough=is_thorough)
        assert check.state is CheckState.OK, check


async def test_a_database_without_tables_of_migrations(database: Database) -> None:
    check = await stored.check_tables(database)
    assert (check.state, "nic migrate" in check.next_step) == (CheckState.FAIL, True)


async def test_an_old_key_is_named_with_its_command(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await create_key(
            session,
            operator_key=OPERATOR,
            entity_id=ENTITY,
            purpose=KeyPurpose.HTTP,
            private_jwk=generate_private_jwk("Ed25519"),
            now=clock(),
        )
    for days, state in ((365, CheckState.OK), (1, CheckState.WARN)):
        clock.forward(days=days)
        async with database.reading() as session:
            check = await stored.check_keys(session, entity_id=ENTITY, operator_key=OPERATOR, now=clock())
        assert check.state is state
    assert "nic node rotate-key --key http" in check.document()["next_step"]
    async with database.reading() as session:
        other = OperatorKey(bytes(32))
        check = await stored.check_keys(session, entity_id=ENTITY, operator_key=other, now=clock())
    assert check.state is CheckState.FAIL


async def test_work_that_was_given_up_and_work_that_waits(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        session.add(Job(kind="mirror.pull", key="1", arguments={}, run_at=clock()))
    states = []
    for minutes in (15, 1):
        clock.forward(minutes=minutes)
        async with database.reading() as session:
            states.append((await stored.check_queue(session, now=clock())).state)
    async with database.writing() as session:
        session.add(Job(kind="mail.send", key="", arguments={}, run_at=clock(), dead=True, last_error="550 no"))
    async with database.reading() as session:
        check = await stored.check_queue(session, now=clock())
    assert [*states, check.state] == [CheckState.OK, CheckState.WARN, CheckState.FAIL]
    assert "mail.send" in check.document()["sentence"]


async def test_a_log_that_is_behind_or_frozen(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        network = NetworkLog()
        row: MembershipRow = membership_row(network, "https://net.example/log", clock)
        session.add(row)
        await session.flush()
        log = MirrorLog(
            membership_id=row.id, network=row.network, generation=1, origin="o", log_key="k", log_url="u",
            state=LogState.LIVE, edge=b"", judged_version=1, created_at=clock(), current_at=clock(),
        )  # fmt: skip
        session.add(log)
    states = []
    for minutes in (15, 1):
        clock.forward(minutes=minutes)
        async with database.reading() as session:
            (check,) = await stored.check_mirror(session, now=clock())
        states.append(check.state)
    async with database.writing() as session:
        (await session.get_one(MirrorLog, log.id)).state = LogState.FROZEN
    async with database.reading() as session:
        (check,) = await stored.check_mirror(session, now=clock())
    assert [*states, check.state] == [CheckState.OK, CheckState.WARN, CheckState.FAIL]


def test_the_last_backup(tmp_path: Path, clock: TestClock) -> None:
    config = read_config(tmp_path, {})
    assert check_backup(config, clock()).state is CheckState.WARN
    note_backup(tmp_path, LastBackup(at=clock(), file="/backups/monday"))
    clock.forward(days=timedelta(days=7).days)
    assert check_backup(config, clock()).state is CheckState.OK
    clock.forward(days=1)
    assert check_backup(config, clock()).state is CheckState.WARN


async def test_a_log_written_here(database: Database, clock: TestClock, tmp_path: Path) -> None:
    stage = await staged(database, clock, tmp_path)
    async with database.reading() as session:
        (check,) = await stored.check_logs(session)
    assert check.state is CheckState.OK
    async with database.writing() as session:
        log = await log_of(session, stage.network.id)
        log.trouble = "The disk is full."
    async with database.reading() as session:
        (check,) = await stored.check_logs(session)
    assert check.state is CheckState.FAIL
    assert check.document()["sentence"] == "The hub stands still: The disk is full."


async def test_mail_that_waits_for_a_person(database: Database, clock: TestClock) -> None:
    states = []
    for number, state in enumerate(("sent", "held", "dead")):
        async with database.writing() as session:
            session.add(
                Mail(
                    desk="accounts", event="invited", to_address="a@b.example", to_name="A", reply_to="", subject="S",
                    text="T", html="", holds_link=False, message_id=str(number), state=state, made_at=clock(),
                )
            )  # fmt: skip
        async with database.reading() as session:
            states.append((await stored.check_mail(session)).state)
    assert states == [CheckState.OK, CheckState.WARN, CheckState.WARN]
