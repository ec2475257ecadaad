"""What coordinators decide about records together, on both databases: by quorum, undone before it, erased after it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, update

from federation.keys import thumbprint
from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NicError, NotAllowed, NotFound
from nic_node.network.coordinators import add_coordinator
from nic_node.network.log.tables import LivingBlob, LogBlock, LogRecord
from nic_node.network.moderation import decide
from nic_node.network.moderation.decide import (
    dismiss_flags,
    propose_block,
    propose_moderation,
    second,
    take_back_voice,
)
from nic_node.network.moderation.read import CaseView, decided_cases, flagged_records, open_cases
from nic_node.network.moderation.tables import ModerationCase
from nic_node.network.tables import Coordinator
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, join, outcomes
from tests.unit.network.log.stage import SLOT, Stage, running_stage

BEN = Actor(person_id=2, name="Ben Stone", kind="person")
CEM = Actor(person_id=3, name="Cem Ak", kind="person")


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with coordinated(database, clock, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
async def one_stage(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """For what both databases can only do alike."""
    async with coordinated(sqlite_database, clock, tmp_path, monkeypatch) as made:
        yield made


@asynccontextmanager
async def coordinated(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Two coordinators, both of whom have to say yes; an epoch that is open."""
    async with running_stage(database, clock, tmp_path / "node", monkeypatch, approvals_required=2) as running:
        for email, name in (("ben@school.example", "Ben Stone"), ("cem@school.example", "Cem Ak")):
            await join(database, clock, email, "teacher", name=name)
        async with database.writing() as session:
            given = {"network_id": running.network.id, "email": "ben@school.example", "now": clock()}
            await add_coordinator(session, actor=ADA, **given)
        await running.open_epoch()
        yield running


async def record_id(stage: Stage, index: int) -> str:
    return build_record_id((await stage.log()).origin, index)


async def published(stage: Stage, name: str = "ada") -> str:
    return await record_id(stage, await stage.publish(name, {**PLAIN, "title": f"Of {name}"}))


PLAIN = {
    "title": "Advisory",
    "problem": {"category": "course-failure"},
    "idea": {"category": "advisory", "summary": "Homework begins in advisory."},
    "rung": "described",
    "decision": "adopt",
}


async def flag(stage: Stage, name: str, target: str, code: str = "identifies-someone") -> None:
    record = stage.record(name, {"target": target, "code": code}, kind="flag")
    await stage.submit(record.leaf, record.blob)
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()


async def do(stage: Stage, verb, actor: Actor, **given) -> CaseView:
    if verb not in (dismiss_flags, take_back_voice):
        given["operator_key"] = stage.node.operator_key
    async with stage.node.database.writing() as session:
        return await verb(session, network_id=stage.network.id, actor=actor, now=stage.clock(), **given)


async def say_yes(stage: Stage, actor: Actor, view: CaseView, *, verb=second) -> CaseView:
    return await do(stage, verb, actor, case_id=view.case.id, version=view.case.version)


async def living(stage: Stage) -> list[int]:
    async with stage.node.database.reading() as session:
        return list(await session.scalars(select(LivingBlob.index).order_by(LivingBlob.index)))


async def test_a_record_goes_when_two_coordinators_say_so(stage: Stage) -> None:
    target = await published(stage)
    await flag(stage, "ben", target)
    await flag(stage, "cem", target, "harmful")
    async with stage.node.database.reading() as session:
        (one,) = await flagged_records(session, stage.network.id)
    assert (one.record.title, one.pseudonyms) == ("Of ada", 2)
    assert one.codes == {"identifies-someone": 1, "harmful": 1}

    view = await do(stage, propose_moderation, ADA, record=target, reason="identifies-someone")
    assert (view.case.state, view.voices, view.needed) == ("open", ["Ada Field"], 2)
    await stage.sequence()
    assert len(await living(stage)) == 3
    view = await say_yes(stage, BEN, view)
    assert (view.case.state, view.voices) == ("done", ["Ada Field", "Ben Stone"])
    await stage.sequence()

    async with stage.node.database.reading() as session:
        assert await flagged_records(session, stage.network.id) == []
        gone = await session.scalars(select(LogRecord.gone).order_by(LogRecord.index))
        assert list(gone) == ["moderated", None, None]
        (view,) = await decided_cases(session, stage.network.id)
        said = await session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("moderation.")))
        assert list(said) == ["moderation.proposed", "moderation.seconded", "moderation.done"]
    assert view.record is not None
    assert view.record.payload is None


async def test_a_block_erases_from_its_index_on_and_the_blocked_may_still_retract(stage: Stage) -> None:
    first, last = await published(stage), await published(stage)
    jkt = thumbprint(stage.pseudonym_key("ada"))
    index = int(last.rsplit("#", 1)[1])
    given = {"jkt": jkt, "from_index": index, "reason": "harmful", "record": last}
    view = await do(stage, propose_block, ADA, **given)
    await say_yes(stage, BEN, view)
    await stage.sequence()
    assert await living(stage) == [int(first.rsplit("#", 1)[1])]
    async with stage.node.database.reading() as session:
        assert await session.scalar(select(LogBlock.from_index)) == index
    await stage.submit(await stage.retract_leaf("ada", index))
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    assert await stage.refusals() == []


async def test_a_proposal_is_taken_back_before_the_quorum_and_not_after(stage: Stage) -> None:
    target = await published(stage)
    view = await do(stage, propose_moderation, ADA, record=target, reason="harmful")
    view = await say_yes(stage, ADA, view, verb=take_back_voice)
    assert view.case.state == "withdrawn"
    view = await do(stage, propose_moderation, BEN, record=target, reason="harmful")
    view = await say_yes(stage, ADA, view)
    with pytest.raises(Conflict, match=decide.DECIDED[:20]):
        await say_yes(stage, ADA, view, verb=take_back_voice)


async def test_flags_are_dismissed_by_one_and_newer_ones_open_it_again(stage: Stage) -> None:
    target = await published(stage)
    await flag(stage, "ben", target)
    view = await do(stage, dismiss_flags, ADA, record=target)
    assert (view.case.act, view.case.state, view.voices) == ("dismiss", "done", ["Ada Field"])
    with pytest.raises(Conflict, match=decide.NOT_FLAGGED[:20]):
        await do(stage, dismiss_flags, BEN, record=target)
    await flag(stage, "cem", target, "off-topic")
    async with stage.node.database.reading() as session:
        (one,) = await flagged_records(session, stage.network.id)
    assert one.pseudonyms == 2


async def test_what_its_author_took_back_meanwhile_needs_no_decision(one_stage: Stage) -> None:
    target = await published(one_stage)
    view = await do(one_stage, propose_moderation, ADA, record=target, reason="harmful")
    await one_stage.submit(await one_stage.retract_leaf("ada", int(target.rsplit("#", 1)[1])))
    one_stage.clock.forward(seconds=SLOT)
    await one_stage.sequence()
    assert (await say_yes(one_stage, BEN, view)).case.state == "moot"


async def test_a_coordinator_who_is_none_any_more_counts_no_more(one_stage: Stage) -> None:
    target = await published(one_stage)
    view = await do(one_stage, propose_moderation, BEN, record=target, reason="harmful")
    async with one_stage.node.database.writing() as session:
        await session.execute(update(Coordinator).where(Coordinator.person_id == 2).values(person_id=3))
    view = await say_yes(one_stage, ADA, view)
    assert (view.case.state, view.voices) == ("open", ["Ada Field"])
    assert (await say_yes(one_stage, CEM, view)).case.state == "done"


async def test_two_who_second_at_once_carry_it_out_once(stage: Stage) -> None:
    target = await published(stage)
    async with stage.node.database.writing() as session:
        await add_coordinator(
            session, actor=ADA, network_id=stage.network.id, email="cem@school.example", now=stage.clock()
        )
    view = await do(stage, propose_moderation, ADA, record=target, reason="harmful")
    done, refused = await outcomes(say_yes(stage, BEN, view), say_yes(stage, CEM, view))
    assert [one.case.state for one in done] == ["done"]
    assert [isinstance(one, Conflict) for one in refused] == [True]
    await stage.sequence()
    assert await stage.refusals() == []
    async with stage.node.database.reading() as session:
        assert await open_cases(session, stage.network.id) == []
        assert len((await session.scalars(select(ModerationCase))).all()) == 1


async def test_refusals(one_stage: Stage) -> None:
    target = await published(one_stage)
    jkt = thumbprint(one_stage.pseudonym_key("ada"))
    view = await do(one_stage, propose_moderation, ADA, record=target, reason="harmful")
    block = {"from_index": 1, "reason": "harmful"}
    stale = view.case.version + 1
    refused: list[tuple[type[NicError], str, Actor, object, dict[str, object]]] = [
        (NotAllowed, "Only the coordinators", CEM, propose_moderation, {"record": target, "reason": "harmful"}),
        (NotAllowed, "Only the coordinators", CEM, second, {"case_id": view.case.id, "version": 1}),
        (NotAllowed, "Only the coordinators", CEM, dismiss_flags, {"record": target}),
        (Conflict, decide.PROPOSED, BEN, propose_moderation, {"record": target, "reason": "off-topic"}),
        (Conflict, decide.SAID_ALREADY, ADA, second, {"case_id": view.case.id, "version": view.case.version}),
        (Conflict, decide.CHANGED, BEN, second, {"case_id": view.case.id, "version": stale}),
        (Conflict, decide.NOT_SAID, BEN, take_back_voice, {"case_id": view.case.id, "version": view.case.version}),
        (Conflict, decide.NOT_FLAGGED, ADA, dismiss_flags, {"record": target}),
        (NotFound, decide.NO_CASE, BEN, second, {"case_id": 99, "version": 1}),
        (NotFound, "has no such record", ADA, propose_moderation, {"record": f"{target}9", "reason": "harmful"}),
        (NotFound, "no such pseudonym", ADA, propose_block, {"jkt": "A" * 43, **block}),
        (InvalidInput, "", ADA, propose_moderation, {"record": "nothing", "reason": "harmful"}),
        (InvalidInput, "", ADA, propose_moderation, {"record": target, "reason": "bored"}),
        (InvalidInput, "", ADA, propose_block, {"jkt": jkt, "from_index": 1, "reason": "bored"}),
    ]
    for kind, sentence, actor, verb, given in refused:
        with pytest.raises(kind) as error:
            await do(one_stage, verb, actor, **given)
        assert sentence in error.value.sentence, (verb, given)
    async with one_stage.node.database.reading() as session:
        assert len(await open_cases(session, one_stage.network.id)) == 1
