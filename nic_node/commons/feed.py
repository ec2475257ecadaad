"""New practices of a search as an Atom feed (RFC 4287).

A record carries no time, so that an entry's is the day from which its term's pseudonyms could publish.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.addresses import search_pairs
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.i18n import N_
from nic_node.mirror.epochs import epochs_of
from nic_node.mirror.read import LivingRecord, living_by_ids

ATOM: Final = "http://www.w3.org/2005/Atom"
CONTENT_TYPE: Final = "application/atom+xml"
ENTRIES: Final = 30
NOBODY: Final = N_("A member, unnamed")
BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # where a term's days are not known


async def build_feed(
    session: AsyncSession,
    shelf: Shelf,
    search: Search,
    *,
    title: str,
    feed_id: str,
    address: str | None,
    public_url: str,
    now: datetime,
) -> bytes:
    """The newest practices that a search finds.

    Args:
        feed_id: the same for as long as the feed is.
        address: of the feed itself; None where it is a secret, which a reader might show or pass on.
        public_url: this node's, where the entries lead to.
    """
    newest = replace(search, sort="newest", page=1, upto=None)
    found = await look_up(session, shelf, newest, now=now, limit=ENTRIES)
    records = await living_by_ids(session, found.ranked.ids.tolist())
    starts = {
        (network, epoch.number): epoch.epoch.windows.active_from
        for network in {record.network for record in records}
        for epoch in await epochs_of(session, network)
    }
    entries = [_entry(record, public_url, starts) for record in records]
    feed = ET.Element(f"{{{ATOM}}}feed")
    _text(feed, "id", feed_id)
    _text(feed, "title", title)
    _text(feed, "updated", _moment(max((_when(record, starts) for record in records), default=BEFORE)))
    if address is not None:
        ET.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "href": address})
    page = f"{public_url}/learn?{urlencode(search_pairs(newest))}"
    ET.SubElement(feed, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": page})
    _text(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", NOBODY)
    feed.extend(entries)
    ET.register_namespace("", ATOM)
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _entry(record: LivingRecord, public_url: str, starts: Mapping[tuple[str, int], datetime]) -> ET.Element:
    link = f"{public_url}/learn/practices/{record.record_id.replace('#', '%23')}"
    entry = ET.Element(f"{{{ATOM}}}entry")
    _text(entry, "id", link)
    _text(entry, "title", record.payload["title"])
    _text(entry, "updated", _moment(_when(record, starts)))
    ET.SubElement(entry, f"{{{ATOM}}}link", {"rel": "alternate", "href": link})
    said = record.payload["idea"].get("summary") or record.payload["problem"].get("statement", "")
    if said:
        _text(entry, "summary", said)
    return entry


def _when(record: LivingRecord, starts: Mapping[tuple[str, int], datetime]) -> datetime:
    return starts.get((record.network, record.epoch), BEFORE)


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text
