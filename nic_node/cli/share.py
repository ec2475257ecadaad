"""`nic share`: what this school shared, how far each thing is, and where it stands in its networks' terms."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.cli.answers import print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.membership.local import LocalNode
from nic_node.membership.read import memberships
from nic_node.mirror.acks import erasures_of
from nic_node.publishing.places import place_of_release
from nic_node.publishing.read import Sharing, all_sharing
from nic_node.publishing.standing import Standing, standing_in


@click.group()
def share() -> None:
    """What this school shared, and where it stands in its networks' terms."""


@share.command(name="list")
@data_option
@json_option
@on_event_loop
async def list_shared(data: Path | None, as_json: bool) -> None:
    """Each project on its way out: how far it is and, once it was taken back, how many promised to have erased it."""
    async with opened_node(data) as node, node.database.reading() as session:
        items = [await _document(session, node, one) for one in await all_sharing(session)]
    if as_json:
        print_json({"items": items})
        return
    rows = [(one["project"], one["title"], one["state"], one["withdrawal"], _erased(one["erased"])) for one in items]
    empty = "Nothing was drafted yet: nic practice preview PROJECT."
    print_table(("project", "title", "state", "withdrawal", "erased"), rows, empty=empty)


async def _document(session: AsyncSession, node: LocalNode, one: Sharing) -> dict[str, Any]:
    place = await place_of_release(session, node, one.release_id) if one.release_id else None
    erased = await erasures_of(session, place.record_id) if place else None
    return {
        "draft": one.draft_id,
        "project": one.project_id,
        "title": one.title,
        "network": one.network,
        "state": one.state,
        "problem": one.problem,
        "withdrawal": one.withdrawal,
        "record": place.record_id if place else None,
        "erased": {"promised": erased.promised, "members": erased.members, "as_of": erased.as_of.isoformat()}
        if erased
        else None,
    }


def _erased(erased: dict[str, Any] | None) -> str:
    return f"{erased['promised']} of {erased['members']} promised" if erased else ""


@share.command()
@data_option
@json_option
@on_event_loop
async def standing(data: Path | None, as_json: bool) -> None:
    """Where this school stands in each network's terms: whether something can leave, and what it waits for."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = [await standing_in(session, one, node.clock()) for one in await memberships(session)]
    if as_json:
        print_json({"items": [_standing_document(one) for one in found]})
        return
    for one in found:
        click.echo(_says(one))
        if one.problem:
            click.echo(f"  Last try: {one.problem}")
    if not found:
        click.echo("This node is in no network yet: nic network join LINK.")


def _standing_document(one: Standing) -> dict[str, Any]:
    told: tuple[str, ...] = (
        "network",
        "name",
        "ready",
        "epoch",
        "phase",
        "state",
        "problem",
        "issued",
        "registered",
        "members",
    )
    told += ("waiting", "least", "queued")
    return {name: getattr(one, name) for name in told} | {
        "says": _says(one),
        "unaccounted": one.unaccounted,
        "alarm": one.alarm,
    }


def _says(one: Standing) -> str:
    values = {
        name: f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
        for name, value in one.values.items()
    }
    return one.says.format(name=one.name, **values)
