"""Requests that schools sign to the network: who sent this, and may they?

Keys are those that the network keeps of its members, as this process holds them in memory; how a member stands, and
whether the copy is still right, the database says for each request. So a suspension acts at once in every process.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.keys import FindKey
from nic_node.membership.local import LocalNode, local_node
from nic_node.network.members import member_by_entity
from nic_node.network.read import network_by_slug
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.requests import claimed_entities, peer_request
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
        find_key = await find_member_keys(node, session, network.id, claimed_entities(request.headers))
    sent = await peer_request(
        request,
        public_url=node.config.public_url,
        find_key=find_key,
        nonces=node.nonces,
        throttle=node.throttle,
        now=now,
        max_bytes=max_bytes,
    )
    async with node.database.reading() as session:
        member = await member_by_entity(session, network.id, sent.entity_id)
    if member is None or member.state not in states or (member.is_network and not of_networks):
        raise _not_let_in(member)
    await _note_seen(request, member, now)
    return MemberRequest(network=network, member=member, body=sent.body)


async def find_member_keys(
    node: LocalNode, session: AsyncSession, network_id: int, entities: Collection[str]
) -> FindKey:
    """Key id -> http key, of these entities as the network knows them, in whatever state."""
    here = (Member.network_id == network_id, Member.entity.in_(entities))
    versions = dict((await session.execute(select(Member.entity, Member.version).where(*here))).all())

    async def load(missing: Collection[str]) -> Mapping[str, Any]:
        chosen = select(Member.entity, Member.http_keys).where(*here, Member.entity.in_(missing))
        return dict((await session.execute(chosen)).all())

    return await node.keys.find_key(("members", network_id), versions, load)


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
