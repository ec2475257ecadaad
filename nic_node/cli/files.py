"""Files that somebody named, read under a limit, or written for their owner's eyes alone."""

import os
from pathlib import Path

import click

from nic_node.errors import TooLarge

existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)


def read_limited(path: Path, most_bytes: int) -> bytes:
    """The whole file.

    Raises:
        TooLarge: it has more than `most_bytes`.
    """
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise TooLarge(f"{path.name} is larger than {most_bytes // 1_000_000} MB, more than is read at once.")
    return content


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads (mode 0600), also where one of other rights stood there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(content)
