"""Signing in with a password.

Whether the address is unknown, the account closed or the password wrong: the answer and the work are the same.
The password is checked between two transactions, so that no lock is held meanwhile.
"""

from datetime import datetime

from nic_node.accounts.actor import person_actor
from nic_node.accounts.attempts import begin_attempt, mark_succeeded
from nic_node.accounts.passwords import Passwords
from nic_node.accounts.people import lock_person
from nic_node.accounts.sessions import OpenedSession, end_session_of, open_session
from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from nic_node.errors import InvalidInput
from nic_node.i18n import N_

WRONG = N_(
    "This e-mail address and password don't belong together. Check both; an administrator can make you a new link."
)


async def sign_in(
    database: Database,
    passwords: Passwords,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str,
    earlier_token: str | None = None,
    now: datetime,
) -> OpenedSession:
    """Open a session for whoever knows the password.

    Args:
        address: where the try comes from.
        earlier_token: the cookie that this browser had; its session ends.

    Raises:
        InvalidInput: the account or the password is wrong.
        TooMany: too many tries at this account or from this address.
    """
    async with database.writing() as session:
        person, attempt = await begin_attempt(session, email=email, address=address, now=now)
    password_hash = _usable_hash(person)
    if not await passwords.is_right(password_hash, password) or person is None or password_hash is None:
        raise InvalidInput({"": [WRONG]})
    better_hash = await passwords.new_cost_hash(password_hash, password)
    async with database.writing() as session:
        current = await lock_person(session, person.id)
        if _usable_hash(current) != password_hash:
            raise InvalidInput({"": [WRONG]})
        if better_hash is not None:
            current.password_hash = better_hash
        await mark_succeeded(session, attempt.id)
        if earlier_token:
            await end_session_of(session, earlier_token)
        return await open_session(session, actor=person_actor(current), user_agent=user_agent, now=now)


def _usable_hash(person: Person | None) -> str | None:
    return person.password_hash if person is not None and person.active and person.joined_at is not None else None
