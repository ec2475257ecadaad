"""Requests that a network, or another member of it, signs to this school's node: who sent this, and may they?

How a member stands, and which federation key is its own, the mirrored log tells; its http keys are those of the
configuration that this key signed (membership/peers.py). The standing is read from the database for each request, the
keys are this process's copy of what the database holds at that moment, and nothing is fetched meanwhile: a `member`
leaf that suspends or ends acts with the transaction that mirrors it. A copy of the log that was not read to its end for
as long as a statement holds vouches for nobody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import SUBORDINATE_LIFETIME
from federation.errors import Untrusted
from federation.keys import FindKey
from federation.requests import split_key_id
from nic_node.membership.local import local_node
from nic_node.membership.peers import find_peer_keys, learn_soon
from nic_node.membership.read import READING_GOES_ON, current_memberships
from nic_node.membership.trusted import find_network_keys
from nic_node.mirror.epochs import newest_log
from nic_node.mirror.tables import MirrorMember
from nic_node.peerhttp.requests import claimed_entities, peer_request
from schemas.code import Code
from schemas.states import APPROVED, SUSPENDED

MEMBERS: Final = frozenset({APPROVED})
READERS: Final = frozenset({APPROVED, SUSPENDED})
"""Who is suspended may still read."""
VOUCHED_TO_READ: Final = SUBORDINATE_LIFETIME + READING_GOES_ON
"""For so long a copy of the log that was read to its end vouches for who reads; for who writes, while a statement
holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRequest:
    """A request that a network or an approved member signed, and its body.

    Attributes:
        networks: those of ours that the sender belongs to, or is.
    """

    entity_id: str
    networks: frozenset[str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the mirrored log of a network says of an entity; `is_known`: finally, by a fresh copy."""

    network: str
    jkt: str
    state: str
    is_known: bool

    def is_vouched(self, states: Collection[str] = MEMBERS) -> bool:
        return self.is_known and self.state in states


async def member_request(
    request: web.Request,
    *,
    max_bytes: int,
    network: str | None = None,
    within: timedelta = SUBORDINATE_LIFETIME,
    states: Collection[str] = MEMBERS,
) -> MemberRequest:
    """Verify the signature, and that a network or a member of it sent this.

    Args:
        network: only members of this one; else every network that this node belongs to, and members of any.
        within: how long ago the log may have been read to its end.
        states: how a member may stand.

    Raises:
        Untrusted: the codes of `peer_request`; MEMBER_SUSPENDED, MEMBERSHIP_ENDED. SIGNER_UNKNOWN also for a member
            whose keys are only being learned: it may send again in a minute.
    """
    node = local_node(request)
    now = node.clock()
    async with node.database.reading() as session:
        claimed = claimed_entities(request.headers) - {node.entity_id}
        standings = await standings_of(session, claimed, network=network, now=now, within=within)
        keys = {entity: _vouched_key(found, states) for entity, found in standings.items()}
        vouched = {entity: jkt for entity, jkt in keys.items() if jkt is not None}
        known = await find_peer_keys(node, session, vouched, now=now)
        of_networks = await find_network_keys(node, session) if network is None else _none_known
    try:
        sent = await peer_request(
            request,
            public_url=node.config.public_url,
            find_key=_find_key(of_networks, known, standings, states),
            nonces=node.nonces,
            throttle=node.throttle,
            now=now,
            max_bytes=max_bytes,
        )
    except Untrusted as error:
        if error.code is Code.SIGNER_UNKNOWN and vouched:
            await learn_soon(node, vouched)
        raise
    return MemberRequest(
        entity_id=sent.entity_id,
        networks=_networks_of(sent.entity_id, standings, states),
        body=sent.body,
    )


async def standings_of(
    session: AsyncSession,
    entities: Collection[str],
    *,
    network: str | None,
    now: datetime,
    within: timedelta = SUBORDINATE_LIFETIME,
) -> dict[str, list[Standing]]:
    """Entity -> how it stands in each of this node's networks (or in `network`) whose log tells of it."""
    found: dict[str, list[Standing]] = {}
    if not entities:
        return found
    for membership in await current_memberships(session):
        log = await newest_log(session, membership.network)
        if log is None or network not in (None, membership.network):
            continue
        is_fresh = log.current_at is not None and now < log.current_at + within
        told = select(MirrorMember).where(MirrorMember.log_id == log.id, MirrorMember.entity.in_(entities))
        for row in await session.scalars(told):
            is_known = row.leaf_index < log.final_size and is_fresh
            standing = Standing(network=membership.network, jkt=row.jkt, state=row.state, is_known=is_known)
            found.setdefault(row.entity, []).append(standing)
    return found


def _none_known(key_id: str) -> None:
    """Where members alone are let in."""


def _vouched_key(standings: Collection[Standing], let_in: Collection[str]) -> str | None:
    return next((standing.jkt for standing in standings if standing.is_vouched(let_in)), None)


def _find_key(
    of_networks: FindKey, known: FindKey, standings: Mapping[str, Collection[Standing]], let_in: Collection[str]
) -> FindKey:
    """As `peer_request` asks for it; whom the log suspends or ends is refused in the place of its key."""

    def find(key_id: str) -> Mapping[str, Any] | None:
        if (jwk := of_networks(key_id)) is not None:
            return jwk
        states = {standing.state for standing in standings.get(split_key_id(key_id)[0], ())}
        if states and states.isdisjoint(let_in):
            raise _not_let_in(states)
        return known(key_id)

    return find


def _not_let_in(states: Collection[str]) -> Untrusted:
    if SUSPENDED in states:
        return Untrusted(Code.MEMBER_SUSPENDED, "The membership of this school is suspended: other members refuse it.")
    return Untrusted(Code.MEMBERSHIP_ENDED, "The membership of this school has ended.")


def _networks_of(entity: str, standings: Mapping[str, Collection[Standing]], let_in: Collection[str]) -> frozenset[str]:
    belongs = {standing.network for standing in standings.get(entity, ()) if standing.is_vouched(let_in)}
    return frozenset(belongs or {entity})
