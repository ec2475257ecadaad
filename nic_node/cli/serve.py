"""Running a node, and what an operator does to it from a terminal."""

from pathlib import Path

import click

from nic_node.app.node import open_node
from nic_node.app.serve import serve_nodes, work_for
from nic_node.cli.node import data_option, json_option, on_event_loop, print_json
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
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
@click.option("--no-worker", is_flag=True, help="Serve pages only; `nic worker` does the work in the background.")
@on_event_loop
async def serve(host: str | None, port: int | None, folders: tuple[Path, ...], no_worker: bool) -> None:
    """Run a node until Ctrl-C. The first line on stdout is its address."""
    if len(folders) > 1 and port is not None:
        raise click.UsageError("Several nodes need an address each: write NIC_PORT into the nic.env of each folder.")
    configs = [read_config(folder, host=host, port=port) for folder in folders or (None,)]
    start_logging(configs[0].log_level)
    await serve_nodes(configs, with_worker=not no_worker)


@click.command()
@data_option
@on_event_loop
async def worker(data: Path | None) -> None:
    """Do the work in the background until Ctrl-C, for nodes that are served with --no-worker."""
    config = read_config(data)
    start_logging(config.log_level)
    await work_for(config)


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
