"""`nic measure`: the numbers of a project, and a file of them from the terminal."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.evidence.limits import KINDS, Kind
from nic_node.evidence.run_chart import RULES, Rules
from nic_node.school.measures.chart import chart_document, measure_chart
from nic_node.school.measures.chosen_chart import is_kind_of
from nic_node.school.measures.columns import ROLES
from nic_node.school.measures.file_import import ASK, Suspicious, import_file
from nic_node.school.measures.home_effect import effect_lines, home_effect
from nic_node.school.measures.read import list_measures, measure_of, measures_of_project, observations_by_measure
from nic_node.school.measures.read_file import Layout, ReadOptions
from nic_node.school.measures.tables import Measure, Observed

LARGEST_FILE = 20_000_000
DECISIONS = (ASK, "keep", "leave-out", "closed")


@click.group()
def measure() -> None:
    """Measures and their numbers."""


@measure.command("list")
@click.option("--project", "project_id", type=click.IntRange(1), default=None, help="Only those of this project.")
@data_option
@json_option
@on_event_loop
async def list_command(project_id: int | None, data: Path | None, as_json: bool) -> None:
    """All measures, with how many numbers they have."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await (measures_of_project(session, project_id) if project_id else list_measures(session))
        numbers = await observations_by_measure(session, [item.id for item in found])
    shown = [_line(item, numbers[item.id]) for item in found]
    if as_json:
        print_json({"measures": shown})
        return
    columns = ("id", "name", "unit", "every", "project", "numbers", "latest", "on")
    keys = ("id", "name", "unit", "cadence", "project", "numbers", "latest", "latest_on")
    rows = [tuple(line[key] for key in keys) for line in shown]
    print_table(columns, rows, empty="No measure yet. Add one to a project, on its page.")


@measure.command("chart")
@click.argument("measure_id", metavar="MEASURE", type=click.IntRange(1))
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Instead of the measure's own.")
@click.option("--rules", type=click.Choice(RULES), default=None, help="Which runs signal.")
@data_option
@json_option
@on_event_loop
async def chart_command(
    measure_id: int, kind: Kind | None, rules: Rules | None, data: Path | None, as_json: bool
) -> None:
    """What a measure's chart shows: the sentence above it, its limits, what signals."""
    async with opened_node(data) as node, node.database.reading() as session:
        kind = kind if kind and is_kind_of(kind, (await measure_of(session, measure_id)).unit) else None
        shown = await measure_chart(session, measure_id, kind=kind, rules=rules)
    document = chart_document(shown)
    if as_json:
        rebase = document["rebase_on"]
        dates = {"days": [day.isoformat() for day in document["days"]], "rebase_on": rebase and rebase.isoformat()}
        print_json({**document, **dates})
        return
    click.echo(shown.says)
    print_table(tuple(shown.columns), [tuple(row) for row in shown.rows], empty="No numbers yet.")


@measure.command("effect")
@click.argument("measure_id", metavar="MEASURE", type=click.IntRange(1))
@data_option
@json_option
@on_event_loop
async def effect_command(measure_id: int, data: Path | None, as_json: bool) -> None:
    """What a project's measure adds up to, with its design and what limits it."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await home_effect(session, measure_id, today=school_today(node))
    if as_json:
        print_json(found.document())
        return
    lines = effect_lines(found)
    told = [lines["says"], lines["numbers"], lines["series"], *lines["limits"]]
    for line in told:
        if line:
            click.echo(line)
    for wish in lines["wishes"]:
        click.echo(f"It would be surer with {wish}.")


@measure.command("import")
@click.argument("measure_id", metavar="MEASURE", type=click.IntRange(1))
@click.argument("file", metavar="FILE", type=existing_file)
@click.option(
    "--suspicious",
    type=click.Choice(DECISIONS),
    default=ASK,
    show_default=True,
    help="What to do with odd numbers (blanks, 0.00, far from the others); 'ask' refuses the file and names them.",
)
@click.option(
    "--layout", type=click.Choice(get_args(Layout)), default="auto", help="A row a period, or a row a student."
)
@click.option(
    "--column", "columns", metavar="ROLE=HEADER", multiple=True, help=f"Roles: {', '.join(ROLES)}. May repeat."
)
@click.option(
    "--window-ends", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Of a row a student: the last day."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be kept.")
@as_option
@data_option
@json_option
@on_event_loop
async def import_command(
    measure_id: int,
    file: Path,
    suspicious: str,
    layout: Layout,
    columns: tuple[str, ...],
    window_ends: datetime | None,
    dry_run: bool,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Read a CSV or XLSX, say what is new and what is odd in it, and keep its numbers."""
    options = ReadOptions(
        layout=layout, columns=_columns(columns), window_ends=window_ends.date() if window_ends else None
    )
    content = read_limited(file, LARGEST_FILE)
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "measures.write")
        told = await import_file(
            node.database,
            actor=actor,
            measure_id=measure_id,
            content=content,
            file_name=file.name,
            options=options,
            suspicious=Suspicious(decision=suspicious),
            dry_run=dry_run,
            now=node.clock(),
            today=school_today(node),
        )
    if as_json:
        print_json(told)
    else:
        _show(told)


def _columns(said: tuple[str, ...]) -> dict[str, str]:
    columns = {}
    for text in said:
        role, equals, header = text.partition("=")
        if not equals or role not in ROLES:
            raise click.BadParameter(f"write ROLE=HEADER with a role of {', '.join(ROLES)}", param_hint="--column")
        columns[role] = header
    return columns


def _line(item: Measure, numbers: list[Observed]) -> dict[str, Any]:
    kept = [number for number in numbers if number.value is not None and not number.excluded_because]
    latest_on: date | None = kept[-1].period if kept else None
    return {
        "id": item.id,
        "name": item.name,
        "measure": item.vocabulary,
        "unit": item.unit,
        "cadence": item.cadence,
        "project": item.project_id,
        "goal": item.goal_id,
        "numbers": len(kept),
        "left_out": len(numbers) - len(kept),
        "latest": kept[-1].value if kept else None,
        "latest_on": latest_on.isoformat() if latest_on else None,
    }


def _show(told: dict[str, Any]) -> None:
    click.echo(told["said"])
    for fault in told["faults"]:
        click.echo(f"  {fault['words']}")
    for odd in told["suspicious"]:
        click.echo(f"  {odd['period']}: {odd['words']}")
    ends = {
        "done": "Kept.",
        "dry-run": "Nothing was kept: this was a dry run.",
        "nothing-changed": "Nothing is new in this file.",
    }
    click.echo(ends.get(told["state"], told["state"]))
