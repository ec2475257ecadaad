"""A school's side of its memberships, on both databases: nothing typed is lost, nothing is written twice."""

import asyncio
import json
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.errors import Unreachable
from federation.keys import generate_private_jwk, public_jwk, thumbprint
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import audit_entries
from nic_node.accounts.tables import Person
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.errors import Conflict, InvalidInput
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.tables import KeyRow
from nic_node.membership.documents import document_of
from nic_node.membership.ending import ending_terms
from nic_node.membership.follow import _keep_status, check_membership
from nic_node.membership.join import CHECK, Acceptance, apply
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import Offer
from nic_node.membership.read import (
    READING_GOES_ON,
    current_memberships,
    is_reading_allowed,
    is_writing_allowed,
    membership_in,
    membership_of,
    pins_of,
)
from nic_node.membership.start import prepare_membership
from nic_node.membership.tables import MembershipRow
from nic_node.membership.tell import confirm, leave
from nic_node.network.found import charter_document, policy_document
from nic_node.peerhttp.answers import PeerAnswer, PeerRefused
from nic_node.peerhttp.nonces import NonceStore
from nic_node.school.profile.tables import SchoolProfile
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.code import Code
from tests.conftest import TestClock

NETWORK = "https://hub.example/net/hub"
ADA = Actor(person_id=1, name="Ada Field", kind="person")
CONTACT = {"name": "Noor Haddad", "email": "office@school.example", "role": "", "phone": ""}
LEAF = public_jwk(generate_private_jwk("Ed25519"))


class Network:
    """Answers what it was told to; counts what it was sent."""

    def __init__(self, answer: PeerAnswer | Exception) -> None:
        self.answer = answer
        self.sent: list[bytes] = []

    async def post(self, url: str, *, body: bytes, **rest: Any) -> PeerAnswer:
        assert url == f"{NETWORK}/v1/applications"
        self.sent.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


TAKEN = PeerAnswer(202, "application/json", b'{"id":"app-1","state":"applied"}')
DOWN = Unreachable(Code.PEER_UNREACHABLE, "hub.example can't be reached or hung up. It is asked again later.")


def refused(code: Code) -> PeerRefused:
    return PeerRefused("hub.example refused.", status=409, problem={"code": code.value})


def offer(clock: TestClock) -> Offer:
    policy, charter = policy_document(NETWORK, 1, {}), charter_document(NETWORK, 1, "The hub", {"purpose": "Together."})
    contents = {sha256_hex(canonical_bytes(document)): canonical_bytes(document) for document in (policy, charter)}
    policy_sha256, charter_sha256 = contents
    return Offer(
        network=NETWORK,
        name="The hub",
        token="token",
        expires_at=clock() + timedelta(days=1),
        pinned=("A" * 43,),
        signed_by="A" * 43,
        metadata={
            "generation": 1,
            "log_url": f"{NETWORK}/log/1",
            "log_origin": "hub.example/net/hub/log/1",
            "log_key": "key",
            "leaf_jwk": LEAF,
            "policy_sha256": policy_sha256,
            "charter_sha256": charter_sha256,
        },
        endpoints={},
        policy=policy,
        charter=charter,
        contents=contents,
    )


@pytest.fixture
async def node(database: Database, clock: TestClock, tmp_path: Path) -> LocalNode:
    local = LocalNode(
        config=read_config(tmp_path, {"NIC_PUBLIC_URL": "https://school.example"}),
        database=database,
        operator_key=OperatorKey(bytes(range(32))),
        client=Network(TAKEN),  # type: ignore[arg-type]  # the one method that is called
        nonces=NonceStore(database),
        clock=clock,
        random_bytes=secrets.token_bytes,
        wake=lambda: None,
    )
    async with database.writing() as session:
        session.add(Person(name="Ada Field", email="a@b.c", email_key="a@b.c", created_at=clock(), updated_at=clock()))
        session.add(SchoolProfile(name="Rivermouth School", level="middle", low_grade="PK", updated_at=clock()))
    await prepare_membership(local)
    return local


async def apply_it(node: LocalNode, **contact: str) -> int:
    offered = offer(node.clock)  # type: ignore[arg-type]  # a test's clock
    acceptance = Acceptance(
        policy_sha256=offered.policy_sha256,
        charter_sha256=offered.charter_sha256,
        contact={**CONTACT, **contact},
    )
    return await apply(node, actor=ADA, offer=offered, acceptance=acceptance, now=node.clock())


def answering(node: LocalNode, answer: PeerAnswer | Exception) -> LocalNode:
    return replace(node, client=Network(answer))  # type: ignore[arg-type]  # as above


async def count_rows(node: LocalNode) -> int:
    async with node.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(MembershipRow)) or 0


async def test_an_application_is_kept_sent_and_followed(node: LocalNode) -> None:
    membership_id = await apply_it(node)
    async with node.database.reading() as session:
        membership = await membership_of(session, membership_id)
        assert (membership.state, membership.application_id) == ("applied", "app-1")
        assert await membership_in(session, NETWORK) == membership
        assert await current_memberships(session) == []
        assert (await document_of(session, membership.policy_sha256) or {})["kind"] == "policy"
        assert await session.scalar(select(Job.kind).where(Job.key == str(membership_id))) == CHECK
        row = await session.get(MembershipRow, membership_id)
        assert row is not None
        assert row.profile == {"name": "Rivermouth School", "level": "middle", "low_grade": "pk"}
    assert pins_of(membership).leaf_jkt == thumbprint(LEAF)


async def test_two_applications_at_once_are_one(node: LocalNode) -> None:
    results = await asyncio.gather(*(apply_it(node) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, int) for result in results) == 1
    assert all(isinstance(result, int | Conflict) for result in results)
    assert await count_rows(node) == 1


async def test_a_network_that_is_down_loses_nothing(node: LocalNode) -> None:
    membership_id = await apply_it(answering(node, DOWN))
    async with node.database.reading() as session:
        assert (await membership_of(session, membership_id)).state == "sending"
    with pytest.raises(Conflict):
        await apply_it(node)


async def test_a_refusal_is_told_in_our_words_and_another_try_is_open(node: LocalNode) -> None:
    with pytest.raises(InvalidInput) as caught:
        await apply_it(answering(node, refused(Code.INVITATION_USED)))
    assert caught.value.fields == {"": ["The invitation was used already. Ask the coordinator for a new link."]}
    async with node.database.reading() as session:
        membership = await membership_in(session, NETWORK)
    assert membership is not None
    assert membership.state == "refused"
    assert await apply_it(node) == membership.id
    assert await count_rows(node) == 1


async def test_what_a_network_answers_is_checked(node: LocalNode) -> None:
    with pytest.raises(InvalidInput):
        await apply_it(answering(node, PeerAnswer(202, "application/json", json.dumps({"id": 7}).encode())))


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("email", ""), ("email", "nobody")])
async def test_a_contact_is_somebody(node: LocalNode, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await apply_it(node, **{field: value})
    assert list(caught.value.fields) == [f"contact_{field}"]
    assert await count_rows(node) == 0


async def test_a_profile_says_which_level(node: LocalNode) -> None:
    async with node.database.writing() as session:
        profile = await session.get(SchoolProfile, 1)
        assert profile is not None
        profile.level = None
    with pytest.raises(InvalidInput) as caught:
        await apply_it(node)
    assert list(caught.value.fields) == ["profile"]


async def test_writing_stops_when_the_word_runs_out_and_reading_72_hours_later(
    node: LocalNode, clock: TestClock
) -> None:
    membership_id = await apply_it(node)
    end = clock() + timedelta(hours=24)
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id)
        assert row is not None
        row.state, row.chain_expires_at = "approved", end
    async with node.database.reading() as session:
        (membership,) = await current_memberships(session)
    assert is_writing_allowed(membership, end - timedelta(seconds=1))
    assert not is_writing_allowed(membership, end)
    assert is_reading_allowed(membership, end + READING_GOES_ON - timedelta(seconds=1))
    assert not is_reading_allowed(membership, end + READING_GOES_ON)


async def test_keys_are_made_once(node: LocalNode) -> None:
    counted = select(func.count()).select_from(KeyRow)
    await prepare_membership(node)
    async with node.database.reading() as session:
        assert await session.scalar(counted) == 3


async def test_a_code_confirmed_while_the_network_answers_stays_confirmed(node: LocalNode) -> None:
    membership_id = await apply_it(answering(node, TAKEN))
    told = {"state": "applied", "version": 1, "confirmed": False, "moves": []}
    async with node.database.writing() as session:
        row = await session.get_one(MembershipRow, membership_id)
        asked_at_version = row.version
        row.confirmed = True
    await _keep_status(node, membership_id, told, asked_at_version=asked_at_version)
    async with node.database.reading() as session:
        assert (await membership_of(session, membership_id)).confirmed
        now_at_version = (await session.get_one(MembershipRow, membership_id)).version
    await _keep_status(node, membership_id, told, asked_at_version=now_at_version)
    async with node.database.reading() as session:
        assert not (await membership_of(session, membership_id)).confirmed


class HeldNetwork(Network):
    """Keeps its answer back until it is let go."""

    def __init__(self, answer: PeerAnswer) -> None:
        super().__init__(answer)
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def post(self, url: str, **rest: Any) -> PeerAnswer:
        return await self.get(url)

    async def get(self, url: str, **rest: Any) -> PeerAnswer:
        self.asked.set()
        await self.go.wait()
        assert isinstance(self.answer, PeerAnswer)
        return self.answer


def told(state: str) -> PeerAnswer:
    move = {"to": state, "at": 1_790_000_000, "reason": "other"}
    status = {"id": "app-1", "state": state, "version": 2, "confirmed": False, "moves": [move]}
    return PeerAnswer(200, "application/json", json.dumps(status).encode())


def verb(
    name: str, node: LocalNode, membership_id: int, answer: PeerAnswer
) -> tuple[HeldNetwork, Coroutine[Any, Any, Any]]:
    network = HeldNetwork(answer)
    at = replace(node, client=network)  # type: ignore[arg-type]  # as above
    who = {"actor": ADA, "membership_id": membership_id, "now": node.clock()}
    verbs: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "check": lambda: check_membership(at, membership_id),
        "confirm": lambda: confirm(at, code="KX4M-9TPA", **who),
        "leave": lambda: leave(at, **who),
    }
    return network, verbs[name]()


DONE = PeerAnswer(204, "", b"")
MEETINGS = [
    ("check", told("applied"), "confirm", DONE, ("applied", True, [])),
    ("confirm", DONE, "check", told("rejected"), ("rejected", True, ["membership.confirmed"])),
    ("confirm", DONE, "confirm", DONE, ("applied", True, ["membership.confirmed"])),
    ("check", told("applied"), "leave", DONE, ("applied", False, [])),
    ("leave", DONE, "check", told("revoked"), ("revoked", False, ["membership.left"])),
    ("leave", DONE, "confirm", DONE, ("applied", True, ["membership.left"])),
    ("leave", DONE, "leave", DONE, ("applied", False, ["membership.left"])),
]


@pytest.mark.parametrize(("first", "answer", "rival", "rivals_answer", "then"), MEETINGS)
async def test_what_comes_while_the_network_answers_is_not_undone(
    node: LocalNode, first: str, answer: PeerAnswer, rival: str, rivals_answer: PeerAnswer, then: tuple[str, bool, list]
) -> None:
    """The rival is asked, answered and written while the first one's answer is on its way."""
    membership_id = await apply_it(node)
    slow, waiting = verb(first, node, membership_id, answer)
    running = asyncio.create_task(waiting)
    await slow.asked.wait()
    quick, other = verb(rival, node, membership_id, rivals_answer)
    quick.go.set()
    assert await other is not False, "the rival's check went well"
    slow.go.set()
    assert await running is not False, "the first one's check went well"
    state, is_confirmed, last_audited = then
    async with node.database.reading() as session:
        membership = await membership_of(session, membership_id)
        audited = [entry.action for entry in await audit_entries(session, after=None, limit=1)]
        jobs = await session.scalar(select(func.count()).select_from(Job).where(Job.kind == CHECK))
    assert (membership.state, membership.confirmed) == (state, is_confirmed)
    assert jobs == 1
    if last_audited:
        assert audited == last_audited


async def test_a_term_that_ends_within_60_days_is_told_of(node: LocalNode) -> None:
    membership_id, now = await apply_it(node), node.clock()
    for state, days, renewal, expected in (
        ("approved", 61, None, []),
        ("approved", 60, None, [False]),
        ("approved", 3, {"opens": 1}, [False]),
        ("approved", 3, {"opens": 1, "asked": 2}, [True]),
        ("suspended", 3, None, []),
    ):
        async with node.database.writing() as session:
            row = await session.get(MembershipRow, membership_id)
            assert row is not None
            row.state, row.expires_at, row.renewal = state, now + timedelta(days=days), renewal
        async with node.database.reading() as session:
            assert [term.is_asked for term in await ending_terms(session, now=now)] == expected


async def test_who_is_suspended_and_cut_off_reads_for_72_hours_from_the_last_word(
    node: LocalNode, clock: TestClock
) -> None:
    membership_id = await apply_it(answering(node, TAKEN))
    told = {"state": "suspended", "version": 1, "confirmed": True, "moves": []}

    async def hear() -> None:
        await _keep_status(node, membership_id, told, asked_at_version=0)

    async def reads() -> bool:
        async with node.database.reading() as session:
            return is_reading_allowed(await membership_of(session, membership_id), clock())

    async def version() -> int:
        async with node.database.reading() as session:
            return (await session.get_one(MembershipRow, membership_id)).version

    await hear()
    heard_at, before = clock(), await version()
    clock.forward(minutes=1)
    await hear()
    assert await version() == before, "asking again is no write each time"
    clock.forward(seconds=(heard_at + READING_GOES_ON - clock()).total_seconds() - 1)
    assert await reads()
    clock.forward(seconds=1)
    assert not await reads()
    await hear()
    assert await reads(), "coming back heals by itself"
    told["state"] = "approved"
    await hear()
    async with node.database.reading() as session:
        assert (await session.get_one(MembershipRow, membership_id)).suspended_heard_at is None
