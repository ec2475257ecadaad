"""Files that somebody named, read under a limit."""

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
