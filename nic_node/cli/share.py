"""`nic share`: what this school shared, how far each thing is, and where it stands in its networks' terms."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.files import existing_file, read_limited, write_private
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.clock import system_clock
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.membership.read import Membership, current_memberships, memberships
from nic_node.mirror.acks import erasures_of
from nic_node.mirror.own_rules import set_own_rules
from nic_node.mirror.own_rules_pages import own_rules_document
from nic_node.peerhttp.client import PeerClient
from nic_node.publishing.places import place_of_release
from nic_node.publishing.read import Sharing, all_sharing
from nic_node.publishing.relays.draw import redraw, send_directly
from nic_node.publishing.relays.ways import Way, all_ways
from nic_node.publishing.standing import Standing, standing_in
from nic_node.publishing.withdrawals import (
    MOST_BYTES,
    RetractionRefused,
    Withdrawal,
    chosen_of,
    export_withdrawals,
    read_file,
    send_openly,
)


@click.group()
def share() -> None:
    """What this school shared, and where it stands in its networks' terms."""


@share.command(name="list")
@data_option
@json_option
@on_event_loop
async def list_shared(data: Path | None, as_json: bool) -> None:
    """Each project on its way out: how far it is and, once it was taken back, how many promised to have erased it."""
    async with opened_node(data) as node, node.database.reading() as session:
        items = [await _document(session, node, one) for one in await all_sharing(session)]
    if as_json:
        print_json({"items": items})
        return
    rows = [(one["project"], one["title"], one["state"], one["withdrawal"], _erased(one["erased"])) for one in items]
    empty = "Nothing was drafted yet: nic practice preview PROJECT."
    print_table(("project", "title", "state", "withdrawal", "erased"), rows, empty=empty)
    for one in items:
        for problem in filter(None, (one["withdrawal_problem"], one["earlier_problem"])):
            click.echo(f"{one['title']}: {problem}")


async def _document(session: AsyncSession, node: LocalNode, one: Sharing) -> dict[str, Any]:
    place = await place_of_release(session, node, one.release_id) if one.release_id else None
    erased = await erasures_of(session, place.record_id) if place else None
    return {
        "draft": one.draft_id,
        "project": one.project_id,
        "title": one.title,
        "network": one.network,
        "state": one.state,
        "problem": one.problem,
        "withdrawal": one.withdrawal,
        "withdrawal_problem": one.withdrawal_problem,
        "earlier_problem": one.earlier_problem,
        "record": place.record_id if place else None,
        "erased": {"promised": erased.promised, "members": erased.members, "as_of": erased.as_of.isoformat()}
        if erased
        else None,
    }


def _erased(erased: dict[str, Any] | None) -> str:
    return f"{erased['promised']} of {erased['members']} promised" if erased else ""


@share.command()
@data_option
@json_option
@on_event_loop
async def standing(data: Path | None, as_json: bool) -> None:
    """Where this school stands in each network's terms: whether something can leave, and what it waits for."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = [await standing_in(session, one, node.clock()) for one in await memberships(session)]
    if as_json:
        print_json({"items": [_standing_document(one) for one in found]})
        return
    for one in found:
        click.echo(_says(one))
        if counts := _counts(one):
            click.echo(f"  {counts}")
        if one.problem:
            click.echo(f"  Last try: {one.problem}")
    if not found:
        click.echo("This node is in no network yet: nic network join LINK.")


def _standing_document(one: Standing) -> dict[str, Any]:
    told: tuple[str, ...] = (
        "network",
        "name",
        "ready",
        "epoch",
        "phase",
        "state",
        "problem",
        "issued",
        "registered",
        "members",
    )
    told += ("waiting", "least", "queued")
    return {name: getattr(one, name) for name in told} | {
        "says": _says(one),
        "unaccounted": one.unaccounted,
        "alarm": one.alarm,
    }


def _counts(one: Standing) -> str:
    """What is wrong, or open, with the credentials of the term; "" where nothing is."""
    if one.alarm:
        return (
            f"The counts of this term do not add up: {one.issued} credentials, {one.registered} pseudonyms,"
            f" {one.members} members. Ask a coordinator before you share."
        )
    if one.unaccounted:
        return f"Credentials unaccounted for: {one.unaccounted}. No pseudonym was registered with them."
    return ""


def _says(one: Standing) -> str:
    values = {
        name: f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
        for name, value in one.values.items()
    }
    return one.says.format(name=one.name, **values)


network_option = click.option("--network", "address", default=None, help="The network's address; needed if in several.")


async def _membership(session: AsyncSession, address: str | None) -> Membership:
    held = await current_memberships(session)
    chosen = [one for one in held if address in (None, one.network)]
    if len(chosen) != 1:
        raise NotFound("Say which network with --network ADDRESS: nic share standing lists them.")
    return chosen[0]


@share.command()
@click.option(
    "--choose",
    type=click.Choice(["redraw", "direct", "relays"]),
    default=None,
    help="Draw others; leave them out until the term ends (the network sees which records are yours); use them again.",
)
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def relays(choose: str | None, address: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """By which way envelopes travel, and the choice when no relay takes them."""
    async with opened_node(data) as node, node.database.writing() as session:
        if choose is not None:
            network = (await _membership(session, address)).network
            actor = await acting_person(session, email, "share.review")
            if choose == "redraw":
                await redraw(session, node, actor=actor, network=network, now=node.clock())
            else:
                await send_directly(session, actor=actor, network=network, direct=choose == "direct", now=node.clock())
        ways = await all_ways(session, node, node.clock())
    if as_json:
        print_json({"items": [_way_document(one) for one in ways]})
        return
    for one in ways:
        since = f"{one.failing_since:%Y-%m-%d %H:%M} UTC" if one.failing_since else ""
        click.echo(one.says.format(since=since, **one.values))
        if one.warns:
            click.echo("  " + one.warns.format(**one.values))
    if not ways:
        click.echo("This school may publish in no network yet: nic network join LINK.")


def _way_document(one: Way) -> dict[str, Any]:
    return {
        "network": one.network,
        "kind": one.kind,
        "relays": list(one.relays),
        "trusts": one.trusts,
        "hidden_among": one.hidden_among,
        "failing_since": one.failing_since.isoformat() if one.failing_since else None,
    }


@share.command()
@click.option("--relay", "trusted", metavar="ADDRESS", multiple=True, help="A member that may carry. May repeat.")
@click.option("--any-relay", is_flag=True, help="Any member may carry again.")
@click.option("--min-issued", type=click.IntRange(0), default=None, help="Members that a term needs; 0: as the policy.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def rules(
    trusted: tuple[str, ...],
    any_relay: bool,
    min_issued: int | None,
    address: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """What this school asks for beyond a network's policy: relays that it trusts, larger terms. Never less."""
    if trusted and any_relay:
        raise click.UsageError("Name relays, or allow any; not both.")
    async with opened_node(data) as node, node.database.writing() as session:
        membership = await _membership(session, address)
        shown = await own_rules_document(session, membership.id)
        if trusted or any_relay or min_issued is not None:
            await set_own_rules(
                session,
                node,
                actor=await acting_person(session, email, "network.join"),
                membership_id=membership.id,
                relays=trusted or ([] if any_relay else shown["relays"]),
                min_issued=shown["min_issued"] if min_issued is None else min_issued or None,
                version=shown["version"],
                now=node.clock(),
            )
            shown = await own_rules_document(session, membership.id)
    if as_json:
        print_json({"network": membership.network, **shown})
        return
    click.echo(f"Relays: {', '.join(shown['relays']) or 'any member'}.")
    click.echo(f"Members that a term needs: {shown['min_issued'] or shown['least']}.")
    click.echo(f"Records kept and not shown because their term was too small: {shown['hidden']}.")


@share.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@as_option
@data_option
@on_event_loop
async def withdrawals(target: Path, email: str | None, data: Path | None) -> None:
    """Write signed withdrawals of all that was shared to FILE: keep it secret, and not on this machine."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        content = await export_withdrawals(session, node, actor=actor, now=node.clock(), today=school_today(node))
    write_private(target, content)
    click.echo(f"{len(read_file(content))} signed withdrawals are in {target}. Whoever has the file can use them.")


@share.command()
@click.option("--file", "source", required=True, type=existing_file, help="As `nic share withdrawals` wrote it.")
@click.option("--record", "records", metavar="ID", multiple=True, help="Take this one back. May repeat.")
@click.option("--all", "everything", is_flag=True, help="Take back all that stands in it.")
@json_option
@on_event_loop
async def retract(source: Path, records: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Take back by a file of signed withdrawals, without any node; with neither --record nor --all, list it."""
    held = read_file(read_limited(source, MOST_BYTES))
    chosen = chosen_of(held, records) if records or everything else []
    # Whoever types the command chose the file, and may mean this machine.
    async with PeerClient(clock=system_clock, allow_insecure_loopback=True) as client:
        answers = {one.record_id: await _answer(client, one) for one in chosen}
    if as_json:
        items = [
            {"record": one.record_id, "title": one.title, "answer": answers.get(one.record_id, "")} for one in held
        ]
        print_json({"items": items})
        return
    rows = [(one.record_id, one.title, one.shared_on, answers.get(one.record_id, "")) for one in held]
    print_table(("record", "title", "shared on", ""), rows, empty="No withdrawal stands in this file.")


async def _answer(client: PeerClient, one: Withdrawal) -> str:
    """One that its network refuses does not stop those after it."""
    try:
        return "sent" if await send_openly(client, one.network, one.leaf) else "gone already"
    except RetractionRefused as refusal:
        return f"refused: {refusal.detail}"
