"""`nic practice flag`: tell a network's coordinators that a record should be looked at."""

from pathlib import Path

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.publishing.flags.raise_flag import own_flags, raise_flag, take_flag_back
from schemas.vocab import FLAG_CODES


@click.command()
@click.argument("record", required=False)
@click.option("--code", type=click.Choice(list(FLAG_CODES)), default=None, help="What is wrong with the record.")
@click.option("--undo", metavar="NUMBER", type=click.IntRange(1), default=None, help="Take a flag back.")
@as_option
@data_option
@json_option
@on_event_loop
async def flag(
    record: str | None, code: str | None, undo: int | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Flag a record with --code, take a flag back with --undo, or list what this school flagged."""
    if (record is None) != (code is None):
        raise click.UsageError("name a record and what is wrong with it: nic practice flag RECORD --code CODE")
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        if undo is not None:
            await take_flag_back(session, node, actor=actor, flag_id=undo, now=node.clock())
        if record is not None and code is not None:
            await raise_flag(session, node, actor=actor, record_id=record, code=code, now=node.clock())
        flags = await own_flags(session, node)
    if as_json:
        print_json(
            {
                "items": [
                    {
                        "id": one.id,
                        "record": one.record,
                        "code": one.code,
                        "state": one.state,
                        "withdrawal": one.withdrawal,
                        "problem": one.problem,
                    }
                    for one in flags
                ]
            }
        )
        return
    rows = [(one.id, one.record, one.code, one.withdrawal or one.state) for one in flags]
    print_table(("number", "record", "code", "state"), rows, empty="This school has flagged nothing.")
    for one in flags:
        if one.problem:
            click.echo(f"{one.id}: {one.problem}")
