"""`nic practice saved`: searches that a person keeps."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.commons.saved.api import saved_document
from nic_node.commons.saved.keep import make_feed, remove_search, save_search, saved_searches, set_digest
from nic_node.commons.shelf import Shelf

READ = "practices.read"
saved_argument = click.argument("saved_id", metavar="ID", type=click.IntRange(1))


@click.group()
def saved() -> None:
    """Searches that you keep, and whether you hear of them."""


@saved.command(name="list")
@as_option
@data_option
@json_option
@on_event_loop
async def list_saved(email: str | None, data: Path | None, as_json: bool) -> None:
    """Show the searches that you keep."""
    async with opened_node(data) as node, node.database.reading() as session:
        actor = await acting_person(session, email, READ)
        kept = [saved_document(each) for each in await saved_searches(session, actor.person_id or 0)]
    if as_json:
        print_json({"items": kept})
        return
    rows = [(each["id"], each["name"], each["query"], "weekly" if each["digest"] else "") for each in kept]
    print_table(("id", "name", "query", "e-mail"), rows, empty="You keep no search: nic practice saved add NAME QUERY.")


@saved.command()
@click.argument("name")
@click.argument("query", default="")
@click.option("--digest", is_flag=True, help="Hear of new practices once a week.")
@as_option
@data_option
@json_option
@on_event_loop
async def add(name: str, query: str, digest: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Keep a search; QUERY as in the address of the page: 'q=absence&grade-band=6-8&like=1'."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, READ)
        kept = await save_search(
            session,
            Shelf(),
            person_id=actor.person_id or 0,
            name=name,
            query=query,
            has_digest=digest,
            now=node.clock(),
        )
    _say(saved_document(kept), f"Search {kept.id} is kept: {kept.name}.", as_json=as_json)


@saved.command()
@saved_argument
@click.option("--on/--off", "wanted", default=True, help="Whether to hear of new practices once a week.")
@as_option
@data_option
@on_event_loop
async def digest(saved_id: int, wanted: bool, email: str | None, data: Path | None) -> None:
    """Hear of a search by e-mail once a week, or no more."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, READ)
        await set_digest(session, person_id=actor.person_id or 0, saved_id=saved_id, has_digest=wanted)
    click.echo("You hear of it every Monday." if wanted else "You hear of it no more.")


@saved.command()
@saved_argument
@as_option
@data_option
@json_option
@on_event_loop
async def feed(saved_id: int, email: str | None, data: Path | None, as_json: bool) -> None:
    """Make an address for the search's feed; it is told once, and an earlier one ends."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, READ)
        token = await make_feed(session, person_id=actor.person_id or 0, saved_id=saved_id)
        address = f"{node.config.public_url}/feeds/{token}"
    _say({"address": address}, address, as_json=as_json)


@saved.command()
@saved_argument
@as_option
@data_option
@on_event_loop
async def remove(saved_id: int, email: str | None, data: Path | None) -> None:
    """Keep a search no more."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, READ)
        await remove_search(session, person_id=actor.person_id or 0, saved_id=saved_id)
    click.echo(f"Search {saved_id} is kept no more.")


def _say(document: dict[str, Any], words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        click.echo(words)
