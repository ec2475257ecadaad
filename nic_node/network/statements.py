"""What the network states by its federation key: of itself, of its members, of their roles (OpenID Federation 1.0).

Statements about members are made when they are asked for, for 24 hours at most, and for nobody who is not approved:
so a suspension shows at the next request.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import SUBORDINATE_LIFETIME, build_entity_configuration, build_subordinate_statement
from federation.jws import sign_jws
from federation.keys import Jwk, build_jwks
from federation.trust_marks import TRUST_MARK_LIFETIME, build_trust_mark
from nic_node.keyring.keys import StoredKey, historical_keys
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode
from nic_node.network.above.read import hinted_superiors
from nic_node.network.keys import network_private, network_public_keys
from nic_node.network.tables import Member, Network
from schemas.entity import HISTORICAL_KEYS_TYP, TRUST_MARK_ROLES, TRUST_MARK_STATUS_TYP, trust_mark_type
from schemas.ids import build_log_origin, build_log_url
from schemas.limits import WIRE_VERSION
from schemas.membership import NETWORK_TYPE, SCHOOL_TYPE
from schemas.states import APPROVED

ENDPOINTS: Final = {
    "federation_fetch_endpoint": "/federation/fetch",
    "federation_list_endpoint": "/federation/list",
    "federation_trust_mark_endpoint": "/federation/trust-mark",
    "federation_trust_mark_status_endpoint": "/federation/trust-mark-status",
    "federation_trust_mark_list_endpoint": "/federation/trust-mark-list",
    "federation_historical_keys_endpoint": "/federation/historical-keys",
}
LIST_AT_MOST: Final = 100_000


async def network_configuration(node: LocalNode, session: AsyncSession, network: Network) -> str:
    """The network's statement about itself: its endpoints, its log, its documents as they stand today."""
    now = node.clock()
    return build_entity_configuration(
        await network_private(node, session, network, KeyPurpose.FEDERATION),
        entity=network.entity,
        keys=await network_public_keys(node, session, network, KeyPurpose.FEDERATION),
        metadata=await _metadata(node, session, network),
        issued_at=now,
        expires_at=now + SUBORDINATE_LIFETIME,
        authority_hints=[superior.entity for superior in await hinted_superiors(session, network.id)],
        trust_mark_issuers={trust_mark_type(network.entity, role): [network.entity] for role in TRUST_MARK_ROLES},
    )


async def _metadata(node: LocalNode, session: AsyncSession, network: Network) -> dict[str, Any]:
    endpoints = {name: f"{network.entity}{path}" for name, path in ENDPOINTS.items()}
    superiors = [
        {"entity": superior.entity, "jkts": list(superior.pinned)}
        for superior in await hinted_superiors(session, network.id)
        if superior.state == APPROVED
    ]
    return {
        "federation_entity": {**endpoints, "organization_name": network.name},
        "nic_network": {
            "jwks": build_jwks(await network_public_keys(node, session, network, KeyPurpose.HTTP)),
            "versions": [WIRE_VERSION],
            "name": network.name,
            "generation": network.generation,
            "log_url": build_log_url(network.entity, network.generation),
            "log_origin": build_log_origin(network.entity, network.generation),
            "log_key": network.log_key,
            "leaf_jwk": dict(network.leaf_jwk),
            "charter_sha256": network.charter_sha256,
            "policy_sha256": network.policy_sha256,
            **({"superiors": superiors} if superiors else {}),
        },
    }


async def subordinate_statement(node: LocalNode, session: AsyncSession, network: Network, subject: str) -> str | None:
    """The network's statement about an approved member; None for everybody else."""
    now = node.clock()
    member = await _approved(session, network, subject, now)
    if member is None:
        return None
    return build_subordinate_statement(
        await network_private(node, session, network, KeyPurpose.FEDERATION),
        issuer=network.entity,
        subject=member.entity,
        keys=[dict(jwk) for jwk in member.keys.values()],
        issued_at=now,
        expires_at=_until(member, now),
        constraints=_constraints(member),
        source_endpoint=f"{network.entity}{ENDPOINTS['federation_fetch_endpoint']}",
    )


def _constraints(member: Member) -> dict[str, Any]:
    """A school vouches for nobody; a network below this one vouches for schools, and for no further network."""
    if member.is_network:
        return {"max_path_length": 1, "allowed_entity_types": [NETWORK_TYPE, SCHOOL_TYPE]}
    return {"max_path_length": 0, "allowed_entity_types": [SCHOOL_TYPE]}


def _until(member: Member, now: datetime) -> datetime:
    end = now + SUBORDINATE_LIFETIME
    return min(end, member.expires_at) if member.expires_at is not None else end


async def approved_entities(
    session: AsyncSession, network: Network, now: datetime, entity_types: Collection[str] = (SCHOOL_TYPE,)
) -> list[str]:
    """The list endpoint's answer."""
    chosen = select(Member.entity).where(
        Member.network_id == network.id, Member.entity_type.in_(entity_types), *_vouched_for(now)
    )
    return list((await session.scalars(chosen.order_by(Member.entity).limit(LIST_AT_MOST))).all())


async def trust_mark(
    node: LocalNode, session: AsyncSession, network: Network, *, kind: str, subject: str
) -> str | None:
    """A mark of this type for an approved member; None where there is no such role or member."""
    now = node.clock()
    role = role_of(network, kind)
    member = await _approved(session, network, subject, now)
    if role is None or member is None or member.is_network or role not in member.roles:
        return None
    end = min(now + TRUST_MARK_LIFETIME, _until(member, now))
    private = await network_private(node, session, network, KeyPurpose.FEDERATION)
    return build_trust_mark(private, network=network.entity, subject=subject, role=role, issued_at=now, expires_at=end)


def role_of(network: Network, kind: str) -> str | None:
    """The role that a trust mark type of this network stands for."""
    return next((role for role in TRUST_MARK_ROLES if kind == trust_mark_type(network.entity, role)), None)


async def trust_mark_status(
    node: LocalNode, session: AsyncSession, network: Network, *, token: str, status: str
) -> str:
    """The signed answer of the status endpoint (section 8.4)."""
    payload = {
        "iss": network.entity,
        "iat": int(node.clock().timestamp()),
        "trust_mark": token,
        "status": status,
    }
    private = await network_private(node, session, network, KeyPurpose.FEDERATION)
    return sign_jws(payload, private, typ=TRUST_MARK_STATUS_TYP)


async def historical_key_set(node: LocalNode, session: AsyncSession, network: Network) -> str:
    """Retired federation keys, signed (section 8.7)."""
    now = node.clock()
    retired = await historical_keys(session, entity_id=network.entity, purpose=KeyPurpose.FEDERATION, now=now)
    payload = {"iss": network.entity, "iat": int(now.timestamp()), "keys": [_historical(key) for key in retired]}
    private = await network_private(node, session, network, KeyPurpose.FEDERATION)
    return sign_jws(payload, private, typ=HISTORICAL_KEYS_TYP)


def _historical(key: StoredKey) -> dict[str, Any]:
    assert key.retired_at is not None
    public: Jwk = build_jwks([key.public_jwk])["keys"][0]
    times = {"iat": int(key.active_from.timestamp()), "exp": int(key.retired_at.timestamp())}
    revoked = {"revoked_at": times["exp"], "reason": key.retired_reason or "unspecified"}
    return {**public, **times, "revoked": revoked}


async def is_vouched_for(session: AsyncSession, network: Network, subject: str, now: datetime) -> bool:
    """Whether the network states anything about this entity at `now`."""
    return await _approved(session, network, subject, now) is not None


async def has_role(session: AsyncSession, network: Network, subject: str, role: str, now: datetime) -> bool:
    """Whether a mark of this role holds for this entity at `now`."""
    member = await _approved(session, network, subject, now)
    return member is not None and role in member.roles


async def entities_with(session: AsyncSession, network: Network, role: str, now: datetime) -> list[str]:
    """Who has this role now."""
    chosen = select(Member.entity, Member.roles).where(
        Member.network_id == network.id, Member.entity_type == SCHOOL_TYPE, *_vouched_for(now)
    )
    found = await session.execute(chosen.order_by(Member.entity).limit(LIST_AT_MOST))
    return [entity for entity, roles in found if role in roles]


async def _approved(session: AsyncSession, network: Network, subject: str, now: datetime) -> Member | None:
    chosen = select(Member).where(Member.network_id == network.id, Member.entity == subject, *_vouched_for(now))
    found: Member | None = await session.scalar(chosen)
    return found


def _vouched_for(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Approved, and not past its term, whether or not the move to 'expired' was written already."""
    return (Member.state == APPROVED, or_(Member.expires_at.is_(None), Member.expires_at > now))
