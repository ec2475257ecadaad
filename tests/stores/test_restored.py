"""A log that came back from before: what it forgot, members have, and nothing is signed against it. On both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.errors import Unreachable
from federation.keys import Jwk, generate_private_jwk, thumbprint
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.note import parse_vkey
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.keyring.keys import load_private_jwk
from nic_node.network.log.files import LogBehind, store_of
from nic_node.network.log.jobs import ensure_jobs, job_handlers
from nic_node.network.log.mend import MEND
from nic_node.network.log.queue import EPOCHS, SEQUENCE
from nic_node.network.log.restored import LogUnsure
from nic_node.network.log.tables import Log
from nic_node.network.recover import recover_network
from nic_node.peerhttp.answers import PeerAnswer
from schemas.code import Code
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA
from tests.unit.network.log.stage import SCHOOLS, Stage, entity_of, running_stage


class Members:
    """What members' copies answer; nobody answers unless told so."""

    def __init__(self) -> None:
        self.notes: dict[str, bytes] = {}
        self.asked: list[str] = []

    async def get(self, url: str, **arguments: Any) -> PeerAnswer:
        entity = url.partition("/mirror/")[0]
        self.asked.append(entity)
        if entity not in self.notes:
            raise Unreachable(Code.PEER_UNREACHABLE, "It is down.")
        return PeerAnswer(200, "text/plain", self.notes[entity])


@pytest.fixture
def members() -> Members:
    return Members()


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: Members
) -> AsyncIterator[Stage]:
    async with running_stage(database, clock, tmp_path / "node", monkeypatch) as running:
        monkeypatch.setattr(type(running.node.client), "get", members.get)
        await running.admit(*SCHOOLS)
        async with database.writing() as session:
            await session.execute(update(Log).values(restored_at=clock()))
        await running.add_member("dot")
        await running.move("dot", "applied", "approved")
        yield running


async def log_key(stage: Stage) -> Jwk:
    log = await stage.log()
    async with stage.node.database.reading() as session:
        return await load_private_jwk(
            session,
            operator_key=stage.node.operator_key,
            entity_id=log.network,
            kid=thumbprint(parse_vkey(log.log_key).jwk),
        )


async def shows(stage: Stage, members: Members, *names: str, **changes: Any) -> None:
    """These members' copies show the log's checkpoint, or what it signed after the backup was made."""
    note = sign_checkpoint(replace(await stage.checkpoint(), **changes), await log_key(stage))
    members.notes |= {entity_of(name): note for name in names}


async def test_nothing_is_signed_before_half_of_the_members_have_answered(stage: Stage, members: Members) -> None:
    signed = await stage.checkpoint()
    handler, arguments = job_handlers(stage.node)[SEQUENCE], {"log_id": (await stage.log()).id}
    await handler(arguments)
    assert "restored from a backup" in ((await stage.log()).trouble or "")
    await shows(stage, members, "ada")
    with pytest.raises(LogUnsure):
        await stage.sequence()
    assert await stage.checkpoint() == signed
    assert set(members.asked) == {entity_of(name) for name in (*SCHOOLS, "dot")}
    await shows(stage, members, "ben")
    await handler(arguments)
    assert ((await stage.checkpoint()).size, (await stage.log()).trouble) == (signed.size + 1, None)
    assert (await stage.log()).restored_at is None


async def test_what_a_member_has_of_later_stops_the_log_and_is_what_the_next_goes_on_from(
    stage: Stage, members: Members
) -> None:
    await shows(stage, members, *SCHOOLS[:2])
    await shows(stage, members, SCHOOLS[2], size=40, root=b"r" * 32)
    with pytest.raises(LogBehind, match="nic network recover"):
        await stage.sequence()
    assert (await stage.checkpoint()).size == 40, "it lies beside the database now, and stops every other process too"
    members.notes.clear()
    with pytest.raises(LogBehind):
        await stage.sequence()
    async with stage.node.database.writing() as session:
        await ensure_jobs(session, stage.node, now=stage.clock())
    lost = await stage.log()
    done = await recover_network(stage.node, network_id=stage.network.id, actor=ADA, now=stage.clock())
    assert done.predecessor.size == 40
    assert await stage.sequence() > 0
    assert await stage.announce() == 40 - lost.size + 1, "each entry that is lost may have announced an epoch"
    async with stage.node.database.reading() as session:
        left = list(await session.scalars(select(Job.kind).where(Job.key == str(lost.id))))
    assert not {SEQUENCE, EPOCHS, MEND} & set(left), "nothing waits for what is not to be had"


@pytest.mark.parametrize("size", [2, 4], ids=["shorter", "as long"])
async def test_a_members_copy_of_other_content_stops_it_too(stage: Stage, members: Members, size: int) -> None:
    signed = await stage.checkpoint()
    await shows(stage, members, *SCHOOLS, size=size, root=b"r" * 32)
    with pytest.raises(LogBehind, match="another content"):
        await stage.sequence()
    assert await stage.checkpoint() == signed


async def test_a_process_that_starts_asks_three_and_goes_on_where_nobody_answers(
    stage: Stage, members: Members
) -> None:
    """The machine came back from a snapshot: nothing on it knows."""
    async with stage.node.database.writing() as session:
        await session.execute(update(Log).values(restored_at=None))
    signed = await stage.checkpoint()
    forged = sign_checkpoint(Checkpoint(signed.origin, 70, b"r" * 32), generate_private_jwk("Ed25519"))
    members.notes = {entity_of(name): forged for name in SCHOOLS}
    handler, arguments = job_handlers(stage.node)[SEQUENCE], {"log_id": (await stage.log()).id}
    await handler(arguments)
    await handler(arguments)
    assert len(members.asked) == 3, "once a process"
    assert (await stage.checkpoint()).size == signed.size + 1, "what another key signed says nothing"
    await shows(stage, members, *SCHOOLS, "dot", size=70, root=b"r" * 32)
    with pytest.raises(LogBehind):
        await job_handlers(stage.node)[SEQUENCE](arguments)
    assert (await stage.checkpoint()).size == 70
    assert store_of(stage.node, await stage.log()).read("checkpoint") is not None
