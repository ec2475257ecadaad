"""`nic network`, the part about a list of schools to invite."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.files import read_limited
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.invitees.find import Listed, list_invitees
from nic_node.network.invitees.keep import add_to_list, remind_all
from nic_node.network.invitees.read_list import LIST_MAX_BYTES, decode_list, read_list
from nic_node.network.invitees.states import SHOWN

MOST_SHOWN = 2_000


async def invite_list(
    file: Path, slug: str | None, email: str | None, data: Path | None, *, is_sending: bool, as_json: bool
) -> None:
    """Add the schools of a file to the list, whole or not at all; the node's worker writes to them."""
    rows = read_list(decode_list(read_limited(file, LIST_MAX_BYTES))).verify()
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        compared = await add_to_list(
            session, network_id=run.id, rows=rows, actor=actor, is_sending=is_sending, now=node.clock()
        )
    counts = {"added": len(compared.new), "listed": len(compared.listed), "here": len(compared.here)}
    if as_json:
        print_json(counts)
        return
    print_pairs([("Added", counts["added"]), ("On the list already", counts["listed"]), ("Here", counts["here"])])
    click.echo("The node's worker invites them." if is_sending else "Nobody was written to yet.")


@click.command()
@network_option
@click.option("--state", type=click.Choice(SHOWN), default=None, help="Only those.")
@click.option("--search", "words", default="", help="Words of the name, address, district or directory id.")
@data_option
@json_option
@on_event_loop
async def invitees(slug: str | None, state: str | None, words: str, data: Path | None, as_json: bool) -> None:
    """The list of schools to invite, and how each stands."""
    async with opened_node(data) as node, node.database.reading() as session:
        run = await network_that(session, slug)
        page = await list_invitees(session, run.id, state=state, words=words, limit=MOST_SHOWN)
    if as_json:
        print_json({"invitees": [_line(one) for one in page.items], "counts": dict(page.counts)})
        return
    rows = [(one.id, one.name, one.email, one.state, one.reminders) for one in page.items]
    print_table(
        ("school", "name", "e-mail", "state", "reminders"), rows, empty="Nobody yet: nic network invite --list FILE"
    )


@click.command()
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def remind(slug: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """A new link to everybody on the list who was invited and has not applied."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        count = await remind_all(session, network_id=run.id, actor=actor, now=node.clock())
    if as_json:
        print_json({"schools": count})
    else:
        click.echo(f"{count} to remind: the node's worker writes to them.")


def _line(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "district": one.district,
        "directory_id": one.directory_id,
        "state": one.state,
        "reminders": one.reminders,
        "written_at": one.written_at.isoformat() if one.written_at else None,
    }
