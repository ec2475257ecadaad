"""`nic backup` and `nic restore`. The passphrase comes from the environment or a prompt, never from a command line."""

import os
from pathlib import Path

import click

from nic_node.cli.node import data_option, json_option, on_event_loop, print_json
from nic_node.clock import system_clock
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.operations.backup import make_backup
from nic_node.operations.restore import restore_backup

PASSPHRASE = "NIC_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", metavar="FILE", type=FILE)
@data_option
@json_option
@on_event_loop
async def backup(file: Path, data: Path | None, as_json: bool) -> None:
    """Write all of the node into FILE while it runs, sealed under a passphrase (prompt, or NIC_BACKUP_PASSPHRASE)."""
    config = read_config(data)
    passphrase = ask_passphrase(confirm=True)
    database = Database.connect(config.database_url)
    try:
        made = await make_backup(config, database, file=file.absolute(), passphrase=passphrase, now=system_clock())
    finally:
        await database.close()
    if as_json:
        print_json({"file": str(made.file), "bytes": made.size, "logs": made.logs, "revision": made.revision})
    else:
        click.echo(f"{made.file}: {made.size:,} bytes. Keep it, and the passphrase, on two other machines.")


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Put it in the place of the node that is here; what came since is lost.")
@click.option(
    "--behind-the-log",
    is_flag=True,
    help="Although a log was signed further: its network then goes on with nic network recover.",
)
@data_option
@json_option
@on_event_loop
async def restore(file: Path, replace: bool, behind_the_log: bool, data: Path | None, as_json: bool) -> None:
    """Make a node from FILE; it refuses to set back a log that was signed further."""
    restored = await restore_backup(
        read_config(data),
        file=file,
        passphrase=ask_passphrase(confirm=False),
        now=system_clock(),
        may_replace=replace,
        may_be_behind=behind_the_log,
    )
    if as_json:
        document = {"made_at": restored.made_at.isoformat(), "public_url": restored.public_url}
        print_json({**document, "behind": list(restored.behind), "taken_back": restored.taken_back})
        return
    click.echo(f"Restored: the node {restored.public_url} as it was on {restored.made_at:%Y-%m-%d %H:%M UTC}.")
    click.echo("Start it with nic serve. Other schools' practices show again once each network's log was read.")
    for origin in restored.behind:
        click.echo(f"{origin} stands still until: nic network recover")


def ask_passphrase(*, confirm: bool) -> str:
    """From NIC_BACKUP_PASSPHRASE, else from a prompt that shows nothing."""
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return typed
