"""A network that collects its witnesses' cosignatures, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from federation.epochs import read_epoch
from federation.tlog.checkpoint import Checkpoint, is_final, verify_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Job
from nic_node.network.log import cosigners
from nic_node.network.log.cosigners import COSIGN, asked_witnesses, collect_cosignatures, cosign_handler
from nic_node.network.log.files import store_of
from nic_node.network.log.read import log_status
from nic_node.network.log.tables import Cosigner
from nic_node.network.tables import Member
from tests.conftest import TestClock
from tests.fakes.witnesses import Witnesses, witness_vkey
from tests.unit.network.log.stage import SCHOOLS, Stage, entity_of, running_stage


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Three members, each a witness; epoch 1 names them."""
    client = Witnesses(clock=clock, allow_insecure_loopback=True)
    async with running_stage(database, clock, tmp_path / "node", monkeypatch, client=client) as running:
        await running.admit(*SCHOOLS)
        await make_witnesses(running, *SCHOOLS)
        client.log_key = parse_vkey((await running.log()).log_key)
        await running.announce()
        yield running


async def make_witnesses(stage: Stage, *names: str) -> None:
    async with stage.node.database.writing() as session:
        for member in (await session.scalars(select(Member))).all():
            is_one = member.entity in {entity_of(name) for name in names}
            member.roles = ["publisher", "witness"] if is_one else ["publisher"]
            member.witness_key = witness_vkey(member.entity).text


def client(stage: Stage) -> Witnesses:
    assert isinstance(stage.node.client, Witnesses)
    return stage.node.client


async def collect(stage: Stage) -> bool:
    return await collect_cosignatures(stage.node, (await stage.log()).id)


async def served(stage: Stage) -> tuple[int, list[str]]:
    """Size of the published checkpoint, and the names of the epoch's witnesses that cosigned it."""
    log = await stage.log()
    note = store_of(stage.node, log).read(CHECKPOINT_PATH)
    assert note is not None
    witnesses = read_epoch((await stage.epoch()).payload).witnesses
    verified = verify_checkpoint(note, parse_vkey(log.log_key), witnesses)
    return verified.checkpoint.size, sorted(name.partition(".")[0] for name in verified.cosigned)


async def test_an_epoch_names_the_witnesses_and_their_quorum(stage: Stage) -> None:
    payload = (await stage.epoch()).payload
    assert payload["witnesses"] == [witness_vkey(entity_of(name)).text for name in SCHOOLS]
    assert payload["quorum"] == 2


async def test_a_checkpoint_is_published_at_once_and_gets_its_cosignatures(stage: Stage) -> None:
    assert await served(stage) == (5, [])
    async with stage.node.database.reading() as session:
        assert await session.scalar(select(Job.kind).where(Job.kind == COSIGN)) == COSIGN
    assert await collect(stage)
    assert await served(stage) == (5, ["ada", "ben", "cem"])
    names = [witness_vkey(entity_of(name)).name for name in SCHOOLS]
    assert is_final(names, names, 2)

    await stage.admit("dot")
    assert await served(stage) == (6, [])
    client(stage).asked.clear()
    assert await collect(stage)
    assert await served(stage) == (6, ["ada", "ben", "cem"])
    assert sorted(client(stage).asked) == [(entity_of(name), 5) for name in SCHOOLS]


async def test_nobody_is_asked_twice_for_what_is_there(stage: Stage) -> None:
    await collect(stage)
    client(stage).asked.clear()
    assert await collect(stage)
    assert client(stage).asked == []


async def test_one_that_is_down_holds_nobody_up_and_is_asked_again(stage: Stage) -> None:
    client(stage).down.add(entity_of("ben"))
    handler, arguments = cosign_handler(stage.node), {"log_id": (await stage.log()).id}
    assert isinstance(await handler(arguments), Again)
    assert await served(stage) == (5, ["ada", "cem"])
    async with stage.node.database.reading() as session:
        status = await log_status(session, stage.network.id)
    assert (status.cosigned, status.quorum) == (2, 2)
    assert [one.trouble for one in status.witnesses if one.trouble] == ["https://ben.example can't be reached."]

    client(stage).down.clear()
    assert await handler(arguments) is None
    assert await served(stage) == (5, ["ada", "ben", "cem"])
    async with stage.node.database.reading() as session:
        assert [one.trouble for one in (await log_status(session, stage.network.id)).witnesses] == ["", "", ""]


async def test_a_network_that_lost_count_is_told_the_size(stage: Stage) -> None:
    """As after a backup of the database, or when an answer was lost on its way."""
    await collect(stage)
    await stage.admit("dot")
    async with stage.node.database.writing() as session:
        await session.execute(update(Cosigner).values(size=0))
    client(stage).asked.clear()
    assert await collect(stage)
    assert await served(stage) == (6, ["ada", "ben", "cem"])
    assert sorted(client(stage).asked)[:2] == [(entity_of("ada"), 0), (entity_of("ada"), 5)]


async def test_one_that_cosigned_a_longer_or_another_log_is_named_and_passed_over(stage: Stage) -> None:
    origin = (await stage.log()).origin
    client(stage).held[entity_of("ada")] = Checkpoint(origin, 99, bytes(32))
    client(stage).held[entity_of("ben")] = Checkpoint(origin, 5, bytes(32))
    assert not await collect(stage)
    assert await served(stage) == (5, ["cem"])
    async with stage.node.database.reading() as session:
        rows = await asked_witnesses(session, (await stage.log()).id)
    assert [row.trouble for row in rows] == [
        "The witness has cosigned a longer log than this one.",
        "The witness has cosigned another log under this name.",
        "",
    ]


@pytest.mark.parametrize("answer", [b"", b"nothing of the kind\n", b"\xe2\x80\x94 ada.example/witness AAAAAAAA\n"])
async def test_a_line_that_does_not_hold_is_not_published(stage: Stage, answer: bytes) -> None:
    client(stage).lying[entity_of("ada")] = lambda line: line[:0] + answer
    assert not await collect(stage)
    assert await served(stage) == (5, ["ben", "cem"])


async def test_a_log_that_grows_meanwhile_is_not_set_back(stage: Stage) -> None:
    async def grow() -> None:
        await stage.admit("dot")

    client(stage).before_answer = grow
    assert not await collect(stage)
    assert (await served(stage))[0] == 6
    assert await collect(stage)
    assert await served(stage) == (6, ["ada", "ben", "cem"])


class Killed(BaseException):
    """As SIGKILL."""


@pytest.mark.parametrize("is_kept", [False, True])
async def test_killed_around_the_write_of_a_cosignature(stage: Stage, is_kept: bool) -> None:
    publish = cosigners._publish

    async def dies(*arguments) -> None:
        if is_kept:
            await publish(*arguments)
        raise Killed

    with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
        patched.setattr(cosigners, "_publish", dies)
        await collect(stage)
    assert await collect(stage)
    assert await served(stage) == (5, ["ada", "ben", "cem"])


async def test_who_lost_the_role_is_not_named_again_but_asked_while_its_term_counts(stage: Stage) -> None:
    await make_witnesses(stage, "ada", "ben")
    async with stage.node.database.writing() as session:
        log = await stage.log()
        named = await cosigners.name_witnesses(session, log, 2)
    assert [key.name for key in named] == ["ada.example/witness", "ben.example/witness"]
    async with stage.node.database.reading() as session:
        assert [row.entity for row in await asked_witnesses(session, log.id)] == [entity_of(name) for name in SCHOOLS]
