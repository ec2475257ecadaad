"""What a network does about its terms by itself, and what it refuses: supplementary and void epochs, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.epochs import SUBMISSION_KEY_KEPT
from federation.errors import Untrusted
from nic_node.db.engine import Database
from nic_node.errors import Conflict
from nic_node.network.in_force import terms_in_force
from nic_node.network.log.envelopes import note_opened, take_envelope, was_opened
from nic_node.network.log.queue import log_of
from nic_node.network.log.read import supplement_standing
from nic_node.network.log.tables import OpenedEnvelope, SealedEnvelope
from nic_node.network.policy import change_policy
from nic_node.network.read import network_of
from schemas.code import Code
from tests.conftest import TestClock
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage, entity_of, running_stage

LATE = ("dot", "eve", "fay")


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(database, clock, tmp_path, monkeypatch) as made:
        yield made


async def waiting(stage: Stage) -> tuple[int, int] | None:
    async with stage.node.database.reading() as session:
        found = await supplement_standing(session, stage.network.id, stage.clock())
    return found and (found.waiting, found.needed)


async def go_to(stage: Stage, moment) -> None:
    stage.clock.now = moment
    await stage.advance()


async def take_part(stage: Stage, names: tuple[str, ...], epoch: int) -> None:
    """From issuing to the opening, or what comes instead of it."""
    for name in names:
        await stage.issue(name, epoch)
    await stage.sequence()
    await go_to(stage, (await stage.windows(epoch)).issue_to)
    stage.clock.forward(seconds=SLOT)
    for name in names:
        await stage.submit(await stage.pseudonym_leaf(name, epoch), epoch=epoch)
    await go_to(stage, (await stage.windows(epoch)).active_from)


async def test_a_supplementary_epoch_comes_once_enough_wait_and_ends_with_the_open_one(stage: Stage) -> None:
    assert await waiting(stage) is None
    await stage.open_epoch()
    assert await waiting(stage) == (0, 3)
    await stage.admit(*LATE[:2])
    assert await waiting(stage) == (2, 3)
    with pytest.raises(Conflict, match="as many members wait"):
        await stage.announce()
    await stage.admit(LATE[2])
    assert await stage.announce() == 2
    with pytest.raises(Conflict, match="has not opened yet"):
        await stage.announce()

    # Who publishes already takes part too, so that a pseudonym of this epoch is not that of a late one.
    await take_part(stage, ("ada", *LATE), 2)
    record = await stage.epoch(2)
    assert (record.status, record.issued, record.registered) == ("open", 4, 4)
    assert (await stage.windows(2)).active_to == (await stage.windows(1)).active_to
    assert await waiting(stage) == (0, 3)
    fresh = stage.record("dot", epoch=2)
    await stage.submit(fresh.leaf, fresh.blob, epoch=2)
    before = (await stage.log()).size
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    assert ((await stage.log()).size, await stage.refusals()) == (before + 1, [])

    # The calendar goes on as if it had not been.
    await go_to(stage, (await stage.windows(1)).active_to - timedelta(seconds=600 + 7 * SLOT))
    await stage.sequence()
    following = await stage.windows(3)
    assert abs((following.active_from - (await stage.windows(1)).active_to).total_seconds()) <= SLOT


async def test_a_supplementary_epoch_brings_no_newer_policy_into_force(stage: Stage) -> None:
    await stage.open_epoch()
    async with stage.node.database.writing() as session:
        network = await network_of(session, stage.network.id)
        asked = {"policy": {"min_issued": 4, "approvals_required": 2, "active_seconds": 9000}, "charter": {}}
        when = {"version": network.version, "actor": stage.actor, "now": stage.clock()}
        await change_policy(session, network_id=network.id, **asked, **when)
    await stage.admit(*LATE)
    assert await waiting(stage) == (3, 3)
    assert await stage.announce() == 2
    first, beside = (await stage.epoch(1)).payload, (await stage.epoch(2)).payload
    assert [beside[name] for name in ("policy_sha256", "min_issued", "active_to")] == [
        first[name] for name in ("policy_sha256", "min_issued", "active_to")
    ]
    await take_part(stage, LATE[:2], 2)
    assert (await stage.epoch(2)).status == "void"
    async with stage.node.database.reading() as session:
        found = await terms_in_force(session, await network_of(session, stage.network.id))
    (later,) = found.waiting
    ends = (await stage.windows(1)).active_to
    assert (found.policy["version"], later.version, later.opens) == (1, 2, ends)


async def test_near_its_end_an_epoch_gets_no_supplement(stage: Stage) -> None:
    await stage.open_epoch()
    await stage.admit(*LATE)
    stage.clock.now = (await stage.windows()).active_to - timedelta(seconds=2 * (600 + 7 * SLOT) - SLOT)
    assert await waiting(stage) == (3, 3)
    with pytest.raises(Conflict, match="ends too soon"):
        await stage.announce()


async def test_a_supplementary_epoch_that_stays_void_is_repeated_while_they_wait(stage: Stage) -> None:
    await stage.open_epoch()
    await stage.admit(*LATE)
    await stage.announce()
    await stage.move("fay", "approved", "left")
    await take_part(stage, LATE[:2], 2)
    assert (await stage.epoch(2)).status == "void"
    await stage.advance()
    assert await waiting(stage) == (2, 3), "one left: it is not repeated"
    await stage.admit("gil")
    await stage.advance()
    await stage.sequence()
    assert (await stage.epoch(3)).status == "announced"
    assert (await stage.windows(3)).active_to == (await stage.windows(1)).active_to


@pytest.mark.parametrize(("days", "is_repeated"), [(13, True), (14, False)])
async def test_a_void_epoch_is_announced_again_within_two_weeks(stage: Stage, days: int, *, is_repeated: bool) -> None:
    """By itself, as soon as there are members enough; afterwards it is for a coordinator."""
    await stage.admit(*SCHOOLS)
    await stage.announce()
    await stage.move("cem", "approved", "left")
    await take_part(stage, SCHOOLS[:2], 1)
    assert (await stage.epoch(1)).status == "void"
    await go_to(stage, (await stage.windows(1)).active_from + timedelta(days=days))
    await stage.admit("dot")
    await stage.advance()
    await stage.sequence()
    if is_repeated:
        assert (await stage.epoch(2)).status == "announced"
    else:
        assert await stage.announce() == 2


async def test_an_envelope_is_opened_once_for_as_long_as_its_key_is_kept(stage: Stage) -> None:
    await stage.open_epoch()
    log = await stage.log()
    record, dummy = stage.record("ada"), await stage.seal()
    sealed = [await stage.seal(record.leaf, record.blob), dummy]
    for again in range(2):
        # The second time while they wait for their slot's end: it is the same envelope.
        for place, envelope in enumerate(sealed):
            await bring(stage, envelope, f"{again}{place}")
    stage.clock.forward(seconds=SLOT)
    assert await stage.sequence() == 1
    for relay, envelope in (("ben", dummy), ("cem", sealed[0])):
        with pytest.raises(Untrusted) as refused:
            await bring(stage, envelope, "late", relay=relay)
        assert refused.value.code is Code.ENVELOPE_REPLAYED
    assert await stage.sequence() == 0
    async with stage.node.database.reading() as session:
        kept = (await session.scalars(select(OpenedEnvelope.digest))).all()
        assert {sha256(envelope).digest() for envelope in sealed} < set(kept)
        assert len(kept) == len(SCHOOLS) + len(sealed), "of those that registered pseudonyms too"
        assert await was_opened(session, log, dummy, [2, 1])
        assert not await was_opened(session, log, dummy, [2])

    # Two writers that had the same slot in hand: the second one finds its rows there.
    async with stage.node.database.writing() as session:
        rows = [SealedEnvelope(epoch=1, envelope_sha256=digest.hex()) for digest in kept]
        await note_opened(session, log, rows)

    await go_to(stage, (await stage.windows()).active_to + SUBMISSION_KEY_KEPT)
    async with stage.node.database.reading() as session:
        assert await session.scalar(select(OpenedEnvelope.digest).where(OpenedEnvelope.epoch == 1)) is None


async def bring(stage: Stage, envelope: bytes, place: str, *, relay: str = "ben") -> None:
    async with stage.node.database.writing() as session:
        await take_envelope(
            session,
            log=await log_of(session, stage.network.id),
            relay=entity_of(relay),
            epoch=1,
            envelope=envelope,
            place=place,
            slot_seconds=SLOT,
            now=stage.clock(),
        )
