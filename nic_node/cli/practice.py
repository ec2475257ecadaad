"""`nic practice`: what would leave of a project, publishing it, and the library of what others did."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.cli.acting import acting_person, as_option
from nic_node.cli.answers import in_words, interval_in_words, print_pairs, print_table
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json, school_today
from nic_node.cli.practice_flag import flag
from nic_node.cli.practice_likeness import likeness
from nic_node.cli.practice_publish import correct, publish, withdraw
from nic_node.cli.practice_saved import saved
from nic_node.commons.adopt import adopt_entry, adopt_practice
from nic_node.commons.compare import compare as compare_practices
from nic_node.commons.documents import (
    compared_document,
    entry_document,
    evidence_document,
    found_document,
    view_document,
)
from nic_node.commons.my_school import my_profile
from nic_node.commons.practice import practice_view
from nic_node.commons.rank import DEFAULT_SORT, SORTS
from nic_node.commons.research.read import find_entries
from nic_node.commons.search import PAGE_SIZE, Search, search_practices
from nic_node.commons.shelf import SEARCH_FACETS, Shelf
from nic_node.disclosure.draft import Draft
from nic_node.membership.local import LocalNode
from nic_node.publishing.drafts import draft_of
from nic_node.publishing.preview import preview as preview_draft
from nic_node.publishing.preview import preview_project
from nic_node.publishing.read import sharing_of

MOST_HITS = 100
project_argument = click.argument("project_id", metavar="PROJECT", type=click.IntRange(1))


@click.group()
def practice() -> None:
    """What leaves this school, and what others shared."""


@practice.command()
@project_argument
@data_option
@json_option
@on_event_loop
async def preview(project_id: int, data: Path | None, as_json: bool) -> None:
    """Show exactly what would leave of a closed project, and what was found on the way."""
    async with opened_node(data) as node, node.database.reading() as session:
        draft = await _draft(session, node, project_id)
    if as_json:
        print_json(draft.document())
    else:
        _show_draft(draft)


@practice.command()
@click.argument("words", nargs=-1)
@click.option("--like", is_flag=True, help="Only of schools like ours.")
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default=DEFAULT_SORT, show_default=True, help="What comes first."
)
@click.option("--facet", "facets", metavar="NAME=VALUE", multiple=True, help=f"{', '.join(SEARCH_FACETS)}. May repeat.")
@click.option("--page", type=click.IntRange(1), default=1, help="Which page.")
@click.option("--limit", type=click.IntRange(1, MOST_HITS), default=PAGE_SIZE, show_default=True, help="Hits a page.")
@as_option
@data_option
@json_option
@on_event_loop
async def search(
    words: tuple[str, ...],
    like: bool,
    sort: str,
    facets: tuple[str, ...],
    page: int,
    limit: int,
    email: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Find practices, those of schools like ours first, with the reasons."""
    wanted = Search(words=" ".join(words), chosen=_facets(facets), like=like, sort=sort, page=page)
    async with opened_node(data) as node, node.database.reading() as session:
        person_id = (await acting_person(session, email, "practices.read")).person_id if email else None
        found = found_document(
            await search_practices(session, Shelf(), wanted, now=node.clock(), limit=limit, person_id=person_id)
        )
    if as_json:
        print_json(found)
        return
    for hit in found["items"]:
        click.echo(f"{hit['title']}  ({hit['rung']}, {hit['decision']})\n  {hit['record']}")
        reasons = [hit["similarity"]["alike"], hit["similarity"]["different"]]
        click.echo(f"  {'; '.join(reason for reason in reasons if reason)}")
    for note in found["understood"]["notes"]:
        click.echo(note)
    if found["instead"]:
        click.echo(f"Did you mean: {found['instead']}")
    click.echo(f"{found['total']} of {found['practices']} practices, page {found['page']} of {found['pages']}.")


@practice.command(name="research")
@click.argument("words", nargs=-1)
@data_option
@json_option
@on_event_loop
async def list_research(words: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """What practice guides recommend, in our own words: research, not a member's result."""
    async with opened_node(data) as node, node.database.reading() as session:
        mine = await my_profile(session)
    found = [entry_document(entry) for entry in find_entries(Search(words=" ".join(words)), mine.grade_bands)]
    if as_json:
        print_json({"items": found})
        return
    rows = [(each["id"], each["title"], each["level"], each["guide"]) for each in found]
    print_table(("id", "title", "evidence", "guide"), rows, empty="No recommendation has all of these words.")


@practice.command()
@click.argument("records", metavar="RECORD...", nargs=-1, required=True)
@data_option
@json_option
@on_event_loop
async def compare(records: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Two to four practices beside each other."""
    async with opened_node(data) as node, node.database.reading() as session:
        hits = await compare_practices(session, Shelf(), records, now=node.clock())
        shown = [compared_document(hit) for hit in hits]
    if as_json:
        print_json({"items": shown})
        return
    for each in shown:
        pool = each["pool"]
        print_pairs(
            [
                ("Title", each["title"]),
                ("From", each["context_words"]),
                ("Alike", each["similarity"]["alike"]),
                ("Different", each["similarity"]["different"]),
                ("Cost, staff time", ", ".join(each["payload"].get("cost", {}).values())),
                ("Tried", _ended(each)),
                ("Pooled effect", f"{in_words(pool['estimate'])} ({interval_in_words(pool['ci'])})" if pool else None),
            ]
        )


@practice.command()
@click.argument("record", metavar="RECORD")
@data_option
@json_option
@on_event_loop
async def show(record: str, data: Path | None, as_json: bool) -> None:
    """One practice: what it is, who tried it, and what the results say together."""
    async with opened_node(data) as node, node.database.reading() as session:
        view = await practice_view(session, record, now=node.clock())
        shown = {**view_document(view), "evidence": evidence_document(view.evidence)}
    if as_json:
        print_json(shown)
    else:
        _show_practice(shown)


@practice.command()
@click.argument("record", metavar="RECORD")
@click.option("--research", is_flag=True, help="RECORD is the id of a recommendation of `nic practice research`.")
@click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The first day; today.")
@as_option
@data_option
@json_option
@on_event_loop
async def adopt(
    record: str, research: bool, starts_on: datetime | None, email: str | None, data: Path | None, as_json: bool
) -> None:
    """Start a practice in this school: a project with its steps, its measures and its origin."""
    async with opened_node(data) as node, node.database.writing() as session:
        actor = await acting_person(session, email, "practices.adopt")
        day = starts_on.date() if starts_on else school_today(node)
        if research:
            made = await adopt_entry(session, actor=actor, entry_id=record, starts_on=day, now=node.clock())
        else:
            made = await adopt_practice(session, actor=actor, record_id=record, starts_on=day, now=node.clock())
        shown = {"project_id": made.id, "title": made.title, "origin_record": made.origin_record}
    if as_json:
        print_json(shown)
    else:
        click.echo(f"Project {shown['project_id']}: {shown['title']}.")


practice.add_command(correct)
practice.add_command(flag)
practice.add_command(likeness)
practice.add_command(publish)
practice.add_command(saved)
practice.add_command(withdraw)


async def _draft(session: AsyncSession, node: LocalNode, project_id: int) -> Draft:
    """Of the draft that somebody works on, with their rewordings; else of the project as it is."""
    sharing = await sharing_of(session, project_id)
    if sharing is None:
        return await preview_project(session, node, project_id, node.clock())
    return (await preview_draft(session, node, await draft_of(session, sharing.draft_id), node.clock())).draft


def _facets(said: tuple[str, ...]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not equals or name not in SEARCH_FACETS:
            wanted = ", ".join(SEARCH_FACETS)
            raise click.BadParameter(f"write NAME=VALUE with a name of {wanted}", param_hint="--facet")
        chosen.setdefault(name, []).append(value)
    return chosen


def _show_draft(draft: Draft) -> None:
    print_pairs(
        [
            ("Title", draft.record.get("title")),
            ("Kind", draft.kind),
            ("Rung", draft.rung),
            ("Verdict", "blocked: see below" if draft.blocked else "may go to review"),
        ]
    )
    rows = [(finding.severity, finding.stage, finding.code, finding.path, finding.before) for finding in draft.findings]
    print_table(("severity", "stage", "found", "where", "what"), rows, empty="Nothing was found.")


def _forecast(told: dict[str, Any] | None) -> str | None:
    if told is None:
        return None
    if told["interval"] is None:
        return (
            f"No forecast: {told['comparable']} results of comparable schools, of the {told['needed']} that it takes."
        )
    return f"effect {interval_in_words(told['interval'])}, nine times in ten ({told['comparable']} results)"


def _ended(evidence: dict[str, Any]) -> str:
    return f"{evidence['tried']}: " + ", ".join(
        f"{evidence[word]} {word}" for word in ("adopted", "adapted", "abandoned")
    )


def _show_practice(shown: dict[str, Any]) -> None:
    evidence, payload = shown["evidence"], shown["payload"]
    pool = evidence["pool"]
    pooled = f"{in_words(pool['estimate'])} ({interval_in_words(pool['ci'])}), k = {pool['k']}" if pool else None
    print_pairs(
        [
            ("Title", shown["title"]),
            ("Record", shown["record"]),
            ("Idea", payload["idea"].get("summary")),
            ("From", shown["context_words"]),
            ("Alike", shown["similarity"]["alike"]),
            ("Different", shown["similarity"]["different"]),
            ("Tried", _ended(evidence)),
            ("Pooled effect", pooled or evidence["why_none"]),
            ("In our school", _forecast(shown["forecast"])),
            ("Projects here", ", ".join(str(number) for number in shown["started"])),
        ]
    )
    for step in payload.get("steps", []):
        click.echo(f"  - {step['does']}")
