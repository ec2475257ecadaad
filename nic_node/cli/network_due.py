"""`nic network`, the part about renewals and appeals: what waits, and a coordinator's decision."""

from pathlib import Path

import click

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.network.appeal import AppealView, open_appeals, voice_appeal
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.members import member_of
from nic_node.network.renew import decline_renewal, ending_soon, renew, waiting_renewals
from nic_node.network.tables import Member

note_option = click.option("--note", default="", help="Kept with the decision; the school reads it.")


@click.command()
@click.option("--renew", "renewed", metavar="MEMBER", type=click.IntRange(1), multiple=True, help="May repeat.")
@click.option("--all", "everybody", is_flag=True, help="Renew every member that asks, in one act.")
@click.option("--decline", "declined", metavar="MEMBER", type=click.IntRange(1), default=None, help="Let it end.")
@note_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def renewals(
    renewed: tuple[int, ...],
    everybody: bool,
    declined: int | None,
    note: str,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Who asks for another term and whose term ends soon; renew them, or let one end."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email) if renewed or everybody or declined else None
        if actor is not None and declined is not None:
            version = (await member_of(session, run.id, declined)).version
            await decline_renewal(
                session, node, network_id=run.id, member_id=declined, version=version, note=note, actor=actor,
                now=node.clock(),
            )  # fmt: skip
        if actor is not None and (renewed or everybody):
            chosen = [await member_of(session, run.id, member_id) for member_id in renewed]
            chosen = await waiting_renewals(session, run.id) if everybody else chosen
            versions = {member.id: member.version for member in chosen}
            await renew(session, node, network_id=run.id, versions=versions, note=note, actor=actor, now=node.clock())
        asking = await waiting_renewals(session, run.id)
        ending = await ending_soon(session, run.id, node.clock())
    if as_json:
        print_json({"asking": [_member(one) for one in asking], "ending": [_member(one) for one in ending]})
        return
    rows = [(one.id, one.name, _day(one), "yes") for one in asking] + [(m.id, m.name, _day(m), "") for m in ending]
    print_table(("member", "name", "until", "asks"), rows, empty="No term ends within 60 days.")


@click.command()
@click.option("--grant", "granted", metavar="MEMBER", type=click.IntRange(1), default=None, help="Say yes.")
@click.option("--decline", "declined", metavar="MEMBER", type=click.IntRange(1), default=None, help="Say no.")
@note_option
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def appeals(
    granted: int | None,
    declined: int | None,
    note: str,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Who appeals against its revocation; say yes or no."""
    if granted and declined:
        raise click.UsageError("Grant one appeal or decline one; not both at once.")
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        member_id = granted or declined
        if member_id is not None:
            await voice_appeal(
                session,
                node,
                network_id=run.id,
                member_id=member_id,
                grants=granted is not None,
                note=note,
                version=(await member_of(session, run.id, member_id)).version,
                actor=await coordinator_actor(session, run.id, email),
                now=node.clock(),
            )
        views = await open_appeals(session, run.id)
    if as_json:
        print_json({"appeals": [_appeal(view) for view in views]})
        return
    if not views:
        click.echo("No appeal waits for a decision.")
    for view in views:
        print_pairs([(name.capitalize(), value) for name, value in _appeal(view).items()])
        click.echo("")


def _member(member: Member) -> dict[str, object]:
    asked = member.renewal_asked_at
    return {
        "member": member.id,
        "name": member.name,
        "entity": member.entity,
        "expires_at": member.expires_at.isoformat() if member.expires_at else None,
        "asked_at": asked.isoformat() if asked else None,
    }


def _day(member: Member) -> str:
    return member.expires_at.strftime("%Y-%m-%d") if member.expires_at else ""


def _appeal(view: AppealView) -> dict[str, object]:
    return {
        "member": view.member.id,
        "name": view.member.name,
        "text": view.appeal.text,
        "received_at": view.appeal.received_at.isoformat(),
        "voices": view.voices,
        "needed": view.needed,
        "earliest": view.earliest.isoformat() if view.earliest else None,
    }
