"""`nic question`: ask other schools, answer them, and read what was asked and answered."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.cli.practice_publish import at_once_option
from nic_node.commons.practice import readable_record
from nic_node.commons.threads.api import thread_document
from nic_node.commons.threads.read import ThreadPage, calls_page, thread_of, threads_about
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.publishing.drafts import send_to_review
from nic_node.publishing.preview import preview
from nic_node.publishing.questions.asked import Asked, asked_of_us
from nic_node.publishing.questions.write import ASKED_BY, start_answer, start_question
from nic_node.publishing.read import sharing_of_draft
from nic_node.publishing.states import DraftKind
from nic_node.publishing.tables import DraftRow
from nic_node.publishing.withdraw import withdraw as take_back_release

page_option = click.option("--page", type=click.IntRange(1), default=1, help="Which page.")


@click.group()
def question() -> None:
    """Ask other schools, answer them, and read what was asked."""


@question.command(name="list")
@click.argument("about", metavar="RECORD", required=False)
@page_option
@data_option
@json_option
@on_event_loop
async def list_questions(about: str | None, page: int, data: Path | None, as_json: bool) -> None:
    """What is asked about a practice; without RECORD, what other schools ask about ours."""
    async with opened_node(data) as node, node.database.reading() as session:
        if about is None:
            asked = [_asked_document(one) for one in await asked_of_us(session, node, now=node.clock())]
            _show_asked(asked, as_json=as_json)
            return
        record, _ = await readable_record(session, about, now=node.clock())
        found = await threads_about(session, record, page=page, now=node.clock())
    _show_page(found, "Nobody has asked about it yet: nic question ask TEXT --about RECORD.", as_json=as_json)


@question.command()
@click.argument("words", nargs=-1)
@page_option
@data_option
@json_option
@on_event_loop
async def calls(words: tuple[str, ...], page: int, data: Path | None, as_json: bool) -> None:
    """Questions to everybody, the newest first; with WORDS those that hold all of them."""
    async with opened_node(data) as node, node.database.reading() as session:
        found = await calls_page(session, words=" ".join(words), page=page, now=node.clock())
    empty = "No question has all of these words." if words else "Nobody has asked everybody yet: nic question ask TEXT."
    _show_page(found, empty, as_json=as_json)


@question.command()
@click.argument("record", metavar="RECORD")
@data_option
@json_option
@on_event_loop
async def show(record: str, data: Path | None, as_json: bool) -> None:
    """One question with its answers."""
    async with opened_node(data) as node, node.database.reading() as session:
        shown = thread_document(await thread_of(session, record, now=node.clock()))
    if as_json:
        print_json(shown)
        return
    click.echo(shown["text"])
    for said in shown["answers"]:
        text = "Removed by the coordinators." if said["removed"] else said["text"]
        click.echo(f"\n{said['by']}: {text}\n  {said['record']}")
    if not shown["answers"]:
        click.echo(f"\nNo answer yet: nic question answer {record} TEXT.")


@question.command()
@click.argument("text")
@click.option("--about", metavar="RECORD", default=None, help="A practice or result; without it everybody is asked.")
@click.option("--network", default=None, help="Of a question to everybody: the network's address.")
@click.option("--chip", "chips", metavar="NAME=VALUE", multiple=True, help=f"{', '.join(ASKED_BY)}. May repeat.")
@as_option
@data_option
@json_option
@on_event_loop
async def ask(
    text: str,
    about: str | None,
    network: str | None,
    chips: tuple[str, ...],
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Ask about a practice, or everybody; it goes to a second person's review."""
    said = [_chip(chip) for chip in chips]
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        row = await start_question(
            session, node, actor=actor, text=text, about=about, chips=said, network=network, now=node.clock()
        )
        shown = await _to_review(session, node, actor, row)
    _tell(shown, as_json=as_json)


@question.command()
@click.argument("record", metavar="RECORD")
@click.argument("text")
@click.option("--practice", metavar="RECORD", default=None, help="A practice that the answer points to.")
@as_option
@data_option
@json_option
@on_event_loop
async def answer(
    record: str, text: str, practice: str | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Answer a question; it goes to a second person's review."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        row = await start_answer(
            session, node, actor=actor, question=record, text=text, practice=practice, now=node.clock()
        )
        shown = await _to_review(session, node, actor, row)
    _tell(shown, as_json=as_json)


@question.command()
@click.argument("draft_id", metavar="DRAFT", type=click.IntRange(1))
@at_once_option
@as_option
@data_option
@json_option
@on_event_loop
async def withdraw(draft_id: int, at_once: bool, email: str | None, data: Path | None, as_json: bool) -> None:
    """Take back a question or an answer of ours, by its number in `nic share list`."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "share.draft")
        sharing = await sharing_of_draft(session, draft_id)
        if sharing is None or sharing.kind == DraftKind.PROJECT:
            raise NotFound("There is no such question or answer of this school: nic share list.")
        await take_back_release(session, node, actor=actor, draft_id=draft_id, at_once=at_once, now=node.clock())
        sharing = await sharing_of_draft(session, draft_id)
        assert sharing is not None
    if as_json:
        print_json({"draft": draft_id, "state": sharing.state, "withdrawal": sharing.withdrawal})
    else:
        click.echo("It is withdrawn; a running node (or nic sync) sends the retraction.")


async def _to_review(session: AsyncSession, node: LocalNode, actor: Actor, row: DraftRow) -> dict[str, Any]:
    """A blocked draft stays one, so that its words can be changed."""
    shown = await preview(session, node, row, node.clock())
    if not shown.draft.blocked:
        row = await send_to_review(session, node, actor=actor, draft_id=row.id, version=row.version, now=node.clock())
    return {
        "draft": row.id,
        "kind": row.kind,
        "state": row.state,
        "network": row.network,
        "target": row.target,
        "text": shown.draft.record.get("text"),
        "blocked": shown.draft.blocked,
        "open": shown.open_items,
    }


def _tell(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
    elif shown["blocked"]:
        click.echo(f"Draft {shown['draft']} can't leave as it is. Its page under Share says why.")
    else:
        click.echo(f"Draft {shown['draft']} waits for a second person, who approves it on the review page.")


def _chip(said: str) -> dict[str, str]:
    facet, equals, value = said.partition("=")
    if not equals or facet not in ASKED_BY:
        raise click.BadParameter(f"write NAME=VALUE with a name of {', '.join(ASKED_BY)}", param_hint="--chip")
    return {"facet": facet, "id": value}


def _asked_document(one: Asked) -> dict[str, Any]:
    return {
        "record": one.record_id,
        "about": one.about,
        "title": one.title,
        "text": one.text,
        "is_answered": one.is_answered,
        "draft_id": one.draft_id,
    }


def _show_asked(asked: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"items": asked})
        return
    rows = [(one["record"], one["title"], one["text"], "answered" if one["is_answered"] else "open") for one in asked]
    print_table(("record", "about", "question", ""), rows, empty="No school has asked about what ours shared.")


def _show_page(found: ThreadPage, empty: str, *, as_json: bool) -> None:
    items = [thread_document(one) for one in found.threads]
    if as_json:
        print_json({"items": items, "total": found.total, "page": found.page, "pages": found.pages})
        return
    rows = [(one["record"], one["text"] or "removed by the coordinators", len(one["answers"])) for one in items]
    print_table(("record", "question", "answers"), rows, empty=empty)
