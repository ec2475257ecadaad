"""`nic school`: the school's own profile, exact, as the context class is made from it."""

from dataclasses import asdict
from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.school.profile.describe import ProfileView, describe_school, profile_of_school
from nic_node.school.profile.directory import MAX_DIRECTORY_BYTES, read_directory_row

SHOWN = (
    ("Name", "name"),
    ("District", "district"),
    ("Directory id", "directory_id"),
    ("Website", "website"),
    ("Level", "level"),
    ("Lowest grade", "low_grade"),
    ("Highest grade", "high_grade"),
    ("Students", "enrolment"),
    ("NCES locale", "locale"),
    ("Free or reduced lunch, %", "lunch_percent"),
    ("English learners, %", "english_learners_percent"),
    ("With disabilities, %", "disabilities_percent"),
    ("Stage", "stage"),
)


@click.group()
def school() -> None:
    """The school itself."""


@school.command()
@data_option
@json_option
@on_event_loop
async def show(data: Path | None, as_json: bool) -> None:
    """Show the profile, and what a network asks for and it lacks."""
    async with opened_node(data) as node, node.database.reading() as session:
        profile = await profile_of_school(session)
    _tell(profile, as_json=as_json)


@school.command("import")
@click.argument("file", type=existing_file)
@click.argument("directory_id", metavar="ID")
@as_option
@data_option
@json_option
@on_event_loop
async def import_command(file: Path, directory_id: str, email: str | None, data: Path | None, as_json: bool) -> None:
    """Fill the profile from the row with this ID in a public directory's CSV."""
    values = {**read_directory_row(read_limited(file, MAX_DIRECTORY_BYTES), directory_id), "directory_id": directory_id}
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "school.write")
        before = await profile_of_school(session)
        profile = await describe_school(session, actor=actor, values=values, version=before.version, now=node.clock())
    _tell(profile, as_json=as_json)


def _tell(profile: ProfileView, *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(profile), "missing": list(profile.missing)})
        return
    print_pairs([(label, getattr(profile, name)) for label, name in SHOWN])
    if profile.missing:
        click.echo(f"A network asks for these too: {', '.join(profile.missing)}.")
