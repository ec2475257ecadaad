"""Requests that schools sign to the network: who sent this, and may they?

Keys are those that the network keeps of its members: nothing is fetched while a request is being verified. They are
read from the database for each request, so that a suspension acts at once in every process.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.keys import FindKey, Jwk
from federation.requests import build_key_id, split_key_id
from nic_node.membership.local import local_node
from nic_node.network.members import member_by_entity
from nic_node.network.read import network_by_slug
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.requests import claimed_key_ids, peer_request
from schemas.code import Code
from schemas.states import APPLIED, APPROVED, EXPIRED, LEFT, REVOKED, SUSPENDED

MEMBERS: Final = frozenset({APPROVED})
READERS: Final = frozenset({APPROVED, SUSPENDED})
"""A suspended member may still read and retract."""
SEEN_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRequest:
    """A request that a member of the network signed, and its body."""

    network: Network
    member: Member
    body: bytes


async def member_request(
    request: web.Request, *, slug: str, max_bytes: int, states: Collection[str] = MEMBERS, of_networks: bool = False
) -> MemberRequest:
    """Verify the signature by the keys that the network keeps, and that the sender is in one of `states`.

    Networks below this one are heard where `of_networks` says so: about their own membership, and nothing else.

    Raises:
        NotFound: no such network.
        Untrusted: the codes of `peer_request`; NOT_A_MEMBER, MEMBER_SUSPENDED, MEMBERSHIP_ENDED.
    """
    node = local_node(request)
    now = node.clock()
    async with node.database.reading() as session:
        network = await network_by_slug(session, slug)
        find_key = await load_find_key(session, network.id, claimed_key_ids(request.headers))
    sent = await peer_request(
        request,
        public_url=node.config.public_url,
        find_key=find_key,
        nonces=node.nonces,
        now=now,
        max_bytes=max_bytes,
    )
    async with node.database.reading() as session:
        member = await member_by_entity(session, network.id, sent.entity_id)
    if member is None or member.state not in states or (member.is_network and not of_networks):
        raise _not_let_in(member)
    await _note_seen(request, member, now)
    return MemberRequest(network=network, member=member, body=sent.body)


async def load_find_key(session: AsyncSession, network_id: int, key_ids: Collection[str]) -> FindKey:
    """The http keys that the network keeps under these key ids."""
    entities = set()
    for key_id in key_ids:
        try:
            entities.add(split_key_id(key_id)[0])
        except Untrusted:
            continue  # it names no entity, so there is no key under it
    chosen = select(Member.entity, Member.http_keys).where(Member.network_id == network_id, Member.entity.in_(entities))
    found: dict[str, Jwk] = {}
    for entity, http_keys in await session.execute(chosen):
        found |= {build_key_id(entity, kid): jwk for kid, jwk in http_keys.items()}
    return found.get


def _not_let_in(member: Member | None) -> Untrusted:
    state = member.state if member is not None and not member.is_network else ""
    if state == APPLIED:
        return Untrusted(Code.NOT_A_MEMBER, "The application of this school has not been decided yet.")
    if state == SUSPENDED:
        return Untrusted(Code.MEMBER_SUSPENDED, "The membership of this school is suspended: it may read and retract.")
    if state in (REVOKED, LEFT, EXPIRED):
        return Untrusted(Code.MEMBERSHIP_ENDED, "The membership of this school has ended.")
    return Untrusted(Code.NOT_A_MEMBER, "This school is not a member of the network.")


async def _note_seen(request: web.Request, member: Member, now: datetime) -> None:
    """Health shows when a node was last heard of; written once a minute at most, and past the row's version."""
    if member.last_seen_at is not None and now - member.last_seen_at < SEEN_AGAIN:
        return
    async with local_node(request).database.writing() as session:
        await session.execute(update(Member).where(Member.id == member.id).values(last_seen_at=now))
