"""A network and two schools, whole nodes with HTTP between them: what a suspension does everywhere, and being cut off."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from federation.jws import peek_jws, verify_jws
from federation.tlog.tiles import Tile
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.app.serve import with_free_port
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from nic_node.membership.fetch import fetch_configuration, fetch_trust_mark
from nic_node.membership.keys import signer
from nic_node.membership.read import Membership, is_reading_allowed, is_writing_allowed, membership_of
from nic_node.membership.tables import PeerKeys
from nic_node.mirror.source import HttpLog
from nic_node.mirror.tables import MirrorMember
from nic_node.network.decide import decide
from nic_node.network.members import member_of
from nic_node.network.tables import Network
from nic_node.network.transitions import Move
from nic_node.peerhttp.answers import PeerRefused
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.document import load_document
from schemas.entity import ENTITY_STATEMENT_TYP, TRUST_MARK_STATUS, TRUST_MARK_STATUS_TYP, trust_mark_type
from schemas.ids import build_mirror_url
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES
from tests.conftest import TestClock
from tests.unit.network.people_stage import StagedNode, found, set_up_school
from tests.unit.network.test_people_join import approve_fully, send_application


@asynccontextmanager
async def listening(folder: Path, clock: TestClock, *, port: int = 0) -> AsyncIterator[StagedNode]:
    """A whole node; with a port, one that was there before."""
    config = with_free_port(read_config(folder, {"NIC_PORT": str(port), "NIC_ALLOW_INSECURE_LOOPBACK": "1"}))
    async with open_node(config, clock=clock, password_cost=TEST_COST) as node:
        if not port:
            await set_up_school(node.local.database, clock)
        server = TestServer(node.application, host="127.0.0.1", port=config.port)
        await server.start_server()
        staged = StagedNode(node.local, node.application, node.worker, clock, [], server)
        try:
            yield staged
        finally:
            for browser in staged.clients:
                await browser.session.close()
            for clean_up in staged.cleanups:
                await clean_up()
            await server.close()


@dataclass
class District:
    """The network's node, schools A and B, both approved and both with the log read."""

    hub: StagedNode
    a: StagedNode
    b: StagedNode
    network: Network
    memberships: dict[str, int]
    member_of_a: int

    async def work(self) -> None:
        """All that is due at each node; hints have gone out before the schools look."""
        for node in (self.hub, self.a, self.b):
            await node.work()

    async def membership(self, node: StagedNode) -> Membership:
        async with node.database.reading() as session:
            return await membership_of(session, self.memberships[node.local.entity_id])

    async def move_a(self, to_state: str, reason: str) -> None:
        """The coordinator suspends or reinstates A."""
        hub = self.hub
        async with hub.database.writing() as session:
            member = await member_of(session, self.network.id, self.member_of_a)
            await decide(
                session,
                hub.local,
                network_id=self.network.id,
                member_id=member.id,
                move=Move(to_state=to_state, reason=reason, actor=await hub.actor()),
                version=member.version,
                now=hub.clock(),
            )

    async def ask(self, url: str, body: object, *, sender: StagedNode | None = None) -> tuple[int, str]:
        """(status, code of the problem) of what A, or another, signs and sends."""
        by = sender or self.a
        async with by.database.reading() as session:
            signs = await signer(by.local, session)
        try:
            answer = await by.local.client.post(
                url,
                body=canonical_bytes(body),
                body_type="application/json",
                content_type=(),
                max_bytes=1_000,
                signer=signs,
                accept_status=frozenset({200, 202, 204}),
                may_be_empty=True,
            )
        except PeerRefused as error:
            return error.status, str((error.problem or {}).get("code"))
        return answer.status, ""

    async def hint(self, size: int = 1) -> tuple[int, str]:
        """What B answers to A's hint."""
        log = (await self.membership(self.b)).log_origin
        return await self.ask(f"{self.b.local.entity_id}/v1/hints", {"origin": log, "size": size})

    async def copy_at_b(self) -> HttpLog:
        """B's copy of the log, as A asks for it."""
        async with self.a.database.reading() as session:
            signs = await signer(self.a.local, session)
        origin = (await self.membership(self.b)).log_origin
        url = build_mirror_url(self.b.local.entity_id, sha256_hex(origin.encode()))
        return HttpLog(self.a.local.client, url, signs)

    async def state_of_a_at_b(self) -> str:
        async with self.b.database.reading() as session:
            state = await session.scalar(
                select(MirrorMember.state).where(MirrorMember.entity == self.a.local.entity_id)
            )
        return str(state)


@pytest.fixture(scope="module")
async def district(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[District]:
    """One for both tests, since three whole nodes take seconds to come up; each leaves A and B approved."""
    folder, clock = tmp_path_factory.mktemp("district"), TestClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    migrated = tmp_path_factory.mktemp("migrated")
    database = Database.connect(read_config(migrated, {}).database_url)
    await upgrade(database)
    await database.close()
    async with AsyncExitStack() as stack:
        hub, a, b = [
            await stack.enter_async_context(listening(shutil.copytree(migrated, folder / name), clock))
            for name in ("hub", "a", "b")
        ]
        network = await found(hub)
        memberships, members = {}, {}
        for school in (a, b):
            membership_id, member_id = await send_application(hub, school, network)
            await approve_fully(hub, school, network.id, membership_id, member_id)
            memberships[school.local.entity_id], members[school.local.entity_id] = membership_id, member_id
        made = District(hub, a, b, network, memberships, members[a.local.entity_id])
        clock.forward(minutes=2)
        await made.work()
        yield made


async def test_a_suspension_is_felt_everywhere_at_once_and_ends_by_itself(district: District) -> None:
    hub, a, b, net = district.hub, district.a, district.b, district.network.entity
    assert await district.hint() == (401, "signer-unknown"), "nothing is fetched while a request is verified"
    await b.work()
    assert await district.hint() == (202, "")
    kind = trust_mark_type(net, "publisher")
    mark = await fetch_trust_mark(a.local.client, f"{net}/federation/trust-mark", kind, a.local.entity_id)
    assert await district_mark(district, mark) == "active"

    await district.move_a("suspended", "conduct")
    # No time passes: the network's hint alone brings the leaf.
    await hub.work()
    assert await district.state_of_a_at_b() == "approved"
    await b.work()
    assert await district.state_of_a_at_b() == "suspended"
    async with b.database.reading() as session:
        assert await session.get(PeerKeys, a.local.entity_id) is None, "its keys went with the leaf that suspends it"
    assert await district.hint() == (403, "member-suspended")

    assert await district.ask(f"{net}/v1/epochs/1/blind-sign", {}) == (403, "member-suspended")
    ack = {"origin": (await district.membership(a)).log_origin, "erased_to": 1}
    assert await district.ask(f"{net}/v1/acks", ack) == (202, ""), "it may still read, and say what it erased"
    fetched = await hub.browser().client.get("/net/north-coast/federation/fetch", params={"sub": a.local.entity_id})
    assert fetched.status == 404
    assert await district_mark(district, mark) == "revoked"
    await a.work()
    own = await district.membership(a)
    assert (own.state, is_writing_allowed(own, a.clock()), is_reading_allowed(own, a.clock())) == (
        "suspended",
        False,
        True,
    )
    copy = await district.copy_at_b()
    with pytest.raises(PeerRefused, match="status 401"):
        await copy.read_blobs(Tile(0, 0, 1))
    await b.work()
    assert await copy.read_blobs(Tile(0, 0, 1)) == [], "members' copies are open to who may read, too"
    assert await district.hint() == (403, "member-suspended")

    await district.move_a("approved", "reinstated")
    for _ in range(2):
        district.hub.clock.forward(minutes=2)
        await district.work()
    assert is_writing_allowed(await district.membership(a), a.clock())
    assert await district_mark(district, mark) == "active"
    await district.hint()
    await b.work()
    assert await district.hint() == (202, "")


async def district_mark(district: District, mark: str) -> str:
    """What the network says of a mark now."""
    net = district.network.entity
    token = await fetch_configuration(district.a.local.client, net)
    stated = peek_jws(token, typ=ENTITY_STATEMENT_TYP, max_bytes=ENTITY_STATEMENT_MAX_BYTES).payload
    keys = {key["kid"]: key for key in stated["jwks"]["keys"]}
    answer = await district.hub.browser().client.post(
        "/net/north-coast/federation/trust-mark-status", data={"trust_mark": mark}
    )
    verified = verify_jws(await answer.read(), keys.get, typ=TRUST_MARK_STATUS_TYP, max_bytes=20_000)
    return str(load_document(TRUST_MARK_STATUS, verified.payload)["status"])


async def test_a_node_that_is_cut_off_reads_for_three_days_writes_nothing_and_heals(district: District) -> None:
    hub, b, clock = district.hub, district.b, district.hub.clock
    port = hub.server.port
    await hub.server.close()
    membership = await district.membership(b)
    ends = membership.chain_expires_at
    assert ends is not None
    for hours, writes, reads in ((-1, True, True), (0, False, True), (71, False, True), (73, False, False)):
        clock.forward(seconds=(ends - clock()).total_seconds() + hours * 3600)
        await b.work()
        now_held = await district.membership(b)
        assert (is_writing_allowed(now_held, clock()), is_reading_allowed(now_held, clock())) == (writes, reads), hours
        assert now_held.state == "approved", "who can't be reached is never unmembered"
    assert await district.hint() == (401, "signer-unknown"), "a log that was not read for days vouches for nobody"

    await hub.listen_again(port)
    clock.forward(minutes=30)
    await district.work()
    healed = await district.membership(b)
    assert (is_writing_allowed(healed, clock()), is_reading_allowed(healed, clock())) == (True, True)
    await district.hint()
    await b.work()
    assert await district.hint() == (202, "")
