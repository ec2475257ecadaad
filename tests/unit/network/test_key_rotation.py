"""Keys change hands between two running nodes: each goes on, and nobody follows a key that no known one presents."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.entities import build_entity_configuration
from federation.errors import Untrusted
from federation.jws import peek_jws, verify_jws
from federation.keys import build_jwks, generate_private_jwk, public_jwk
from nic_node.keyring.keys import load_private_jwk
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, OVERLAP, KeyState, key_views
from nic_node.membership.configuration import own_configuration
from nic_node.membership.follow import check_membership
from nic_node.membership.read import is_writing_allowed, membership_of
from nic_node.membership.rotate import own_keys, rotate_own_key
from nic_node.membership.tables import MembershipRow
from nic_node.network.log.tables import LogMember
from nic_node.network.member_keys import take_keys
from nic_node.network.members import member_by_entity, member_of
from nic_node.network.rotate import rotate_network_key
from nic_node.network.statements import historical_key_set, subordinate_statement
from nic_node.network.tables import Member, Network
from schemas.code import Code
from schemas.entity import HISTORICAL_KEYS_TYP
from tests.conftest import TestClock
from tests.unit.network.people_stage import StagedNode, found
from tests.unit.network.test_people_join import approve_fully, join

DAY = timedelta(days=1)


async def joined(coordinator: StagedNode, school: StagedNode) -> tuple[Network, int, int]:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    async with coordinator.database.reading() as session:
        network = await session.get(Network, network_id)
    assert network is not None
    return network, membership_id, member_id


async def kid_in_use(node: StagedNode, entity: str, purpose: KeyPurpose) -> str:
    async with node.database.reading() as session:
        views = await key_views(session, entity_id=entity, now=node.clock())
    return next(view.kid for view in views if view.purpose == purpose and view.state is KeyState.USED)


async def passes_day_by_day(days: int, clock: TestClock, school: StagedNode, membership_id: int) -> None:
    for _ in range(days):
        clock.forward(days=1)
        assert await check_membership(school.local, membership_id)


@pytest.mark.parametrize("purpose", [KeyPurpose.FEDERATION, KeyPurpose.HTTP])
async def test_a_network_rotates_and_its_member_goes_on(
    coordinator: StagedNode, school: StagedNode, clock: TestClock, purpose: KeyPurpose
) -> None:
    network, membership_id, _ = await joined(coordinator, school)
    old = await kid_in_use(coordinator, network.entity, purpose)
    made = await rotate_network_key(
        coordinator.local, network_id=network.id, actor=await coordinator.actor(), purpose=purpose, now=clock()
    )
    await passes_day_by_day(LEAD.days + 1, clock, school, membership_id)
    assert await kid_in_use(coordinator, network.entity, purpose) == made.kid
    async with school.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
    assert row is not None
    kids = (
        row.pinned if purpose is KeyPurpose.FEDERATION else [key["kid"] for key in row.network_metadata["jwks"]["keys"]]
    )
    assert set(kids) == {old, made.kid}
    await passes_day_by_day(OVERLAP.days, clock, school, membership_id)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert is_writing_allowed(membership, clock())


async def test_the_old_key_is_historical(coordinator: StagedNode, school: StagedNode, clock: TestClock) -> None:
    network, _, _ = await joined(coordinator, school)
    old = await kid_in_use(coordinator, network.entity, KeyPurpose.FEDERATION)
    await rotate_network_key(
        coordinator.local,
        network_id=network.id,
        actor=await coordinator.actor(),
        purpose=KeyPurpose.FEDERATION,
        now=clock(),
    )
    clock.forward(days=(LEAD + OVERLAP).days + 1)
    async with coordinator.database.reading() as session:
        token = await historical_key_set(coordinator.local, session, network)
        private = await load_private_jwk(
            session,
            operator_key=coordinator.local.operator_key,
            entity_id=network.entity,
            kid=peek_jws(token, typ=HISTORICAL_KEYS_TYP, max_bytes=65_536).kid,
        )
    keys = {key["kid"]: key for key in build_jwks([private])["keys"]}
    told = verify_jws(token, keys.get, typ=HISTORICAL_KEYS_TYP, max_bytes=65_536).payload
    assert [(key["kid"], key["revoked"]["reason"]) for key in told["keys"]] == [(old, "superseded")]


async def test_a_member_rotates_and_the_log_names_its_new_key(
    coordinator: StagedNode, school: StagedNode, clock: TestClock
) -> None:
    network, membership_id, _ = await joined(coordinator, school)
    old = await kid_in_use(school, school.local.entity_id, KeyPurpose.FEDERATION)
    new = (
        await rotate_own_key(school.local, actor=await school.actor(), purpose=KeyPurpose.FEDERATION, now=clock())
    ).kid
    await rotate_own_key(school.local, actor=await school.actor(), purpose=KeyPurpose.HTTP, now=clock())
    assert await check_membership(school.local, membership_id)
    assert await stated(coordinator, network, school) == {old, new}
    assert await logged_key(coordinator, school) == old
    await passes_day_by_day(LEAD.days + 1, clock, school, membership_id)
    assert await logged_key(coordinator, school) == new
    await passes_day_by_day(OVERLAP.days, clock, school, membership_id)
    assert await stated(coordinator, network, school) == {new}
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert is_writing_allowed(membership, clock())
    assert membership.problem == ""


async def test_a_network_that_was_down_learns_of_the_key_when_it_is_back(
    coordinator: StagedNode, school: StagedNode, clock: TestClock
) -> None:
    network, membership_id, _ = await joined(coordinator, school)
    port = coordinator.server.port
    assert port is not None
    await coordinator.server.close()
    for purpose in (KeyPurpose.FEDERATION, KeyPurpose.HTTP):
        await rotate_own_key(school.local, actor=await school.actor(), purpose=purpose, now=clock())
    clock.forward(days=LEAD.days + 2)
    assert not await check_membership(school.local, membership_id)
    await coordinator.listen_again(port)
    assert await check_membership(school.local, membership_id)
    new = await kid_in_use(school, school.local.entity_id, KeyPurpose.FEDERATION)
    assert await logged_key(coordinator, school) == new
    assert new in await stated(coordinator, network, school)


async def stated(coordinator: StagedNode, network: Network, school: StagedNode) -> set[str]:
    """The member's keys in the network's statement about it."""
    async with coordinator.database.reading() as session:
        token = await subordinate_statement(coordinator.local, session, network, school.local.entity_id)
    assert token is not None
    payload = peek_jws(token, typ="entity-statement+jwt", max_bytes=65_536, extra_header_names=None).payload
    return {key["kid"] for key in payload["jwks"]["keys"]}


async def logged_key(coordinator: StagedNode, school: StagedNode) -> str:
    await coordinator.work()
    async with coordinator.database.reading() as session:
        row = await session.scalar(select(LogMember).where(LogMember.entity == school.local.entity_id))
    assert row is not None
    return row.jkt


async def refused_keys(coordinator: StagedNode, network: Network, member_id: int, token: str) -> Code:
    with pytest.raises(Untrusted) as caught:
        async with coordinator.database.writing() as session:
            member = await member_of(session, network.id, member_id, for_update=True)
            await take_keys(session, coordinator.local, member=member, token=token, now=coordinator.clock())
    return caught.value.code


async def test_keys_are_taken_from_a_known_key_only(
    coordinator: StagedNode, school: StagedNode, clock: TestClock
) -> None:
    network, membership_id, member_id = await joined(coordinator, school)
    stranger, http = generate_private_jwk("ES256"), generate_private_jwk("Ed25519")

    def configuration(**changes: object) -> str:
        values: dict = {
            "entity": school.local.entity_id,
            "keys": [public_jwk(stranger)],
            "metadata": {"nic_node": {"jwks": build_jwks([public_jwk(http)]), "versions": [1]}},
            "issued_at": clock(),
            "expires_at": clock() + DAY,
        }
        return build_entity_configuration(stranger, **(values | changes))

    assert await refused_keys(coordinator, network, member_id, configuration()) is Code.KEY_NOT_PINNED

    async with school.database.reading() as session:
        earlier = await own_configuration(school.local, session)
    clock.forward(hours=1)
    await rotate_own_key(school.local, actor=await school.actor(), purpose=KeyPurpose.HTTP, now=clock())
    assert await check_membership(school.local, membership_id)
    assert await refused_keys(coordinator, network, member_id, earlier) is Code.STATEMENT_EXPIRED
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, network.id, school.local.entity_id)
    assert isinstance(member, Member)
    assert len(member.http_keys) == 2


async def test_the_pages_publish_a_new_key(coordinator: StagedNode, clock: TestClock) -> None:
    network = await found(coordinator)
    browser = await coordinator.signed_in()
    for path in ("/node/keys", f"/network/{network.id}/keys"):
        page = await browser.get(path)
        assert "no end planned" in await page.text()
        answer = await browser.send(path, {"purpose": "federation", "days": "7"})
        assert answer.status == 303
        assert "published, takes over soon" in await (await browser.get(path)).text()
        again = await browser.send(path, {"purpose": "federation", "days": "7"})
        assert again.status == 409
        wrong = await browser.send(path, {"purpose": "log", "days": "500"})
        assert wrong.status == 422
        assert "Between 1 and 90 days" in await wrong.text()
    states = {view.state for view in await own_keys(coordinator.local)}
    assert states == {KeyState.USED, KeyState.AHEAD}


async def test_the_same_by_api(coordinator: StagedNode) -> None:
    network = await found(coordinator)
    browser = await coordinator.signed_in()
    for path in ("/node/keys", f"/networks/{network.id}/keys"):
        answer = await browser.call("POST", path, {"purpose": "http", "days": 1})
        assert answer.status == 201
        listed = (await (await browser.call("GET", path)).json())["items"]
        assert [key["state"] for key in listed if key["purpose"] == "http"] == ["ahead", "used"]
        assert not any({"d", "private_jwk"} & key.keys() for key in listed)
        assert (await browser.call("POST", path, {"purpose": "http"})).status == 409
    refused = await browser.call("POST", f"/networks/{network.id}/keys", {"purpose": "log"})
    assert refused.status == 422
    assert "nic network recover" in await refused.text()
