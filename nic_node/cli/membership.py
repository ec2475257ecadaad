"""`nic network join`, `confirm`, `renew`, `appeal`, `history`: this school asks, and reads how it stands."""

from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.follow import check_membership
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import Offer, look_up
from nic_node.membership.read import Membership, membership_of, memberships
from nic_node.membership.repin import repin as hold_to
from nic_node.membership.tell import ask_for_renewal, send_appeal
from nic_node.membership.tell import confirm as send_code
from nic_node.membership.today_terms import TodaysTerms, todays_terms
from nic_node.membership.words import STATE_WORDS, move_words
from schemas.states import APPLIED, APPROVED, REVOKED


@click.command()
@click.argument("link", metavar="LINK")
@click.option(
    "--accept", is_flag=True, help="Accept the charter and policy, and apply; without it they are only shown."
)
@click.option("--contact-name", default="", help="Whom the coordinator may call.")
@click.option("--contact-email", default="", help="Their address at the school.")
@click.option("--contact-role", default="", help="Such as principal.")
@click.option("--contact-phone", default="", help="A published number.")
@as_option
@data_option
@json_option
@on_event_loop
async def join(
    link: str,
    accept: bool,
    contact_name: str,
    contact_email: str,
    contact_role: str,
    contact_phone: str,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Read an invitation, show what the network asks for, and apply."""
    contact = {"name": contact_name, "email": contact_email, "role": contact_role, "phone": contact_phone}
    async with opened_node(data) as node:
        offer = await look_up(node, link, now=node.clock())
        if not accept:
            show_offer(offer, as_json=as_json)
            return
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.join")
        accepted = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=contact)
        membership_id = await apply(node, actor=actor, offer=offer, acceptance=accepted, now=node.clock())
        async with node.database.reading() as session:
            made = await membership_of(session, membership_id)
    if as_json:
        print_json({"id": made.id, "network": made.network, "state": made.state, "application": made.application_id})
    else:
        click.echo(f"Applied to {made.name} ({made.state}). Its coordinator gives you a code: nic network confirm CODE")


@click.command()
@click.argument("link", metavar="LINK")
@as_option
@data_option
@json_option
@on_event_loop
async def repin(link: str, email: str | None, data: Path | None, as_json: bool) -> None:
    """Hold to the new key of a network that this school belongs to: its old one was lost."""
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.join")
        offer = await look_up(node, link, now=node.clock())
        membership_id = await hold_to(node, actor=actor, offer=offer, now=node.clock())
        await check_membership(node, membership_id)
        async with node.database.reading() as session:
            made = await membership_of(session, membership_id)
    if as_json:
        print_json({"id": made.id, "network": made.network, "state": made.state, "generation": made.generation})
    else:
        click.echo(f"This node holds to the new key of {made.name} now ({made.state}).")


@click.command()
@click.argument("code", metavar="CODE")
@as_option
@data_option
@json_option
@on_event_loop
async def confirm(code: str, email: str | None, data: Path | None, as_json: bool) -> None:
    """Send back the one-time code that the coordinator gave this school."""
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.join")
            waiting = [each for each in await memberships(session) if each.state == APPLIED and not each.confirmed]
        if len(waiting) != 1:
            raise NotFound(f"{len(waiting)} applications of this school wait for a code; type it on the page Network.")
        await send_code(node, actor=actor, membership_id=waiting[0].id, code=code, now=node.clock())
    if as_json:
        print_json({"id": waiting[0].id, "confirmed": True})
    else:
        click.echo(f"Confirmed. {waiting[0].name} decides now.")


@click.command()
@click.option("--in", "network", metavar="ADDRESS", default=None, help="The network's address, if there are several.")
@click.option("--accept", is_flag=True, help="Accept charter and policy as they stand, and ask; else only show them.")
@as_option
@data_option
@json_option
@on_event_loop
async def renew(network: str | None, accept: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Ask for the next term of this school's membership."""
    async with opened_node(data) as node:
        one = await _membership(node, network, frozenset({APPROVED}))
        terms = await todays_terms(node, one.id)
        if not accept:
            show_terms(terms, as_json=as_json)
            return
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.join")
        await ask_for_renewal(node, actor=actor, membership_id=one.id, accepted=terms.accepted, now=node.clock())
        await check_membership(node, one.id)
    if as_json:
        print_json({"id": one.id, "asked": True})
    else:
        click.echo(f"Asked. A coordinator of {one.name} decides: nic network history")


@click.command()
@click.option("--in", "network", metavar="ADDRESS", default=None, help="The network's address, if there are several.")
@click.option("--text", default="", help="Why the network should let the school in again; only coordinators read it.")
@click.option("--accept", is_flag=True, help="Accept charter and policy as they stand, and send; else only show them.")
@as_option
@data_option
@json_option
@on_event_loop
async def appeal(
    network: str | None, text: str, accept: bool, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Ask to be let in again after a revocation."""
    async with opened_node(data) as node:
        one = await _membership(node, network, frozenset({REVOKED}))
        terms = await todays_terms(node, one.id)
        if not accept:
            show_terms(terms, as_json=as_json)
            return
        async with node.database.reading() as session:
            actor = await acting_person(session, email, "network.join")
        await send_appeal(node, actor=actor, membership_id=one.id, text=text, accepted=terms.accepted, now=node.clock())
        await check_membership(node, one.id)
    if as_json:
        print_json({"id": one.id, "sent": True})
    else:
        click.echo(f"Sent. The coordinators of {one.name} decide: nic network history")


@click.command()
@data_option
@json_option
@on_event_loop
async def history(data: Path | None, as_json: bool) -> None:
    """How this school's memberships stand, and every move of each with its reason."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await memberships(session)
    if as_json:
        print_json({"memberships": [_told(one) for one in found]})
        return
    if not found:
        click.echo("This school never applied anywhere: nic network join LINK")
    for one in found:
        print_pairs([("Network", f"{one.name}, {one.network}"), ("State", STATE_WORDS[one.state][0])])
        rows = [
            (move["when"].strftime("%Y-%m-%d"), move["state"], f"{move['reason']}. {move['says']}", move["note"])
            for move in map(move_words, one.moves)
        ]
        print_table(("when", "state", "why", "note"), rows, empty="The network has not answered yet.")


def _told(one: Membership) -> dict[str, Any]:
    moves = [{**words, "when": words["when"].isoformat()} for words in map(move_words, one.moves)]
    own = {"appeal": one.appeal, "renewal": one.renewal, "appeals_seen": list(one.appeals_seen)}
    return {"id": one.id, "network": one.network, "name": one.name, "state": one.state, "moves": moves, **own}


async def _membership(node: LocalNode, network: str | None, states: frozenset[str]) -> Membership:
    """The one in this network, or the only one, in one of these states."""
    async with node.database.reading() as session:
        found = [one for one in await memberships(session) if one.state in states]
    if network is not None:
        found = [one for one in found if one.network == network]
    if len(found) != 1:
        words = " or ".join(sorted(states))
        raise NotFound(f"{len(found)} memberships of this school are {words}. `nic network history` shows all.")
    return found[0]


def show_terms(terms: TodaysTerms, *, as_json: bool) -> None:
    if as_json:
        print_json({"policy": dict(terms.policy), "charter": dict(terms.charter), "changed": terms.changed})
        return
    for document in (terms.charter, terms.policy):
        print_pairs([(name, value) for name, value in document.items() if name not in ("v", "kind", "network")])
        click.echo("")
    click.echo("To accept both and go on: the same command with --accept.")


def show_offer(offer: Offer, *, as_json: bool) -> None:
    if as_json:
        print_json({"network": offer.network, "policy": dict(offer.policy), "charter": dict(offer.charter)})
        return
    print_pairs([("Network", f"{offer.name}, {offer.network}")])
    for document in (offer.charter, offer.policy):
        click.echo("")
        print_pairs([(name, value) for name, value in document.items() if name not in ("v", "kind", "network", "name")])
    click.echo("\nTo accept both and apply: the same command with --accept and --contact-name, --contact-email.")
