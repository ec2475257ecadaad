"""The files of deploy/, read as what they are, and what the program really offers beside them."""

import re
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import click
import yaml
from dotenv import dotenv_values

from nic_node.app.routes import all_pages
from nic_node.cli.main import main

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.executable).parent
"""Other people's programs of the environment: caddy, hadolint, check-jsonschema, kubernetes-validate."""
NO_SETTINGS = {"NIC_BACKUP_PASSPHRASE"}
"""What commands read that is no setting of a node."""


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def settings_in(path: Path) -> dict[str, str | None]:
    """Of a file of NAME=value lines; those that a # keeps back too."""
    text = re.sub(r"^#(?=[A-Z_]+=)", "", path.read_text(), flags=re.MULTILINE)
    return dict(dotenv_values(stream=StringIO(text)))


def is_call(arguments: list[str]) -> bool:
    """Whether `nic` takes these words: its commands and their options exist, and values fit."""
    try:
        command = main
        context = click.Context(main, info_name="nic")
        rest = list(arguments)
        while isinstance(command, click.Group):
            name = rest.pop(0)
            found = command.get_command(context, name)
            if found is None:
                return False
            command = found
        command.make_context(arguments[0], rest, parent=context, resilient_parsing=False)
    except (click.UsageError, IndexError):
        return False
    return True


def probe_paths() -> set[str]:
    return {route.path for route in all_pages() if route.kind == "probe"}
