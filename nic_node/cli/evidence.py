"""`nic evidence`: the calculators of the practice page, on a file of one's own."""

from collections.abc import Sequence
from typing import TextIO

import click

from nic_node.cli.answers import in_words, interval_in_words, print_table
from nic_node.cli.exits import plain_errors
from nic_node.cli.node import json_option, print_json
from nic_node.errors import InvalidInput
from nic_node.evidence.columns import read_columns, read_labels
from nic_node.evidence.control_chart import ControlChart, control_chart
from nic_node.evidence.limits import KINDS, Kind
from nic_node.evidence.pool_many import pool_many
from nic_node.evidence.pooling import Pool, pool
from nic_node.evidence.run_chart import RULES, Rules

file_argument = click.argument("file", type=click.File("r", encoding="utf-8-sig"))


@click.group()
def evidence() -> None:
    """Pool effects, or chart a series, from a CSV file ('-' is stdin)."""


@evidence.command("pool")
@file_argument
@click.option("--by", default=None, metavar="COLUMN", help="A pool for each value of this column, by REML.")
@json_option
def pool_command(file: TextIO, by: str | None, as_json: bool) -> None:
    """Random-effects meta-analysis of columns yi (effect) and vi (its variance)."""
    with plain_errors():
        lines = _lines(file)
        columns = read_columns(lines, ["yi", "vi"])
        if by is not None:
            _pool_by(columns["yi"], columns["vi"], read_labels(lines, by), as_json=as_json)
            return
        pooled = pool(*_complete(columns["yi"], columns["vi"]))
    if as_json:
        print_json(pooled.document())
    else:
        _show_pool(pooled)


def _pool_by(yi: Sequence[float | None], vi: Sequence[float | None], labels: Sequence[str], *, as_json: bool) -> None:
    """Groups in the order in which they come."""
    rows = [(y, v, label) for y, v, label in zip(yi, vi, labels, strict=True) if y is not None and v is not None]
    names = list(dict.fromkeys(label for *_, label in rows))
    places = {name: place for place, name in enumerate(names)}
    pools = pool_many([y for y, *_ in rows], [v for _, v, _ in rows], [places[label] for *_, label in rows])
    groups = pools.document(names)
    if as_json:
        print_json({"groups": groups})
        return
    table = [
        (
            group["group"],
            group["k"],
            in_words(group["estimate"]),
            interval_in_words(group["ci"]),
            interval_in_words(group["pi"]),
            in_words(group["i2"], 3),
        )
        for group in groups
    ]
    print_table(("group", "sites", "estimate", "95 % interval", "prediction", "I² %"), table, empty="No effect.")


@evidence.command("chart")
@file_argument
@click.option("--kind", type=click.Choice(KINDS), default="run", show_default=True, help="Which chart.")
@click.option("--rules", type=click.Choice(RULES), default="anhoej", show_default=True, help="Which runs signal.")
@click.option("--freeze", type=click.IntRange(1), default=None, help="Limits come from the first so many points.")
@click.option("--split", "splits", type=click.IntRange(1), multiple=True, help="New limits after so many points.")
@json_option
def chart_command(
    file: TextIO, kind: Kind, rules: Rules, freeze: int | None, splits: tuple[int, ...], as_json: bool
) -> None:
    """Centre, limits and signals of column y in time order; for p, pp and u (and run, i) with a column n."""
    with plain_errors():
        columns = read_columns(_lines(file), ["y"], ["n"])
        chart = control_chart(kind, columns["y"], columns.get("n"), rules=rules, freeze=freeze, splits=splits)
    if as_json:
        print_json(chart.document())
    else:
        _show_chart(chart)


def _lines(file: TextIO) -> list[str]:
    try:
        return file.readlines()
    except UnicodeDecodeError as error:
        sentence = "The file's letters can't be read, because it is not UTF-8: save it as CSV UTF-8."
        raise InvalidInput({"file": [sentence]}, sentence) from error


def _complete(yi: Sequence[float | None], vi: Sequence[float | None]) -> tuple[list[float], list[float]]:
    """Rows with both numbers: as metafor, one that lacks either is passed over."""
    rows = [(y, v) for y, v in zip(yi, vi, strict=True) if y is not None and v is not None]
    return [y for y, _ in rows], [v for _, v in rows]


def _show_pool(pooled: Pool) -> None:
    click.echo(f"{pooled.k} effects. Knapp-Hartung intervals are the ones to read; the prediction interval is t(k-2).")
    rows = [
        (
            name,
            in_words(method["estimate"]),
            interval_in_words(method["hk_adhoc_ci"]),
            interval_in_words(method["pi_t"]),
            in_words(method["tau2"]),
            in_words(method["i2"], 3),
        )
        for name, method in pooled.document()["methods"].items()
    ]
    print_table(("method", "estimate", "95 % interval", "prediction", "tau²", "I² %"), rows, empty="No effect.")


def _show_chart(chart: ControlChart) -> None:
    document = chart.document()
    points = zip(chart.y.tolist(), document["lcl"], document["center"], document["ucl"], strict=True)
    rows = [
        (
            number,
            in_words(None if value != value else value),  # noqa: PLR0124 - NaN is what differs from itself
            in_words(low),
            in_words(centre),
            in_words(high),
            "outside" if number - 1 in chart.sigma_signals else "",
        )
        for number, (value, low, centre, high) in enumerate(points, 1)
    ]
    print_table(("point", "value", "lower", "centre", "upper", ""), rows, empty="No point.")
    runs = chart.runs
    if runs.longest_run is None:
        click.echo("No point lies off the centre, so no run can be told.")
        return
    crossings = f"{runs.crossings} {'crossing' if runs.crossings == 1 else 'crossings'}"
    if runs.crossings_min is not None:
        crossings += f" (at least {runs.crossings_min} by chance)"
    for trend in runs.trends:
        click.echo(f"Points {trend.start + 1} to {trend.end + 1} all go {trend.course}: a weak sign.")
    click.echo(
        f"Longest run {runs.longest_run} (at most {runs.longest_run_max} by chance), {crossings}: "
        f"{'a signal' if runs.signal else 'no signal'}."
    )
