"""Twelve schools, their relays and their network, in one process and in virtual time: real handlers, real HTTP.

What each end of the wire saw is kept as its transcript (seen.py); what schools send is of acts.py.
"""

import asyncio
import logging
import random
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import select, update

from federation.envelope import seal_envelope
from federation.keys import public_jwk, thumbprint
from federation.leaves import read_leaf
from nic_node.membership import routes as membership_routes
from nic_node.membership.keys import federation_private, make_missing_keys, signer
from nic_node.membership.local import LOCAL_NODE, LocalNode
from nic_node.membership.peers import learn_peer
from nic_node.membership.tables import MembershipRow
from nic_node.mirror import routes as mirror_routes
from nic_node.mirror.pull import pull
from nic_node.network.log.queue import queue_member_leaf
from nic_node.network.tables import Member
from nic_node.peerhttp import client
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.requests import claimed_entities
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.publishing import routes as publishing_routes
from nic_node.publishing import slots
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.outbox import settle
from nic_node.publishing.participate import parts_of
from nic_node.publishing.relays.draw import relays_of
from nic_node.publishing.retract import settle_retractions
from nic_node.publishing.slots import draw_moment, send_in_slot
from nic_node.publishing.states import EpochState, OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, RetractionRow
from nic_node.web.application import build_application
from nic_node.web.context import LOAD_VISITOR
from schemas.canonical import sha256_hex
from tests.attack.acts import HASH, TURNS, Acts
from tests.attack.seen import Content, Seen, Transcripts, digest_of
from tests.conftest import TestClock
from tests.fakes.inline_sqlite import open_inline
from tests.unit.accounts.stage import first_person
from tests.unit.network import people_stage
from tests.unit.network.log.served import Served, served_stage
from tests.unit.network.log.stage import SLOT

SCHOOLS = 12
SEED = 20261128
VOUCHING = 3
ROWS_OF_RELAYS_EVERY = 3
LONG = 10_000
READ_FROM_OTHERS = ("mirror_", "search_", "networks", "network_", "accounts_")
SUBMISSIONS, RELAY = "/v1/submissions", "/v1/relay"


@dataclass
class School:
    name: str
    node: LocalNode
    folder: Path
    membership_id: int = 0
    due: datetime | None = None

    def when(self) -> datetime:
        """Its next envelope leaves."""
        assert self.due is not None
        return self.due


class Federation:
    """The network's node and the schools'; what a leak changes is put back by whoever made it.

    Attributes:
        refuse_next: so many of the next submissions find the network too busy.
        polls_as_it_sends: a leak: each school asks for the checkpoint at the moment at which it sends.
    """

    def __init__(self, clock: TestClock, folder: Path) -> None:
        self.served: Served
        self.acts: Acts
        self.clock, self.folder = clock, folder
        self.schools: list[School] = []
        self.seen = Transcripts()
        self.lines: list[object] = []
        self.authors = random.Random(SEED)
        self.acted: list[School] = []
        self.slot = self.turn = self.refuse_next = 0
        self.polls_as_it_sends = False
        self._rows: set[str] = set()
        self._relay_rows: dict[str, set[str]] = defaultdict(set)

    @property
    def network(self) -> str:
        return self.served.stage.network.entity

    @property
    def entities(self) -> list[str]:
        return [school.node.entity_id for school in self.schools]

    # Setting up ------------------------------------------------------------------------------------------------------

    async def admit(self, school: School) -> None:
        """As the network does once its coordinators approved; the school knows the network's keys."""
        node, hub = school.node, self.served.stage
        async with node.database.writing() as session:
            federation = await federation_private(node, session)
            http = (await signer(node, session)).private_jwk
            log = await hub.log()
            metadata = {"name": "North", "generation": 1, "log_origin": log.origin, "log_key": log.log_key}
            metadata |= {"log_url": f"{self.network}/log/1", "leaf_jwk": log.leaf_jwk}
            metadata |= {"policy_sha256": HASH, "charter_sha256": HASH, "jwks": {"keys": []}}
            row = MembershipRow(
                network=self.network, name="North", state="approved", pinned=[], jti="j", invitation="i", contact={},
                profile={}, policy_accepted=HASH, charter_accepted=HASH, moves=[], network_metadata=metadata,
                endpoints={}, chain=[], chain_expires_at=self.clock().replace(year=2040), trust_marks={},
                created_at=self.clock(),
            )  # fmt: skip
            session.add(row)
            await session.flush()
            school.membership_id = row.id
        jkt = thumbprint(federation)
        async with hub.node.database.writing() as session:
            session.add(
                Member(
                    network_id=hub.network.id, public_id=school.name, entity=node.entity_id, jkt=jkt, name=school.name,
                    state="approved", keys={jkt: public_jwk(federation)},
                    http_keys={thumbprint(http): public_jwk(http)}, profile={"name": school.name, "level": "middle"},
                    contact={}, policy_sha256=HASH, charter_sha256=HASH, applied_at=self.clock(), settled={},
                )
            )  # fmt: skip
            await queue_member_leaf(
                session, operator_key=hub.node.operator_key, network_id=hub.network.id, entity=node.entity_id, jkt=jkt,
                from_state="applied", to_state="approved", now=self.clock(),
            )  # fmt: skip

    async def open_epoch(self) -> None:
        """Credentials, pseudonyms through relays, and the term is open: the nodes do it by themselves."""
        hub = self.served.stage
        await hub.sequence()
        await hub.announce()
        for school in self.schools:
            # Whom it may ask what they read, a school learns by reading.
            await pull(school.node, school.membership_id)
        await self.follow()
        await hub.sequence()
        self.clock.now = (await hub.windows()).issue_to
        await hub.advance()
        await self.know_each_other()
        await self.one_slot()
        self.clock.now = (await hub.windows()).active_from
        await hub.advance()
        await self.follow()
        for school in self.schools:
            async with school.node.database.reading() as session:
                assert [part.state for part in await parts_of(session)] == [EpochState.REGISTERED]

    async def know_each_other(self) -> None:
        """Relays are drawn, and have the keys that they otherwise learn after a first request."""
        for school in self.schools:
            async with school.node.database.writing() as session:
                draw = await relays_of(session, school.node, network=self.network, epoch=1, now=self.clock())
                jkt = thumbprint(await federation_private(school.node, session))
            for relay in self.schools:
                if relay.node.entity_id in draw.relays:
                    await learn_peer(relay.node, school.node.entity_id, jkt)

    async def follow(self) -> None:
        """Some read first, so that everybody then sees that two others read the same: it is final."""
        for school in self.schools[:VOUCHING]:
            await pull(school.node, school.membership_id)
        for school in self.schools:
            report = await pull(school.node, school.membership_id)
            assert report.trouble is None
            await follow_networks(school.node)

    async def begin(self) -> None:
        """Fresh transcripts, in which everybody's known keys stand; what is on its way is let be."""
        self.seen = Transcripts()
        self.acted = []
        for school in self.schools:
            async with school.node.database.writing() as session:
                await session.execute(update(OutboxRow).values(state=OutboxState.FINAL))
                await session.execute(update(RetractionRow).values(state=RetractionState.GONE))
        hub = self.served.stage
        async with hub.node.database.reading() as session:
            for member in await session.scalars(select(Member).where(Member.network_id == hub.network.id)):
                self.seen.keys[member.entity] = {*member.keys, *member.http_keys}
        self._note_rows(*self.schools)
        self.seen.rows.clear()
        self.seen.relay_rows.clear()
        self.seen.lines.clear()

    # Slots -----------------------------------------------------------------------------------------------------------

    async def one_slot(self, authors: int = 0, turns: Sequence[str] = TURNS, *, once: bool = False) -> None:
        """Everybody sends, and asks for the checkpoint, at a moment of its own; then the network opens the slot.

        So many authors have something to say: for each the next of the turns. `once`: what nobody takes is let be.
        """
        self.slot = -(-int(self.clock().timestamp()) // SLOT)
        self.clock.now = self._begins(self.slot)
        for school in self.authors.sample(self.schools, authors):
            await self.acts.act(school.node, turns[self.turn % len(turns)])
            self.turn += 1
            if school not in self.acted:
                self.acted.append(school)
        await self._send_all(once=once)
        self._note_rows(*self.schools if once or self.slot % ROWS_OF_RELAYS_EVERY == 0 else ())
        self.clock.now = self._begins(self.slot + 1)
        await self.served.stage.sequence()
        self._note_rows()

    async def _send_all(self, *, once: bool) -> None:
        """In the order of their moments. What nobody took goes again in the same slot, as the job does it."""
        end = self._begins(self.slot + 1)
        for school in self.schools:
            if school.due is None or school.due <= self.clock():
                school.due = draw_moment(school.node, slot=self.slot, slot_seconds=SLOT)
            polled = draw_moment(school.node, slot=self.slot, slot_seconds=SLOT)
            self.seen.polls.append((school.due if self.polls_as_it_sends else polled, school.node.entity_id))
        while (school := min(self.schools, key=School.when)).when() < end:
            self.clock.now = school.when()
            due = await send_in_slot(school.node, self.network)
            school.due = end if once else due

    def _begins(self, slot: int) -> datetime:
        return datetime.fromtimestamp(slot * SLOT, self.clock().tzinfo)

    async def settle(self) -> None:
        """Who has something on its way looks for it, once others have read the same."""
        for school in (*self.schools[:VOUCHING], *self.acted):
            await pull(school.node, school.membership_id)
        for school in self.acted:
            async with school.node.database.writing() as session:
                await settle(session, school.node, self.network, self.clock())
                await settle_retractions(session, school.node, self.network, self.clock())

    def _note_rows(self, *schools: School) -> None:
        """What is new in the network's database and these schools', and in anybody's log."""
        now = all_rows(self.folder / "hub")
        self.seen.rows[self.slot] += now - self._rows
        self._rows = now
        for school in schools:
            name, rows = school.node.entity_id, all_rows(school.folder, leave_out=READ_FROM_OTHERS)
            self.seen.relay_rows[name, self.slot] += rows - self._relay_rows[name]
            self._relay_rows[name] = rows
        self.seen.lines[self.slot] += [repr(line) for line in self.lines]
        self.lines.clear()

    # The wire ----------------------------------------------------------------------------------------------------------

    def recorded(self, application: web.Application, keep: Callable[[], list[Seen]]) -> web.Application:
        @web.middleware
        async def record(request: web.Request, handler: Any) -> web.StreamResponse:
            if SUBMISSIONS in request.path and self.refuse_next:
                self.refuse_next -= 1
                response: web.StreamResponse = web.Response(status=503, headers={"Retry-After": "5"})
            else:
                response = await handler(request)
            if SUBMISSIONS in request.path or RELAY in request.path:
                (by,) = claimed_entities(request.headers)
                kept = keep()
                kept.append(
                    Seen(
                        slot=self.slot, at=self.clock(), order=len(kept), path=request.path_qs,
                        headers=tuple(request.headers.items()), signer=by, status=response.status,
                        answer=repr((sorted(response.headers.items()), getattr(response, "body", None))),
                    )
                )  # fmt: skip
            return response

        application.middlewares.insert(0, record)
        return application

    def signed(self, signer: RequestSigner, *, target_uri: str, body: bytes | None, **named: Any) -> dict[str, str]:
        """As requests are signed; whose envelope it is shows where it first leaves."""
        if body is not None and (RELAY in target_uri or SUBMISSIONS in target_uri):
            self.seen.origins.setdefault(digest_of(body), signer.entity_id)
        return build_signature_headers(signer, target_uri=target_uri, body=body, **named)

    def sealed(self, *arguments: Any, leaf: bytes, **named: Any) -> bytes:
        """As records are sealed; what the network will find in it."""
        envelope = seal_envelope(*arguments, leaf=leaf, **named)
        read = read_leaf(leaf)
        self.seen.contents[digest_of(envelope)] = Content(sha256_hex(leaf), read.kid, read.payload.get("kind", read.t))
        return envelope


def all_rows(folder: Path, *, leave_out: tuple[str, ...] = ("mirror_",)) -> set[str]:
    """Every row of every table, as text."""
    connection = sqlite3.connect(folder / "test.sqlite3")
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            f"{table} {[_readable(value) for value in row]}"
            for table in tables
            if not table.startswith(leave_out)
            for row in connection.execute(f'SELECT * FROM "{table}"')
        }
    finally:
        connection.close()


def _readable(value: object) -> object:
    """An envelope is what it is; its bytes would only be slow to search."""
    if not isinstance(value, bytes):
        return value
    if len(value) > LONG:
        return f"{len(value)} bytes"
    return value.decode() if value.isascii() else value.hex()


@asynccontextmanager
async def running_federation(
    clock: TestClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Federation]:
    """An open epoch with twelve pseudonyms, registered through relays."""
    build = people_stage._application
    monkeypatch.setattr(
        people_stage,
        "_application",
        lambda local: federation.recorded(build(local), lambda: federation.seen.network),
    )
    async with AsyncExitStack() as stack:
        (folder / "hub").mkdir()
        database = open_inline(folder / "hub")
        stack.push_async_callback(database.close)
        federation = Federation(clock, folder)
        monkeypatch.setattr(slots, "seal_envelope", federation.sealed)
        monkeypatch.setattr(client, "build_signature_headers", federation.signed)
        hub = await stack.enter_async_context(people_stage.running_node(database, clock, folder / "hub"))
        federation.served = await served_stage(hub, monkeypatch)
        for number in range(SCHOOLS):
            school = await _start(stack, federation, clock, folder / f"school-{number:02}")
            federation.schools.append(school)
            await federation.admit(school)
        await federation.open_epoch()
        origin = (await federation.served.stage.log()).origin
        federation.acts = Acts(federation.network, origin, clock, random.Random(SEED))
        federation.lines = stack.enter_context(structlog.testing.capture_logs())
        stack.enter_context(kept_records(federation.lines))
        yield federation


@contextmanager
def kept_records(lines: list[Any]) -> Iterator[None]:
    """Of the standard library's loggers. The test's servers write an access log, a node is served without one."""
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    handler.addFilter(lambda record: record.name != "aiohttp.access")
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)


async def _start(stack: AsyncExitStack, federation: Federation, clock: TestClock, folder: Path) -> School:
    await asyncio.to_thread(folder.mkdir)
    database = open_inline(folder)
    stack.push_async_callback(database.close)
    port = unused_port()
    client = await stack.enter_async_context(PeerClient(clock=clock, allow_insecure_loopback=True))
    node = people_stage.local_node_on(database, clock, folder, client, f"http://127.0.0.1:{port}")
    await first_person(database, clock)
    await make_missing_keys(node)

    async def nobody(request: web.Request) -> None:
        """No person uses these nodes' pages."""

    def services(app: web.Application) -> None:
        app[LOCAL_NODE] = node
        app[LOAD_VISITOR] = nobody

    application = build_application(
        node.config,
        pages=[*publishing_routes.peer_routes(), *membership_routes.peer_routes(), *mirror_routes.peer_routes()],
        operations=[],
        rooms={},
        services=services,
    )
    listening = federation.recorded(application, lambda: federation.seen.relays[node.entity_id])
    await stack.enter_async_context(TestServer(listening, host="127.0.0.1", port=port))
    return School(folder.name, node, folder)
