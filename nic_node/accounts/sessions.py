"""Sessions of browsers: rows that their owner sees and ends. The cookie holds a token, the database its hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.browsers import browser_family
from nic_node.accounts.secret_tokens import draw_token, hash_token
from nic_node.accounts.tables import Person, SignInSession
from nic_node.config import Config
from nic_node.db.base import UtcDateTime
from nic_node.errors import NotFound
from nic_node.i18n import N_

COOKIE = "nic_session"
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
"""`last_seen_at` is written this often, so that reading a page seldom takes the write lock."""
Moment = datetime | BindParameter[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A new session; `token` goes into the cookie and is kept nowhere else."""

    token: str
    session_id: int
    person_id: int
    expires_at: datetime


async def open_session(session: AsyncSession, *, actor: Actor, user_agent: str, now: datetime) -> OpenedSession:
    """Sign the person `actor` in."""
    assert actor.person_id is not None
    token = draw_token()
    row = SignInSession(
        person_id=actor.person_id,
        token_hash=hash_token(token),
        browser=browser_family(user_agent),
        created_at=now,
        last_seen_at=now,
        expires_at=now + LONGEST,
    )
    session.add(row)
    await session.flush()
    await _audit(session, actor, "session.opened", row, now)
    return OpenedSession(token=token, session_id=row.id, person_id=row.person_id, expires_at=row.expires_at)


def select_by_cookie(*columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Of the live session of a cookie and its active owner; asked with `values_of_cookie`."""
    over = _is_over(bindparam("now", type_=UtcDateTime), bindparam("idle_since", type_=UtcDateTime))
    found = select(*columns).join_from(SignInSession, Person, Person.id == SignInSession.person_id)
    return found.where(SignInSession.token_hash == bindparam("token_hash"), Person.active, ~over)


def values_of_cookie(token: str, now: datetime) -> dict[str, Any]:
    return {"token_hash": hash_token(token), "now": now, "idle_since": now - IDLE}


def is_due_to_be_seen(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is None or seen_at + SEEN_EVERY <= now


async def mark_seen(session: AsyncSession, session_id: int, now: datetime) -> None:
    await session.execute(update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=now))


async def list_sessions(session: AsyncSession, person_id: int, *, now: datetime) -> list[SignInSession]:
    """A person's live sessions, the one used last first."""
    newest_first = (SignInSession.last_seen_at.desc(), SignInSession.id)
    return list((await session.scalars(_live_sessions(person_id, now).order_by(*newest_first))).all())


async def end_session(session: AsyncSession, *, actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the actor's own sessions.

    Raises:
        NotFound: it ended already, or is somebody else's.
    """
    row = await session.get(SignInSession, session_id, with_for_update=True)
    if row is None or row.person_id != actor.person_id:
        raise NotFound(N_("This session has ended already."))
    await session.delete(row)
    await _audit(session, actor, "session.ended", row, now)


async def end_session_of(session: AsyncSession, token: str) -> None:
    """End the session that a browser brings along when it signs in anew, whoever's it was."""
    await session.execute(delete(SignInSession).where(SignInSession.token_hash == hash_token(token)))


async def end_sessions_of(
    session: AsyncSession, person_id: int, *, actor: Actor, but: int | None = None, now: datetime
) -> None:
    """End all sessions of a person, except the one with id `but`."""
    live = _live_sessions(person_id, now).order_by(SignInSession.id).with_for_update()
    for row in await session.scalars(live):
        if row.id != but:
            await session.delete(row)
            await _audit(session, actor, "session.ended", row, now)


async def forget_sessions(session: AsyncSession, *, now: datetime) -> None:
    """Delete sessions that ran out."""
    await session.execute(delete(SignInSession).where(_is_over(now, now - IDLE)))


def set_session_cookie(response: web.StreamResponse, opened: OpenedSession, config: Config) -> None:
    """Lax, so that a link in a mail finds its reader signed in; no form of another site carries it."""
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=config.secure_cookies,
    )


def forget_session_cookie(response: web.StreamResponse, config: Config) -> None:
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=config.secure_cookies)


def _live_sessions(person_id: int, now: datetime) -> Select[SignInSession]:
    return select(SignInSession).where(SignInSession.person_id == person_id, ~_is_over(now, now - IDLE))


def _is_over(now: Moment, idle_since: Moment) -> ColumnElement[bool]:
    return or_(SignInSession.expires_at <= now, SignInSession.last_seen_at <= idle_since)


async def _audit(session: AsyncSession, actor: Actor, action: str, row: SignInSession, now: datetime) -> None:
    seen = {"session": row.id, "browser": row.browser}
    opened = action == "session.opened"
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="person",
        subject_id=row.person_id,
        before=None if opened else seen,
        after=seen if opened else None,
        now=now,
    )
