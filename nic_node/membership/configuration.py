"""What this school's node states of itself: its entity configuration (OpenID Federation 1.0, section 9).

A leaf: no fetch, no list. It names as superiors the networks that it asked to join, so that a chain may run through
them, and carries the trust marks that they gave it.
"""

from typing import Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import SUBORDINATE_LIFETIME, build_entity_configuration
from federation.keys import build_jwks
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.keys import federation_private, public_keys, witness_key
from nic_node.membership.local import LocalNode, local_node
from nic_node.membership.read import HELD, WAITING
from nic_node.membership.tables import MembershipRow
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE
from schemas.limits import WIRE_VERSION

HINTED: Final = HELD | WAITING


async def own_configuration(node: LocalNode, session: AsyncSession, *, signed_by: str | None = None) -> str:
    """The signed statement, fresh for 24 hours; `signed_by` names a published key other than the one that signs now.

    The school's name isn't in it: who applies tells its coordinators, and nobody else.
    """
    now = node.clock()
    rows = (
        await session.scalars(
            select(MembershipRow).where(MembershipRow.state.in_(HINTED)).order_by(MembershipRow.network)
        )
    ).all()
    marks = {kind: token for row in rows for kind, token in row.trust_marks.items()}
    http_keys = await public_keys(node, session, KeyPurpose.HTTP)
    return build_entity_configuration(
        await federation_private(node, session, kid=signed_by),
        entity=node.entity_id,
        keys=await public_keys(node, session, KeyPurpose.FEDERATION),
        metadata={
            "nic_node": {
                "jwks": build_jwks(http_keys),
                "versions": [WIRE_VERSION],
                "mirror_url": f"{node.entity_id.rstrip('/')}/mirror",
                "witness_key": (await witness_key(node, session)).text,
            }
        },
        issued_at=now,
        expires_at=now + SUBORDINATE_LIFETIME,
        authority_hints=[row.network for row in rows],
        trust_marks=marks,
    )


async def serve_configuration(request: web.Request) -> web.Response:
    node = local_node(request)
    async with node.database.reading() as session:
        token = await own_configuration(node, session)
    headers = {"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE, "Cache-Control": "no-cache"}
    return web.Response(body=token.encode(), headers=headers)
