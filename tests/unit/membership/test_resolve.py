"""From a leaf up to an anchor: chains of any length, found by following hints that anybody may write."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from federation.errors import FederationError, Unreachable, Untrusted
from nic_node.membership.resolve import Limits, Resolution, resolve_chain
from nic_node.peerhttp.client import PeerClient
from schemas.code import Code
from tests.fakes.served_federation import ServedEntity, ServedFederation
from tests.unit.federation.parties import NOW, Party


@pytest.fixture
async def served() -> AsyncIterator[ServedFederation]:
    async with ServedFederation().running() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[PeerClient]:
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True) as made:
        yield made


async def resolve(
    client: PeerClient, subject: ServedEntity, anchor: ServedEntity, limits: Limits | None = None
) -> Resolution:
    return await resolve_chain(
        client,
        subject.entity,
        anchors={anchor.entity: {anchor.party.jkt}},
        now=NOW,
        allow_insecure_loopback=True,
        limits=limits,
    )


async def refusal(
    client: PeerClient, subject: ServedEntity, anchor: ServedEntity, limits: Limits | None = None
) -> FederationError:
    with pytest.raises(FederationError) as caught:
        await resolve(client, subject, anchor, limits)
    return caught.value


def ladder(served: ServedFederation, superiors: int) -> tuple[ServedEntity, ServedEntity]:
    """(leaf, anchor) with the rest of `superiors` between them."""
    anchor = top = served.entity("anchor")
    for i in reversed(range(superiors - 1)):
        top = served.entity(f"between-{i}", top)
    return served.entity("leaf", top), anchor


@pytest.mark.parametrize("superiors", [1, 2, 3, 8])
async def test_a_chain_of_any_length_is_found(served: ServedFederation, client: PeerClient, superiors: int) -> None:
    leaf, anchor = ladder(served, superiors)
    resolution = await resolve(client, leaf, anchor)
    assert len(resolution.chain.path) == superiors + 1
    assert resolution.chain.path[0] == leaf.entity
    assert resolution.chain.anchor == anchor.entity
    assert len(resolution.statements) == superiors + 2
    assert set(served.asked.values()) == {1}, "nobody is asked the same twice"
    assert sum(served.asked.values()) == 2 * superiors + 1


async def test_an_anchor_is_its_own_chain(served: ServedFederation, client: PeerClient) -> None:
    anchor = served.entity("anchor")
    assert (await resolve(client, anchor, anchor)).chain.path == (anchor.entity,)


async def test_a_configuration_at_hand_is_not_fetched(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 2)
    own = leaf.configuration()
    resolution = await resolve_chain(
        client,
        leaf.entity,
        anchors={anchor.entity: {anchor.party.jkt}},
        now=NOW,
        configuration=own,
        allow_insecure_loopback=True,
    )
    assert resolution.statements[0] == own
    assert "leaf configuration" not in served.asked


async def test_the_shortest_of_several_ways_is_taken(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 3)
    ServedFederation.join(leaf, anchor)
    assert (await resolve(client, leaf, anchor)).chain.path == (leaf.entity, anchor.entity)


async def test_a_way_that_does_not_hold_gives_way_to_the_next(served: ServedFederation, client: PeerClient) -> None:
    """Below the same anchor: one district's policy conflicts, the other's does not."""
    anchor = served.entity("anchor")
    narrow, wide = served.entity("narrow", anchor), served.entity("wide", anchor)
    leaf = served.entity("leaf", narrow, wide)
    narrow.of[leaf.entity] = {
        "metadata_policy": {"federation_entity": {"organization_name": {"one_of": ["Somebody else"]}}}
    }
    assert (await resolve(client, leaf, anchor)).chain.path == (leaf.entity, wide.entity, anchor.entity)
    wide.of[leaf.entity] = narrow.of[leaf.entity]
    assert (await refusal(client, leaf, anchor)).code == Code.METADATA_POLICY_CONFLICT


async def test_loops_are_cut(served: ServedFederation, client: PeerClient) -> None:
    one, two = served.entity("one"), served.entity("two")
    ServedFederation.join(one, two)
    ServedFederation.join(two, one)
    leaf, anchor = served.entity("leaf", one), served.entity("anchor")
    assert (await refusal(client, leaf, anchor)).code == Code.ANCHOR_UNKNOWN
    assert set(served.asked.values()) == {1}
    ServedFederation.join(two, anchor)
    chain = (await resolve(client, leaf, anchor)).chain
    assert chain.path == (leaf.entity, one.entity, two.entity, anchor.entity)


async def test_the_way_is_bounded_in_depth_and_requests(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 4)
    assert (await refusal(client, leaf, anchor, Limits(superiors=3))).code == Code.CHAIN_TOO_LONG
    served.asked.clear()
    assert (await refusal(client, leaf, anchor, Limits(requests=5))).code == Code.CHAIN_TOO_LONG
    assert sum(served.asked.values()) == 5


async def test_entities_that_all_hint_at_each_other_cost_no_more_than_the_limit(
    served: ServedFederation, client: PeerClient
) -> None:
    crowd = [served.entity(f"crowd-{i}") for i in range(12)]
    for below in crowd:
        for above in crowd:
            if above is not below:
                ServedFederation.join(below, above)
    anchor = served.entity("anchor")
    refused = await refusal(client, crowd[0], anchor, Limits(requests=30))
    assert refused.code == Code.CHAIN_TOO_LONG
    assert sum(served.asked.values()) == 30


async def test_a_superior_that_never_answers_does_not_hold_up_for_long(
    served: ServedFederation, client: PeerClient
) -> None:
    silent = served.entity("silent")
    leaf, anchor = served.entity("leaf", silent), served.entity("anchor")

    async def wait(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    silent.answer = wait
    refused = await refusal(client, leaf, anchor, Limits(seconds=0.2))
    assert isinstance(refused, Unreachable)
    assert refused.code == Code.PEER_TIMED_OUT


async def test_who_can_not_be_reached_is_asked_again_later(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 2)

    async def busy(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    served.entities["between-0"].answer = busy
    assert isinstance(await refusal(client, leaf, anchor), Unreachable)
    other = served.entity("other", anchor)
    ServedFederation.join(leaf, other)
    assert (await resolve(client, leaf, anchor)).chain.path == (leaf.entity, other.entity, anchor.entity)


async def test_an_endpoint_keeps_its_own_query(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 1)
    anchor.endpoint = f"{anchor.entity}/federation/fetch?tenant=a"
    assert (await resolve(client, leaf, anchor)).chain.path == (leaf.entity, anchor.entity)


async def test_an_address_inside_that_somebody_hints_at_is_not_asked(
    served: ServedFederation, client: PeerClient
) -> None:
    leaf, anchor = served.entity("leaf"), served.entity("anchor")
    leaf.own = {"authority_hints": ["https://169.254.169.254", "https://10.0.0.1"]}
    assert (await refusal(client, leaf, anchor)).code == Code.ADDRESS_NOT_PUBLIC


def forge_the_superior_s_key(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    between.party = Party(between.entity)


def swap_the_leaf_s_key(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    between.of[leaf.entity] = {"keys": [Party(leaf.entity).public]}


def expire_the_intermediate(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    anchor.of[between.entity] = {"expires_at": NOW}


def expire_the_intermediate_s_configuration(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    between.own = {"expires_at": NOW}


def shorten_the_path(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    anchor.of[between.entity] = {"constraints": {"max_path_length": 0}}


def speak_of_another(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    between.of[leaf.entity] = {"subject": f"{leaf.entity}-2"}


def state_what_another_is(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    leaf.own = {"entity": f"{leaf.entity}-2"}


def vouch_no_more(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    anchor.vouches_for = {"nobody": leaf}


def take_the_endpoint_away(leaf: ServedEntity, between: ServedEntity, anchor: ServedEntity) -> None:
    between.vouches_for = {}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (forge_the_superior_s_key, Code.KEY_UNKNOWN),
        (swap_the_leaf_s_key, Code.KEY_UNKNOWN),
        (expire_the_intermediate, Code.STATEMENT_EXPIRED),
        (expire_the_intermediate_s_configuration, Code.STATEMENT_EXPIRED),
        (shorten_the_path, Code.CONSTRAINT_VIOLATED),
        (speak_of_another, Code.CHAIN_BROKEN),
        (state_what_another_is, Code.ISSUER_SUBJECT_MISMATCH),
        (vouch_no_more, Code.PEER_REFUSED),
        (take_the_endpoint_away, Code.METADATA_INVALID),
    ],
)
async def test_what_does_not_hold_is_refused_with_its_code(
    served: ServedFederation,
    client: PeerClient,
    spoil: Callable[[ServedEntity, ServedEntity, ServedEntity], None],
    code: Code,
) -> None:
    leaf, anchor = ladder(served, 2)
    between = served.entities["between-0"]
    anchors = {anchor.entity: {anchor.party.jkt}}
    known = between.party
    spoil(leaf, between, anchor)
    if between.party is not known:
        anchor.of[between.entity] = {"keys": [known.public]}
    with pytest.raises(Untrusted) as caught:
        await resolve_chain(client, leaf.entity, anchors=anchors, now=NOW, allow_insecure_loopback=True)
    assert caught.value.code == code


async def test_a_chain_expires_with_its_first_statement(served: ServedFederation, client: PeerClient) -> None:
    leaf, anchor = ladder(served, 3)
    soon = NOW + timedelta(minutes=7)
    anchor.of[served.entities["between-1"].entity] = {"expires_at": soon}
    assert (await resolve(client, leaf, anchor)).chain.expires_at == soon
