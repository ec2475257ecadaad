"""How commands show things to people: tables, and progress where somebody watches."""

import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

PIPED_COLUMNS = 4000
"""Wide enough that nothing is cut when another program reads."""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """A table on stdout; `empty` says what to do when there is no row."""
    if not rows:
        click.echo(empty)
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out = sys.stdout
    Console(file=out, width=None if out.isatty() else PIPED_COLUMNS, highlight=False).print(table)


def print_pairs(pairs: Sequence[tuple[str, Any]]) -> None:
    """Label and value, a line each; what is None or empty is left out."""
    shown = [(label, value) for label, value in pairs if value not in (None, "", [], {})]
    width = max((len(label) for label, _ in shown), default=0)
    for label, value in shown:
        click.echo(f"{label:<{width}}  {value}")


def progress_bar() -> Progress:
    """On stderr, and only where that is a terminal."""
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def in_words(value: float | None, digits: int = 4) -> str:
    """A number for people; an undefined one is a dash."""
    return "–" if value is None else f"{value:.{digits}g}"


def interval_in_words(interval: Sequence[float] | None) -> str:
    return "–" if interval is None else f"{in_words(interval[0])} to {in_words(interval[1])}"
