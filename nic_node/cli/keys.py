"""`nic node` and `nic network rotate-key`: the keys that prove who speaks."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, LONGEST_LEAD, KeyView
from nic_node.membership.key_words import ROTATED_NAMES, KeysSchema
from nic_node.membership.rotate import own_keys, rotate_own_key
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.rotate import network_keys, rotate_network_key

days_option = click.option(
    "--days",
    type=click.IntRange(1, LONGEST_LEAD.days),
    default=LEAD.days,
    show_default=True,
    help="Until the new key signs; until then everybody reads it beside the old one.",
)


@click.group()
def node() -> None:
    """This node's own keys."""


@node.command()
@data_option
@json_option
@on_event_loop
async def keys(data: Path | None, as_json: bool) -> None:
    """Show the node's keys, and which of them signs."""
    async with opened_node(data) as opened:
        found = await own_keys(opened)
    _show(found, as_json=as_json)


@node.command("rotate-key")
@click.option(
    "--key", "purpose", type=click.Choice(ROTATED_NAMES), default="federation", show_default=True, help="Which one."
)
@days_option
@as_option
@data_option
@json_option
@on_event_loop
async def rotate_node_key(purpose: str, days: int, email: str | None, data: Path | None, as_json: bool) -> None:
    """Publish a new key of this node; networks are told, and the old one is retired a week after it took over."""
    async with opened_node(data) as opened:
        async with opened.database.reading() as session:
            actor = await acting_person(session, email, "node.operate")
        await rotate_own_key(
            opened, actor=actor, purpose=KeyPurpose(purpose), now=opened.clock(), lead=timedelta(days=days)
        )
        found = await own_keys(opened)
    _show(found, as_json=as_json)


@click.command("rotate-key")
@network_option
@click.option(
    "--key",
    "purpose",
    type=click.Choice([*ROTATED_NAMES, "log", "leaf"]),
    default="federation",
    show_default=True,
    help="Which one; the log's two change by `nic network recover` only.",
)
@days_option
@as_option
@data_option
@json_option
@on_event_loop
async def rotate_key(
    slug: str | None, purpose: str, days: int, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Publish a new key of the network; members read it before it signs, and go on by themselves."""
    async with opened_node(data) as opened:
        async with opened.database.reading() as session:
            run = await network_that(session, slug)
            actor = await coordinator_actor(session, run.id, email)
        await rotate_network_key(
            opened,
            network_id=run.id,
            actor=actor,
            purpose=KeyPurpose(purpose),
            now=opened.clock(),
            lead=timedelta(days=days),
        )
        async with opened.database.reading() as session:
            found = await network_keys(session, run.id, now=opened.clock())
    _show(found, as_json=as_json)


def _show(found: Sequence[KeyView], *, as_json: bool) -> None:
    document = KeysSchema().dump({"items": found})
    if as_json:
        print_json({"keys": document["items"]})
        return
    columns = ("purpose", "kid", "state", "active_from", "until")
    print_table(columns, [tuple(item[name] for name in columns) for item in document["items"]], empty="No key yet.")
