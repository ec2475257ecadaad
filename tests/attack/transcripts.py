"""Twelve schools, their relays and their network, in one process and in virtual time: real handlers, real HTTP.

What each end of the wire saw is kept as its transcript: requests with their headers, answers, and the rows of its
database. `guess_*` are what an attacker makes of it: for each record an author, or for each slot its authors.
"""

import asyncio
import hashlib
import random
import sqlite3
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import update

from federation.keys import public_jwk, thumbprint
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership import routes as membership_routes
from nic_node.membership.keys import federation_private, make_missing_keys, signer
from nic_node.membership.local import LOCAL_NODE, LocalNode
from nic_node.membership.peers import learn_peer
from nic_node.membership.tables import MembershipRow
from nic_node.mirror import routes as mirror_routes
from nic_node.mirror.pull import pull
from nic_node.network.log.queue import queue_member_leaf
from nic_node.network.tables import Member
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.requests import claimed_entities
from nic_node.publishing import routes as publishing_routes
from nic_node.publishing import slots
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.participate import parts_of
from nic_node.publishing.relays.draw import relays_of
from nic_node.publishing.relays.tables import RelayDraw
from nic_node.publishing.sealing import release_context
from nic_node.publishing.slots import draw_moment, send_in_slot
from nic_node.publishing.states import EpochState, OutboxState
from nic_node.publishing.tables import OutboxRow, Release
from nic_node.school.projects.write import open_project
from nic_node.web.application import build_application
from nic_node.web.context import LOAD_VISITOR
from schemas.canonical import canonical_bytes, sha256_hex
from tests.attack.seen import Seen, Transcripts
from tests.conftest import TestClock
from tests.fakes.inline_sqlite import open_inline
from tests.fakes.network_log import PRACTICE
from tests.stores.publishing_stage import ADA, PROJECT
from tests.unit.accounts.stage import first_person
from tests.unit.network import people_stage
from tests.unit.network.log.served import Served, served_stage
from tests.unit.network.log.stage import SLOT

SCHOOLS = 12
HASH = "0" * 64
LONG = 10_000
ROWS_OF_RELAYS_EACH = 10
"""In every tenth slot what the relays keep is looked at; it takes a while."""
SUBMISSIONS, RELAY = "/v1/submissions", "/v1/relay"


@dataclass
class School:
    name: str
    node: LocalNode
    folder: Path
    membership_id: int = 0
    project_id: int = 0
    due: datetime | None = None


class Federation:
    def __init__(self, served: Served, clock: TestClock, folder: Path) -> None:
        self.served, self.clock, self.folder = served, clock, folder
        self.schools: list[School] = []
        self.seen = Transcripts()
        self.slot = 0
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
            school.project_id = (await open_project(session, actor=ADA, values=PROJECT, now=self.clock())).id
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
        """Everybody reads, and then sees that two others read the same: so it is final."""
        for school in self.schools:
            await pull(school.node, school.membership_id)
        for school in self.schools:
            report = await pull(school.node, school.membership_id)
            assert report.trouble is None
            await follow_networks(school.node)

    # Slots -----------------------------------------------------------------------------------------------------------

    async def one_slot(self, authors: Iterable[School] = ()) -> None:
        """Everybody sends at a moment of their own; the slot ends; the network takes it into its log."""
        start = -(-int(self.clock().timestamp()) // SLOT)
        self.clock.now = datetime.fromtimestamp(start * SLOT, self.clock().tzinfo)
        self.slot = start
        for school in authors:
            await self.queue_record(school)
            self.seen.authors[start].add(school.node.entity_id)
        for school in self.schools:
            if school.due is None or int(school.due.timestamp()) // SLOT != start:
                school.due = draw_moment(school.node, slot=start, slot_seconds=SLOT)
        for school in sorted(self.schools, key=lambda one: one.due):
            assert school.due is not None
            self.clock.now = school.due
            school.due = await send_in_slot(school.node, self.network)
        self._note_rows()
        self.clock.now = datetime.fromtimestamp((start + 1) * SLOT, self.clock().tzinfo)
        await self.served.stage.sequence()
        for school in self.schools:
            # Each finds its record when it pulls, as every member pulls: nothing of this is about who wrote.
            if school.node.entity_id in self.seen.authors[start]:
                async with school.node.database.writing() as session:
                    await session.execute(update(OutboxRow).values(state=OutboxState.FINAL))

    async def queue_record(self, school: School) -> None:
        """A release that a second person approved."""
        node = school.node
        record = canonical_bytes(PRACTICE)
        sealed = seal_bytes(node.operator_key, record, context=release_context(sha256_hex(record)))
        async with node.database.writing() as session:
            release = Release(
                project_id=school.project_id, network=self.network, kind="practice", title="Morning calls home",
                record_sha256=sha256_hex(record), sealed_record=sealed, policy_sha256=HASH, approved_at=self.clock(),
            )  # fmt: skip
            session.add(release)
            await session.flush()
            session.add(
                OutboxRow(
                    release_id=release.id, network=self.network, state=OutboxState.QUEUED, updated_at=self.clock()
                )
            )

    def _note_rows(self) -> None:
        """What is new in the databases, just before the slot ends."""
        now = all_rows(self.folder / "hub")
        self.seen.rows[self.slot] = "\n".join(now - self._rows)
        self._rows = now
        for school in self.schools if self.slot % ROWS_OF_RELAYS_EACH == 0 else ():
            rows = all_rows(school.folder)
            self.seen.relay_rows[school.node.entity_id, self.slot] = "\n".join(
                rows - self._relay_rows[school.node.entity_id]
            )
            self._relay_rows[school.node.entity_id] = rows

    # The wire ----------------------------------------------------------------------------------------------------------

    def recorded(self, application: web.Application, keep: Callable[[], list[Seen]]) -> web.Application:
        @web.middleware
        async def record(request: web.Request, handler: Any) -> web.StreamResponse:
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


def all_rows(folder: Path) -> set[str]:
    """Every row of every table, as text."""
    connection = sqlite3.connect(folder / "test.sqlite3")
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            f"{table} {[_short(value) for value in row]}"
            for table in tables
            if not table.startswith(("mirror_text", "mirror_tiles"))
            for row in connection.execute(f'SELECT * FROM "{table}"')
        }
    finally:
        connection.close()


def _short(value: object) -> object:
    """An envelope is what it is; its bytes would only be slow to search."""
    return f"{len(value)} bytes" if isinstance(value, bytes) and len(value) > LONG else value


@asynccontextmanager
async def running_federation(
    clock: TestClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Federation]:
    """An open epoch with twelve pseudonyms, registered through relays."""
    found: list[Federation] = []
    seal = slots.seal_envelope

    def noted_seal(*arguments: Any, **named: Any) -> bytes:
        envelope = seal(*arguments, **named)
        digest = b64encode(hashlib.sha256(envelope).digest()).decode()
        federation_of(found).seen.records.add(f"sha-256=:{digest}:")
        return envelope

    monkeypatch.setattr(slots, "seal_envelope", noted_seal)
    build = people_stage._application
    monkeypatch.setattr(
        people_stage,
        "_application",
        lambda local: federation_of(found).recorded(build(local), lambda: federation_of(found).seen.network),
    )
    async with AsyncExitStack() as stack:
        (folder / "hub").mkdir()
        database = open_inline(folder / "hub")
        stack.push_async_callback(database.close)
        federation = Federation(None, clock, folder)  # type: ignore[arg-type]  # the network comes next
        found.append(federation)
        hub = await stack.enter_async_context(people_stage.running_node(database, clock, folder / "hub"))
        federation.served = await served_stage(hub, monkeypatch)
        for number in range(SCHOOLS):
            school = await _start(stack, federation, clock, folder / f"school-{number:02}")
            federation.schools.append(school)
            await federation.admit(school)
        await federation.open_epoch()
        federation.seen = Transcripts()
        yield federation


def federation_of(found: list[Federation]) -> Federation:
    return found[0]


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


async def run_slots(federation: Federation, count: int, *, authors_a_slot: int = 3) -> Transcripts:
    """So many slots, each with records of some schools; answers what was seen, and checks that all arrived."""
    chosen = random.Random(20261128)
    before = (await federation.served.stage.log()).size
    for _ in range(count):
        await federation.one_slot(chosen.sample(federation.schools, authors_a_slot))
    logged = (await federation.served.stage.log()).size - before
    assert (logged, await federation.served.stage.refusals()) == (count * authors_a_slot, [])
    return federation.seen


async def leave_relays_out(federation: Federation, *, direct: bool = True) -> None:
    for school in federation.schools:
        async with school.node.database.writing() as session:
            await session.execute(update(RelayDraw).values(direct=direct))
