"""`nic user`: who signs in here."""

from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.change_people import deactivate
from nic_node.accounts.choose_password import create_reset_link
from nic_node.accounts.forms import InviteForm
from nic_node.accounts.invite import invite_person
from nic_node.accounts.links import IssuedLink
from nic_node.accounts.people import find_by_email, people_of
from nic_node.accounts.permissions import ROLES
from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import InvalidInput, NotFound
from nic_node.membership.local import LocalNode


@click.group()
def user() -> None:
    """People and their roles."""


@user.command("list")
@data_option
@json_option
@on_event_loop
async def list_command(data: Path | None, as_json: bool) -> None:
    """Everybody with an account."""
    async with opened_node(data) as node, node.database.reading() as session:
        people = await people_of(session, include_inactive=True)
    if as_json:
        shown = [
            {
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "roles": sorted(person.roles),
                "active": person.active,
                "joined": person.joined,
            }
            for person in people
        ]
        print_json({"people": shown})
        return
    rows = [
        (person.name, person.email, ", ".join(sorted(person.roles)), _state(active=person.active, joined=person.joined))
        for person in people
    ]
    print_table(("name", "e-mail", "roles", "state"), rows, empty="Nobody yet: `nic serve` prints a one-time link.")


@user.command()
@click.argument("name")
@click.argument("invited", metavar="EMAIL")
@click.option("--role", "roles", type=click.Choice(sorted(ROLES)), multiple=True, required=True, help="May repeat.")
@as_option
@data_option
@json_option
@on_event_loop
async def add(
    name: str,
    invited: str,
    roles: tuple[str, ...],
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Invite somebody, and print the link with which they choose a password."""
    values = _verified(name, invited, roles)
    async with opened_node(data) as node:
        async with node.database.writing() as session:
            actor = await acting_person(session, email, "people.manage")
            link = await invite_person(session, actor=actor, **values, now=node.clock(), config=node.config)
        _tell(node, link, "invitation", as_json=as_json)


@user.command("reset-link")
@click.argument("email", metavar="EMAIL")
@data_option
@json_option
@on_event_loop
async def reset_link(email: str, data: Path | None, as_json: bool) -> None:
    """Print a link with which somebody who is locked out chooses a new password."""
    async with opened_node(data) as node:
        async with node.database.writing() as session:
            person = await find_by_email(session, email)
            if person is None:
                raise NotFound("Nobody here signs in with that address. `nic user list` shows who does.")
            link = await create_reset_link(session, actor=SYSTEM, person_id=person.id, now=node.clock())
        _tell(node, link, "reset", as_json=as_json)


@user.command()
@click.argument("closed", metavar="EMAIL")
@as_option
@data_option
@json_option
@on_event_loop
async def close(closed: str, email: str | None, data: Path | None, as_json: bool) -> None:
    """Close an account at once: its sessions end, its tokens and links stop working."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "people.manage")
        person = await find_by_email(session, closed)
        if person is None:
            raise NotFound("Nobody here signs in with that address. `nic user list` shows who does.")
        await deactivate(session, actor=actor, person_id=person.id, now=node.clock())
    if as_json:
        print_json({"person": person.id, "active": False})
    else:
        click.echo(f"Closed. {person.name} can't sign in any more; what they did keeps their name.")


def _state(*, active: bool, joined: bool) -> str:
    if not active:
        return "closed"
    return "here" if joined else "invited"


def _verified(name: str, email: str, roles: tuple[str, ...]) -> dict[str, Any]:
    """What the page's form asks too.

    Raises:
        InvalidInput: fields 'name', 'email'.
    """
    try:
        values: dict[str, Any] = InviteForm().load({"name": name.strip(), "email": email.strip(), "roles": list(roles)})
    except ValidationError as error:
        raise InvalidInput(error.messages_dict) from error
    return values


def _tell(node: LocalNode, link: IssuedLink, path: str, *, as_json: bool) -> None:
    address = f"{node.config.public_url}/{path}/{link.token}"
    if as_json:
        print_json({"person": link.person_id, "link": address, "expires_at": link.expires_at.isoformat()})
    else:
        print_pairs([("Link, works once", address), ("Until", link.expires_at.strftime("%Y-%m-%d %H:%M UTC"))])
