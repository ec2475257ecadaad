"""`nic network theory` and `nic network synthesis`: the driver diagram beside its results, and what is written."""

import json
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.commons.theory import counts_words
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.theory.api import DriverInputSchema, synthesis_document
from nic_node.network.theory.read import syntheses_of, theory_of
from nic_node.network.theory.write import change_drivers, write_synthesis

NO_DRIVERS = N_("The file holds no driver diagram: a JSON list of {name, ideas, measures} with ids of the vocabulary.")


@click.command()
@click.option(
    "--file", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Draw it anew from JSON: a list of {name, ideas, measures} with ids of the vocabulary.",
)  # fmt: skip
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def theory(path: Path | None, slug: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Show the driver diagram with its results, or draw it anew as a new version of the charter."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if path is not None:
            actor = await coordinator_actor(session, run.id, email)
            await change_drivers(
                session, network_id=run.id, drivers=_read(path), version=run.version, actor=actor, now=node.clock()
            )
        found = await theory_of(session, run.id)
    if as_json:
        print_json(found.document())
        return
    rows = [(driver.name, idea.idea, counts_words(idea.counts)) for driver in found.drivers for idea in driver.ideas]
    print_table(("driver", "idea", "results"), rows, empty="There is no driver diagram yet: nic network theory --file.")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return list(DriverInputSchema(many=True).load(json.loads(path.read_text("utf-8"))))
    except (ValueError, ValidationError) as error:  # of JSON, and of what it says
        raise InvalidInput({"drivers": [NO_DRIVERS]}, NO_DRIVERS) from error


@click.command()
@click.option("--quarter", default=None, help="Write about it, such as 2026-Q4.")
@click.option("--title", default=None)
@click.option("--text-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="What the results say.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def synthesis(
    quarter: str | None,
    title: str | None,
    text_file: Path | None,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show what was written about each quarter, or write about one; the numbers of now are kept with it."""
    if (quarter is None) != (title is None) or (quarter is None) != (text_file is None):
        raise click.UsageError("To write, name --quarter, --title and --text-file together.")
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if quarter is not None and title is not None and text_file is not None:
            actor = await coordinator_actor(session, run.id, email)
            before = {one.quarter: one.version for one in await syntheses_of(session, run.id)}
            await write_synthesis(
                session, network_id=run.id, quarter=quarter, title=title, text=text_file.read_text("utf-8"),
                version=before.get(quarter), actor=actor, now=node.clock(),
            )  # fmt: skip
        written: list[dict[str, Any]] = [synthesis_document(one) for one in await syntheses_of(session, run.id)]
    if as_json:
        print_json({"items": [one | {"written_at": one["written_at"].isoformat()} for one in written]})
        return
    rows = [(one["quarter"], one["title"], one["charter_version"]) for one in written]
    print_table(("quarter", "title", "charter"), rows, empty="Nothing was written yet.")
