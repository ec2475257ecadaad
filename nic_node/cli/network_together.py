"""`nic network approve-all`: every application whose checks all pass, each decided by itself."""

from dataclasses import asdict
from pathlib import Path

import click

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.members import waiting_members
from nic_node.network.together import MOST_TOGETHER, Pick, approve_together
from nic_node.network.vet import vettings_of


@click.command("approve-all")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def approve_all(slug: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Say yes to every application whose checks all pass."""
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            run = await network_that(session, slug)
            actor = await coordinator_actor(session, run.id, email)
            waiting = await waiting_members(session, run.id, limit=MOST_TOGETHER)
            checks = await vettings_of(session, run, waiting)
        picks = [Pick(member_id=one.id, version=one.version) for one in waiting if checks[one.id].passes]
        outcomes = []
        if picks:
            outcomes = await approve_together(node, network_id=run.id, picks=picks, actor=actor, now=node.clock())
    if as_json:
        print_json({"outcomes": [asdict(outcome) for outcome in outcomes]})
        return
    rows = [(one.member_id, one.name, one.state, one.problem) for one in outcomes]
    print_table(("member", "name", "state", "problem"), rows, empty="No application passes every check yet.")
