"""Inviting people: an account with roles, and a link with which its owner gives it a password."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, person_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.letters import mail_invitation
from nic_node.accounts.links import INVITATION, IssuedLink, issue_link, use_link
from nic_node.accounts.passwords import PasswordHash
from nic_node.accounts.people import add_person, grant_roles, lock_person
from nic_node.accounts.permissions import ROLES
from nic_node.accounts.tables import Person
from nic_node.config import Config
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_

NO_ROLE = N_("Choose at least one role.")
UNKNOWN_ROLE = N_("This is not one of the roles. Choose from the list.")


def verify_roles(roles: Collection[str]) -> None:
    """Raises InvalidInput, field 'roles'."""
    if not roles:
        raise InvalidInput({"roles": [NO_ROLE]})
    if not ROLES.keys() >= set(roles):
        raise InvalidInput({"roles": [UNKNOWN_ROLE]})


async def invite_person(
    session: AsyncSession,
    *,
    actor: Actor,
    name: str,
    email: str,
    roles: Collection[str],
    now: datetime,
    config: Config | None = None,
) -> IssuedLink:
    """Make an account that waits for its owner, and the link for them; with `config` they get it by e-mail too.

    Raises:
        InvalidInput: the address belongs to somebody here, or a role is unknown.
    """
    verify_roles(roles)
    person = await add_person(session, name=name, email=email, now=now)
    await grant_roles(session, person.id, set(roles), now=now)
    await record_audit(
        session,
        actor=actor,
        action="person.invited",
        subject="person",
        subject_id=person.id,
        before=None,
        after={"name": name, "email": person.email, "roles": set(roles)},
        now=now,
    )
    return await _link(session, config, actor, person, now)


async def renew_invitation(
    session: AsyncSession, *, actor: Actor, person_id: int, now: datetime, config: Config | None = None
) -> IssuedLink:
    """A new link for somebody who has not come yet; the last one stops working. `config` as in `invite_person`.

    Raises:
        NotFound: nobody has this id.
        Conflict: they are here already, or closed out.
    """
    person = await lock_person(session, person_id)
    if person.joined_at is not None or not person.active:
        raise Conflict(N_("This person needs no invitation any more. Look at them anew."))
    await record_audit(
        session,
        actor=actor,
        action="person.invited-again",
        subject="person",
        subject_id=person_id,
        before=None,
        after=None,
        now=now,
    )
    return await _link(session, config, actor, person, now)


async def _link(
    session: AsyncSession, config: Config | None, actor: Actor, person: Person, now: datetime
) -> IssuedLink:
    link = await issue_link(session, INVITATION, person.id, now=now)
    if config is not None:
        await mail_invitation(session, config, actor=actor, person=person, link=link, now=now)
    return link


async def accept_invitation(
    session: AsyncSession, *, token: str, name: str, password_hash: PasswordHash, now: datetime
) -> Person:
    """Take an invited account over, with the name that its owner goes by.

    Raises:
        NotFound, Conflict: the link is unknown, used or expired.
    """
    link = await use_link(session, INVITATION, token, now=now)
    assert link.person_id is not None
    person = await lock_person(session, link.person_id)
    before = {"name": person.name, "joined": False}
    person.name, person.password_hash, person.joined_at, person.updated_at = name, password_hash, now, now
    await session.flush()
    await record_audit(
        session,
        actor=person_actor(person),
        action="invitation.accepted",
        subject="person",
        subject_id=person.id,
        before=before,
        after={"name": name, "joined": True},
        now=now,
    )
    return person
