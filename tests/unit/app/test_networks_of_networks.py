"""A state above two districts, and a school of one that reads the other: four nodes, real HTTP between them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import func, select, update

from federation.keys import generate_private_jwk, public_jwk
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.db.jobs import Job
from nic_node.errors import InvalidInput
from nic_node.membership.across.look import look_above
from nic_node.membership.across.reading import NOT_ALLOWED_NOW, POLICY_ENDED, keep_true, start_reading
from nic_node.membership.follow import check_membership
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.keys import signer
from nic_node.membership.look_up import look_up
from nic_node.membership.read import READING_ENDED, memberships, read_only_networks
from nic_node.mirror.forget import forget_ended
from nic_node.mirror.pull import pull
from nic_node.mirror.tables import MirrorBlob
from nic_node.network.above import jobs as above_jobs
from nic_node.network.above.belong import apply_above, confirm_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.readers import RESOLVE, refresh_readers
from nic_node.network.above.tables import NetworkReader
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve, decide
from nic_node.network.documents import keep_document
from nic_node.network.log.files import store_of
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import LivingBlob, LogRecord
from nic_node.network.members import member_by_entity
from nic_node.network.policy import change_policy
from nic_node.network.read import network_of
from nic_node.network.tables import Network
from nic_node.network.transitions import Move
from nic_node.network.vet import ask_host, settle_check
from nic_node.peerhttp.answers import PeerRefused
from nic_node.peerhttp.signing import RequestSigner
from schemas.canonical import canonical_bytes, sha256_hex
from tests.conftest import BACKENDS, TestClock, new_database
from tests.fakes.network_log import PRACTICE, NetworkLog, open_log
from tests.unit.network.people_stage import StagedNode, found, invitation_link, set_up_school

CONTACT = {"name": "Noor Haddad", "email": "office@district.example"}


@asynccontextmanager
async def node(folder: Path, clock: TestClock, settings: dict[str, str]) -> AsyncIterator[StagedNode]:
    port = unused_port()
    settings = {**settings, "NIC_PUBLIC_URL": f"http://127.0.0.1:{port}", "NIC_ALLOW_INSECURE_LOOPBACK": "1"}
    async with open_node(read_config(folder, settings), clock=clock, password_cost=TEST_COST) as opened:
        await set_up_school(opened.local.database, clock)
        server = TestServer(opened.application, host="127.0.0.1", port=port)
        await server.start_server()
        staged = StagedNode(opened.local, opened.application, opened.worker, clock, [], server)
        yield staged
        for client in staged.clients:
            await client.session.close()
        await server.close()


async def let_in(hub: StagedNode, network: Network, entity: str) -> str:
    """What a coordinator does; answers the code that was given."""
    async with hub.database.reading() as session:
        member = await member_by_entity(session, network.id, entity)
    assert member is not None
    await ask_host(hub.local, member.id)
    it = {"network_id": network.id, "member_id": member.id, "actor": await hub.actor(), "now": hub.clock()}
    async with hub.database.writing() as session:
        for check in ("host", "directory"):
            await settle_check(session, check=check, **it)
        return await give_code(session, node=hub.local, **it)


async def say_yes(hub: StagedNode, network: Network, entity: str) -> None:
    async with hub.database.writing() as session:
        member = await member_by_entity(session, network.id, entity)
        assert member is not None
        member.confirmed_at = member.confirmed_at or hub.clock()
        await session.flush()
        await approve(
            session,
            hub.local,
            network_id=network.id,
            member_id=member.id,
            actor=await hub.actor(),
            version=member.version,
            now=hub.clock(),
        )


@dataclass
class Land:
    """`hub_b`'s log holds one practice; the school belongs to `a`."""

    state_hub: StagedNode
    hub_a: StagedNode
    hub_b: StagedNode
    school: StagedNode
    state: Network
    a: Network
    b: Network
    above: dict[str, int]
    log: NetworkLog

    async def belong(self, hub: StagedNode, network: Network) -> None:
        offer = await look_up(hub.local, await invitation_link(self.state_hub, self.state), now=hub.clock())
        it: dict[str, Any] = {"actor": await hub.actor(), "network_id": network.id, "now": hub.clock()}
        superior_id = await apply_above(hub.local, offer=offer, contact=CONTACT, **it)
        assert await check_superior(hub.local, superior_id)
        code = await let_in(self.state_hub, self.state, network.entity)
        await confirm_above(hub.local, superior_id=superior_id, code=code, **it)
        await say_yes(self.state_hub, self.state, network.entity)
        assert await check_superior(hub.local, superior_id)
        self.above[network.entity] = superior_id

    async def join(self) -> None:
        local, now = self.school.local, self.school.clock()
        offer = await look_up(local, await invitation_link(self.hub_a, self.a), now=now)
        acceptance = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=CONTACT)
        membership_id = await apply(local, actor=await self.school.actor(), offer=offer, acceptance=acceptance, now=now)
        await let_in(self.hub_a, self.a, local.entity_id)
        await say_yes(self.hub_a, self.a, local.entity_id)
        assert await check_membership(local, membership_id)

    async def fill(self) -> None:
        """The log of b as its sequencer would have written it: an open term, and a practice in it."""
        self.log.publish("ada", "practice", PRACTICE)
        async with self.hub_b.database.writing() as session:
            network = await network_of(session, self.b.id)
            log = await log_of(session, network.id)
            network.log_key = log.log_key = self.log.log_key.text
            network.leaf_jwk = log.leaf_jwk = public_jwk(self.log.leaf_private)
            log.size = log.signed_size = len(self.log.entries)
            for document in self.log.documents.values():
                await keep_document(session, network.id, canonical_bytes(document))
            for index, blob in self.log.blobs.items():
                it: dict[str, Any] = {"log_id": log.id, "index": index}
                session.add(LivingBlob(**it, sha256=sha256_hex(blob), content=blob))
                session.add(LogRecord(**it, kind="practice", jkt="j", epoch=1, blob_sha256=sha256_hex(blob)))
            store = store_of(self.hub_b.local, log)
        files = dict(self.log.files)
        note = files.pop(CHECKPOINT_PATH)
        store.write_all(files)
        store.write_checkpoint(note)

    async def allow(self, *, across: bool) -> None:
        async with self.state_hub.database.writing() as session:
            state = await network_of(session, self.state.id)
            await change_policy(
                session,
                network_id=state.id,
                policy={"reads_across": across},
                charter={},
                version=state.version,
                actor=await self.state_hub.actor(),
                now=self.state_hub.clock(),
            )
        assert await check_superior(self.hub_b.local, self.above[self.b.entity])

    async def look_up_who_knocked(self) -> int:
        """Run the lookups that wait at b, as its worker would; how many there were."""
        async with self.hub_b.database.reading() as session:
            jobs = (await session.scalars(select(Job).where(Job.kind == RESOLVE))).all()
        handle = above_jobs.job_handlers(self.hub_b.local)[RESOLVE]
        for job in jobs:
            await handle(job.arguments)
            async with self.hub_b.database.writing() as session:
                await session.delete(await session.get_one(Job, job.id))
        return len(jobs)

    async def kept_blobs(self) -> int:
        async with self.school.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(MirrorBlob)) or 0

    async def refused(self, signer: RequestSigner) -> tuple[int, str]:
        """What b answers to a request for its blobs."""
        with pytest.raises(PeerRefused) as refused:
            await self.school.local.client.get(
                f"{self.b.entity}/log/1/blobs/000.p/{len(self.log.entries)}",
                content_type="application/x-ndjson",
                max_bytes=100_000,
                signer=signer,
            )
        assert refused.value.problem is not None
        return refused.value.status, refused.value.problem["code"]


@pytest.fixture(params=BACKENDS)
async def land(request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock) -> AsyncIterator[Land]:
    """Whose database it is matters to who reads and who is read."""
    settings: dict[str, dict[str, str]] = {"state": {}, "hub-a": {}, "hub-b": {}, "school": {}}
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres_cluster")
        settings |= {name: {"DATABASE_URL": new_database(cluster)} for name in ("hub-b", "school")}
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(node(tmp_path / name, clock, more)) for name, more in settings.items()]
        state, a, b = [
            await found(hub, slug, **more)
            for hub, slug, more in zip(nodes, ("state", "a", "b"), ({"reads_across": True}, {}, {}), strict=False)
        ]
        made = Land(*nodes, state, a, b, {}, open_log(network=b.entity))
        await made.fill()
        await made.belong(made.hub_a, a)
        await made.belong(made.hub_b, b)
        await made.join()
        yield made


async def test_a_school_reads_another_district_while_the_state_allows_it(land: Land) -> None:
    """One story, since four nodes take seconds to set up."""
    await strangers_are_refused(land)
    await a_school_reads(land)
    await a_policy_ends_it(land)
    await a_lost_membership_ends_it(land)


async def strangers_are_refused(land: Land) -> None:
    """Who has no chain is looked up once, since any member of another network may knock, and stays refused."""
    stranger = RequestSigner(land.hub_a.local.entity_id, generate_private_jwk("Ed25519"))
    assert await land.refused(stranger) == (401, "signer-unknown")
    assert await land.look_up_who_knocked() == 1
    assert await land.refused(stranger) == (401, "signer-unknown")
    assert await land.look_up_who_knocked() == 0, "a refused one is not looked up at every knock"
    assert (await _readers(land))[land.hub_a.local.entity_id].code


async def a_school_reads(land: Land) -> None:
    local = land.school.local
    (above,) = await look_above(local)
    assert (above.problem, above.allows) == ("", True)
    assert above.networks == [{"entity": land.b.entity, "name": "North Coast"}]

    reading = await start_reading(
        local, actor=await land.school.actor(), network=land.b.entity, now=land.school.clock()
    )
    first = await pull(local, reading)
    assert first.trouble == "peer-refused", "the first knock is of a stranger"
    assert await land.look_up_who_knocked() == 1
    second = await pull(local, reading)
    assert (second.trouble, second.new_records) == (None, 1)

    browser = await land.school.signed_in()
    page = await (await browser.client.get("/learn?library=others")).text()
    assert PRACTICE["title"] in page
    assert "From the network North Coast" in page
    opened = await browser.client.get(f"/learn/practices/{land.log.origin}%23{len(land.log.entries) - 1}")
    assert "reads without belonging to it" in await opened.text()
    async with local.database.reading() as session:
        assert [one.network for one in await memberships(session)] == [land.a.entity], "it belongs to no other network"


async def a_policy_ends_it(land: Land) -> None:
    local, browser = land.school.local, await land.school.signed_in()
    await land.allow(across=False)
    assert await land.refused(await _signer(land.school)) == (403, "not-a-member"), (
        "at once, before the school has looked again"
    )
    await keep_true(local)
    async with local.database.writing() as session:
        (ended,) = await read_only_networks(session)
        assert (ended.state, ended.problem) == (READING_ENDED, POLICY_ENDED)
        assert await forget_ended(session, now=land.school.clock()) == 1
    assert await land.kept_blobs() == 0
    assert PRACTICE["title"] not in await (await browser.client.get("/learn")).text()
    with pytest.raises(InvalidInput, match=NOT_ALLOWED_NOW[:20]):
        await start_reading(local, actor=await land.school.actor(), network=land.b.entity, now=land.school.clock())


async def _signer(school: StagedNode) -> RequestSigner:
    async with school.database.reading() as session:
        return await signer(school.local, session)


async def a_lost_membership_ends_it(land: Land) -> None:
    """The policy allows it again; then the school's own network suspends it."""
    await land.allow(across=True)
    own = await _signer(land.school)
    readers = await _readers(land)
    assert readers[land.school.local.entity_id].through == land.a.entity
    assert readers[land.school.local.entity_id].http_keys
    async with land.hub_a.database.writing() as session:
        member = await member_by_entity(session, land.a.id, land.school.local.entity_id)
        assert member is not None
        move = Move(to_state="suspended", reason="conduct", actor=await land.hub_a.actor())
        await decide(
            session,
            land.hub_a.local,
            network_id=land.a.id,
            member_id=member.id,
            move=move,
            version=member.version,
            now=land.hub_a.clock(),
        )
    async with land.hub_b.database.writing() as session:
        long_ago = land.hub_b.clock().replace(year=2020)
        await session.execute(update(NetworkReader).values(checked_at=long_ago))
    await refresh_readers(land.hub_b.local)
    assert await land.look_up_who_knocked() == 1
    assert not (await _readers(land))[land.school.local.entity_id].http_keys
    assert await land.refused(own) == (401, "signer-unknown")


async def _readers(land: Land) -> dict[str, NetworkReader]:
    async with land.hub_b.database.reading() as session:
        return {row.entity: row for row in await session.scalars(select(NetworkReader))}
