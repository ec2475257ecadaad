"""`nic project`: the school's projects, to look at."""

from pathlib import Path
from typing import Any

import click

from nic_node.accounts.people import person_name
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.membership.local import LocalNode
from nic_node.school.measures.read import measures_of_project
from nic_node.school.projects.read import STATES, closes_on, count_steps, day_of, list_projects, project_of, steps_of
from nic_node.school.projects.tables import Project


@click.group()
def project() -> None:
    """45-day projects."""


@project.command("list")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only those.")
@data_option
@json_option
@on_event_loop
async def list_command(state: str | None, data: Path | None, as_json: bool) -> None:
    """Running projects first, then drafts, then closed ones."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = [item for item in await list_projects(session) if state in (None, item.state)]
        steps = await count_steps(session, [item.id for item in found])
        shown = [_line(item, steps.get(item.id, (0, 0)), node) for item in found]
    if as_json:
        print_json({"projects": shown})
        return
    rows = [
        (
            line["id"],
            line["title"],
            line["state"],
            line["day"],
            f"{line['steps_done']} of {line['steps']}",
            line["decision"],
        )
        for line in shown
    ]
    empty = "No project yet. Open one on the page Projects."
    print_table(("id", "title", "state", "day", "steps done", "decision"), rows, empty=empty)


@project.command()
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))
@data_option
@json_option
@on_event_loop
async def show(project_id: int, data: Path | None, as_json: bool) -> None:
    """One project: problem, aim, change idea, steps, measures."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await project_of(session, project_id)
        steps = await steps_of(session, project_id)
        measures = await measures_of_project(session, project_id)
        lead = await person_name(session, found.lead_id)
        done = sum(1 for step in steps if step.done_on)
        line = _line(found, (done, len(steps)), node)
    document = {
        **line,
        "lead": lead or None,
        "problem": {"category": found.problem_category, "statement": found.problem_statement},
        "aim": {"measure": found.aim_measure, "text": found.aim_text, "target": found.aim_target},
        "idea": {"category": found.idea_category, "summary": found.idea_summary},
        "how": [
            {
                "does": step.does,
                "who": step.who,
                "core": step.core,
                "done_on": step.done_on and step.done_on.isoformat(),
            }
            for step in steps
        ],
        "measures": [{"id": measure.id, "name": measure.name, "unit": measure.unit} for measure in measures],
        "origin": found.origin_record,
    }
    if as_json:
        print_json(document)
    else:
        _show(document)


def _line(found: Project, steps: tuple[int, int], node: LocalNode) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": found.title,
        "state": found.state,
        "starts_on": found.starts_on.isoformat(),
        "closes_on": closes_on(found).isoformat(),
        "day": day_of(found, school_today(node)),
        "steps_done": steps[0],
        "steps": steps[1],
        "decision": found.decision,
    }


def _show(document: dict[str, Any]) -> None:
    print_pairs(
        [
            ("Title", document["title"]),
            ("State", document["state"]),
            ("Day", f"{document['day']} (until {document['closes_on']})"),
            ("Lead", document["lead"]),
            ("Problem", document["problem"]["statement"]),
            ("Aim", document["aim"]["text"]),
            ("Change idea", document["idea"]["summary"]),
            ("Decision", document["decision"]),
            ("From a practice", document["origin"]),
        ]
    )
    for step in document["how"]:
        click.echo(f"  {'x' if step['done_on'] else '-'} {step['does']}{' (core)' if step['core'] else ''}")
    for measure in document["measures"]:
        click.echo(f"  measure {measure['id']}: {measure['name']} ({measure['unit']})")
