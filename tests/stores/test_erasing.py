"""What was taken back, taken down or blocked is served no more, and stands in no file of the database; on both."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import func, select, text

from federation.epochs import erase_submission_key_at
from federation.keys import thumbprint
from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Worker
from nic_node.db.rewrite import AGAIN, keep_no_samples, rewrite_when_quiet
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow
from nic_node.mirror import follow
from nic_node.mirror import jobs as mirror_jobs
from nic_node.mirror.erase import NOT_SAMPLED, SCOUR, TABLES
from nic_node.mirror.examine import describe_blobs
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.pull import pull
from nic_node.mirror.tables import MirrorBlob, MirrorProperties, MirrorRecord, MirrorReference
from nic_node.network.log import erase as log_erase
from nic_node.network.log.moderate import queue_block, queue_moderation
from nic_node.network.log.tables import LivingBlob
from nic_node.publishing import sent
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.fakes.mirroring import mirroring
from tests.fakes.network_log import PRACTICE
from tests.stores.files import holding
from tests.unit.network.log.served import code_of, served_stage
from tests.unit.network.log.stage import SCHOOLS
from tests.unit.network.people_stage import running_node


def practice(secret: str) -> dict:
    """Longer than a row of PostgreSQL, and past its compression, so that it stands out of line."""
    lessons = {name: token_hex(190) for name in ("worked", "would_change", "watch_out")}
    materials = [{"kind": "checklist", "title": f"Sheet {number}", "text": token_hex(700)} for number in range(2)]
    return PRACTICE | {
        "title": f"Call {secret}",
        "conditions": token_hex(190),
        "lessons": lessons,
        "materials": materials,
    }


async def test_the_network_serves_and_keeps_no_blob_of_what_is_gone(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(database, clock, tmp_path) as node:
        served = await served_stage(node, monkeypatch)
        stage = served.stage
        await stage.open_epoch()
        secrets = {name: f"zanzibar{token_hex(4)}" for name in ("ada", "ben", "cem")}
        indexes = {name: await stage.publish(name, practice(secret)) for name, secret in secrets.items()}
        async with database.reading() as session:
            rows = await session.execute(select(LivingBlob.index, LivingBlob.sha256))
            paths = {index: f"/log/1/blob/{sha256}" for index, sha256 in rows}
        for name, index in indexes.items():
            assert (await served.get("ben", paths[index])).status == 200
            assert await holding(database, tmp_path, secrets[name])

        leaf = await stage.retract_leaf("ada", indexes["ada"])
        body = json.dumps({"leaf": leaf.decode()}).encode()
        assert (await served.post(None, "/v1/retractions", body)).status == 202
        given = {"operator_key": node.local.operator_key, "network_id": stage.network.id, "now": clock()}
        taken_down = build_record_id((await stage.log()).origin, indexes["ben"])
        jkt = thumbprint(stage.pseudonym_key("cem"))
        async with database.writing() as session:
            await queue_moderation(session, record=taken_down, reason="harmful", **given)
            await queue_block(session, jkt=jkt, from_index=indexes["cem"], **given)
        await stage.sequence()

        for name, code in {"ada": "retracted", "ben": "moderated", "cem": "moderated"}.items():
            assert await code_of(await served.get("ben", paths[indexes[name]])) == (410, f"blob-{code}"), name
        handlers = {log_erase.SCOUR: log_erase.scour_handler(node.local)}
        await Worker(database, handlers, clock=clock, idle_seconds=1).run_due()
        assert await holding(database, tmp_path, *secrets.values()) == []


async def test_what_a_reader_holds_up_is_overwritten_later(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each room that erases: what the write-ahead log still holds is not taken for gone."""

    async def held_up(*anything: object) -> bool:
        return False

    async with running_node(sqlite_database, clock, tmp_path) as node:
        for erasing, handler in ((log_erase, log_erase.scour_handler), (sent, sent.scour_handler)):
            with monkeypatch.context() as patched:
                patched.setattr(erasing, "overwrite_freed", held_up)
                assert await handler(node.local)({}) == Again(at=clock() + AGAIN)
            assert await handler(node.local)({}) is None


async def test_a_key_of_a_term_that_has_served_stands_in_no_file(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even sealed: the one that issues goes as issuing closes, the one that opens envelopes a week after the end."""
    async with running_node(database, clock, tmp_path) as node:
        async with database.writing() as session:
            await keep_no_samples(session, log_erase.NOT_SAMPLED)  # as each start does
        stage = (await served_stage(node, monkeypatch)).stage
        await stage.admit(*SCHOOLS)
        await stage.announce()
        credential, submission, leaf = [
            await sealed_key(database, purpose)
            for purpose in (KeyPurpose.CREDENTIAL, KeyPurpose.SUBMISSION, KeyPurpose.LEAF)
        ]
        windows = await stage.windows()
        worker = Worker(database, {log_erase.SCOUR: log_erase.scour_handler(node.local)}, clock=clock, idle_seconds=1)
        for key, erased_at in (
            (credential, windows.issue_to),
            (submission, erase_submission_key_at(windows)),
        ):
            assert await holding(database, tmp_path, *key)
            stage.clock.now = erased_at
            await stage.advance()
            await worker.run_due()
            assert await holding(database, tmp_path, *key) == []
        assert await holding(database, tmp_path, *leaf), "what still serves is there"


async def sealed_key(database: Database, purpose: KeyPurpose) -> list[bytes]:
    """In pieces: a row is cut where a page ends."""
    async with database.reading() as session:
        sealed = await session.scalar(select(KeyRow.sealed_private_jwk).where(KeyRow.purpose == purpose))
    assert sealed is not None
    return [sealed[start : start + 40] for start in range(0, len(sealed) - 40, 40)]


async def test_a_member_keeps_nothing_of_what_is_gone(database: Database, clock: TestClock, tmp_path: Path) -> None:
    secret = f"zanzibar{token_hex(4)}"
    async with mirroring(database, tmp_path, clock) as world:
        index = world.log.publish("ada", payload=practice(secret))
        kept = world.log.publish("ben")
        await world.pull()
        salt = world.log.blobs[index].split(b'"salt":"')[1][:43].decode()
        for one in (secret, salt):
            assert await holding(database, tmp_path, one)
        world.log.append(world.log.retract("ada", index))
        world.served.gone.add(index)
        await world.pull()

        handlers = {SCOUR: mirror_jobs.job_handlers(world.node)[SCOUR]}
        await Worker(database, handlers, clock=clock, idle_seconds=1).run_due()
        assert await holding(database, tmp_path, secret, salt) == []
        living = world.log.blobs[kept].split(b'"salt":"')[1][:43].decode()
        assert await holding(database, tmp_path, living)


class Meanwhile(Examiners):
    """Between fetching blobs and keeping them, once, something else comes to its end."""

    def __init__(self, what: Callable[[], Awaitable[object]]) -> None:
        super().__init__(cores=1)
        self.waiting = [what]

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if work is describe_blobs and self.waiting:
            await self.waiting.pop()()
        return await super().run(work, *arguments)


async def test_what_is_taken_back_while_the_first_copy_is_fetched_leaves_nothing(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its content was asked for, when another process has just kept it, and while one has it in its hands."""
    monkeypatch.setattr(follow, "BUNDLES_A_RUN", 1)
    secrets = [f"zanzibar{token_hex(4)}" for _ in range(4)]
    async with mirroring(database, tmp_path, clock) as world:
        log = world.log
        indexes = [log.publish("ada", payload=practice(secret)) for secret in secrets[:3]]
        log.append(*(log.record("ben").leaf for _ in range(260)))
        indexes.append(log.publish("cem", payload=practice(secrets[3])))

        async def take_back(*places: int) -> None:
            log.append(*(log.retract("cem" if place == 3 else "ada", indexes[place]) for place in places))
            world.served.gone.update(indexes[place] for place in places)

        async def another_process() -> None:
            await take_back(1)
            for _ in range(2):
                await world.pull()
            assert await holding(database, tmp_path, secrets[2]), "the other one keeps what is living"
            await take_back(2)
            await world.pull()

        assert [(await world.pull()).new_entries for _ in range(2)] == [256, 20]
        await take_back(0)
        interrupted = Meanwhile(another_process)
        while interrupted.waiting:
            await pull(world.node, world.membership_id, interrupted)
        await take_back(3)
        reports = []
        while not (reports and reports[-1].done):
            reports.append(await world.pull())

        handlers = {SCOUR: mirror_jobs.job_handlers(world.node)[SCOUR]}
        await Worker(database, handlers, clock=clock, idle_seconds=1).run_due()
        assert await holding(database, tmp_path, *secrets) == []
        async with database.reading() as session:
            for model in (MirrorBlob, MirrorProperties, MirrorReference):
                assert await session.scalar(select(func.count()).select_from(model)) == 0, model
            states = select(MirrorRecord.state).where(MirrorRecord.leaf_index.in_(indexes))
            assert set(await session.scalars(states)) == {"gone"}


async def test_a_rewriting_waits_for_readers_and_a_large_one_for_the_night(
    database: Database, clock: TestClock
) -> None:
    given = {"time_zone": "America/New_York", "snapshot_seconds": 0.0}
    async with database.writing() as session:
        await keep_no_samples(session, NOT_SAMPLED)
    if database.is_sqlite:
        assert await rewrite_when_quiet(database, TABLES, now=clock(), at_once_bytes=-1, **given) is None
        return
    async with database.reading() as reader:
        await reader.execute(text("SELECT count(*) FROM mirror_blobs"))
        assert await rewrite_when_quiet(database, TABLES, now=clock(), **given) == clock() + AGAIN
    assert await rewrite_when_quiet(database, TABLES, now=clock(), **given) is None
    night = await rewrite_when_quiet(database, TABLES, now=clock(), at_once_bytes=-1, **given)
    assert night is not None
    assert night.isoformat() == "2026-10-28T05:00:00+00:00"
    assert await rewrite_when_quiet(database, TABLES, now=night, at_once_bytes=-1, **given) is None
    async with database.reading() as session:
        sampled = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'search_index'::regclass AND attstattarget = 0 AND attnum > 0"
        assert await session.scalar(text(sampled)) == len(NOT_SAMPLED["search_index"])
