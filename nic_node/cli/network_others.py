"""`nic network others`: other networks that this school may read, because one above both says so."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.across.look import look_above
from nic_node.membership.across.reading import start_reading, stop_reading
from nic_node.membership.read import READING, read_only_networks
from nic_node.membership.tables import NetworkAbove


@click.command()
@click.option("--look", is_flag=True, help="Ask the networks above now.")
@click.option("--read", "begun", metavar="ADDRESS", default=None, help="Begin to read this one.")
@click.option("--stop", "ended", metavar="ADDRESS", default=None, help="Read this one no more; the copy is erased.")
@as_option
@data_option
@json_option
@on_event_loop
async def others(
    look: bool, begun: str | None, ended: str | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Other networks that this school may read; begin to read one, or stop."""
    if begun and ended:
        raise click.UsageError("Begin to read one or stop; not both at once.")
    async with opened_node(data) as node:
        if look:
            await look_above(node)
        if begun or ended:
            async with node.database.reading() as session:
                actor = await acting_person(session, email, "network.join")
        if begun:
            await start_reading(node, actor=actor, network=begun, now=node.clock())
        if ended:
            async with node.database.writing() as session:
                reading_id = await _reading_of(session, ended)
                await stop_reading(session, actor=actor, reading_id=reading_id, now=node.clock())
        async with node.database.reading() as session:
            rows = await _rows(session)
    if as_json:
        print_json({"networks": rows})
        return
    names = ("network", "name", "superior", "may", "reads")
    empty = "None: no network above this school’s is known. Ask with --look."
    print_table(names, [tuple("yes" if row[n] is True else row[n] or "" for n in names) for row in rows], empty=empty)


async def _reading_of(session: AsyncSession, network: str) -> int:
    for one in await read_only_networks(session):
        if one.network == network and one.state == READING:
            return one.id
    raise NotFound("This school does not read that network. `nic network others` shows which.")


async def _rows(session: AsyncSession) -> list[dict[str, Any]]:
    reads = {one.network for one in await read_only_networks(session) if one.state == READING}
    above = (await session.scalars(select(NetworkAbove).order_by(NetworkAbove.id))).all()
    return [
        {
            "network": one["entity"],
            "name": one["name"],
            "superior": row.superior,
            "may": row.allows,
            "reads": one["entity"] in reads,
        }
        for row in above
        for one in row.networks
    ]
