"""`nic practice publish`: the two acts of two people. The author sends to review, another person signs the bytes."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.publishing.correct import start_correction
from nic_node.publishing.decide import approve
from nic_node.publishing.drafts import draft_of, send_to_review, start_draft
from nic_node.publishing.preview import preview
from nic_node.publishing.read import sharing_of, sharing_of_draft
from nic_node.publishing.states import DraftState
from nic_node.publishing.withdraw import withdraw as take_back_release

at_once_option = click.option(
    "--at-once",
    is_flag=True,
    help="In the open: within a minute; the network sees from where, and so whose it was, and all else of that term.",
)


@click.command()
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))
@click.option("--approve", "sha256", metavar="SHA256", default=None, help="As reviewer: the bytes that you looked at.")
@click.option("--confirm", "confirmation", default="", help="As reviewer: the words that the review page asks for.")
@as_option
@data_option
@json_option
@on_event_loop
async def publish(
    project_id: int, sha256: str | None, confirmation: str, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Send a closed project to review; another person approves it with --approve SHA256 --confirm WORDS."""
    async with opened_node(data) as node, node.database.writing() as session:
        if sha256 is None:
            actor = await acting_person(session, email, "share.draft")
            draft_id = await _send(session, node, actor, project_id)
        else:
            actor = await acting_person(session, email, "share.review")
            draft_id = await _approve(session, node, actor, project_id, sha256, confirmation)
        shown = await _standing(session, node, draft_id)
    if as_json:
        print_json(shown)
    else:
        _tell(shown)


async def _send(session: AsyncSession, node: LocalNode, actor: Actor, project_id: int) -> int:
    sharing = await sharing_of(session, project_id)
    now = node.clock()
    if sharing is None:
        row = await start_draft(session, node, actor=actor, project_id=project_id, now=now)
    else:
        row = await draft_of(session, sharing.draft_id)
    if row.state == DraftState.DRAFT:
        row = await send_to_review(session, node, actor=actor, draft_id=row.id, version=row.version, now=now)
    return row.id


async def _approve(
    session: AsyncSession, node: LocalNode, actor: Actor, project_id: int, sha256: str, confirmation: str
) -> int:
    sharing = await sharing_of(session, project_id)
    if sharing is None:
        raise NotFound("Nobody has sent this project to review. Its author does: nic practice publish PROJECT.")
    await approve(
        session,
        node,
        actor=actor,
        draft_id=sharing.draft_id,
        sha256=sha256,
        names_anyone=False,
        confirmation=confirmation,
        now=node.clock(),
    )
    return sharing.draft_id


async def _standing(session: AsyncSession, node: LocalNode, draft_id: int) -> dict[str, Any]:
    sharing = await sharing_of_draft(session, draft_id)
    assert sharing is not None
    shown = await preview(session, node, await draft_of(session, draft_id), node.clock())
    return {
        "draft": draft_id,
        "project": sharing.project_id,
        "state": sharing.state,
        "withdrawal": sharing.withdrawal,
        "withdrawal_problem": sharing.withdrawal_problem,
        "network": sharing.network,
        "sha256": shown.sha256,
        "blocked": shown.draft.blocked,
        "open": shown.open_items,
        "rung": shown.draft.rung,
    }


def _tell(shown: dict[str, Any]) -> None:
    click.echo(f"Project {shown['project']} is {shown['state']}.")
    if shown["state"] != DraftState.REVIEW:
        return
    if shown["blocked"] or shown["open"]:
        click.echo(
            f"{shown['open']} findings wait for a decision on the review page, or block it: nic practice preview."
        )
    else:
        click.echo(
            f"Another person approves it on the review page, or with --approve {shown['sha256']} --confirm WORDS."
        )


@click.command()
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))
@at_once_option
@as_option
@data_option
@json_option
@on_event_loop
async def withdraw(project_id: int, at_once: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Take back what was shared of a project; without --at-once nobody sees who did.

    What waits for a slot, or went in one and is not seen in the log, is hurried by asking once more with --at-once.
    """
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        sharing = await sharing_of(session, project_id)
        if sharing is None:
            raise NotFound("Nothing of this project was shared. List what was: nic practice search.")
        await take_back_release(
            session, node, actor=actor, draft_id=sharing.draft_id, at_once=at_once, now=node.clock()
        )
        shown = await _standing(session, node, sharing.draft_id)
    if as_json:
        print_json(shown)
    else:
        click.echo("It is withdrawn; a running node (or nic sync) sends the retraction.")


@click.command()
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))
@as_option
@data_option
@json_option
@on_event_loop
async def correct(project_id: int, email: str | None, data: Path | None, as_json: bool) -> None:
    """Open what was shared of a project anew, to be corrected; then go on with nic practice publish."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        sharing = await sharing_of(session, project_id)
        if sharing is None:
            raise NotFound("Nothing of this project was shared. List what was: nic practice search.")
        await start_correction(session, node, actor=actor, draft_id=sharing.draft_id, now=node.clock())
        shown = await _standing(session, node, sharing.draft_id)
    if as_json:
        print_json(shown)
    else:
        click.echo("It is a draft again. Others read the earlier version until the new one is in the log.")
