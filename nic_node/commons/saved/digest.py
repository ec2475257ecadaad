"""Once a week: what came since, to whoever keeps a search and wants to hear of it."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.commons.addresses import search_pairs
from nic_node.commons.saved.keep import view_of
from nic_node.commons.saved.tables import SavedSearch
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.membership.local import LocalNode
from nic_node.mirror.read import living_by_ids

DIGEST: Final = "commons.digest"
EMAILS: Final = Path(__file__).parents[1] / "emails"
DESK: Final = "digest"
AT: Final = time(6)  # on Monday, so that it is read before the week begins
SHOWN: Final = 5  # titles a search


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def digest(arguments: dict[str, Any]) -> Again:
        await send_digests(node)
        return Again(at=next_monday(node.clock(), node.config.time_zone))

    return {DIGEST: digest}


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await enqueue(session, kind=DIGEST, key="", run_at=next_monday(now, node.config.time_zone))


def next_monday(now: datetime, zone: str) -> datetime:
    """The coming Monday's `AT` in the school's zone, later than `now`."""
    here = now.astimezone(ZoneInfo(zone))
    monday = here.date() + timedelta(days=-here.weekday() % 7)
    at = datetime.combine(monday, AT, ZoneInfo(zone))
    return at if at > now else datetime.combine(monday + timedelta(weeks=1), AT, ZoneInfo(zone))


async def send_digests(node: LocalNode) -> int:
    """One e-mail a person, in the transaction that notes what it told; to how many."""
    async with node.database.reading() as session:
        wanted = select(SavedSearch.person_id).where(SavedSearch.has_digest).distinct()
        people = list(await session.scalars(wanted))
    shelf, sent = Shelf(), 0
    for person_id in people:
        async with node.database.writing() as session:
            sent += await _send_digest(session, node, shelf, person_id)
    return sent


async def _send_digest(session: AsyncSession, node: LocalNode, shelf: Shelf, person_id: int) -> bool:
    person = await session.get_one(Person, person_id)
    if not person.active or not is_address(person.email):
        return False
    kept = select(SavedSearch).where(SavedSearch.person_id == person_id, SavedSearch.has_digest)
    rows = list(await session.scalars(kept.order_by(SavedSearch.id).with_for_update()))
    found = [news for row in rows if (news := await _news(session, node, shelf, row)) is not None]
    if not found:
        return False
    letter = Letter(
        folder=EMAILS,
        event="digest",
        desk=DESK,
        to_address=person.email,
        to_name=person.name,
        language=person.language,
        values={
            "searches": found,
            "total": sum(news["total"] for news in found),
            "saved_link": f"{node.config.public_url}/learn/saved",
        },
    )
    await queue_mail(session, node.config, letter, now=node.clock())
    return True


async def _news(session: AsyncSession, node: LocalNode, shelf: Shelf, row: SavedSearch) -> dict[str, Any] | None:
    """What came since the last digest, the newest first; None for nothing."""
    saved = view_of(row)
    if saved is None:
        return None
    newest_first = Search(words=saved.search.words, chosen=saved.search.chosen, like=saved.search.like, sort="newest")
    found = await look_up(
        session, shelf, newest_first, now=node.clock(), limit=SHOWN, since=row.told_upto, person_id=row.person_id
    )
    row.told_upto = max(row.told_upto, found.columns.newest)
    if not found.ranked.total:
        return None
    records = await living_by_ids(session, found.ranked.ids.tolist())
    url = node.config.public_url
    return {
        "name": saved.name,
        "total": found.ranked.total,
        "link": f"{url}/learn?{urlencode(search_pairs(newest_first))}",
        "practices": [
            {"title": record.payload["title"], "link": f"{url}/learn/practices/{record.record_id.replace('#', '%23')}"}
            for record in records
        ],
    }
