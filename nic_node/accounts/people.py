"""People as every room may read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.permissions import PERMISSIONS, permissions_of
from nic_node.accounts.tables import Person, RoleGrant
from nic_node.errors import InvalidInput, NotFound, Stale
from nic_node.i18n import N_

NO_SUCH_PERSON = N_("There is no such person here. Look them up under People.")
STALE = N_("Somebody else changed this person in the meantime. Look at it anew, then change it.")
EMAIL_TAKEN = N_("Somebody here has this e-mail address already. Look them up under People.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person with their roles.

    Attributes:
        joined: False while the invitation waits.
        language: of pages and e-mails, as they chose it; '' for none.
    """

    id: int
    name: str
    email: str
    roles: frozenset[str]
    active: bool
    joined: bool
    version: int
    language: str = ""

    def may(self, permission: str) -> bool:
        return permission in permissions_of(self.roles)


def email_key(email: str) -> str:
    """What makes two addresses the same account."""
    return email.strip().casefold()


async def people_of(session: AsyncSession, *, include_inactive: bool = False) -> list[PersonView]:
    """Everybody, by name."""
    query = select(Person) if include_inactive else select(Person).where(Person.active)
    people = (await session.scalars(query)).all()
    roles = await roles_of(session, [person.id for person in people])
    views = [_view(person, roles.get(person.id, frozenset())) for person in people]
    return sorted(views, key=lambda view: (view.name.casefold(), view.id))


async def people_after(session: AsyncSession, after: int | None, *, limit: int) -> list[PersonView]:
    """Everybody, also those whose account is closed, in the order they came, from the one after id `after`."""
    people = (
        await session.scalars(select(Person).where(Person.id > (after or 0)).order_by(Person.id).limit(limit))
    ).all()
    roles = await roles_of(session, [person.id for person in people])
    return [_view(person, roles.get(person.id, frozenset())) for person in people]


async def people_who_may(session: AsyncSession, permission: str) -> list[PersonView]:
    """Active people whose roles here allow `permission`, by name; it must be one of PERMISSIONS."""
    allowed = PERMISSIONS[permission].roles
    return [person for person in await people_of(session) if person.roles & allowed]


async def person_of(session: AsyncSession, person_id: int) -> PersonView:
    """Raises NotFound."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound(NO_SUCH_PERSON)
    return _view(person, (await roles_of(session, [person_id])).get(person_id, frozenset()))


async def person_name(session: AsyncSession, person_id: int | None) -> str:
    """The name to show; '' for nobody."""
    if person_id is None:
        return ""
    return (await person_names(session, [person_id])).get(person_id, "")


async def people_to_choose(session: AsyncSession, *kept: int | None) -> list[tuple[int, str]]:
    """(id, name) of everybody here, and of those who have it already, also where they left."""
    here = {person.id: person.name for person in await people_of(session)}
    gone = await person_names(session, {one for one in kept if one is not None and one not in here})
    return list((here | gone).items())


async def person_names(session: AsyncSession, person_ids: Iterable[int | None]) -> dict[int, str]:
    """Person id -> name, for those who exist."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    if not wanted:
        return {}
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return dict(rows.all())


async def roles_of(session: AsyncSession, person_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Person id -> roles, for those who have any."""
    rows = await session.execute(
        select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.person_id.in_(set(person_ids)))
    )
    found: dict[int, set[str]] = {}
    for person_id, role in rows:
        found.setdefault(person_id, set()).add(role)
    return {person_id: frozenset(roles) for person_id, roles in found.items()}


async def find_by_email(session: AsyncSession, email: str, *, lock: bool = False) -> Person | None:
    query = select(Person).where(Person.email_key == email_key(email))
    person: Person | None = await session.scalar(query.with_for_update() if lock else query)
    return person


async def lock_person(session: AsyncSession, person_id: int, *, version: int | None = None) -> Person:
    """The row of a person, held until the transaction ends.

    Raises:
        NotFound: nobody has this id.
        Conflict: `version` is given and no longer the current one.
    """
    person = await session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound(NO_SUCH_PERSON)
    if version is not None and person.version != version:
        raise Stale(STALE)
    return person


async def add_person(session: AsyncSession, *, name: str, email: str, now: datetime) -> Person:
    """A new row, without password or roles.

    Raises:
        InvalidInput: field 'email', when somebody has it already.
    """
    person = Person(name=name, email=email.strip(), email_key=email_key(email), created_at=now, updated_at=now)
    if await find_by_email(session, email) is not None:
        raise InvalidInput({"email": [EMAIL_TAKEN]})
    session.add(person)
    try:
        await session.flush()
    except IntegrityError as error:
        raise InvalidInput({"email": [EMAIL_TAKEN]}) from error
    return person


async def grant_roles(session: AsyncSession, person_id: int, roles: Iterable[str], *, now: datetime) -> None:
    session.add_all(RoleGrant(person_id=person_id, role=role, granted_at=now) for role in sorted(roles))
    await session.flush()


def _view(person: Person, roles: frozenset[str]) -> PersonView:
    return PersonView(
        id=person.id,
        name=person.name,
        email=person.email,
        roles=roles,
        active=person.active,
        joined=person.joined_at is not None,
        version=person.version,
        language=person.language,
    )
