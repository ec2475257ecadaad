"""What click itself refuses, said as every other error: one sentence on stderr, exit code 2 for a wrong call."""

import sys
from typing import Any

import click

from nic_node.cli.exits import REFUSED, WRONG_CALL, leave

INTERRUPTED = 130
"""As shells number a program that Ctrl-C ended."""


class PlainGroup(click.Group):
    """The outermost group of commands."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.UsageError as error:
            _leave_usage(error)
        except click.ClickException as error:
            leave(error.format_message(), REFUSED)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _leave_usage(error: click.UsageError) -> None:
    context = error.ctx
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        sys.exit(WRONG_CALL)
    called = context.command_path if context is not None else "nic"
    said = " ".join(error.format_message().split()).rstrip(".")
    leave(f"{said}. See: {called} --help", WRONG_CALL)
