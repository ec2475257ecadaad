"""`nic doctor`: how a node is, and the next step where something is not well."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.exits import REFUSED
from nic_node.cli.node import data_option, json_option, on_event_loop, print_json
from nic_node.clock import system_clock
from nic_node.config import Config, read_config
from nic_node.db.engine import Database
from nic_node.errors import NotConfigured
from nic_node.operations.checks import NAMES, Check, fail, is_well
from nic_node.operations.doctor import examine
from nic_node.peerhttp.client import PeerClient

MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


@click.command()
@data_option
@json_option
@on_event_loop
async def doctor(data: Path | None, as_json: bool) -> None:
    """Check configuration, keys, database, clock, reachability, mirror, queue, disk; exit 1 if any fails."""
    try:
        found = await _examined(read_config(data))
    except NotConfigured as error:
        found = [fail("configuration", "%(said)s", "docs/configuration.md lists every setting.", said=error.sentence)]
    documents = [check.document() for check in found]
    if as_json:
        print_json({"ok": is_well(found), "checks": documents})
    else:
        _show(documents)
    if not is_well(found):
        raise SystemExit(REFUSED)


async def _examined(config: Config) -> list[Check]:
    database = Database.connect(config.database_url)
    try:
        async with PeerClient(clock=system_clock, allow_insecure_loopback=config.allow_insecure_loopback) as client:
            return await examine(config, database=database, client=client, clock=system_clock, is_thorough=True)
    finally:
        await database.close()


def _show(documents: list[dict[str, Any]]) -> None:
    for each in documents:
        click.echo(f"{MARKS[each['state']]}  {NAMES[each['name']]}: {each['sentence']}")
        if each["next_step"]:
            click.echo(f"      Next: {each['next_step']}")
