"""`nic network above`: under which networks a network of this node belongs, and what it asks of them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from nic_node.accounts.actor import Actor
from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.membership import show_offer, show_terms
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import look_up
from nic_node.membership.words import move_words
from nic_node.network.above.again import appeal_above, renew_above, terms_above
from nic_node.network.above.belong import apply_above, confirm_above, leave_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.read import standing_of, superior_of, superiors_of
from nic_node.network.above.tables import NetworkSuperior
from nic_node.network.above.words import STATES
from nic_node.network.coordinators import coordinator_actor

of_option = click.option("--in", "address", metavar="ADDRESS", default=None, help="The network above, if several.")
accept_option = click.option(
    "--accept", is_flag=True, help="Accept charter and policy, and go on; else only show them."
)


@click.group()
def above() -> None:
    """The networks above one that is run here."""


@above.command("list")
@network_option
@data_option
@json_option
@on_event_loop
async def list_above(slug: str | None, data: Path | None, as_json: bool) -> None:
    """Under which networks it belongs, asked to or did."""
    async with opened_node(data) as node, node.database.reading() as session:
        rows = await superiors_of(session, (await network_that(session, slug)).id)
    if as_json:
        print_json({"superiors": [_document(row) for row in rows]})
        return
    shown = [(row.id, row.name, row.entity, STATES[row.state][0], _day(standing_of(row).expires)) for row in rows]
    print_table(
        ("number", "name", "address", "state", "until"),
        shown,
        empty="It belongs under none: nic network above apply LINK",
    )


@above.command()
@click.argument("link", metavar="LINK")
@accept_option
@click.option("--contact-name", default="", help="Whom the coordinator above may call.")
@click.option("--contact-email", default="", help="Their address.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def apply(
    link: str,
    accept: bool,
    contact_name: str,
    contact_email: str,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Read an invitation of the network above, show what it asks for, and apply."""
    async with opened_node(data) as node:
        offer = await look_up(node, link, now=node.clock())
        if not accept:
            show_offer(offer, as_json=as_json)
            return
        async with node.database.reading() as session:
            run = await network_that(session, slug)
            actor = await coordinator_actor(session, run.id, email)
        made = await apply_above(
            node,
            actor=actor,
            network_id=run.id,
            offer=offer,
            contact={"name": contact_name, "email": contact_email},
            now=node.clock(),
        )
        await _answer(node, run.id, made, as_json=as_json)


@above.command()
@click.argument("code", metavar="CODE")
@of_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def confirm(
    code: str, address: str | None, slug: str | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Send back the one-time code that the coordinator above gave."""
    async with opened_node(data) as node:
        one = await _chosen(node, slug, address, email)
        await confirm_above(node, code=code, now=node.clock(), **one.named)
        await _answer(node, one.network_id, one.superior_id, as_json=as_json)


@above.command()
@of_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def leave(address: str | None, slug: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Belong there no more, or take the application back."""
    async with opened_node(data) as node:
        one = await _chosen(node, slug, address, email)
        await leave_above(node, now=node.clock(), **one.named)
        await _answer(node, one.network_id, one.superior_id, as_json=as_json)


@above.command()
@accept_option
@of_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def renew(
    accept: bool, address: str | None, slug: str | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Ask for the next term there."""
    async with opened_node(data) as node:
        one = await _chosen(node, slug, address, email)
        terms = await terms_above(node, **one.named)
        if not accept:
            show_terms(terms, as_json=as_json)
            return
        await renew_above(node, accepted=terms.accepted, now=node.clock(), **one.named)
        await _answer(node, one.network_id, one.superior_id, as_json=as_json)


@above.command()
@click.option("--text", default="", help="Why it should let this network in again; only its coordinators read it.")
@accept_option
@of_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def appeal(
    text: str,
    accept: bool,
    address: str | None,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Ask to be let in again after a revocation."""
    async with opened_node(data) as node:
        one = await _chosen(node, slug, address, email)
        terms = await terms_above(node, **one.named)
        if not accept:
            show_terms(terms, as_json=as_json)
            return
        await appeal_above(node, text=text, accepted=terms.accepted, now=node.clock(), **one.named)
        await _answer(node, one.network_id, one.superior_id, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Chosen:
    actor: Actor
    network_id: int
    superior_id: int

    @property
    def named(self) -> dict[str, Any]:
        return {"actor": self.actor, "network_id": self.network_id, "superior_id": self.superior_id}


async def _chosen(node: LocalNode, slug: str | None, address: str | None, email: str | None) -> _Chosen:
    """The network above of this address, else the only one."""
    async with node.database.reading() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        found = [row for row in await superiors_of(session, run.id) if address in (None, row.entity)]
    if len(found) != 1:
        raise NotFound(
            f"{len(found)} networks above are meant; say which with --in. `nic network above list` shows all."
        )
    return _Chosen(actor, run.id, found[0].id)


async def _answer(node: LocalNode, network_id: int, superior_id: int, *, as_json: bool) -> None:
    """Ask it how things stand by now, and say so."""
    await check_superior(node, superior_id)
    async with node.database.reading() as session:
        row = await superior_of(session, network_id, superior_id)
    document = _document(row)
    if as_json:
        print_json(document)
        return
    print_pairs([(name.replace("_", " "), value) for name, value in document.items() if name != "moves"])
    for move in map(move_words, standing_of(row).moves[-1:]):
        print_pairs([("why", f"{move['reason']}. {move['says']} {move['note']}".strip())])


def _document(row: NetworkSuperior) -> dict[str, Any]:
    standing = standing_of(row)
    return {
        "id": row.id,
        "entity": row.entity,
        "name": row.name,
        "state": row.state,
        "confirmed": row.confirmed,
        "expires": _day(standing.expires) or None,
        "renewable_from": _day(standing.renewable_from) or None,
        "renewal_asked": _day(standing.renewal_asked) or None,
        "appeal": None if standing.appeal is None else dict(standing.appeal),
        "moves": list(standing.moves),
        "problem": row.problem,
    }


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d")
