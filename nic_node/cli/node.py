"""What commands that work on a node's data folder share."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

from nic_node.app.node import open_node
from nic_node.cli.exits import plain_errors
from nic_node.clock import day_at
from nic_node.config import read_config
from nic_node.errors import NotConfigured
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE
from nic_node.membership.local import LocalNode

Params = ParamSpec("Params")

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The node's data folder; NIC_DATA, else ./nic-data.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


def on_event_loop(command: Callable[Params, Coroutine[Any, Any, None]]) -> Callable[Params, None]:
    """Run an async command, with its errors as plain sentences."""

    @wraps(command)
    def run(*args: Params.args, **kwargs: Params.kwargs) -> None:
        with plain_errors():
            asyncio.run(command(*args, **kwargs))

    return run


@asynccontextmanager
async def opened_node(data: Path | None) -> AsyncIterator[LocalNode]:
    """Open the node that lives in `data`, without serving it.

    Raises:
        NotConfigured: no node was ever started there.
    """
    config = read_config(data)
    if config.operator_key is None and not (config.data / OPERATOR_KEY_FILE).exists():
        raise NotConfigured(f"There is no node in {config.data}. Name its folder with --data, or start one: nic serve.")
    async with open_node(config) as node:
        yield node.local


def school_today(node: LocalNode) -> date:
    """The day at the school."""
    return day_at(node.clock(), node.config.time_zone)


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
