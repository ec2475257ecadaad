"""Running a node, and what an operator does to it from a terminal."""

from pathlib import Path

import click

from nic_node.app.node import open_node
from nic_node.app.serve import say_not_started, serve_nodes, work_for
from nic_node.cli.node import data_option, json_option, on_event_loop, print_json
from nic_node.config import Config, folders_in, read_config, verify_nothing_shared
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from nic_node.errors import NotConfigured
from nic_node.web.logs import start_logging


@click.command()
@click.option("--host", default=None, help="The address to listen on (NIC_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="The port; 0 takes a free one (NIC_PORT).")
@click.option(
    "--data",
    "folders",
    type=click.Path(path_type=Path, file_okay=False),
    multiple=True,
    help="The node's data folder; several of them host several nodes, each with its own nic.env.",
)
@click.option(
    "--nodes",
    "nodes_in",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="Host a node for each folder in this one that has a nic.env.",
)
@click.option("--no-worker", is_flag=True, help="Serve pages only; `nic worker` does the work in the background.")
@on_event_loop
async def serve(
    host: str | None, port: int | None, folders: tuple[Path, ...], nodes_in: Path | None, no_worker: bool
) -> None:
    """Run a node, or several in one process, until Ctrl-C. The first line on stdout is its address."""
    if nodes_in is not None:
        if folders:
            raise click.UsageError("Name the nodes by --data or by --nodes, not by both.")
        folders = folders_in(nodes_in)
    if (len(folders) > 1 or nodes_in is not None) and port is not None:
        raise click.UsageError("Several nodes need an address each: write NIC_PORT into the nic.env of each folder.")
    if len(folders) > 1:
        configs = _configs_of(folders, host)
    else:
        configs = [read_config(folder, host=host, port=port) for folder in folders or (None,)]
    start_logging(configs[0].log_level)
    await serve_nodes(configs, with_worker=not no_worker)


def _configs_of(folders: tuple[Path, ...], host: str | None) -> list[Config]:
    """Of those that can be read; the others are told of, and stand aside."""
    verify_nothing_shared()
    configs = []
    for folder in folders:
        try:
            configs.append(read_config(folder, host=host))
        except NotConfigured as error:
            say_not_started(folder.name, error.sentence)
    if not configs:
        raise NotConfigured("None of these nodes could be started. Put right what is said above, then start again.")
    return configs


@click.command()
@click.option("--host", default=None, help="The address to listen on for the probes (NIC_HOST).")
@click.option(
    "--probes-port",
    type=click.IntRange(1, 65535),
    default=None,
    help="Answer /healthz, /readyz and /metrics on this port; without it nothing is listened on.",
)
@data_option
@on_event_loop
async def worker(host: str | None, probes_port: int | None, data: Path | None) -> None:
    """Do the work in the background until Ctrl-C, for nodes that are served with --no-worker."""
    config = read_config(data, host=host)
    start_logging(config.log_level)
    await work_for(config, probes_port=probes_port)


@click.command()
@data_option
@on_event_loop
async def init(data: Path | None) -> None:
    """Make the data folder, its database and its keys, and print where they are."""
    config = read_config(data)
    async with open_node(config):
        click.echo(f"Ready in {config.data}. Start it with: nic serve --data {config.data}")


@click.command()
@data_option
@on_event_loop
async def migrate(data: Path | None) -> None:
    """Bring the database to this program's tables."""
    config = read_config(data)
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database.connect(config.database_url)
    try:
        await upgrade(database)
    finally:
        await database.close()
    click.echo("The database is up to date.")


@click.command()
@data_option
@json_option
@on_event_loop
async def sync(data: Path | None, as_json: bool) -> None:
    """Do what is due now: fetch the log, send what waits, refresh memberships."""
    async with open_node(read_config(data)) as node:
        jobs = await node.worker.run_due()
    if as_json:
        print_json({"jobs": jobs})
    else:
        click.echo(f"{jobs} jobs done.")
