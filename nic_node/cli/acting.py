"""In whose name a command acts.

Who can run commands on a node's folder can read it anyway; the audit log and the rule of two people (author and
reviewer) still want a name, and the roles of that person hold here as on the pages.
"""

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import PersonView, email_key, people_of
from nic_node.accounts.permissions import PERMISSIONS
from nic_node.errors import NotAllowed, NotFound

as_option = click.option(
    "--as",
    "email",
    metavar="EMAIL",
    default=None,
    help="In whose name; by default the only administrator.",
)


async def acting_person(session: AsyncSession, email: str | None, permission: str) -> Actor:
    """The person with this address, else the node's only administrator.

    Raises:
        NotFound: nobody here has the address, or the node has no or several administrators.
        NotAllowed: their roles do not hold `permission`, which is one of PERMISSIONS.
    """
    people = [person for person in await people_of(session) if person.joined]
    person = _by_email(people, email) if email else _only_administrator(people)
    if not person.may(permission):
        roles = ", ".join(sorted(PERMISSIONS[permission].roles))
        raise NotAllowed(f"{person.name} may not do this. Name somebody with --as EMAIL whose role is one of: {roles}.")
    return Actor(person_id=person.id, name=person.name, kind="person")


def _by_email(people: list[PersonView], email: str) -> PersonView:
    for person in people:
        if email_key(person.email) == email_key(email):
            return person
    raise NotFound("Nobody here signs in with that address. `nic user list` shows who does.")


def _only_administrator(people: list[PersonView]) -> PersonView:
    administrators = [person for person in people if "administrator" in person.roles]
    if not administrators:
        raise NotFound("Nobody is here yet. Open the one-time link that `nic serve` prints, then try again.")
    if len(administrators) > 1:
        raise NotFound(f"This node has {len(administrators)} administrators. Say in whose name: --as EMAIL.")
    return administrators[0]
