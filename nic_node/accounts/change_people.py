"""Changing who somebody is here: name, roles, whether they may come in. One administrator always stays."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.invite import verify_roles
from nic_node.accounts.links import withdraw_links
from nic_node.accounts.people import grant_roles, lock_person, roles_of
from nic_node.accounts.permissions import ADMINISTRATOR
from nic_node.accounts.sessions import end_sessions_of
from nic_node.accounts.tables import Person, RoleGrant
from nic_node.accounts.tokens import revoke_tokens_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import LANGUAGES, N_

LAST_ADMINISTRATOR = N_("This is the only administrator. Make somebody else administrator first.")


async def rename_person(session: AsyncSession, *, actor: Actor, person_id: int, name: str, now: datetime) -> Person:
    """Raises NotFound."""
    person = await lock_person(session, person_id)
    before = person.name
    if name == before:
        return person
    person.name, person.updated_at = name, now
    await record_audit(
        session,
        actor=actor,
        action="person.renamed",
        subject="person",
        subject_id=person_id,
        before={"name": before},
        after={"name": name},
        now=now,
    )
    return person


async def choose_language(
    session: AsyncSession, *, actor: Actor, person_id: int, language: str, now: datetime
) -> Person:
    """Of pages and e-mails; '' follows the browser. Raises NotFound; InvalidInput where it is none of ours."""
    if language and language not in LANGUAGES:
        raise InvalidInput({"language": [N_("Choose one of the languages in the list.")]})
    person = await lock_person(session, person_id)
    before = person.language
    if language == before:
        return person
    person.language, person.updated_at = language, now
    await record_audit(
        session,
        actor=actor,
        action="person.language-chosen",
        subject="person",
        subject_id=person_id,
        before={"language": before},
        after={"language": language},
        now=now,
    )
    return person


async def change_roles(
    session: AsyncSession, *, actor: Actor, person_id: int, roles: Collection[str], version: int, now: datetime
) -> Person:
    """Give a person exactly these roles.

    Raises:
        InvalidInput: no role, or an unknown one.
        NotFound: nobody has this id.
        Conflict: `version` is not the current one, or no administrator would be left.
    """
    verify_roles(roles)
    await _lock_administrators(session)
    person = await lock_person(session, person_id, version=version)
    before = (await roles_of(session, [person_id])).get(person_id, frozenset())
    if before == set(roles):
        return person
    if ADMINISTRATOR not in roles:
        await _verify_administrator_left(session, without=person_id)
    await session.execute(delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role.not_in(roles)))
    await grant_roles(session, person_id, set(roles) - before, now=now)
    # The roles are the person's, so changing them makes a new version of the person.
    person.updated_at = now
    person.version += 1
    await record_audit(
        session,
        actor=actor,
        action="person.roles-changed",
        subject="person",
        subject_id=person_id,
        before={"roles": before},
        after={"roles": set(roles)},
        now=now,
    )
    return person


async def deactivate(session: AsyncSession, *, actor: Actor, person_id: int, now: datetime) -> Person:
    """Close an account: its sessions end, its tokens and open links stop working; what it did keeps its name.

    Raises:
        NotFound: nobody has this id.
        Conflict: no administrator would be left.
    """
    await _lock_administrators(session)
    person = await lock_person(session, person_id)
    await _verify_administrator_left(session, without=person_id)
    if person.active:
        await _set_active(session, person, active=False, actor=actor, now=now)
    await end_sessions_of(session, person_id, actor=actor, now=now)
    await revoke_tokens_of(session, person_id, actor=actor, now=now)
    await withdraw_links(session, person_id)
    return person


async def reactivate(session: AsyncSession, *, actor: Actor, person_id: int, now: datetime) -> Person:
    """Open a closed account again, with the roles and the password that it had. Raises NotFound."""
    person = await lock_person(session, person_id)
    if not person.active:
        await _set_active(session, person, active=True, actor=actor, now=now)
    return person


async def _set_active(session: AsyncSession, person: Person, *, active: bool, actor: Actor, now: datetime) -> None:
    person.active, person.updated_at = active, now
    await record_audit(
        session,
        actor=actor,
        action="person.reactivated" if active else "person.deactivated",
        subject="person",
        subject_id=person.id,
        before={"active": not active},
        after={"active": active},
        now=now,
    )


async def _lock_administrators(session: AsyncSession) -> None:
    """Two who would each remove the other take turns."""
    await session.scalars(
        select(RoleGrant.id).where(RoleGrant.role == ADMINISTRATOR).order_by(RoleGrant.id).with_for_update()
    )


async def _verify_administrator_left(session: AsyncSession, *, without: int) -> None:
    left = await session.scalar(
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == ADMINISTRATOR, Person.active, Person.joined_at.is_not(None), Person.id != without)
        .limit(1)
    )
    if left is None:
        raise Conflict(LAST_ADMINISTRATOR)
