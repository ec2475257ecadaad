"""`nic district`: what the district sees of this school; at a district, what its schools share."""

from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.district.read import our_schools
from nic_node.district.sharing import (
    NOT_NAMED,
    choose_shares,
    look_up_district,
    name_district,
    sharing_of,
    stop_sharing,
)
from nic_node.district.tables import Sharing
from nic_node.errors import NotFound
from schemas.district import SHARES

MAY = "district.share"


@click.group()
def district() -> None:
    """What goes upward to the district, and what a district sees of its schools."""


@district.command("show")
@data_option
@json_option
@on_event_loop
async def show_command(data: Path | None, as_json: bool) -> None:
    """Which district is named, and what it sees."""
    async with opened_node(data) as node, node.database.reading() as session:
        _print(await sharing_of(session), as_json=as_json)


@district.command("name")
@click.argument("address")
@as_option
@data_option
@json_option
@on_event_loop
async def name_command(address: str, email: str | None, data: Path | None, as_json: bool) -> None:
    """Name the district by its node's ADDRESS; it sees nothing yet."""
    async with opened_node(data) as node:
        found = await look_up_district(node, address)
        async with node.database.writing() as session:
            actor = await acting_person(session, email, MAY)
            row = await name_district(session, actor=actor, district=found, now=node.clock())
    _print(row, as_json=as_json)


@district.command("share")
@click.argument("shares", nargs=-1, required=True, type=click.Choice(SHARES))
@as_option
@data_option
@json_option
@on_event_loop
async def share_command(shares: tuple[str, ...], email: str | None, data: Path | None, as_json: bool) -> None:
    """Let the district see these, and nothing else."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor, row = await acting_person(session, email, MAY), await sharing_of(session)
        if row is None:
            raise NotFound(NOT_NAMED)
        row = await choose_shares(session, actor=actor, entity=row.entity, shares=shares, now=node.clock())
    _print(row, as_json=as_json)


@district.command("stop")
@as_option
@data_option
@json_option
@on_event_loop
async def stop_command(email: str | None, data: Path | None, as_json: bool) -> None:
    """Share nothing any more, at once."""
    async with opened_node(data) as node, node.database.writing() as session:
        row = await stop_sharing(session, actor=await acting_person(session, email, MAY), now=node.clock())
    _print(row, as_json=as_json)


@district.command("schools")
@data_option
@json_option
@on_event_loop
async def schools_command(data: Path | None, as_json: bool) -> None:
    """At a district: its schools, with what is late and what is in the way."""
    async with opened_node(data) as node, node.database.reading() as session:
        ours, named = await our_schools(session, school_today(node))
    if as_json:
        items = [
            {
                "id": one.row.id,
                "name": one.row.name,
                "entity": one.row.entity,
                "goals": list(one.goals),
                "running": one.count_running,
                "late": one.count_late,
                "obstacles": len(one.open),
                "read_at": one.row.read_at and one.row.read_at.isoformat(),
            }
            for one in ours
        ]
        print_json({"schools": items, "named": [row.entity for row in named]})
        return
    columns = ("id", "school", "running", "late", "obstacles", "read")
    rows = [
        (one.row.id, one.row.name or one.row.entity, one.count_running, one.count_late, len(one.open), one.row.read_at)
        for one in ours
    ]
    print_table(columns, rows, empty="No school is kept as one of ours. A school names this node first.")
    for row in named:
        click.echo(f"{row.name or row.entity} says that this node is its district: keep it or not, on Our schools.")


def _print(row: Sharing | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"entity": row and row.entity, "shares": row.shares if row else [], "key": row and row.pinned[0]})
    elif row is None:
        click.echo("No district is named.")
    else:
        sees = ", ".join(row.shares) or "nothing"
        print_pairs([("district", row.entity), ("its key", row.pinned[0]), ("sees", sees)])
