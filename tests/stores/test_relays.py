"""This node as a relay of other members' envelopes, and by which way its own travel; on both databases."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select, text
from yarl import URL

from federation.entities import build_entity_configuration
from federation.envelope import seal_dummy
from federation.keys import build_jwks, public_jwk, thumbprint
from nic_node.db.base import Base
from nic_node.db.engine import Database
from nic_node.db.jobs import Job, Worker
from nic_node.membership.local import LOCAL_NODE
from nic_node.membership.peers import LEARN, learn_peer, renew_peers
from nic_node.membership.tables import PeerKeys
from nic_node.peerhttp.requests import claimed_key_ids
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.peerhttp.tables import NonceRow
from nic_node.peerhttp.throttle import REFUSALS_A_WINDOW
from nic_node.publishing.jobs import ensure_jobs, job_handlers
from nic_node.publishing.outbox import RESEND_AFTER_SLOTS
from nic_node.publishing.read import all_sharing
from nic_node.publishing.relays.draw import redraw, relays_of, send_directly
from nic_node.publishing.relays.forget import FORGET
from nic_node.publishing.relays.tables import RelayDraw, RelayedSlot
from nic_node.publishing.relays.ways import all_ways
from nic_node.publishing.routes import peer_routes
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import OutboxState
from nic_node.web.application import build_application
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE, WELL_KNOWN_PATH
from tests.conftest import TestClock
from tests.fakes.network_log import epoch_keys, shared_key
from tests.stores.files import holding
from tests.stores.publishing_stage import BEN, World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        yield made


class Sender:
    """Another member of the network, `name`, whose configuration stands at its address."""

    def __init__(self, world: World, client: ClientSession, relay: TestServer, entity: str, name: str) -> None:
        self.world, self.client, self.relay, self.entity = world, client, relay, entity
        self.federation, self.http = shared_key("ES256", name), shared_key("Ed25519", f"http {name}")

    @property
    def jkt(self) -> str:
        return thumbprint(self.federation)

    def configuration(self) -> str:
        now = self.world.clock()
        return build_entity_configuration(
            self.federation,
            entity=self.entity,
            keys=[public_jwk(self.federation)],
            issued_at=now,
            expires_at=now + timedelta(hours=24),
            metadata={"nic_node": {"versions": [1], "jwks": build_jwks([public_jwk(self.http)])}},
            authority_hints=[self.world.name],
        )

    async def send(self, envelope: bytes, *, network: str | None = None) -> ClientResponse:
        url = self.relay.make_url("/v1/relay").with_query(network=network or self.world.name)
        target = str(URL(self.world.node.config.public_url).with_path("/v1/relay").with_query(url.query))
        headers = build_signature_headers(
            RequestSigner(self.entity, self.http),
            method="POST",
            target_uri=target,
            body=envelope,
            now=self.world.clock(),
            nonce=secrets.token_urlsafe(16),
        )
        return await self.client.post(url, data=envelope, headers=headers)

    def dummy(self) -> bytes:
        return seal_dummy(public_jwk(epoch_keys(1)[1]), origin=self.world.network.log.origin, epoch=1)


@pytest.fixture
async def sender(world: World) -> AsyncIterator[Sender]:
    """Approved in the log; the relay, which is the world's node, has never heard of it."""
    await world.join()

    def services(app: web.Application) -> None:
        app[LOCAL_NODE] = world.node

    served = build_application(world.node.config, pages=peer_routes(), operations=[], rooms={}, services=services)
    async with TestServer(served) as relay, ClientSession() as client, another(world, client, relay, "gil") as made:
        yield made


@asynccontextmanager
async def another(world: World, client: ClientSession, relay: TestServer, name: str) -> AsyncIterator[Sender]:
    async def configure(_: web.Request) -> web.Response:
        return web.Response(body=made.configuration(), content_type=ENTITY_STATEMENT_CONTENT_TYPE)

    home = web.Application()
    home.router.add_get(WELL_KNOWN_PATH, configure)
    async with TestServer(home) as address:
        made = Sender(world, client, relay, str(address.make_url("")).rstrip("/"), name)
        world.network.admit(made.entity, made.jkt)
        await world.follow()
        yield made


async def known(sender: Sender) -> None:
    await learn_peer(sender.world.node, sender.entity, sender.jkt)


async def code_of(response: ClientResponse) -> tuple[int, str]:
    return response.status, json.loads(await response.text())["code"]


async def test_what_is_passed_on_says_nothing_of_who_sent_it(sender: Sender) -> None:
    world = sender.world
    await known(sender)
    answer = await sender.send(sender.dummy())
    assert (answer.status, await answer.read()) == (202, b"")
    assert world.network.taken == [None]
    (signed,) = world.network.signers[-1:]
    assert claimed_key_ids({"Signature-Input": signed})[0].startswith(world.node.entity_id)
    assert sender.entity not in signed
    async with world.database.reading() as session:
        kept = (await session.execute(text("SELECT * FROM publishing_relayed"))).all()
    slot = int(world.clock().timestamp()) // 60
    assert [tuple(row) for row in kept] == [(world.name, sender.entity, slot)]


async def test_one_envelope_a_member_and_slot(sender: Sender) -> None:
    world = sender.world
    await known(sender)
    first, second = await asyncio.gather(sender.send(sender.dummy()), sender.send(sender.dummy()))
    assert sorted((first.status, second.status)) == [202, 429]
    refused = first if first.status == 429 else second
    assert await code_of(refused) == (429, "slot-used")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert len(world.network.taken) == 1
    world.clock.forward(seconds=60)
    assert (await sender.send(sender.dummy())).status == 202


async def test_whose_envelope_was_passed_on_is_forgotten_once_the_slot_is_past(sender: Sender, tmp_path: Path) -> None:
    """From the files too: name and network stand side by side nowhere else."""
    world = sender.world
    await known(sender)
    handlers = {FORGET: job_handlers(world.node)[FORGET]}
    worker = Worker(world.database, handlers, clock=world.clock, idle_seconds=1)
    between = b"" if world.database.is_sqlite else bytes([2 * len(sender.entity) + 3])
    row = world.name.encode() + between + sender.entity.encode()

    async def after(seconds: int) -> tuple[list[int], bool]:
        world.clock.forward(seconds=seconds)
        await worker.run_due()
        return await relayed_slots(world), bool(await holding(world.database, tmp_path, row))

    first = int(world.clock().timestamp()) // 60 + 1
    world.clock.now = datetime.fromtimestamp(first * 60 + 59, UTC)
    for _ in range(2):
        assert (await sender.send(sender.dummy())).status == 202
        world.clock.forward(seconds=1)
    assert await after(58) == ([first, first + 1], True)
    assert await after(1) == ([first + 1], True)
    assert await after(60) == ([], False)
    # A row of slots that are counted otherwise by now, and of a network that was left, has no end to wait for.
    async with world.database.writing() as session:
        session.add(RelayedSlot(network=world.name, sender=sender.entity, slot=first * 60))
        session.add(RelayedSlot(network="https://left.example/net/x", sender=sender.entity, slot=first))
        await ensure_jobs(session, world.node, now=world.clock())
    assert await after(0) == ([], False)


async def relayed_slots(world: World) -> list[int]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(RelayedSlot.slot).order_by(RelayedSlot.slot)))


async def test_a_members_keys_are_learned_after_its_first_request_not_during_it(sender: Sender) -> None:
    world = sender.world
    assert await code_of(await sender.send(sender.dummy())) == (401, "signer-unknown")
    async with world.database.reading() as session:
        job = await session.scalar(select(Job).where(Job.kind == LEARN))
    assert job is not None
    assert job.arguments == {"entity": sender.entity, "jkt": sender.jkt}
    await known(sender)
    assert (await sender.send(sender.dummy())).status == 202
    # They hold for as long as its statement does, and are asked for again before; those of who left are forgotten.
    world.clock.forward(hours=25)
    assert await code_of(await sender.send(sender.dummy())) == (401, "signer-unknown")
    await renew_peers(world.node, {})
    async with world.database.reading() as session:
        assert await session.scalar(select(PeerKeys)) is None


async def test_a_key_that_the_log_does_not_name_is_not_learned(sender: Sender) -> None:
    sender.federation = shared_key("ES256", "somebody else")
    with pytest.raises(Exception, match="pinned"):
        await learn_peer(sender.world.node, sender.entity, thumbprint(shared_key("ES256", "gil")))


async def test_what_is_refused_is_refused_before_it_costs_anything(sender: Sender) -> None:
    world = sender.world
    await known(sender)
    stranger = Sender(world, sender.client, sender.relay, "https://eve.example", "eve")
    assert await code_of(await stranger.send(sender.dummy())) == (401, "signer-unknown")
    assert (await sender.send(sender.dummy(), network="https://other.example/net/x")).status == 404
    unsigned = await sender.client.post(
        sender.relay.make_url("/v1/relay").with_query(network=world.name), data=sender.dummy()
    )
    assert await code_of(unsigned) == (401, "request-unsigned")
    assert await code_of(await sender.send(sender.dummy()[:-1])) == (400, "envelope-malformed")
    assert (await sender.send(sender.dummy() + b"x")).status == 413
    assert world.network.taken == []
    async with world.database.reading() as session:
        assert await session.scalar(select(RelayedSlot)) is None
        job = await session.scalar(select(Job).where(Job.kind == LEARN))
    assert job is None, "nobody is asked for the keys of who is no member"


async def test_whoever_is_refused_again_and_again_waits_and_nobody_else_does(sender: Sender) -> None:
    world = sender.world
    await known(sender)
    async with another(world, sender.client, sender.relay, "hal") as honest:
        await known(honest)
        stranger = Sender(world, sender.client, sender.relay, honest.entity, "eve")
        envelope = sender.dummy()
        assert (await sender.send(envelope)).status == 202
        bad = {envelope[:-1]: (400, "envelope-malformed"), envelope + b"x": (413, "body-too-large")}
        bad[envelope] = (429, "slot-used")
        for _ in range(REFUSALS_A_WINDOW // len(bad)):
            for body, code in bad.items():
                assert await code_of(await sender.send(body)) == code
            assert await code_of(await stranger.send(envelope)) == (401, "signer-unknown")
        nonces = await count_of(world, NonceRow)
        for body in bad:
            answer = await sender.send(body)
            assert await code_of(answer) == (429, "too-many-requests")
            assert answer.headers["Retry-After"] == "60"
        assert await count_of(world, NonceRow) == nonces, "nothing is read of it, and nothing is written"
        assert (await honest.send(honest.dummy())).status == 202
        assert len(world.network.taken) == 2
        world.clock.forward(seconds=60)
        assert (await sender.send(sender.dummy())).status == 202


async def count_of(world: World, table: type[Base]) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_network_that_is_down_gives_the_slot_back_one_that_refuses_does_not(sender: Sender) -> None:
    world = sender.world
    await known(sender)
    world.network.refuse_with = 503
    assert await code_of(await sender.send(sender.dummy())) == (502, "relay-refused")
    world.network.refuse_with = 422
    answer = await sender.send(sender.dummy())
    assert await code_of(answer) == (502, "relay-refused")
    world.network.refuse_with = None
    assert await code_of(await sender.send(sender.dummy())) == (429, "slot-used")


# Our own envelopes -------------------------------------------------------------------------------------------------


async def send(world: World) -> None:
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)


async def test_the_first_relay_carries_and_the_others_stand_in(world: World) -> None:
    await world.open_epoch()
    world.network.relayed.clear()
    for _ in range(3):
        await send(world)
    assert world.network.relayed == ["relay-1"] * 3
    world.network.failing = {"relay-1"}
    await send(world)
    assert world.network.relayed[3:] == ["relay-2"]
    assert (await ways(world)).kind == "relayed"


async def ways(world: World):
    async with world.database.reading() as session:
        (way,) = await all_ways(session, world.node, world.clock())
    return way


async def test_when_all_fail_a_person_is_asked_and_nothing_goes_direct(world: World) -> None:
    await world.open_epoch()
    await world.approved()
    before = len(world.network.taken)
    world.network.failing = {"relay-1", "relay-2", "relay-3"}
    world.clock.forward(seconds=61 - world.clock().timestamp() % 60)
    due = await send_in_slot(world.node, world.name)
    assert len(world.network.taken) == before
    assert due is not None
    assert due - world.clock() < timedelta(seconds=54), "it is tried again in what is left of the slot"
    way = await ways(world)
    assert (way.kind, way.asks) == ("failing", True)
    world.network.failing = {"relay-1"}
    await send_in_slot(world.node, world.name)
    assert len(world.network.taken) == before + 1
    assert world.network.taken[-1] is not None, "the record went in the same slot, once somebody took it"
    assert not (await ways(world)).asks


async def test_a_relay_that_keeps_back_what_it_takes_is_replaced_by_a_person(world: World) -> None:
    """By itself the node goes on: the network may have refused it, and each relay it sees is one author less."""
    await world.open_epoch()
    await world.approved()
    world.network.dropping = {"relay-1"}
    for _ in range(2 * (RESEND_AFTER_SLOTS + 1)):
        assert not (await ways(world)).may_redraw
        await send(world)
    await send(world)
    await world.follow()
    assert (await ways(world)).may_redraw
    async with world.database.writing() as session:
        draw = await session.get_one(RelayDraw, (world.name, 1))
        draw.relays = world.network.relays[1:]
    for _ in range(RESEND_AFTER_SLOTS + 1):
        await world.slot()
    async with world.database.reading() as session:
        assert [one.state for one in await all_sharing(session)] == [OutboxState.FINAL]
    assert not (await ways(world)).may_redraw


async def test_the_persons_choices(world: World) -> None:
    await world.open_epoch()
    world.network.failing = {"relay-1", "relay-2", "relay-3"}
    await send(world)
    async with world.database.writing() as session:
        await send_directly(session, actor=BEN, network=world.name, direct=True, now=world.clock())
    world.network.relayed.clear()
    await send(world)
    assert world.network.relayed == []
    assert world.node.entity_id in world.network.signers[-1]
    assert (await ways(world)).hidden_among == 1
    async with world.database.writing() as session:
        await redraw(session, world.node, actor=BEN, network=world.name, now=world.clock())
    way = await ways(world)
    assert way.kind == "relayed"
    assert len(set(way.relays)) == 3
    assert not set(way.relays) <= set(world.network.relays), "others come first"


EPOCHS = 40
"""Two relays come in one order every time once in 2^39 runs; of eight epochs, once in 128."""


@pytest.mark.parametrize(("members", "drawn"), [(0, 0), (1, 1), (2, 2), (6, 3)])
async def test_relays_are_other_members_drawn_once(
    world: World, monkeypatch: pytest.MonkeyPatch, members: int, drawn: int
) -> None:
    entities = {f"https://m{number}.example": "k" for number in range(members)}

    async def keys(*_: object) -> dict[str, str]:
        return entities | {world.node.entity_id: "k"}

    monkeypatch.setattr("nic_node.publishing.relays.draw.member_keys", keys)
    orders = set()
    for epoch in range(1, EPOCHS + 1):
        async with world.database.writing() as session:
            for _ in range(2):
                row = await relays_of(session, world.node, network=world.name, epoch=epoch, now=world.clock())
                orders.add((epoch, tuple(row.relays)))
    assert len(orders) == EPOCHS, "the second time the same ones"
    assert all(len(relays) == drawn and set(relays) <= set(entities) for _, relays in orders)
    assert members < 2 or len({relays for _, relays in orders}) > 1, "not the same order in every epoch"
    if drawn == 3:
        gone = row.relays[1]
        del entities[gone]
        async with world.database.writing() as session:
            row = await session.get_one(RelayDraw, (world.name, EPOCHS))
            kept = [row.relays[0], row.relays[2]]
            row = await relays_of(session, world.node, network=world.name, epoch=EPOCHS, now=world.clock())
        assert row.relays[:2] == kept
        assert len(set(row.relays)) == 3
        assert gone not in row.relays
