"""The keys of the entities that this node runs: made, published, used, retired with overlap, erased.

A key is *active* from `active_from` until `retired_at`. Rotation is two acts with the dates that the caller wants:
`create_key` with an `active_from` ahead, so that peers find the new key published before it signs, and
`retire_key` of the old one at a later moment, so that what it signed still verifies.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk, load_private
from nic_node.errors import Conflict, NotFound
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.purposes import KEY_KINDS, KeyPurpose
from nic_node.keyring.sealing import open_bytes, seal_bytes
from nic_node.keyring.tables import KeyRow
from schemas.canonical import canonical_bytes

RETIRED_REASONS = ("unspecified", "compromised", "superseded")
"""OpenID Federation 1.0, section 8.7: why a historical key was revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key pair without its private half. `kid` is the RFC 7638 thumbprint."""

    entity_id: str
    purpose: KeyPurpose
    scope: str
    kid: str
    public_jwk: Jwk
    created_at: datetime
    active_from: datetime
    retired_at: datetime | None
    retired_reason: str | None
    erased_at: datetime | None


async def create_key(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    entity_id: str,
    purpose: KeyPurpose,
    private_jwk: Jwk,
    now: datetime,
    scope: str = "",
    active_from: datetime | None = None,
) -> StoredKey:
    """Keep a new key pair (`generate_key`), its private half sealed.

    `scope` says what the key is for within its purpose, such as '{network}#{epoch}'; "" is the entity's own.
    It may sign from `active_from`; at once by default.

    Raises:
        Conflict: this very key is kept already, whatever for.
        ValueError: the key isn't of the kind that its purpose asks for.
    """
    key = load_private(private_jwk)
    if key.kind != KEY_KINDS[purpose]:
        raise ValueError(f"a {purpose} key must be {KEY_KINDS[purpose]}, not {key.kind}")
    row = KeyRow(
        entity_id=entity_id,
        purpose=purpose.value,
        scope=scope,
        kid=key.jkt,
        public_jwk=dict(key.public),
        created_at=now,
        active_from=active_from or now,
    )
    row.sealed_private_jwk = seal_bytes(operator_key, canonical_bytes(private_jwk), context=_context(row))
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("This key is in use already. Make a new one.") from error
    return _stored(row)


async def current_key(
    session: AsyncSession, *, entity_id: str, purpose: KeyPurpose, now: datetime, scope: str = ""
) -> StoredKey:
    """The key to use now: of the active ones, the one that became active last.

    Raises:
        NotFound: none is active.
    """
    return _stored(await _current_row(session, entity_id, purpose, now, scope))


async def current_private_jwk(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    entity_id: str,
    purpose: KeyPurpose,
    now: datetime,
    scope: str = "",
) -> Jwk:
    """The private half of `current_key`.

    Raises:
        NotFound: none is active.
        WrongOperatorKey, SealBroken: it can't be opened.
    """
    return _open(operator_key, await _current_row(session, entity_id, purpose, now, scope))


async def load_private_jwk(session: AsyncSession, *, operator_key: OperatorKey, entity_id: str, kid: str) -> Jwk:
    """The private half of one key, also of a retired one (a practice's pseudonym signs its retraction).

    Raises:
        NotFound: no such key, or it was erased.
        WrongOperatorKey, SealBroken: it can't be opened.
    """
    return _open(operator_key, await _row(session, entity_id, kid))


async def all_public_keys(
    session: AsyncSession, *, entity_id: str, purpose: KeyPurpose, now: datetime, scope: str | None = None
) -> Sequence[StoredKey]:
    """What the entity's JWKS holds: keys that aren't retired yet, those ahead of their start included; newest first.

    Of one scope, or of all (None).
    """
    return await _list(session, entity_id, purpose, scope, KeyRow.retired_at.is_(None) | (KeyRow.retired_at > now))


async def every_kid(session: AsyncSession, *, entity_id: str) -> list[str]:
    """The ids of all keys of an entity, of every purpose, retired ones too."""
    return list(await session.scalars(select(KeyRow.kid).where(KeyRow.entity_id == entity_id).order_by(KeyRow.id)))


async def historical_keys(
    session: AsyncSession, *, entity_id: str, purpose: KeyPurpose, now: datetime
) -> Sequence[StoredKey]:
    """Retired keys, newest first: what they signed stays verifiable (OpenID Federation 1.0, section 8.7)."""
    return await _list(session, entity_id, purpose, None, KeyRow.retired_at <= now)


async def retire_key(
    session: AsyncSession, *, entity_id: str, kid: str, at: datetime, reason: str = "superseded"
) -> StoredKey:
    """End a key's use at a moment, which may lie ahead so that old and new overlap. A retired key stays retired.

    Raises:
        NotFound: no such key.
        ValueError: the reason is none of `RETIRED_REASONS`.
    """
    if reason not in RETIRED_REASONS:
        raise ValueError(f"unknown reason: {reason}")
    row = await _row(session, entity_id, kid, for_update=True)
    # Earlier wins: a key found to be stolen ends now, though its end was planned; nothing brings one back.
    if row.retired_at is None or at < row.retired_at:
        row.retired_at, row.retired_reason = at, reason
    return _stored(row)


async def erase_key(session: AsyncSession, *, entity_id: str, kid: str, now: datetime) -> StoredKey:
    """Destroy the private half, and end the key's use now; the public half stays for those who verify.

    SQLite overwrites the bytes (secure_delete) once the write-ahead log is checkpointed. PostgreSQL keeps them in its
    files until the table is written anew (`nic_node.db.rewrite`): that is the caller's to ask for.

    Raises:
        NotFound: no such key.
    """
    row = await _row(session, entity_id, kid, for_update=True)
    if row.erased_at is None:
        row.sealed_private_jwk, row.erased_at = None, now
    if row.retired_at is None or row.retired_at > now:
        row.retired_at, row.retired_reason = now, "superseded"
    return _stored(row)


async def verify_operator_key(session: AsyncSession, *, operator_key: OperatorKey) -> None:
    """See at start whether the operator's key opens what this node has sealed; nothing sealed yet is fine.

    Raises:
        WrongOperatorKey: another key is needed.
        SealBroken: the newest key is damaged.
    """
    row = await session.scalar(
        select(KeyRow).where(KeyRow.sealed_private_jwk.is_not(None)).order_by(KeyRow.id.desc()).limit(1)
    )
    if row is not None:
        _open(operator_key, row)


async def _current_row(session: AsyncSession, entity_id: str, purpose: KeyPurpose, now: datetime, scope: str) -> KeyRow:
    row = await session.scalar(
        select(KeyRow)
        .where(
            KeyRow.entity_id == entity_id,
            KeyRow.purpose == purpose.value,
            KeyRow.scope == scope,
            KeyRow.active_from <= now,
            KeyRow.retired_at.is_(None) | (KeyRow.retired_at > now),
            KeyRow.erased_at.is_(None),
        )
        .order_by(KeyRow.active_from.desc(), KeyRow.id.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound(f"{entity_id} has no {purpose} key in use. Make one first.")
    return row


async def _row(session: AsyncSession, entity_id: str, kid: str, *, for_update: bool = False) -> KeyRow:
    statement = select(KeyRow).where(KeyRow.entity_id == entity_id, KeyRow.kid == kid)
    row = await session.scalar(statement.with_for_update() if for_update else statement)
    if row is None:
        raise NotFound(f"{entity_id} has no key {kid}.")
    return row


async def _list(
    session: AsyncSession, entity_id: str, purpose: KeyPurpose, scope: str | None, which: ColumnElement[bool]
) -> list[StoredKey]:
    statement = select(KeyRow).where(KeyRow.entity_id == entity_id, KeyRow.purpose == purpose.value, which)
    if scope is not None:
        statement = statement.where(KeyRow.scope == scope)
    rows = await session.scalars(statement.order_by(KeyRow.active_from.desc(), KeyRow.id.desc()))
    return [_stored(row) for row in rows]


def _open(operator_key: OperatorKey, row: KeyRow) -> Jwk:
    if row.sealed_private_jwk is None:
        raise NotFound(f"The private half of {row.purpose} key {row.kid} was erased.")
    jwk: Jwk = json.loads(open_bytes(operator_key, row.sealed_private_jwk, context=_context(row)))
    return jwk


def _context(row: KeyRow) -> str:
    """Binds a sealed key to its row: swapped rows don't open."""
    return json.dumps(["keyring_keys", row.entity_id, row.purpose, row.scope, row.kid])


def _stored(row: KeyRow) -> StoredKey:
    return StoredKey(
        entity_id=row.entity_id,
        purpose=KeyPurpose(row.purpose),
        scope=row.scope,
        kid=row.kid,
        public_jwk=dict(row.public_jwk),
        created_at=row.created_at,
        active_from=row.active_from,
        retired_at=row.retired_at,
        retired_reason=row.retired_reason,
        erased_at=row.erased_at,
    )
