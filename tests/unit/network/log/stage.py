"""A node that runs a network with three schools, in one process and without HTTP: what the log side is tried on."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from yarl import URL

from federation.blindrsa import Blinded, blind, finalize, prepare, public_key
from federation.envelope import seal_dummy, seal_envelope
from federation.epochs import build_issue_request, message_to_blind, read_epoch
from federation.keys import Jwk, public_jwk, thumbprint
from federation.leaves import build_pseudonym, build_retract, sign_leaf
from federation.records import SealedRecord, seal_record
from federation.tlog.checkpoint import Checkpoint, verify_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.accounts.actor import Actor
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.local import LocalNode
from nic_node.network.found import Founding, found_network
from nic_node.network.log import announce
from nic_node.network.log.announce import EpochKeys, announce_epoch
from nic_node.network.log.envelopes import find_epoch, slot_seconds_of, submission_keys, take_envelope
from nic_node.network.log.files import store_of
from nic_node.network.log.issue import sign_blinded
from nic_node.network.log.phases import advance_epochs
from nic_node.network.log.queue import log_of, queue_member_leaf
from nic_node.network.log.sequence import sequence_log
from nic_node.network.log.tables import EpochRecord, Log, LogRefusal
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from schemas.base64url import encode_base64url
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.fakes.network_log import PRACTICE, epoch_keys, shared_key
from tests.unit.accounts.stage import ADA, first_person

SLOT = 60
POLICY = {
    "context_k": 3,
    "min_issued": 3,
    "slot_seconds": SLOT,
    "issue_seconds": 600,
    "register_slots": 7,
    "active_seconds": 7200,
}
SCHOOLS = ("ada", "ben", "cem")


def entity_of(name: str) -> str:
    return f"https://{name}.example"


class Stage:
    """What the tests do to the network, in the words of its protocol."""

    def __init__(self, node: LocalNode, clock: TestClock, actor: Actor, network: Network) -> None:
        self.node = node
        self.clock = clock
        self.actor = actor
        self.network = network
        self.blinded: dict[tuple[str, int], tuple[bytes, Blinded]] = {}

    # Over HTTP -------------------------------------------------------------------------------------------------------

    async def send(
        self, client: TestClient, name: str | None, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> ClientResponse:
        """A request to {net}{path}, signed by a member's http key, or by nobody."""
        path = f"/net/north{path}"
        if name is not None:
            signer = RequestSigner(entity_of(name), shared_key("Ed25519", f"http {name}"))
            headers |= build_signature_headers(
                signer,
                method=method,
                target_uri=f"{self.node.config.public_url}{path}",
                body=body,
                now=self.clock(),
                nonce=secrets.token_urlsafe(16),
            )
        return await client.request(
            method, URL(path, encoded=True), data=body, headers=headers, allow_redirects=False, auto_decompress=False
        )

    # The network's own acts ------------------------------------------------------------------------------------------

    async def sequence(self) -> int:
        return await sequence_log(self.node, (await self.log()).id, now=self.clock())

    async def advance(self) -> None:
        """All that the clock has made due, epochs and log."""
        log_id = (await self.log()).id
        await self.sequence()
        while await advance_epochs(self.node, log_id, now=self.clock()):
            await self.sequence()

    async def announce(self) -> int:
        number = await announce_epoch(self.node, network_id=self.network.id, actor=self.actor, now=self.clock())
        await self.sequence()
        return number

    async def admit(self, *names: str) -> None:
        for name in names:
            await self.add_member(name)
            await self.move(name, "applied", "approved")
        await self.sequence()

    async def add_member(self, name: str, state: str = "approved", level: str = "middle") -> None:
        http = shared_key("Ed25519", f"http {name}")
        federation = shared_key("ES256", name)
        async with self.node.database.writing() as session:
            session.add(
                Member(
                    network_id=self.network.id,
                    public_id=f"public-{name}",
                    entity=entity_of(name),
                    jkt=thumbprint(federation),
                    name=f"{name.title()} School",
                    state=state,
                    keys={thumbprint(federation): public_jwk(federation)},
                    http_keys={thumbprint(http): public_jwk(http)},
                    profile={"name": f"{name.title()} School", "level": level, "enrolment": 400},
                    contact={"name": "Kim Reyes", "email": f"office@{name}.example"},
                    policy_sha256="0" * 64,
                    charter_sha256="0" * 64,
                    applied_at=self.clock(),
                    settled={},
                )
            )

    async def move(self, name: str, from_state: str, to_state: str) -> None:
        async with self.node.database.writing() as session:
            await queue_member_leaf(
                session,
                operator_key=self.node.operator_key,
                network_id=self.network.id,
                entity=entity_of(name),
                jkt=thumbprint(shared_key("ES256", name)),
                from_state=from_state,
                to_state=to_state,
                now=self.clock(),
            )

    # Members' acts ---------------------------------------------------------------------------------------------------

    async def issue(self, name: str, epoch: int = 1) -> bytes:
        """The blind signature that a member asks for, with the request that it made first."""
        record = await self.epoch(epoch)
        if (name, epoch) not in self.blinded:
            message = message_to_blind(self.network.entity, epoch, thumbprint(self.pseudonym_key(name, epoch)))
            prepared = prepare(message, secrets.token_bytes(32))
            issuer = public_key(record.payload["rsa_jwk"])
            self.blinded[name, epoch] = prepared, blind(issuer, prepared, random=secrets.token_bytes)
        return await self.ask(name, self.blinded[name, epoch][1].message, epoch)

    async def ask(self, name: str, blinded_message: bytes, epoch: int = 1, *, asked: int | None = None) -> bytes:
        jws = build_issue_request(
            shared_key("ES256", name), network=self.network.entity, epoch=epoch, blinded_message=blinded_message
        )
        return await sign_blinded(
            self.node,
            network_id=self.network.id,
            epoch=asked or epoch,
            entity=entity_of(name),
            jws=jws,
            now=self.clock(),
        )

    async def pseudonym_leaf(self, name: str, epoch: int = 1) -> bytes:
        prepared, blinded = self.blinded[name, epoch]
        issuer = public_key((await self.epoch(epoch)).payload["rsa_jwk"])
        signature = finalize(issuer, prepared, await self.issue(name, epoch), blinded.inverse)
        private = self.pseudonym_key(name, epoch)
        payload = build_pseudonym(
            self.network.entity, epoch=epoch, jwk=private, prepared_message=prepared, signature=signature
        )
        return sign_leaf(payload, private)

    def pseudonym_key(self, name: str, epoch: int = 1) -> Jwk:
        return shared_key("Ed25519", f"pseudonym {name} {epoch}")

    def record(self, name: str, payload: dict | None = None, epoch: int = 1, kind: str = "practice") -> SealedRecord:
        return seal_record(
            kind,
            PRACTICE if payload is None else payload,
            self.pseudonym_key(name, epoch),
            network=self.network.entity,
            epoch=epoch,
            salt=secrets.token_bytes(32),
        )

    async def retract_leaf(self, name: str, index: int, epoch: int = 1) -> bytes:
        target = build_record_id((await self.log()).origin, index)
        return sign_leaf(
            build_retract(self.network.entity, target=target, reason="withdrawn"), self.pseudonym_key(name, epoch)
        )

    async def seal(self, leaf: bytes = b"", blob: bytes = b"", epoch: int = 1) -> bytes:
        """An envelope; without a leaf a dummy."""
        origin, key = (await self.log()).origin, (await self.epoch(epoch)).payload["submission_key"]
        if not leaf:
            return seal_dummy(key, origin=origin, epoch=epoch)
        return seal_envelope(key, origin=origin, epoch=epoch, leaf=leaf, blob=blob)

    async def submit(self, leaf: bytes = b"", blob: bytes = b"", *, epoch: int = 1, relay: str = "ben") -> None:
        """Bring an envelope as a relay does, HTTP left out."""
        envelope = await self.seal(leaf, blob, epoch)
        async with self.node.database.writing() as session:
            log = await log_of(session, self.network.id)
            keys = await submission_keys(session, operator_key=self.node.operator_key, log=log)
            await take_envelope(
                session,
                log=log,
                relay=entity_of(relay),
                epoch=find_epoch(keys, envelope, origin=log.origin),
                envelope=envelope,
                place=secrets.token_hex(16),
                slot_seconds=await slot_seconds_of(session, log, epoch),
                now=self.clock(),
            )

    # The whole way ---------------------------------------------------------------------------------------------------

    async def open_epoch(self) -> None:
        """Members admitted, epoch 1 announced, issued, registered and open."""
        await self.admit(*SCHOOLS)
        await self.announce()
        for name in SCHOOLS:
            await self.issue(name)
        await self.sequence()
        self.clock.now = (await self.windows()).issue_to
        await self.advance()
        self.clock.forward(seconds=SLOT)
        for name in SCHOOLS:
            await self.submit(await self.pseudonym_leaf(name))
        self.clock.now = (await self.windows()).active_from
        await self.advance()

    async def publish(self, name: str, payload: dict | None = None) -> int:
        """A record in the log; answers its index."""
        record = self.record(name, payload)
        await self.submit(record.leaf, record.blob)
        self.clock.forward(seconds=SLOT)
        await self.sequence()
        return (await self.log()).size - 1

    # What stands -----------------------------------------------------------------------------------------------------

    async def log(self) -> Log:
        async with self.node.database.reading() as session:
            return await log_of(session, self.network.id)

    async def epoch(self, number: int = 1) -> EpochRecord:
        async with self.node.database.reading() as session:
            return await session.get_one(EpochRecord, ((await log_of(session, self.network.id)).id, number))

    async def windows(self, number: int = 1):
        return read_epoch((await self.epoch(number)).payload).windows

    async def refusals(self) -> list[tuple[str, str]]:
        async with self.node.database.reading() as session:
            return [(row.what, row.code) for row in await session.scalars(select(LogRefusal).order_by(LogRefusal.id))]

    async def checkpoint(self) -> Checkpoint:
        """What the log has signed, as the folder tells."""
        log = await self.log()
        note = store_of(self.node, log).read(CHECKPOINT_PATH)
        assert note is not None
        return verify_checkpoint(note, parse_vkey(log.log_key)).checkpoint


async def shared_epoch_keys() -> EpochKeys:
    """An RSA key takes a second to make: the tests of a run share a few."""
    shared_epoch_keys.drawn += 1
    rsa, x25519 = epoch_keys(shared_epoch_keys.drawn % 3 + 1)
    return EpochKeys(rsa, x25519)


shared_epoch_keys.drawn = 0


@asynccontextmanager
async def running_stage(
    database: Database,
    clock: TestClock,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    client: PeerClient | None = None,
    **policy: object,
) -> AsyncIterator[Stage]:
    """A founded network; `policy` overrides POLICY, `client` is how it asks its members."""
    shared_epoch_keys.drawn = 0
    monkeypatch.setattr(announce, "draw_epoch_keys", shared_epoch_keys)
    config = read_config(folder, {"NIC_PUBLIC_URL": "http://127.0.0.1:8000", "NIC_ALLOW_INSECURE_LOOPBACK": "1"})
    async with client or PeerClient(clock=clock, allow_insecure_loopback=True) as client:
        node = LocalNode(
            config=config,
            database=database,
            operator_key=OperatorKey.from_text(encode_base64url(bytes(range(32))), source="the test"),
            client=client,
            nonces=NonceStore(database),
            clock=clock,
            random_bytes=secrets.token_bytes,
            wake=lambda: None,
        )
        await first_person(database, clock)
        founding = Founding(
            slug="north",
            name="North Coast",
            charter={"purpose": "To help every child come to school."},
            policy={**POLICY, **policy},
        )
        network = await found_network(node, actor=ADA, founding=founding, now=clock())
        stage = Stage(node, clock, ADA, network)
        await stage.sequence()
        yield stage
