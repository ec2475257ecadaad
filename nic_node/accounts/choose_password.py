"""A new password: by its owner who knows the old one, or with a link that an administrator made."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, person_actor
from nic_node.accounts.attempts import begin_attempt, mark_succeeded
from nic_node.accounts.audit import record_audit
from nic_node.accounts.links import RESET, IssuedLink, issue_link, use_link
from nic_node.accounts.passwords import PasswordHash, Passwords
from nic_node.accounts.people import lock_person
from nic_node.accounts.sessions import end_sessions_of
from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_

WRONG = N_("This is not your password so far. Type the one that you signed in with.")


async def change_password(
    database: Database,
    passwords: Passwords,
    *,
    actor: Actor,
    email: str,
    current: str,
    new: str,
    session_id: int,
    address: str,
    now: datetime,
) -> None:
    """Change one's own password; every other session of the person ends.

    Args:
        email: the actor's.
        session_id: the session to keep.

    Raises:
        InvalidInput: fields 'current', 'password'.
        TooMany: too many tries, counted together with those at the door.
    """
    assert actor.person_id is not None
    async with database.writing() as session:
        person, attempt = await begin_attempt(session, email=email, address=address, now=now)
    password_hash = person.password_hash if person is not None and person.id == actor.person_id else None
    if not await passwords.is_right(password_hash, current):
        raise InvalidInput({"current": [WRONG]})
    new_hash = await passwords.new_hash(new, email=email)
    async with database.writing() as session:
        await mark_succeeded(session, attempt.id)
        await _set_password(session, await lock_person(session, actor.person_id), new_hash, actor=actor, now=now)
        await end_sessions_of(session, actor.person_id, actor=actor, but=session_id, now=now)


async def create_reset_link(session: AsyncSession, *, actor: Actor, person_id: int, now: datetime) -> IssuedLink:
    """A link with which somebody chooses a new password.

    Raises:
        NotFound: nobody has this id.
        Conflict: the account is closed, or its invitation still waits.
    """
    person = await lock_person(session, person_id)
    if not person.active or person.joined_at is None:
        raise Conflict(N_("This account has no password to replace. Invite the person, or open the account again."))
    await record_audit(
        session,
        actor=actor,
        action="person.reset-link-made",
        subject="person",
        subject_id=person_id,
        before=None,
        after=None,
        now=now,
    )
    return await issue_link(session, RESET, person_id, now=now)


async def reset_password(session: AsyncSession, *, token: str, password_hash: PasswordHash, now: datetime) -> Person:
    """Take the new password; every session of the person ends.

    Raises:
        NotFound, Conflict: the link is unknown, used or expired.
    """
    link = await use_link(session, RESET, token, now=now)
    assert link.person_id is not None
    person = await lock_person(session, link.person_id)
    actor = person_actor(person)
    await _set_password(session, person, password_hash, actor=actor, now=now)
    await end_sessions_of(session, person.id, actor=actor, now=now)
    return person


async def _set_password(
    session: AsyncSession, person: Person, password_hash: PasswordHash, *, actor: Actor, now: datetime
) -> None:
    person.password_hash, person.updated_at = password_hash, now
    await record_audit(
        session,
        actor=actor,
        action="person.password-changed",
        subject="person",
        subject_id=person.id,
        before=None,
        after=None,
        now=now,
    )
