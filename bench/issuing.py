"""1,000 members get their credentials: real requests, signed and verified, over HTTP; a real database and log.

Each asks for its blind signature, and the log is written with all that was issued. Against the bare blind signatures,
as many a second as one core makes. `ours` is what one member takes, by the clock on the wall: 1,000 within two minutes
are 120,000 microseconds each. The members' own work (keys, blinding) is done before.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from bench.pairs import Result
from federation.blindrsa import blind, blind_sign, prepare, private_key, public_key
from federation.epochs import build_issue_request, message_to_blind
from federation.keys import Jwk, generate_private_jwk, public_jwk, thumbprint
from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import TEST_COST, Passwords
from nic_node.accounts.set_up import complete_setup, create_setup_link
from nic_node.app.node import open_node
from nic_node.app.serve import with_free_port
from nic_node.config import read_config
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.local import LocalNode
from nic_node.network.found import Founding, found_network
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.queue import log_of, queue_member_leaf
from nic_node.network.log.sequence import sequence_log
from nic_node.network.log.tables import EpochRecord, LogIssued
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.signing import RequestSigner
from nic_node.school.profile.name import set_school_name
from schemas.limits import REQUEST_MAX_BYTES

N = 1_000
AT_ONCE = 32
REFERENCES = 60
POLICY = {"min_issued": 3, "context_k": 3, "slot_seconds": 3_600, "issue_seconds": 86_400}


@dataclass(frozen=True, slots=True)
class Asking:
    """One member, ready to ask."""

    signer: RequestSigner
    body: bytes


def run() -> Result:
    return asyncio.run(_measure())


async def _measure() -> Result:
    with tempfile.TemporaryDirectory() as folder:
        config = read_config(Path(folder), {"NIC_PORT": "0", "NIC_ALLOW_INSECURE_LOOPBACK": "1"})
        config = with_free_port(config)
        async with open_node(config, password_cost=TEST_COST) as node:
            server = TestServer(node.application, port=config.port)
            await server.start_server()
            network = await _found(node.local)
            asking = await _members(node.local, network)
            seconds = await _issue(node.local, network, asking)
            reference = await _bare(node.local, network)
            await server.close()
    ours = seconds / N * 1e6
    return Result(
        name="issue-1000-members",
        ratio=round(ours / reference, 3),
        ours=round(ours, 1),
        reference=round(reference, 1),
        unit="us",
        better="lower",
        clock="wall",
        pairs=1,
        n=N,
    )


async def _found(node: LocalNode) -> Network:
    password_hash = await Passwords(TEST_COST).new_hash("seven green kites", email="ada@hub.example")
    async with node.database.writing() as session:
        link = await create_setup_link(session, now=node.clock())
    async with node.database.writing() as session:
        await complete_setup(
            session, token=link.token, name="Ada Field", email="ada@hub.example", school_name="Hub",
            password_hash=password_hash, after_setup=set_school_name, now=node.clock(),
        )  # fmt: skip
    founding = Founding(slug="hub", name="Hub", charter={"purpose": "Fewer absences."}, policy=POLICY)
    actor = Actor(person_id=1, name="Ada Field", kind="person")
    return await found_network(node, actor=actor, founding=founding, now=node.clock())


async def _members(node: LocalNode, network: Network) -> list[Asking]:
    """Admitted in the log, the epoch announced, each request blinded and signed."""
    keys = [(generate_private_jwk("ES256"), generate_private_jwk("Ed25519")) for _ in range(N)]
    async with node.database.writing() as session:
        for number, (federation, http) in enumerate(keys):
            session.add(_member(node, network, number, federation, http))
            await queue_member_leaf(
                session, operator_key=node.operator_key, network_id=network.id, entity=_entity(number),
                jkt=thumbprint(federation), from_state="applied", to_state="approved", now=node.clock(),
            )  # fmt: skip
    await _sequence(node, network)
    actor = Actor(person_id=1, name="Ada Field", kind="person")
    await announce_epoch(node, network_id=network.id, actor=actor, now=node.clock())
    await _sequence(node, network)
    async with node.database.reading() as session:
        record = (await session.scalars(select(EpochRecord))).one()
    issuer = public_key(record.payload["rsa_jwk"])
    asking = []
    for number, (federation, http) in enumerate(keys):
        message = message_to_blind(network.entity, record.number, thumbprint(http))
        blinded = blind(issuer, prepare(message, secrets.token_bytes(32)), random=secrets.token_bytes).message
        jws = build_issue_request(federation, network=network.entity, epoch=record.number, blinded_message=blinded)
        asking.append(Asking(RequestSigner(_entity(number), http), json.dumps({"jws": jws}).encode()))
    return asking


def _entity(number: int) -> str:
    return f"https://school-{number}.example"


def _member(node: LocalNode, network: Network, number: int, federation: Jwk, http: Jwk) -> Member:
    name = f"School {number}"
    return Member(
        network_id=network.id, public_id=f"m{number}", entity=_entity(number), jkt=thumbprint(federation), name=name,
        state="approved", keys={thumbprint(federation): public_jwk(federation)},
        http_keys={thumbprint(http): public_jwk(http)}, profile={"name": name, "level": "middle", "enrolment": 400},
        contact={"name": "Kim Reyes", "email": "office@school.example"}, policy_sha256="0" * 64,
        charter_sha256="0" * 64, applied_at=node.clock(), settled={},
    )  # fmt: skip


async def _sequence(node: LocalNode, network: Network) -> None:
    async with node.database.reading() as session:
        log = await log_of(session, network.id)
    await sequence_log(node, log.id, now=node.clock())


async def _issue(node: LocalNode, network: Network, asking: Sequence[Asking]) -> float:
    waiting = asyncio.Semaphore(AT_ONCE)
    url = f"{network.entity}/v1/epochs/1/blind-sign"
    # Whoever waits for a connection is not turned away, also on a busy machine.
    client = PeerClient(clock=node.clock, allow_insecure_loopback=True, total_seconds=60, connect_seconds=60)
    async with client:

        async def ask(one: Asking) -> None:
            async with waiting:
                await client.post(
                    url, body=one.body, body_type="application/json", content_type="application/json",
                    max_bytes=REQUEST_MAX_BYTES, signer=one.signer,
                )  # fmt: skip

        started = time.perf_counter()
        await asyncio.gather(*map(ask, asking))
        await _sequence(node, network)
        seconds = time.perf_counter() - started
    async with node.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(LogIssued)) == N
    return seconds


async def _bare(node: LocalNode, network: Network) -> float:
    """Microseconds of one blind signature with nothing around it."""
    async with node.database.reading() as session:
        record = (await session.scalars(select(EpochRecord))).one()
        kid = thumbprint(record.payload["rsa_jwk"])
        jwk = await load_private_jwk(session, operator_key=node.operator_key, entity_id=network.entity, kid=kid)
    private = private_key(jwk)
    blinded = blind(private.public, secrets.token_bytes(64), random=secrets.token_bytes).message
    started = time.perf_counter()
    for _ in range(REFERENCES):
        blind_sign(private, blinded, random=secrets.token_bytes)
    return (time.perf_counter() - started) / REFERENCES * 1e6
