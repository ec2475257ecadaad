"""Calling `nic` in this process, as a shell would: arguments in, exit code and two streams out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from nic_node.cli.main import main

ENVIRONMENT = {"DATABASE_URL": None, "NIC_OPERATOR_KEY": None, "NIC_PUBLIC_URL": None, "NIC_PORT": None}


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """stdout as one JSON document; the call must have succeeded."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)


def nic(
    *arguments: object, data: Path | None = None, stdin: str | None = None, settings: dict[str, str] | None = None
) -> Answer:
    """Run a command on the node in `data`, under further settings."""
    environment = ENVIRONMENT | {"NIC_DATA": None if data is None else str(data)} | (settings or {})
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def is_one_sentence(text: str) -> bool:
    """One line on stderr that ends as a sentence does, or with where to look."""
    return text.count("\n") == 1 and text == text.lstrip() and "Traceback" not in text
