"""`nic privacy cells`: which cells of a table may show their numbers, and what stays unknown about the others."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from federation.rules_printing import CELL_MINIMUM
from nic_node.cli.answers import print_table
from nic_node.cli.exits import WRONG_CALL, leave, plain_errors
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import json_option, print_json
from nic_node.disclosure.table_file import read_cells
from nic_node.disclosure.withhold import ShownCell, show_table
from nic_node.errors import InvalidInput, TooLarge

LONGEST_TABLE = 50_000_000
GZIP_STARTS = b"\x1f\x8b"


@click.command()
@click.argument("file", metavar="FILE.csv", type=existing_file)
@click.argument("further", metavar="[COLUMN]...", nargs=-1)
@click.option("--n", "n", metavar="COLUMN", required=True, help="The column that counts people.")
@click.option("--x", "x", metavar="COLUMN", help="The column that counts those of them who have what is counted.")
@click.option("--by", metavar="COLUMN...", multiple=True, required=True, help="The columns that tell cells apart.")
@click.option(
    "--minimum",
    metavar="PEOPLE",
    type=click.IntRange(min=CELL_MINIMUM),
    default=CELL_MINIMUM,
    show_default=True,
    help="The fewest people that a cell may show.",
)
@json_option
def cells(
    file: Path, further: Sequence[str], n: str, x: str | None, by: Sequence[str], minimum: int, as_json: bool
) -> None:
    """Print each cell of a CSV (plain or gzip) as it could leave, and audit what could be worked out of the rest."""
    columns = [*by, *further]
    if len(set(columns)) != len(columns):
        leave("Name each column of --by once.", WRONG_CALL)
    with plain_errors():
        found = read_cells(io.StringIO(read_table(file), newline=""), columns, n, x)
    shown = show_table(found, minimum)
    if as_json:
        print_json({"cells": [document(cell) for cell in shown]})
    else:
        _show(columns, shown)


def read_table(file: Path) -> str:
    """The text of a CSV file, unpacked where it is gzip.

    Raises:
        InvalidInput: not UTF-8, or damaged.
        TooLarge: more than LONGEST_TABLE bytes, before or after unpacking.
    """
    content = read_limited(file, LONGEST_TABLE)
    if content.startswith(GZIP_STARTS):
        content = _unpacked(file, content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = "The file's letters can't be read, because it is not UTF-8: save it as CSV UTF-8."
        raise InvalidInput({"file": [sentence]}, sentence) from error


def _unpacked(file: Path, content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(LONGEST_TABLE + 1)
    except (OSError, EOFError, zlib.error) as error:
        sentence = f"{file.name} is damaged: it can't be unpacked."
        raise InvalidInput({"file": [sentence]}, sentence) from error
    if len(unpacked) > LONGEST_TABLE:
        raise TooLarge(f"{file.name} unpacks to more than {LONGEST_TABLE // 1_000_000} MB, more than is read at once.")
    return unpacked


def document(cell: ShownCell) -> dict[str, Any]:
    """A cell as the contract shapes it."""
    return {
        "by": dict(cell.by),
        "printed": in_print(cell),
        "suppressed": cell.suppressed,
        "interval": None if cell.interval is None else list(cell.interval),
    }


def in_print(cell: ShownCell) -> str | None:
    """'35-39 %, n about 60', in plain letters; None for a withheld cell."""
    if cell.n is None:
        return None
    people = f"n {cell.n}" if cell.n == "<15" else f"n about {cell.n}"
    if cell.band is None:
        return people
    low, high = cell.band
    last = high if high == 100 else high - 1
    return f"{low}-{last} %, {people}" if last > low else f"{low} %, {people}"


def _show(columns: Sequence[str], shown: Sequence[ShownCell]) -> None:
    why = {"primary": "too few people", "complementary": "else another could be worked out"}
    rows = [
        (
            *cell.by.values(),
            in_print(cell) or "withheld",
            why[cell.suppressed] if cell.suppressed else "",
            f"{cell.interval[0]} to {cell.interval[1]}" if cell.interval else "",
        )
        for cell in shown
    ]
    print_table((*columns, "leaves as", "why", "can be"), rows, empty="No cell.")
    withheld = sum(cell.suppressed is not None for cell in shown)
    click.echo(f"{len(shown) - withheld} of {len(shown)} cells are printed.")
