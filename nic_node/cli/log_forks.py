"""`nic log evidence`, `nic log resolve`: two histories of a log, as they were seen, and how it goes on."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.exits import REFUSED
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.membership.local import LocalNode
from nic_node.mirror.forks.api import CheckedSchema, SeenForkSchema
from nic_node.mirror.forks.evidence import fetch_evidence
from nic_node.mirror.forks.read import ForkView, NoteView, fork_of_id, forks
from nic_node.mirror.forks.resolve import resolve_fork
from nic_node.mirror.forks.states import Choice


@click.command()
@click.option("--of", "entity", metavar="URL", default=None, help="Check what another node shows, with our own keys.")
@data_option
@json_option
@on_event_loop
async def evidence(entity: str | None, data: Path | None, as_json: bool) -> None:
    """List what logs showed two histories here; with --of, exit 1 where another node proves one to us."""
    async with opened_node(data) as node:
        if entity is not None:
            await _check(node, entity.rstrip("/"), as_json=as_json)
            return
        async with node.database.reading() as session:
            found = await forks(session)
    if as_json:
        print_json({"items": [SeenForkSchema().dump(one) for one in found]})
        return
    rows = [
        (str(one.id), one.origin, _side(one.first), _side(one.second), one.telling, one.choice or "open")
        for one in found
    ]
    print_table(("id", "log", "followed", "the other", "coordinators", "decided"), rows, empty="No log showed two.")


def _side(note: NoteView) -> str:
    return f"{note.size} entries, {len(note.cosigned)} witnesses"


async def _check(node: LocalNode, entity: str, *, as_json: bool) -> None:
    checked = await fetch_evidence(node, entity)
    if as_json:
        print_json({"items": [CheckedSchema().dump(one) for one in checked]})
    else:
        said = {True: "proven, by the log's own key", False: "proves nothing"}
        rows = [(one.origin, said[one.is_proven] if one.is_known else "no log of ours", one.code) for one in checked]
        print_table(("log", "evidence", "why not"), rows, empty="It shows none.")
    if any(one.is_proven for one in checked):
        raise SystemExit(REFUSED)


@click.command()
@click.argument("fork_id", metavar="ID", type=click.IntRange(1))
@click.option("--keep", "choice", flag_value=Choice.KEEP.value, help="Go on with the history that was followed.")
@click.option("--successor", "choice", flag_value=Choice.SUCCESSOR.value, help="Follow the network's new log.")
@click.option("--note", default="", help="What you were told, and by whom.")
@as_option
@data_option
@json_option
@on_event_loop
async def resolve(
    fork_id: int, choice: str | None, note: str, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Decide how it goes on after a fork. Who would rather leave: nic network leave."""
    if choice is None:
        raise click.UsageError("Say how it goes on: --keep or --successor. To leave the network: nic network leave.")
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "network.join")
        version = (await fork_of_id(session, fork_id)).version
        given: dict[str, Any] = {"choice": choice, "note": note, "version": version, "now": node.clock()}
        await resolve_fork(session, actor=actor, fork_id=fork_id, **given)
        shown: ForkView = await fork_of_id(session, fork_id)
    if as_json:
        print_json(SeenForkSchema().dump(shown))
        return
    click.echo("Decided. A running node reads the log on at once; otherwise: nic sync.")
