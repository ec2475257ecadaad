"""`nic network directory`: the school directory that applications are checked against."""

from pathlib import Path

import click

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_pairs
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import InvalidInput
from nic_node.network.api_schemas import imported
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.directory import compare_directory, count_directory, import_directory, read_in_thread
from nic_node.network.directory_file import DIRECTORY_MAX_BYTES


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Only say what the file would change.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def directory(
    file: Path | None, check: bool, slug: str | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Replace the school directory by FILE, whole; without FILE, say how many schools it has."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if file is None:
            shown: dict[str, object] = {"schools": await count_directory(session, run.id)}
        else:
            actor = await coordinator_actor(session, run.id, email)
            if file.stat().st_size > DIRECTORY_MAX_BYTES:
                raise InvalidInput({}, "This file is larger than 16 MB. Keep the rows of your region.")
            read = await read_in_thread(file.read_bytes())
            shown = imported(read, await compare_directory(session, run.id, read))
            if not check:
                await import_directory(session, network_id=run.id, file=read, actor=actor, now=node.clock())
    if as_json:
        print_json(shown)
    else:
        print_pairs([(name.replace("_", " ").capitalize(), value) for name, value in shown.items() if name != "faults"])
        for fault in shown.get("faults", []):  # type: ignore[attr-defined]  # a list of {line, says}
            click.echo(f"Line {fault['line']}: {fault['says']}.", err=True)
