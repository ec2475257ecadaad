"""`nic privacy incident`, `incidents`, `log`, `directory`: what should not have left, and how the rest was checked."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.exits import REFUSED
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.publishing.directory import DIRECTORY_MAX_BYTES, directory_view, keep_directory
from nic_node.publishing.incidents.api import IncidentSchema
from nic_node.publishing.incidents.checklist import KINDS
from nic_node.publishing.incidents.read import incident_of, incidents
from nic_node.publishing.incidents.report import open_incident
from nic_node.publishing.oversight.read import check_log
from nic_node.publishing.read import sharing_of
from nic_node.school.profile.directory_profiles import read_directory_profiles


@click.command("incident")
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="names-someone", show_default=True, help="What is wrong."
)
@click.option("--note", default="", help="What you saw; it stays here, sealed.")
@as_option
@data_option
@json_option
@on_event_loop
async def incident_command(
    project_id: int, kind: str, note: str, email: str | None, data: Path | None, as_json: bool
) -> None:
    """This should not have left: take it back at once, in the open, and tell the coordinators whose it was."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        sharing = await sharing_of(session, project_id)
        if sharing is None:
            raise NotFound("Nothing of this project was shared. List what was: nic share list.")
        given: dict[str, Any] = {"draft_id": sharing.draft_id, "kind": kind, "note": note, "now": node.clock()}
        row = await open_incident(session, node, actor=actor, **given)
        shown = await incident_of(session, node, row.id)
    if as_json:
        print_json(IncidentSchema().dump(shown))
        return
    click.echo("It is being taken back at once; a running node (or nic sync) sends the retraction. What is left to do:")
    for step in shown.steps:
        click.echo(f"  {'done' if step.done else 'to do'}: {step.label}")


@click.command("incidents")
@data_option
@json_option
@on_event_loop
async def incidents_command(data: Path | None, as_json: bool) -> None:
    """List incidents, with how many steps are left of each."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await incidents(session, node)
    if as_json:
        print_json({"items": [IncidentSchema().dump(one) for one in found]})
        return
    rows = [[str(one.id), one.title, one.kind, "closed" if one.closed_at else f"{one.left} left"] for one in found]
    print_table(["id", "title", "kind", "steps"], rows, empty="No incidents.")


@click.command("log")
@data_option
@json_option
@on_event_loop
async def log_command(data: Path | None, as_json: bool) -> None:
    """Hash every line of the release log anew: one that was altered or taken out shows. Exits 1 then."""
    async with opened_node(data) as node, node.database.reading() as session:
        checked = await check_log(session)
    if as_json:
        print_json({"lines": checked.lines, "broken_at": checked.broken_at, "ok": checked.broken_at is None})
    elif checked.broken_at is None:
        click.echo(f"All {checked.lines} lines follow from one another.")
    if checked.broken_at is not None:
        click.echo(f"Line {checked.broken_at} does not follow from the one before it.", err=True)
        raise SystemExit(REFUSED)


@click.command("directory")
@click.argument("file", metavar="FILE.csv", type=existing_file, required=False)
@as_option
@data_option
@json_option
@on_event_loop
async def directory_command(file: Path | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Import a public school directory, against which drafts are counted; without FILE, say which one is in."""
    profiles = read_directory_profiles(read_limited(file, DIRECTORY_MAX_BYTES)) if file is not None else None
    async with opened_node(data) as node, node.database.writing() as session:
        if file is not None and profiles is not None:
            actor = await acting_person(session, email, "share.draft")
            await keep_directory(session, actor=actor, name=file.name, profiles=profiles, now=node.clock())
        view = await directory_view(session)
    shown = {"name": view.name if view else "", "schools": view.schools if view else 0}
    shown |= {"known": view.known if view else {}}
    if profiles is not None:
        shown |= {"refused": profiles.refused}
    told = profiles.told if profiles is not None else ()
    if as_json:
        print_json(shown | {"told": [asdict(one) for one in told]})
        return
    print_pairs([(name.capitalize(), value) for name, value in shown.items()])
    for one in told:
        click.echo(f"Line {one.line}, {one.attribute}: {one.cell!r} {one.why}; it is not known.")
