"""Access tokens: what programs sign in with. A token never allows more than its scopes, nor more than its owner may."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.secret_tokens import ACCESS_TOKEN_PREFIX, draw_token, hash_token
from nic_node.accounts.tables import AccessToken, Person
from nic_node.db.base import UtcDateTime
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_

LONGEST_DAYS = 366
USED_EVERY = timedelta(minutes=5)
"""`last_used_at` is written this often."""

NO_SCOPE = N_("Choose at least one thing that the token may do.")
NOT_YOUR_SCOPE = N_("A token can't do more than you may do yourself. Choose from the list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new access token; `token` is told now and never again."""

    id: int
    token: str
    expires_at: datetime


async def create_token(
    session: AsyncSession,
    *,
    actor: Actor,
    name: str,
    scopes: Collection[str],
    allowed: frozenset[str],
    days: int,
    now: datetime,
) -> IssuedToken:
    """Make a token of the actor's own.

    Args:
        allowed: what the actor may do now.
        days: 1 to `LONGEST_DAYS`.

    Raises:
        InvalidInput: fields 'scopes', 'days'.
    """
    if not scopes:
        raise InvalidInput({"scopes": [NO_SCOPE]})
    if not allowed >= set(scopes):
        raise InvalidInput({"scopes": [NOT_YOUR_SCOPE]})
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput({"days": [N_("Choose between 1 and 366 days.")]})
    assert actor.person_id is not None
    token = ACCESS_TOKEN_PREFIX + draw_token()
    row = AccessToken(
        person_id=actor.person_id,
        name=name,
        token_hash=hash_token(token),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="access-token.created",
        subject="access-token",
        subject_id=row.id,
        before=None,
        after={"name": name, "scopes": row.scopes, "expires_at": row.expires_at},
        now=now,
    )
    return IssuedToken(id=row.id, token=token, expires_at=row.expires_at)


def select_by_token(*columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Of a live token and its active owner; asked with `values_of_token`."""
    found = select(*columns).join_from(AccessToken, Person, Person.id == AccessToken.person_id)
    live = _is_live(bindparam("now", type_=UtcDateTime))
    return found.where(AccessToken.token_hash == bindparam("token_hash"), live, Person.active)


def values_of_token(token: str, now: datetime) -> dict[str, Any]:
    return {"token_hash": hash_token(token), "now": now}


def is_due_to_be_used(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or used_at + USED_EVERY <= now


async def mark_used(session: AsyncSession, token_id: int, now: datetime) -> None:
    await session.execute(update(AccessToken).where(AccessToken.id == token_id).values(last_used_at=now))


async def list_tokens(session: AsyncSession, person_id: int, *, now: datetime) -> list[AccessToken]:
    """A person's live tokens, the newest first."""
    return list((await session.scalars(_live_tokens(person_id, now).order_by(AccessToken.id.desc()))).all())


async def revoke_token(session: AsyncSession, *, actor: Actor, token_id: int, now: datetime) -> None:
    """End one of the actor's own tokens.

    Raises:
        NotFound: it ended already, or is somebody else's.
    """
    row = await session.get(AccessToken, token_id, with_for_update=True)
    if row is None or row.person_id != actor.person_id or row.revoked_at is not None:
        raise NotFound(N_("This access token has ended already."))
    await _revoke(session, row, actor, now)


async def revoke_tokens_of(session: AsyncSession, person_id: int, *, actor: Actor, now: datetime) -> None:
    live = _live_tokens(person_id, now).order_by(AccessToken.id).with_for_update()
    for row in await session.scalars(live):
        await _revoke(session, row, actor, now)


async def _revoke(session: AsyncSession, row: AccessToken, actor: Actor, now: datetime) -> None:
    row.revoked_at = now
    await record_audit(
        session,
        actor=actor,
        action="access-token.revoked",
        subject="access-token",
        subject_id=row.id,
        before={"name": row.name, "scopes": row.scopes},
        after=None,
        now=now,
    )


def _live_tokens(person_id: int, now: datetime) -> Select[AccessToken]:
    return select(AccessToken).where(AccessToken.person_id == person_id, _is_live(now))


def _is_live(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return AccessToken.revoked_at.is_(None) & (AccessToken.expires_at > now)
