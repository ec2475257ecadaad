"""`nic school`: the school's own profile, exact, as the context class is made from it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
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

NAMES = tuple(name for _, name in SHOWN)
SHARES = ("lunch_percent", "english_learners_percent", "disabilities_percent")
NUMBERS: Mapping[str, Callable[[str], Any]] = {"enrolment": int, "locale": int, **dict.fromkeys(SHARES, float)}


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
        profile = await describe_school(
            session, actor=actor, values=values, version=before.version, today=school_today(node), now=node.clock()
        )
    _tell(profile, as_json=as_json)


@school.command("set")
@click.argument("said", metavar="NAME=VALUE...", nargs=-1, required=True)
@as_option
@data_option
@json_option
@on_event_loop
async def set_command(said: tuple[str, ...], email: str | None, data: Path | None, as_json: bool) -> None:
    """Write parts of the profile, such as level=middle enrolment=412; nothing behind the sign empties one."""
    values = dict(_value(text) for text in said)
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "school.write")
        before = await profile_of_school(session)
        profile = await describe_school(
            session, actor=actor, values=values, version=before.version, today=school_today(node), now=node.clock()
        )
    _tell(profile, as_json=as_json)


def _value(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in NAMES:
        raise click.BadParameter(f"write NAME=VALUE with a name of {', '.join(NAMES)}", param_hint="NAME=VALUE")
    convert = NUMBERS.get(name, str)
    try:
        return name, convert(value) if value.strip() else None
    except ValueError as error:
        raise click.BadParameter(f"{name} takes a number", param_hint="NAME=VALUE") from error


def _tell(profile: ProfileView, *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(profile), "missing": list(profile.missing)})
        return
    print_pairs([(label, getattr(profile, name)) for label, name in SHOWN])
    if profile.missing:
        click.echo(f"A network asks for these too: {', '.join(profile.missing)}.")
