"""Schools of other networks that read here, because the policy of a network above both says so.

    school -> its network -> the superior that both belong under, whose keys we hold to

Requests are verified by keys of chains that were validated before; nothing is fetched meanwhile. Whoever knocks for
the first time is refused as an unknown signer and looked up by a job, so that a second knock finds its key here.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.errors import Unreachable, Untrusted
from federation.keys import FindKey, read_jwks
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Job, enqueue
from nic_node.membership.local import LocalNode, local_node
from nic_node.membership.resolve import Resolution, resolve_chain
from nic_node.network.above.read import reading_superiors
from nic_node.network.above.tables import NetworkReader
from nic_node.network.read import network_by_slug, network_of
from nic_node.network.requests import READERS, member_request
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.requests import claimed_entities, peer_request
from schemas.code import Code
from schemas.membership import SCHOOL_TYPE
from schemas.states import APPROVED, REVOKED, SUSPENDED

RESOLVE: Final = "network.resolve_reader"
ASK_AGAIN: Final = timedelta(minutes=10)
"""How often a chain is validated anew while its school reads, and how long a refused one waits for the next look."""
SEEN_LATELY: Final = timedelta(days=2)
FORGET_AFTER: Final = timedelta(days=30)
MOST_WAITING: Final = 50
"""Lookups that may wait at once: who knocks names an address that this node then asks."""
REFRESHED_A_RUN: Final = 100
LONGEST_ENTITY: Final = 180
"""With the network's number before it, it fits into a job's key."""
SEEN_AGAIN: Final = timedelta(minutes=1)
SCHOOL_NETWORK_SUPERIOR: Final = 3
OWN_WORD: Final = frozenset({APPROVED, SUSPENDED, REVOKED})
"""Of schools in these states the network has decided itself; no other network's word counts."""


async def reading_request(request: web.Request, *, slug: str) -> None:
    """A request to read, signed by a member, or by a member of another network that may read here.

    Raises:
        NotFound: no such network.
        Untrusted: the codes of `member_request`; SIGNER_UNKNOWN, also the first time that somebody knocks;
            STATEMENT_EXPIRED, NOT_A_MEMBER: the chain has run out, or no policy above lets it read any more.
    """
    node = local_node(request)
    now = node.clock()
    entities = claimed_entities(request.headers)
    async with node.database.reading() as session:
        network = await network_by_slug(session, slug)
        state = await _state_here(session, network.id, entities)
        find_key = await _find_reader_keys(node, session, network.id, entities)
    try:
        if state is not None:
            await member_request(request, slug=slug, max_bytes=0, states=READERS)
            return
        sent = await peer_request(
            request,
            public_url=node.config.public_url,
            find_key=find_key,
            nonces=node.nonces,
            throttle=node.throttle,
            now=now,
            max_bytes=0,
        )
    except Untrusted as error:
        if error.code is Code.SIGNER_UNKNOWN or state not in (None, *OWN_WORD):
            await _look_up_later(node, network.id, entities, now)
        raise
    await _verify_let_in(node, network.id, sent.entity_id, now)


async def _state_here(session: AsyncSession, network_id: int, entities: Collection[str]) -> str | None:
    """The state in which the network knows one of these; None where another network's word may count for it."""
    chosen = select(Member.entity, Member.state).where(Member.network_id == network_id, Member.entity.in_(entities))
    for entity, state in (await session.execute(chosen)).all():
        if state in OWN_WORD or await _reader(session, network_id, entity) is None:
            return str(state)
    return None


async def _find_reader_keys(
    node: LocalNode, session: AsyncSession, network_id: int, entities: Collection[str]
) -> FindKey:
    here = (NetworkReader.network_id == network_id, NetworkReader.entity.in_(entities))
    # Whatever a lookup finds is written with its time and the end of its chain.
    seen = select(NetworkReader.entity, NetworkReader.checked_at, NetworkReader.expires_at, NetworkReader.code)
    versions = {entity: tuple(version) for entity, *version in await session.execute(seen.where(*here))}

    async def load(missing: Collection[str]) -> Mapping[str, Any]:
        chosen = select(NetworkReader.entity, NetworkReader.http_keys).where(*here, NetworkReader.entity.in_(missing))
        return dict((await session.execute(chosen)).all())

    return await node.keys.find_key(("readers", network_id), versions, load)


async def _verify_let_in(node: LocalNode, network_id: int, entity: str, now: datetime) -> None:
    async with node.database.reading() as session:
        reader = await _reader(session, network_id, entity)
        above = {superior.entity for superior in await reading_superiors(session, network_id, now)}
    if reader is None or reader.superior not in above:
        raise Untrusted(Code.NOT_A_MEMBER, "No network above lets schools of other networks read here.")
    if reader.expires_at is None or now >= reader.expires_at:
        await _look_up_later(node, network_id, [entity], now)
        raise Untrusted(Code.STATEMENT_EXPIRED, "What the school's network states of it has run out; ask again.")
    if now - reader.seen_at >= SEEN_AGAIN:
        async with node.database.writing() as session:
            await session.execute(update(NetworkReader).where(NetworkReader.id == reader.id).values(seen_at=now))


async def _reader(session: AsyncSession, network_id: int, entity: str) -> NetworkReader | None:
    chosen = select(NetworkReader).where(NetworkReader.network_id == network_id, NetworkReader.entity == entity)
    found: NetworkReader | None = await session.scalar(chosen)
    return found


# Looking up ---------------------------------------------------------------------------------------------------------


async def _look_up_later(node: LocalNode, network_id: int, entities: Collection[str], now: datetime) -> None:
    """Enqueue a lookup, where a policy above lets anybody read and neither too many wait nor this one was just done."""
    wanted = [entity for entity in entities if len(entity) <= LONGEST_ENTITY][:1]
    async with node.database.reading() as session:
        if not wanted or not await reading_superiors(session, network_id, now):
            return
        reader = await _reader(session, network_id, wanted[0])
        is_fresh = reader is not None and now - reader.checked_at < ASK_AGAIN
        waiting = await session.scalar(select(func.count()).where(Job.kind == RESOLVE, Job.dead.is_(False))) or 0
    if is_fresh or waiting >= MOST_WAITING:
        return
    async with node.database.writing() as session:
        await _enqueue(session, network_id, wanted[0], now)
    node.wake()


async def _enqueue(session: AsyncSession, network_id: int, entity: str, now: datetime) -> None:
    key = f"{network_id} {entity}"
    arguments: dict[str, Any] = {"network_id": network_id, "entity": entity}
    await enqueue(session, kind=RESOLVE, key=key, run_at=now, arguments=arguments)


async def resolve_reader(node: LocalNode, network_id: int, entity: str) -> None:
    """Fetch and validate the chain of a school that knocked; what it is refused for is kept too."""
    now = node.clock()
    async with node.database.reading() as session:
        network = await network_of(session, network_id)
        anchors = {above.entity: above.pinned for above in await reading_superiors(session, network_id, now)}
    values: dict[str, Any]
    try:
        resolution = await resolve_chain(
            node.client,
            entity,
            anchors=anchors,
            now=now,
            allow_insecure_loopback=node.config.allow_insecure_loopback,
        )
        values = _values_of(resolution, network)
    except Untrusted as error:
        refused: dict[str, Any] = {"http_keys": {}, "chain": [], "expires_at": None, "through": "", "superior": ""}
        values = {**refused, "code": error.code.value, "detail": error.detail[:500]}
    except Unreachable as error:
        # What was validated before holds until it runs out: a host that is down is no verdict.
        values = {"code": error.code.value, "detail": error.detail[:500]}
    await _keep(node, network_id, entity, values, now)


def _values_of(resolution: Resolution, network: Network) -> dict[str, Any]:
    """What is kept of a chain of exactly three: school, its network, the superior.

    Raises:
        Untrusted: CHAIN_BROKEN, it is another kind of chain; METADATA_INVALID, it is no school's.
    """
    chain = resolution.chain
    if len(chain.path) != SCHOOL_NETWORK_SUPERIOR or chain.path[1] == network.entity:
        raise Untrusted(Code.CHAIN_BROKEN, "A school reads here through a network of its own and the one above both.")
    if SCHOOL_TYPE not in chain.metadata:
        raise Untrusted(Code.METADATA_INVALID, "Only a school's node reads here.")
    return {
        "through": chain.path[1],
        "superior": chain.anchor,
        "http_keys": dict(read_jwks(chain.metadata[SCHOOL_TYPE]["jwks"], kinds=HTTP_KEYS)),
        "chain": list(resolution.statements),
        "expires_at": chain.expires_at,
        "code": "",
        "detail": "",
    }


async def _keep(node: LocalNode, network_id: int, entity: str, values: dict[str, Any], now: datetime) -> None:
    async with node.database.writing() as session:
        start = {"through": "", "superior": "", "http_keys": {}, "chain": [], "code": "", "detail": ""}
        await insert_if_missing(
            session, NetworkReader, network_id=network_id, entity=entity, checked_at=now, seen_at=now, **start
        )
        chosen = select(NetworkReader).where(NetworkReader.network_id == network_id, NetworkReader.entity == entity)
        reader = (await session.scalars(chosen.with_for_update())).one()
        reader.checked_at = now
        for name, value in values.items():
            setattr(reader, name, value)


async def refresh_readers(node: LocalNode) -> None:
    """Validate anew the chains of those who read lately, so that an ended membership elsewhere ends reading here."""
    now = node.clock()
    async with node.database.writing() as session:
        await session.execute(delete(NetworkReader).where(NetworkReader.seen_at < now - FORGET_AFTER))
        due = select(NetworkReader.network_id, NetworkReader.entity).where(
            NetworkReader.seen_at >= now - SEEN_LATELY,
            NetworkReader.checked_at <= now - ASK_AGAIN,
            NetworkReader.expires_at.is_not(None),
        )
        rows = await session.execute(due.order_by(NetworkReader.checked_at).limit(REFRESHED_A_RUN))
        for network_id, entity in rows.all():
            await _enqueue(session, network_id, entity, now)
    node.wake()
