"""`nic privacy roster`: fill the names that must never leave, or say how old they are."""

from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs
from nic_node.cli.files import existing_file, read_limited
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.publishing.oneroster import read_names
from nic_node.publishing.roster import keep_roster, roster_age
from nic_node.publishing.roster_pages import ROSTER_BYTES


@click.command("roster")
@click.argument("file", metavar="FILE", type=existing_file, required=False)
@as_option
@data_option
@json_option
@on_event_loop
async def roster_command(file: Path | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Fill the roster with a name a line, a CSV or a OneRoster zip; without FILE, say how old it is. Never a name."""
    entries = read_names(read_limited(file, ROSTER_BYTES)) if file is not None else None
    async with opened_node(data) as node, node.database.writing() as session:
        today = school_today(node)
        if entries is not None:
            actor = await acting_person(session, email, "share.draft")
            await keep_roster(
                session,
                operator_key=node.operator_key,
                actor=actor,
                entries=entries,
                today=today,
                now=node.clock(),
            )
        age = await roster_age(session, today=today)
    if as_json:
        print_json({"entries": age.entries, "as_of": str(age.as_of) if age.entries else None, "stale": age.stale})
    else:
        print_pairs([("Names", age.entries), ("As of", age.as_of if age.entries else None), ("Too old", age.stale)])
