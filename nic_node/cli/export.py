"""`nic export` and `nic import`: a school's whole work, to take along."""

from pathlib import Path

import click

from nic_node.cli.backup import ask_passphrase
from nic_node.cli.node import data_option, json_option, on_event_loop, print_json
from nic_node.clock import system_clock
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.operations.bring_in import import_node
from nic_node.operations.export import export_node


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@json_option
@on_event_loop
async def export(file: Path, data: Path | None, as_json: bool) -> None:
    """Write the school's whole work into FILE, a zip of JSON and CSV, while the node runs.

    Keys and what was shared are sealed under a passphrase (prompt, or NIC_BACKUP_PASSPHRASE).
    """
    config = read_config(data)
    passphrase = ask_passphrase(confirm=True)
    database = Database.connect(config.database_url)
    try:
        made = await export_node(config, database, file=file.absolute(), passphrase=passphrase, now=system_clock())
    finally:
        await database.close()
    if as_json:
        print_json({"file": str(made.file), "bytes": made.size, "rows": made.rows})
    else:
        click.echo(f"{made.file}: {made.rows:,} rows, {made.size:,} bytes. Keep it apart from the passphrase.")


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@data_option
@json_option
@on_event_loop
async def import_command(file: Path, data: Path | None, as_json: bool) -> None:
    """Make a node of an export, in a data folder that has none yet."""
    config = read_config(data)
    imported = await import_node(config, file=file, passphrase=ask_passphrase(confirm=False), now=system_clock())
    if as_json:
        print_json({"made_at": imported.made_at.isoformat(), "public_url": imported.public_url, "rows": imported.rows})
        return
    click.echo(f"Imported {imported.rows:,} rows, as they were on {imported.made_at:%Y-%m-%d %H:%M UTC}.")
    click.echo("Passwords are in no export. For each person: nic user reset-link EMAIL. Then: nic serve.")
    if imported.public_url != config.public_url:
        click.echo(f"Its networks know this school as {imported.public_url}: serve it there, or apply anew.")
