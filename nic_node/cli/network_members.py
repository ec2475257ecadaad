"""`nic network`, the part about members: who waits, who is in, and what a coordinator decides."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.membership.local import LocalNode
from nic_node.network.confirm import give_code
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.decide import approve as approve_application
from nic_node.network.decide import decide
from nic_node.network.find import ORDERS, Wanted, every_member
from nic_node.network.members import member_of, waiting_members
from nic_node.network.roles import give_roles
from nic_node.network.tables import Member
from nic_node.network.transitions import Move
from nic_node.network.vet import settle_check, vettings_of
from nic_node.network.vetting import SETTLED_BY_PERSON, Vetting
from schemas.entity import TRUST_MARK_ROLES
from schemas.states import APPROVED, REJECTED, REVOKED, STATES, SUSPENDED
from schemas.vocab import MEMBERSHIP_REASONS

member_argument = click.argument("member_id", metavar="MEMBER", type=click.IntRange(1))
MOST_SHOWN = 500


@click.command()
@network_option
@data_option
@json_option
@on_event_loop
async def applications(slug: str | None, data: Path | None, as_json: bool) -> None:
    """Who waits for a decision, with the checks of each."""
    async with opened_node(data) as node, node.database.reading() as session:
        run = await network_that(session, slug)
        waiting = await waiting_members(session, run.id, limit=MOST_SHOWN)
        checks = await vettings_of(session, run, waiting)
    if as_json:
        shown = [{**_member(member), "checks": _checks(checks[member.id])} for member in waiting]
        print_json({"applications": shown})
        return
    rows = [
        (member.id, member.name, member.entity, _open_checks(checks[member.id]), member.applied_at.strftime("%Y-%m-%d"))
        for member in waiting
    ]
    print_table(("member", "name", "address", "still open", "since"), rows, empty="Nobody waits for a decision.")


@click.command()
@network_option
@click.option("--state", type=click.Choice(STATES), default=None, help="Only those.")
@click.option("--search", "words", default="", help="Words of the name, address, district or directory id.")
@click.option("--order", type=click.Choice(list(ORDERS)), default="oldest", show_default=True, help="Who comes first.")
@data_option
@json_option
@on_event_loop
async def members(
    slug: str | None, state: str | None, words: str, order: str, data: Path | None, as_json: bool
) -> None:
    """Everybody who ever applied, in any state."""
    async with opened_node(data) as node, node.database.reading() as session:
        run = await network_that(session, slug)
        found = await every_member(session, run.id, Wanted(state=state, words=words, order=order, limit=MOST_SHOWN))
    if as_json:
        print_json({"members": [_member(member) for member in found]})
        return
    rows = [(member.id, member.name, member.entity, member.state) for member in found]
    print_table(("member", "name", "address", "state"), rows, empty="No member yet: nic network invite")


@click.command()
@member_argument
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def code(member_id: int, slug: str | None, email: str | None, data: Path | None, as_json: bool) -> None:
    """Draw the one-time code that you give through the school's published contact."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        drawn = await give_code(
            session, node=node, network_id=run.id, member_id=member_id, actor=actor, now=node.clock()
        )
    if as_json:
        print_json({"code": drawn})
    else:
        click.echo(drawn)


@click.command()
@member_argument
@click.option(
    "--settle",
    "checks",
    type=click.Choice(sorted(SETTLED_BY_PERSON)),
    multiple=True,
    help="You looked into this check yourself. May repeat.",
)
@click.option("--note", default="", help="Kept with the decision; the school reads it.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def approve(
    member_id: int,
    checks: Sequence[str],
    note: str,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Say yes to an application whose checks all pass."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        for check in checks:
            await settle_check(
                session, network_id=run.id, member_id=member_id, check=check, actor=actor, now=node.clock()
            )
        version = (await member_of(session, run.id, member_id)).version
        member = await approve_application(
            session,
            node,
            network_id=run.id,
            member_id=member_id,
            actor=actor,
            version=version,
            note=note,
            now=node.clock(),
        )
        shown = _member(member)
    _tell(shown, as_json=as_json)


def _deciding(name: str, to_state: str, says: str) -> click.Command:
    """One of the moves that need a reason of the list."""

    @click.command(name, help=says)
    @member_argument
    @click.option(
        "--reason", type=click.Choice([entry.id for entry in MEMBERSHIP_REASONS.values()]), required=True, help="Why."
    )
    @click.option("--note", default="", help="Kept with the decision; the school reads it.")
    @network_option
    @as_option
    @data_option
    @json_option
    @on_event_loop
    async def command(
        member_id: int,
        reason: str,
        note: str,
        slug: str | None,
        email: str | None,
        data: Path | None,
        as_json: bool,
    ) -> None:
        async with opened_node(data) as node:
            shown = await _decide(node, slug, email, member_id, (to_state, reason, note))
        _tell(shown, as_json=as_json)

    return command


reject = _deciding("reject", REJECTED, "Say no to an application.")
suspend = _deciding("suspend", SUSPENDED, "Let a member read on, but write nothing.")
reinstate = _deciding("reinstate", APPROVED, "Let a suspended member write again.")
revoke = _deciding("revoke", REVOKED, "End a membership.")


async def _decide(
    node: LocalNode, slug: str | None, email: str | None, member_id: int, said: tuple[str, str, str]
) -> dict[str, Any]:
    to_state, reason, note = said
    async with node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        version = (await member_of(session, run.id, member_id)).version
        move = Move(to_state=to_state, reason=reason, actor=actor, note=note)
        member = await decide(
            session, node, network_id=run.id, member_id=member_id, move=move, version=version, now=node.clock()
        )
        return _member(member)


@click.command()
@member_argument
@click.option("--give", "given", type=click.Choice(TRUST_MARK_ROLES), multiple=True, help="May repeat.")
@click.option("--withdraw", "withdrawn", type=click.Choice(TRUST_MARK_ROLES), multiple=True, help="May repeat.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def roles(
    member_id: int,
    given: Sequence[str],
    withdrawn: Sequence[str],
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Which roles a member has: publisher, witness, mirror; give and withdraw them."""
    async with opened_node(data) as node:
        async with node.database.reading() as session:
            run = await network_that(session, slug)
            member = await member_of(session, run.id, member_id)
            actor = await coordinator_actor(session, run.id, email) if given or withdrawn else None
        if actor is not None:
            member = await give_roles(
                node,
                network_id=run.id,
                member_id=member_id,
                roles=set(member.roles) - set(withdrawn) | set(given),
                version=member.version,
                actor=actor,
                now=node.clock(),
            )
    shown = {**_member(member), "roles": list(member.roles)}
    if as_json:
        print_json(shown)
    else:
        print_pairs([("School", member.name), ("Roles", ", ".join(member.roles) or "none")])


def _member(member: Member) -> dict[str, Any]:
    return {
        "member": member.id,
        "name": member.name,
        "entity": member.entity,
        "state": member.state,
        "applied_at": member.applied_at.isoformat(),
        "approved_at": member.approved_at.isoformat() if member.approved_at else None,
    }


def _checks(vetting: Vetting) -> list[dict[str, str]]:
    return [
        {"check": check.name, "state": check.state, "text": check.text, "note": check.note % check.values}
        for check in vetting.checks
    ]


def _open_checks(vetting: Vetting) -> str:
    return ", ".join(check.name for check in vetting.checks if check.state != "ok") or "none: approve or reject"


def _tell(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
    else:
        print_pairs([("School", shown["name"]), ("Address", shown["entity"]), ("State", shown["state"])])
