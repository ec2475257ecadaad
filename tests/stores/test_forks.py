"""Two histories of a log: nothing more is taken in, the proof is kept and told, a person decides. On both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from federation.errors import Untrusted
from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import verify_checkpoint
from federation.tlog.fork import Fork, build_fork_document, build_fork_proof, read_fork, verify_fork
from federation.tlog.note import build_vkey
from federation.tlog.tiles import CHECKPOINT_PATH, TileHashes
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.membership.read import membership_in
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.forks.evidence import heed_evidence
from nic_node.mirror.forks.freeze import TELL
from nic_node.mirror.forks.read import ForkView, evidence, fork_of_id, forks, is_frozen, open_forks
from nic_node.mirror.forks.resolve import DECIDED, NO_SUCCESSOR, resolve_fork
from nic_node.mirror.forks.states import Telling
from nic_node.mirror.forks.tell import tell_network
from nic_node.mirror.pull import pull
from nic_node.mirror.read import list_living
from nic_node.mirror.sources import FIND
from nic_node.mirror.status import refusals
from nic_node.mirror.tables import MirrorLog
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.standing import standing_in
from schemas.document import load_document
from schemas.membership import EVIDENCE
from tests.conftest import TestClock
from tests.fakes.forks import forked_files
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import NetworkLog
from tests.stores.publishing_stage import ADA, publishing_world
from tests.unit.accounts.stage import first_person, outcomes


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    """Two records were read; the log has 14 entries."""
    async with mirroring(database, tmp_path, clock) as made:
        made.log.publish("ada")
        made.log.publish("ben")
        await first_person(database, clock)
        await made.pull()
        yield made


def lie(world: Mirroring, size: int, mark: str = "other") -> None:
    world.served.lie().files = forked_files(world.log, size, mark=mark)


async def frozen(world: Mirroring, size: int = 14) -> ForkView:
    lie(world, size)
    assert (await world.pull()).trouble == "log-forked"
    async with world.database.reading() as session:
        assert await is_frozen(session, world.log.network)
        (fork,) = await open_forks(session)
    return fork


async def state(world: Mirroring) -> str:
    async with world.database.reading() as session:
        return (await session.scalars(select(MirrorLog.state).order_by(MirrorLog.id))).all()[0]


async def decide(world: Mirroring, fork: ForkView, choice: str = "keep", **changes: object) -> None:
    given = {"choice": choice, "note": "Ben says so.", "version": fork.version, "fork_id": fork.id} | changes
    async with world.database.writing() as session:
        await resolve_fork(session, actor=ADA, now=world.clock(), **given)


async def shown(world: Mirroring) -> list[dict]:
    async with world.database.reading() as session:
        return load_document(EVIDENCE, await evidence(session))["forks"]


@pytest.mark.parametrize("size", [13, 14, 19], ids=["shorter", "as long", "longer"])
async def test_what_is_served_as_evidence_is_proof_to_anybody_who_has_the_logs_key(world: Mirroring, size: int) -> None:
    fork = await frozen(world, size)
    (document,) = await shown(world)
    first, second = verify_fork(read_fork(document), world.log.log_key)
    assert (first.size, second.size, fork.first.size, fork.second.size) == (14, size, 14, size)
    assert ("proof" in document) == (size != 14)
    stranger = build_vkey(world.log.origin, generate_private_jwk("Ed25519"))
    with pytest.raises(Untrusted, match="not signed"):
        verify_fork(read_fork(document), stranger)
    world.served.be_honest()
    world.log.publish("cem")
    assert (await world.pull()).trouble == "log-frozen"
    async with world.database.reading() as session:
        assert len(await list_living(session, log_ids=[1])) == 2
        assert await session.scalar(select(Job.key).where(Job.kind == TELL)) == str(fork.id)
        noted = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "log.frozen"))).one()
    assert noted.after is not None
    assert noted.after["origin"] == world.log.origin


async def test_an_older_answer_of_the_same_history_is_no_fork(world: Mirroring) -> None:
    older = NetworkLog(network=world.log.network)
    older.append(*world.log.entries[:13])
    world.served.lie(older)
    assert (await world.pull()).trouble == "checkpoint-shrunk"
    assert await shown(world) == []


async def test_who_keeps_the_history_goes_on_and_the_other_one_stays_refused(world: Mirroring) -> None:
    fork = await frozen(world)
    done, raised = await outcomes(decide(world, fork), decide(world, fork))
    assert (len(done), [isinstance(error, Conflict) for error in raised]) == (1, [True])
    for size in (14, 17):  # as it was shown, and grown since
        lie(world, size)
        assert (await world.pull()).trouble == "log-forked"
        assert await state(world) == "live"
    world.served.be_honest()
    world.log.publish("cem")
    report = await world.pull()
    assert (report.trouble, report.new_records) == (None, 1)
    lie(world, 20, mark="third")
    assert (await world.pull()).trouble == "log-forked"
    assert await state(world) == "frozen", "a third history is another matter"
    assert len(await shown(world)) == 2
    async with world.database.reading() as session:
        kept = await fork_of_id(session, fork.id)
        audited = await session.scalar(select(AuditEntry.after).where(AuditEntry.action == "log.fork-resolved"))
    assert (kept.choice, kept.resolved_by, kept.note) == ("keep", "Ada Field", "Ben says so.")
    assert audited is not None
    assert audited["choice"] == "keep"


async def test_what_can_not_be_decided(world: Mirroring) -> None:
    fork = await frozen(world)
    wrong = [
        ({"choice": "change over"}, InvalidInput, "."),
        ({"note": "x" * 2_000}, InvalidInput, "."),
        ({"version": 7}, Conflict, DECIDED),
        ({"choice": "successor"}, Conflict, NO_SUCCESSOR),
        ({"fork_id": 99}, NotFound, "no such fork"),
    ]
    for changes, kind, says in wrong:
        with pytest.raises(kind, match=says[:30]):
            await decide(world, fork, **changes)
    assert await state(world) == "frozen"


async def test_the_networks_new_log_is_followed_once_somebody_says_so(world: Mirroring) -> None:
    fork = await frozen(world, 16)
    after = NetworkLog(network=world.log.network, generation=2)
    named = {"origin": world.log.origin, "checkpoint": forked_files(world.log, 16)["checkpoint"].decode()}
    after.append(after.genesis(predecessor=named), *(after.member(name) for name in ("ada", "ben", "cem")))
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        url = world.served.log_url.replace("/log/1", "/log/2")
        row.network_metadata = row.network_metadata | {
            "generation": 2, "log_origin": after.origin, "log_key": after.log_key.text, "log_url": url,
        }  # fmt: skip
    world.served.next_log = after
    assert (await world.pull()).trouble == "log-frozen", "not before a person has chosen"
    async with world.database.reading() as session:
        assert (await fork_of_id(session, fork.id)).successor == 2
    await decide(world, fork, "successor")
    assert (await world.pull()).trouble is None
    async with world.database.reading() as session:
        logs = {log.generation: log for log in await session.scalars(select(MirrorLog))}
        alarms = [one.detail for one in await refusals(session) if one.what == "alarm"]
        assert len(await list_living(session, log_ids=[1, 2])) == 2, "what was read stays"
        looking = await session.scalar(select(Job.run_at).where(Job.kind == FIND))
    assert {generation: log.state for generation, log in logs.items()} == {1: "ended", 2: "live"}
    assert looking == logs[2].created_at, "copies of the new log are looked for at once"
    assert len(alarms) == 1
    assert "another history" in alarms[0]


async def test_nothing_is_published_meanwhile_and_what_waits_goes_on_afterwards(
    sqlite_database: Database, tmp_path: Path, clock: TestClock
) -> None:
    async with publishing_world(sqlite_database, tmp_path, clock) as world:
        await world.open_epoch()
        await world.approved()
        sent = len(world.network.taken)
        world.network.lie().files = forked_files(world.network.log, world.network.log.edge.size)
        assert (await pull(world.node, world.membership_id)).trouble == "log-forked"
        clock.forward(seconds=61)
        await follow_networks(world.node)
        assert await send_in_slot(world.node, world.name) is None
        async with world.database.reading() as session:
            membership = await membership_in(session, world.name)
            assert membership is not None
            standing = await standing_in(session, membership, clock())
            (fork,) = await forks(session)
        assert (standing.ready, "two different histories" in standing.says) == (False, True)
        assert len(world.network.taken) == sent, "not even a dummy"
        world.network.be_honest()
        async with world.database.writing() as session:
            given = {"choice": "keep", "note": "", "version": fork.version, "now": clock()}
            await resolve_fork(session, actor=ADA, fork_id=fork.id, **given)
        await world.follow()
        assert await send_in_slot(world.node, world.name) is not None
        assert len(world.network.taken) == sent + 1


# Peers' evidence, and the coordinators --------------------------------------------------------------------------------


async def test_a_peer_that_shows_two_notes_is_believed_for_their_signatures_alone(world: Mirroring) -> None:
    await frozen(world, 17)
    (true,) = await shown(world)
    world.served.be_honest()
    async with world.database.writing() as session:
        log = await session.get_one(MirrorLog, 1)
        log.state = "live"
        for one in await forks(session):
            assert one.is_open
        await session.execute(MirrorLog.__table__.metadata.tables["mirror_forks"].delete())
    other = {**true, "origin": "elsewhere.example/log/1"}
    unproven = {**true, "second": true["first"]}
    lacking = {name: value for name, value in true.items() if name != "proof"}
    forged = {**true, "second": "Zm9yZ2Vk"}
    checked = await heed_evidence(world.node, [other, unproven, lacking, forged], source="https://ben.example")
    assert [(one.is_known, one.is_proven, one.code) for one in checked] == [
        (False, False, ""),
        (True, False, "fork-unproven"),
        (True, False, "fork-unproven"),
        (True, False, "checkpoint-malformed"),
    ]
    assert await state(world) == "live"
    (proven,) = await heed_evidence(world.node, [true], source="https://ben.example")
    assert proven.is_proven
    assert await state(world) == "frozen"
    async with world.database.reading() as session:
        (fork,) = await forks(session)
    assert fork.source == "https://ben.example"
    await decide(world, fork)
    await heed_evidence(world.node, [true], source="https://cem.example")
    assert await state(world) == "live", "what was decided is no news"


async def test_evidence_of_a_third_history_freezes_the_log_again(world: Mirroring) -> None:
    fork = await frozen(world, 14)
    await decide(world, fork)
    world.served.be_honest()
    ours = world.log.files[CHECKPOINT_PATH]
    world.log.publish("cem")
    await world.pull()
    known = [shown_fork(world, ours, size) for size in (14, 17)]  # as it was decided, and grown since
    assert all(one.is_proven for one in await heed_evidence(world.node, known, source="https://ben.example"))
    assert await state(world) == "live"
    for size, mark in ((14, "third"), (17, "fourth")):
        third = shown_fork(world, ours, size, mark=mark)
        (checked,) = await heed_evidence(world.node, [third], source="https://ben.example")
        assert (checked.is_proven, await state(world)) == (True, "frozen")
        async with world.database.reading() as session:
            (again,) = await open_forks(session)
        await decide(world, again)
        assert await state(world) == "live"
    assert [one["second"] for one in await shown(world)].count(known[0]["second"]) == 1


async def test_who_followed_the_other_history_shows_the_same_fork(world: Mirroring) -> None:
    ours = world.log.files[CHECKPOINT_PATH]
    known = shown_fork(world, ours, 17)
    await heed_evidence(
        world.node, [known | {"first": known["second"], "second": known["first"]}], source="https://ben.example"
    )
    assert await state(world) == "frozen"
    (kept,) = await shown(world)
    assert (kept["first"], kept["second"]) == (known["first"], known["second"]), "ours first"


def shown_fork(world: Mirroring, first: bytes, size: int, mark: str = "other") -> dict:
    """As a peer shows it that followed what we do."""
    files = forked_files(world.log, size, mark=mark)
    second = files[CHECKPOINT_PATH]
    shorter, longer = (verify_checkpoint(note, world.log.log_key).checkpoint for note in (first, second))
    proof = build_fork_proof(shorter, longer, TileHashes(files, size).hash_at) if size > shorter.size else None
    return build_fork_document(Fork(first, second, proof), origin=world.log.origin, seen_at=0)


async def test_the_coordinators_are_told_until_they_know(world: Mirroring) -> None:
    fork = await frozen(world)
    told: list[tuple[bool, dict]] = []
    statuses = iter((503, 202))

    async def take(request: web.Request) -> web.Response:
        told.append(("Signature" in request.headers, await request.json()))
        return web.Response(status=next(statuses))

    world.served.take_fork = take
    assert not await tell_network(world.node, fork.id)
    assert await tell_network(world.node, fork.id)
    assert await tell_network(world.node, fork.id), "nothing is told twice"
    assert told == [(True, (await shown(world))[0])] * 2
    async with world.database.reading() as session:
        (one,) = await forks(session)
    assert (one.telling, one.told_at) == (Telling.TOLD, world.clock())


async def test_a_network_that_takes_no_word_is_shown(world: Mirroring) -> None:
    fork = await frozen(world)

    async def refuse(request: web.Request) -> web.Response:
        return web.json_response(
            {"code": "not-a-member", "detail": "This school is not a member."},
            status=403, content_type="application/problem+json",
        )  # fmt: skip

    world.served.take_fork = refuse
    assert await tell_network(world.node, fork.id)
    async with world.database.reading() as session:
        (one,) = await forks(session)
    assert one.telling == Telling.REFUSED
    assert "not a member" in one.problem
