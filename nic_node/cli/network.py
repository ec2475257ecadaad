"""`nic network`: founding, inviting, deciding, announcing epochs; and joining a network as a school."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.files import existing_file
from nic_node.cli.keys import rotate_key
from nic_node.cli.leave import leave
from nic_node.cli.membership import appeal, confirm, history, join, renew, repin
from nic_node.cli.network_above import above
from nic_node.cli.network_coordinators import coordinators, decisions, reverse
from nic_node.cli.network_directory import directory
from nic_node.cli.network_due import appeals, renewals
from nic_node.cli.network_invitees import invite_list, invitees, remind
from nic_node.cli.network_members import applications, approve, code, members, reinstate, reject, revoke, roles, suspend
from nic_node.cli.network_moderation import moderation
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.network_others import others
from nic_node.cli.network_theory import synthesis, theory
from nic_node.cli.network_together import approve_all
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.cli.policy_values import read_changes
from nic_node.cli.recover import recover
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.found import CHARTER_TEXTS, Founding, found_network
from nic_node.network.in_force import terms_in_force
from nic_node.network.invite import create_invitation
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.read import epoch_views, supplement_standing
from nic_node.network.policy import change_policy
from nic_node.network.propose import Proposal, costs_of, proposal_document, propose

CHARTER = ("name", "purpose", *CHARTER_TEXTS)
set_option = click.option(
    "--set", "changes", metavar="NAME=VALUE", multiple=True, help="A number or list of the policy. May repeat."
)


@click.group()
def network() -> None:
    """A network run on this node, or one that the school joins."""


@network.command()
@click.argument("slug", metavar="SHORT-NAME")
@click.option("--name", required=True, help="The network's name.")
@click.option("--purpose", required=True, help="What it is for: schools accept this text when they join.")
@click.option(
    "--schools", type=click.IntRange(1), default=None, help="How many are sure to join: proposes the numbers."
)
@set_option
@as_option
@data_option
@json_option
@on_event_loop
async def found(
    slug: str,
    name: str,
    purpose: str,
    schools: int | None,
    changes: tuple[str, ...],
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Found a network; whoever founds it is its first coordinator."""
    proposal = None if schools is None else propose(schools)
    policy = {**_numbers(proposal), **read_changes(changes)}
    founding = Founding(slug=slug, name=name, charter={"purpose": purpose}, policy=policy)
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.found")
        made = await found_network(node, actor=actor, founding=founding, now=node.clock())
    if as_json:
        told = {} if proposal is None else {"proposal": proposal_document(proposal)}
        print_json({"id": made.id, "entity": made.entity, "name": made.name, "policy": made.policy_sha256, **told})
    else:
        _tell_costs(proposal)
        click.echo(f"Founded {made.name}: {made.entity}. Invite schools: nic network invite")


@network.command()
@network_option
@click.option("--days", type=int, default=14, show_default=True, help="How long the link works.")
@click.option("--uses", type=int, default=1, show_default=True, help="For how many schools.")
@click.option("--note", default="", help="For yourself: who it is for.")
@click.option(
    "--list",
    "file",
    type=existing_file,
    default=None,
    help="A list of schools instead: each gets its own link by e-mail.",
)
@click.option("--no-send", is_flag=True, help="With --list: put them on the list, and write to nobody yet.")
@as_option
@data_option
@json_option
@on_event_loop
async def invite(
    slug: str | None,
    days: int,
    uses: int,
    note: str,
    file: Path | None,
    no_send: bool,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Make a link that pins the network's key and lets schools apply; or invite a whole list."""
    if file is not None:
        await invite_list(file, slug, email, data, is_sending=not no_send, as_json=as_json)
        return
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        issued = await create_invitation(
            session, node=node, network_id=run.id, actor=actor, days=days, uses=uses, note=note, now=node.clock()
        )
    if as_json:
        print_json({"link": issued.link, "uses": issued.uses, "expires_at": issued.expires_at.isoformat()})
    else:
        print_pairs(
            [("Link", issued.link), ("Uses", issued.uses), ("Until", issued.expires_at.strftime("%Y-%m-%d %H:%M UTC"))]
        )


@network.command()
@network_option
@set_option
@click.option("--text", "texts", metavar="NAME=TEXT", multiple=True, help=f"Of the charter: {', '.join(CHARTER)}.")
@as_option
@data_option
@json_option
@on_event_loop
async def policy(
    slug: str | None,
    changes: tuple[str, ...],
    texts: tuple[str, ...],
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show charter and policy, or change them from the next epoch on."""
    values, said = read_changes(changes), _texts(texts)
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if values or said:
            actor = await coordinator_actor(session, run.id, email)
            await change_policy(
                session,
                network_id=run.id,
                policy=values,
                charter=said,
                version=run.version,
                actor=actor,
                now=node.clock(),
            )
        shown = {"policy": await current_policy(session, run.id), "charter": await current_charter(session, run.id)}
        in_force = await terms_in_force(session, run)
    if as_json:
        waiting = [{**asdict(one), "opens": one.opens.isoformat()} for one in in_force.waiting]
        print_json({**shown, "in_force": {"policy": in_force.policy, "epoch": in_force.epoch, "waiting": waiting}})
        return
    click.echo(f"In force: policy version {in_force.policy['version']}.")
    for one in in_force.waiting:
        click.echo(f"Version {one.version} waits for epoch {one.epoch}, by plan on {one.opens:%Y-%m-%d}.")
    click.echo("")
    for document in shown.values():
        print_pairs([(name, value) for name, value in document.items() if name not in ("v", "kind")])
        click.echo("")


@network.command()
@network_option
@click.option("--announce", is_flag=True, help="Announce the next one; issuing begins at once.")
@as_option
@data_option
@json_option
@on_event_loop
async def epoch(slug: str | None, announce: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Show the epochs and who waits, or announce the next one; beside an open one, a supplementary epoch."""
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            run = await network_that(session, slug)
            actor = await coordinator_actor(session, run.id, email) if announce else None
        if actor is not None:
            await announce_epoch(node, network_id=run.id, actor=actor, now=node.clock())
        async with node.database.reading() as session:
            views = await epoch_views(session, run.id, node.clock())
            beside = await supplement_standing(session, run.id, node.clock())
    shown = [view.document() for view in views]
    if as_json:
        waits = {"waiting": beside.waiting, "needed": beside.needed} if beside else None
        print_json({"epochs": shown, "supplement": waits})
        return
    keys = ("epoch", "phase", "issued", "registered", "issue_to", "active_from", "active_to")
    print_table(
        keys, [tuple(line[key] for key in keys) for line in shown], empty="No epoch yet: nic network epoch --announce"
    )
    if beside is not None:
        click.echo(f"{beside.waiting} members wait for a supplementary epoch; {beside.needed} must.")


def _numbers(proposal: Proposal | None) -> dict[str, Any]:
    """The two numbers that follow from how many schools are sure, as the page proposes them."""
    if proposal is None:
        return {}
    return {"min_issued": proposal.min_issued, "context_k": proposal.context_k}


def _tell_costs(proposal: Proposal | None) -> None:
    if proposal is None:
        return
    for cost in costs_of(proposal):
        click.echo(f"{cost.label}: {cost.value}. {cost.text % cost.values}")
    if proposal.warning:
        click.echo(proposal.warning, err=True)


def _texts(said: tuple[str, ...]) -> dict[str, str]:
    texts = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not equals or name not in CHARTER:
            raise click.BadParameter(f"write NAME=TEXT with a name of {', '.join(CHARTER)}", param_hint="--text")
        texts[name] = value
    return texts


JOINING = (join, confirm, leave, repin, renew, appeal, history)
VETTING = (applications, directory, code, approve_all, approve)
DECIDING = (moderation, theory, synthesis, renewals, appeals, members, reject, suspend, reinstate, revoke)
INVITING = (invitees, remind, roles)
COORDINATING = (coordinators, decisions, reverse, rotate_key, recover)

ACROSS = (above, others)

for command in (*JOINING, *VETTING, *DECIDING, *INVITING, *COORDINATING, *ACROSS):
    network.add_command(command)
