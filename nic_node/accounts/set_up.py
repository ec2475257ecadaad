"""The first visit: whoever holds the link that the node printed becomes its first administrator and principal."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import person_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.links import SETUP, USED, IssuedLink, issue_link, use_link
from nic_node.accounts.passwords import PasswordHash
from nic_node.accounts.people import add_person, grant_roles
from nic_node.accounts.permissions import ADMINISTRATOR, PRINCIPAL
from nic_node.accounts.services import AfterSetup
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict

FIRST_ROLES = frozenset({ADMINISTRATOR, PRINCIPAL})


async def is_set_up(session: AsyncSession) -> bool:
    """Whether anybody has an account here."""
    return bool(await session.scalar(select(exists().where(Person.id.is_not(None)))))


async def create_setup_link(session: AsyncSession, *, now: datetime) -> IssuedLink:
    """The link for the first visit; the one made before stops working.

    Raises:
        Conflict: somebody has an account already.
    """
    if await is_set_up(session):
        raise Conflict(USED[SETUP])
    return await issue_link(session, SETUP, None, now=now)


async def complete_setup(
    session: AsyncSession,
    *,
    token: str,
    name: str,
    email: str,
    school_name: str,
    password_hash: PasswordHash,
    after_setup: AfterSetup,
    now: datetime,
) -> Person:
    """Make the first account and keep the school's name.

    Raises:
        NotFound, Conflict: the link is unknown, used or expired, or somebody has an account already.
    """
    await use_link(session, SETUP, token, now=now)
    if await is_set_up(session):
        raise Conflict(USED[SETUP])
    person = await add_person(session, name=name, email=email, now=now)
    person.password_hash, person.joined_at = password_hash, now
    await grant_roles(session, person.id, FIRST_ROLES, now=now)
    actor = person_actor(person)
    await record_audit(
        session,
        actor=actor,
        action="node.set-up",
        subject="person",
        subject_id=person.id,
        before=None,
        after={"name": name, "email": email, "roles": FIRST_ROLES},
        now=now,
    )
    await after_setup(session, actor=actor, school_name=school_name, now=now)
    return person
