"""`nic network leave`: what would happen, and the act, with a word about each practice of its own."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.follow import check_membership
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, memberships
from nic_node.publishing.leave import ENDED, GO, STAY, Leaving, leave_network, leaving_of


@click.command()
@click.option("--in", "network", metavar="ADDRESS", default=None, help="The network's address, if there are several.")
@click.option("--stay", "staying", metavar="NUMBER", type=int, multiple=True, help="It stays. May repeat.")
@click.option("--go", "going", metavar="NUMBER", type=int, multiple=True, help="It is withdrawn. May repeat.")
@click.option("--yes", is_flag=True, help="Do it; without it you only see what would happen.")
@as_option
@data_option
@json_option
@on_event_loop
async def leave(
    network: str | None,
    staying: tuple[int, ...],
    going: tuple[int, ...],
    yes: bool,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Leave a network; or, when the membership has ended, withdraw what the school shared there.

    A withdrawal goes in the open then: the network sees from where, and may guess whose all of that term is, also what
    stays. In a slot, before you leave, nobody sees it: nic practice withdraw.
    """
    choices = {**dict.fromkeys(staying, STAY), **dict.fromkeys(going, GO)}
    async with opened_node(data) as node:
        membership_id = await _membership_id(node, network)
        if yes:
            async with node.database.reading() as session:
                actor = await acting_person(session, email, "network.join")
            await leave_network(node, actor=actor, membership_id=membership_id, choices=choices, now=node.clock())
            await check_membership(node, membership_id)
        async with node.database.reading() as session:
            leaving = await leaving_of(session, membership_id, node.clock())
    if as_json:
        print_json(_document(leaving, choices))
    else:
        _show(leaving, choices)


async def _membership_id(node: LocalNode, network: str | None) -> int:
    async with node.database.reading() as session:
        found = [one for one in await memberships(session) if one.state in HELD | ENDED]
    found = [one for one in found if network in (None, one.network)]
    if len(found) != 1:
        raise NotFound(f"{len(found)} memberships of this school fit. Name one with --in: nic network history")
    return found[0].id


def _document(leaving: Leaving, choices: dict[int, str]) -> dict[str, Any]:
    practices = [
        {"number": one.release_id, "title": one.title, "choice": choices.get(one.release_id)}
        for one in leaving.choosable
    ]
    withdrawn = [{"number": one.release_id, "state": one.retraction} for one in leaving.withdrawn]
    return {
        "network": leaving.membership.network,
        "state": leaving.membership.state,
        "practices": practices,
        "withdrawn": withdrawn,
        "erased_by": leaving.erased_by.isoformat(),
    }


def _show(leaving: Leaving, choices: dict[int, str]) -> None:
    print_pairs(
        [
            ("Network", leaving.membership.name),
            ("State", leaving.membership.state),
            ("Copy erased by", leaving.erased_by.strftime("%Y-%m-%d") if leaving.leaves else None),
        ]
    )
    rows = [(one.release_id, one.title, choices.get(one.release_id, "say --stay or --go")) for one in leaving.choosable]
    rows += [(one.release_id, one.title, f"withdrawn: {one.retraction}") for one in leaving.withdrawn]
    print_table(("number", "practice", "what happens"), rows, empty="Nothing that you shared stands in its library.")
    if leaving.leaves:
        click.echo("Nothing has happened yet. To leave: the same command with --yes.")
