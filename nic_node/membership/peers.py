"""Keys of other members, for the requests that they sign to this node: learned before, never while one is verified.

The network's log names each member's federation key; the configuration that this key signed, at the member's own
address, names the keys of its requests. So no network is asked about who talks to whom.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.entities import verify_entity_configuration
from federation.errors import FederationError, Untrusted
from federation.keys import FindKey, read_jwks
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Handler, enqueue
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import PeerKeys
from schemas.code import Code

LEARN: Final = "membership.learn_peer"
NODE_TYPE: Final = "nic_node"
RENEW_BEFORE: Final = timedelta(hours=6)
LEARN_AGAIN: Final = timedelta(minutes=1)
"""A member whose key isn't known is asked so often at most, however often its name is used."""


async def find_peer_keys(
    node: LocalNode, session: AsyncSession, members: Mapping[str, str], *, now: datetime
) -> FindKey:
    """Key id -> http key, of these members (entity -> jkt of its federation key) as far as they are known and hold."""
    seen = select(PeerKeys.entity, PeerKeys.jkt, PeerKeys.expires_at, PeerKeys.asked_at)
    rows = await session.execute(seen.where(PeerKeys.entity.in_(members), PeerKeys.expires_at > now))
    versions = {entity: (jkt, *version) for entity, jkt, *version in rows if jkt == members[entity]}

    async def load(missing: Collection[str]) -> Mapping[str, Any]:
        chosen = select(PeerKeys.entity, PeerKeys.http_keys).where(PeerKeys.entity.in_(missing))
        return dict((await session.execute(chosen)).all())

    return await node.keys.find_key("peers", versions, load)


async def learn_soon(node: LocalNode, members: Mapping[str, str]) -> None:
    """Ask each of these members for its keys, unless it was asked just now."""
    now = node.clock()
    again = min(LEARN_AGAIN, timedelta(seconds=node.config.poll_seconds))
    async with node.database.writing() as session:
        for entity, jkt in members.items():
            await insert_if_missing(session, PeerKeys, entity=entity, jkt=jkt, http_keys={})
            row = await session.get_one(PeerKeys, entity, with_for_update=True)
            if row.asked_at is None or now - row.asked_at >= again:
                row.asked_at = now
                await enqueue(session, kind=LEARN, key=entity, run_at=now, arguments={"entity": entity, "jkt": jkt})
    node.wake()


async def learn_peer(node: LocalNode, entity: str, jkt: str) -> None:
    """Fetch a member's configuration and keep its http keys for as long as it holds.

    Raises:
        Untrusted: the configuration is another's, not by this key, or names no http key.
        Unreachable: the member gave no answer.
    """
    now = node.clock()
    statement = verify_entity_configuration(
        await fetch_configuration(node.client, entity),
        now=now,
        pinned={jkt},
        allow_insecure_loopback=node.config.allow_insecure_loopback,
    )
    keys = read_jwks(statement.metadata.get(NODE_TYPE, {}).get("jwks", {"keys": []}), kinds=HTTP_KEYS)
    if statement.subject != entity or not keys:
        raise Untrusted(Code.METADATA_INVALID, "At a member's address stands no statement that names its http keys.")
    async with node.database.writing() as session:
        await insert_if_missing(session, PeerKeys, entity=entity, jkt=jkt, http_keys={})
        row = await session.get_one(PeerKeys, entity, with_for_update=True)
        row.jkt, row.http_keys = jkt, {kid: dict(jwk) for kid, jwk in keys.items()}
        row.expires_at = statement.expires_at


async def renew_peers(node: LocalNode, members: Mapping[str, str]) -> None:
    """Ask again for keys that run out soon, and forget those of who is no member (entity -> jkt) any more."""
    soon = node.clock() + RENEW_BEFORE
    async with node.database.reading() as session:
        held = list(await session.scalars(select(PeerKeys)))
    due = {row.entity: members[row.entity] for row in held if row.entity in members and _runs_out(row, soon)}
    if due:
        await learn_soon(node, due)
    if gone := [row.entity for row in held if row.entity not in members]:
        async with node.database.writing() as session:
            await session.execute(delete(PeerKeys).where(PeerKeys.entity.in_(gone)))


async def void_peers(session: AsyncSession, entities: Collection[str]) -> None:
    """Forget the keys of members whom the log suspends or ends, in the transaction that mirrors it."""
    if entities:
        await session.execute(delete(PeerKeys).where(PeerKeys.entity.in_(entities)))


def _runs_out(row: PeerKeys, soon: datetime) -> bool:
    return row.expires_at is not None and row.expires_at < soon


def learn_handler(node: LocalNode) -> Handler:
    async def learn(arguments: dict[str, Any]) -> None:
        # It is asked again when it sends again; a member that is down is no dead letter.
        try:
            await learn_peer(node, arguments["entity"], arguments["jkt"])
        except FederationError:
            return

    return learn
