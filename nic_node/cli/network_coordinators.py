"""`nic network`, the part about who decides: the list of coordinators, their decisions, taking those back."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import find_by_email
from nic_node.accounts.tables import Person
from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_pairs, print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.network.approvals import Yes, list_approvals
from nic_node.network.coordinators import (
    add_coordinator,
    coordinator_actor,
    coordinators_of,
    deciding_ids,
    remove_coordinator,
    restore_coordinator,
)
from nic_node.network.decisions import Decision, Span, list_decisions
from nic_node.network.named import Naming, list_namings
from nic_node.network.reverse import reverse_decisions
from nic_node.network.tables import Network
from nic_node.network.voices import Voice, list_voices

moment_option = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])


def _span_options(command: Any) -> Any:
    since = click.option("--since", type=moment_option, default=None, help="From this day or moment on, school's time.")
    until = click.option("--until", type=moment_option, default=None, help="Before this day or moment.")
    return since(until(command))


@click.command()
@click.option("--add", "added", metavar="EMAIL", default=None, help="Let somebody of this node decide too.")
@click.option("--remove", "removed", metavar="EMAIL", default=None, help="Take somebody off the list.")
@click.option(
    "--restore",
    "restored",
    metavar="EMAIL",
    default=None,
    help="Where nobody decides any more: let this person; for an administrator.",
)
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def coordinators(
    added: str | None,
    removed: str | None,
    restored: str | None,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Who decides for the network: show, add, remove, or restore when all are gone."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if restored is not None:
            await _restore(session, node, run, restored, email)
        if added is not None:
            actor = await coordinator_actor(session, run.id, email)
            await add_coordinator(session, actor=actor, network_id=run.id, email=added, now=node.clock())
        if removed is not None:
            actor = await coordinator_actor(session, run.id, email)
            person = await _person(session, removed)
            await remove_coordinator(session, actor=actor, network_id=run.id, person_id=person.id, now=node.clock())
        people, deciding = await coordinators_of(session, run.id), await deciding_ids(session, run.id)
    shown = [
        {"id": person.id, "name": person.name, "email": person.email, "decides": person.id in deciding}
        for person in people
    ]
    if as_json:
        print_json({"coordinators": shown})
        return
    rows = [(one["name"], one["email"], "yes" if one["decides"] else "account closed") for one in shown]
    print_table(("name", "e-mail", "decides"), rows, empty="Nobody: nic network coordinators --restore EMAIL")


async def _restore(session: AsyncSession, node: LocalNode, run: Network, who: str, email: str | None) -> None:
    actor = await acting_person(session, email, "network.found")
    await restore_coordinator(session, actor=actor, network_id=run.id, email=who, now=node.clock())


@click.command()
@click.option("--by", "decider", metavar="EMAIL", default=None, help="Only this person's.")
@_span_options
@network_option
@data_option
@json_option
@on_event_loop
async def decisions(
    decider: str | None,
    since: datetime | None,
    until: datetime | None,
    slug: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """What coordinators decided about memberships, the newest first."""
    async with opened_node(data) as node, node.database.reading() as session:
        run = await network_that(session, slug)
        by = (await _person(session, decider)).id if decider is not None else None
        span = _span(node, since, until)
        found = await list_decisions(session, run.id, by=by, span=span)
        voices = await list_voices(session, run.id, by=by, span=span)
        approvals = await list_approvals(session, run.id, by=by, span=span)
        namings = await list_namings(session, run.id, by=by, span=span)
    if as_json:
        said: dict[str, Any] = {"decisions": found, "voices": voices, "approvals": approvals, "namings": namings}
        print_json({name: [_told(one) for one in ones] for name, ones in said.items()})
        return
    rows = [
        (one.at.strftime("%Y-%m-%d %H:%M UTC"), one.by, one.school, f"{one.from_state} -> {one.to_state}", one.reason)
        for one in found
    ]
    rows += [
        (
            one.at.strftime("%Y-%m-%d %H:%M UTC"),
            one.by,
            one.school,
            f"appeal, {one.state}",
            "said yes" if one.grants else "said no",
        )
        for one in voices
    ]
    rows += [
        (one.at.strftime("%Y-%m-%d %H:%M UTC"), one.by, one.school, f"a yes; now {one.state}", "") for one in approvals
    ]
    rows += [
        (
            one.at.strftime("%Y-%m-%d %H:%M UTC"),
            one.by,
            one.person,
            f"coordinator, {one.act}",
            "decides today" if one.decides else "",
        )
        for one in namings
    ]
    print_table(("when", "by", "school", "move", "reason"), rows, empty="Nothing was decided in that time.")


@click.command()
@click.option("--by", "decider", metavar="EMAIL", required=True, help="Whose decisions; they must decide no more.")
@_span_options
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def reverse(
    decider: str,
    since: datetime | None,
    until: datetime | None,
    slug: str | None,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Take back, in one act, what a stolen account decided."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        actor = await coordinator_actor(session, run.id, email)
        done = await reverse_decisions(
            session,
            node,
            network_id=run.id,
            person_id=(await _person(session, decider)).id,
            span=_span(node, since, until),
            actor=actor,
            now=node.clock(),
        )
    if as_json:
        print_json(asdict(done))
        return
    pairs = [
        ("Taken back", f"{len(done.undone)} schools"),
        ("Left alone", ", ".join(map(str, done.left)) and f"members {', '.join(map(str, done.left))}: decided since"),
        ("Links closed", len(done.invitations)),
        ("Voices in open appeals", len(done.voices)),
    ]
    print_pairs(pairs)


async def _person(session: AsyncSession, email: str) -> Person:
    person = await find_by_email(session, email)
    if person is None:
        raise NotFound("Nobody here signs in with that address. `nic user list` shows who does.")
    return person


def _span(node: LocalNode, since: datetime | None, until: datetime | None) -> Span:
    zone = ZoneInfo(node.config.time_zone)
    ends = [end if end is None or end.tzinfo else end.replace(tzinfo=zone) for end in (since, until)]
    return Span(since=ends[0] and ends[0].astimezone(UTC), until=ends[1] and ends[1].astimezone(UTC))


def _told(one: Decision | Voice | Yes | Naming) -> dict[str, Any]:
    return {**asdict(one), "at": one.at.isoformat()}
