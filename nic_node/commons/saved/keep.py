"""Keeping searches: each is its owner's alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from multidict import MultiDict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.secret_tokens import draw_token, hash_token
from nic_node.accounts.tables import Person
from nic_node.commons.addresses import search_pairs
from nic_node.commons.forms import SearchForm, search_of
from nic_node.commons.saved.tables import NAME_LENGTH, QUERY_LENGTH, SavedSearch
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.web.forms import load_form

MOST: Final = 30
TOO_MANY = N_("You keep 30 searches, which is as many as there can be. Remove one first.")
NO_NAME = N_("Give the search a name of up to 120 characters.")
NO_SEARCH = N_("This is no search that can be kept. Search first, then keep what you see.")
NOT_YOURS = N_("You keep no such search.")
NO_FEED = N_("There is no feed at this address, or it was given up. Its owner can make a new one.")


@dataclass(frozen=True, slots=True)
class Saved:
    """A search that somebody keeps; `has_feed`: it has an address that was told once."""

    id: int
    name: str
    query: str
    search: Search
    has_digest: bool
    has_feed: bool


def read_query(query: str) -> Search | None:
    """The search that an address's query asks for; None for what is none."""
    form = load_form(MultiDict(parse_qsl(query, keep_blank_values=True)), SearchForm())
    return search_of(form.data) if form.ok and len(query) <= QUERY_LENGTH else None


async def saved_searches(session: AsyncSession, person_id: int) -> list[Saved]:
    """The newest first."""
    own = select(SavedSearch).where(SavedSearch.person_id == person_id).order_by(SavedSearch.id.desc())
    return [saved for row in await session.scalars(own) if (saved := view_of(row)) is not None]


def view_of(row: SavedSearch) -> Saved | None:
    """None for a query that a newer program no longer knows."""
    search = read_query(row.query)
    if search is None:
        return None
    return Saved(row.id, row.name, row.query, search, row.has_digest, row.feed_hash is not None)


async def save_search(
    session: AsyncSession, shelf: Shelf, *, person_id: int, name: str, query: str, has_digest: bool, now: datetime
) -> Saved:
    """Keep a search; a digest tells of what comes from now on.

    Raises:
        InvalidInput: no name, or no search.
        Conflict: there are `MOST` already.
    """
    search = read_query(query)
    if not name.strip() or len(name) > NAME_LENGTH:
        raise InvalidInput({"name": [NO_NAME]}, NO_NAME)
    if search is None:
        raise InvalidInput({"query": [NO_SEARCH]}, NO_SEARCH)
    # Whoever keeps two at once waits here, so that both are counted.
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    held = select(func.count()).select_from(SavedSearch).where(SavedSearch.person_id == person_id)
    if (await session.scalar(held) or 0) >= MOST:
        raise Conflict(TOO_MANY)
    newest = (await look_up(session, shelf, Search(), now=now, limit=1)).columns.newest
    row = SavedSearch(
        person_id=person_id,
        name=name.strip(),
        query=urlencode(search_pairs(replace(search, page=1, upto=None))),
        has_digest=has_digest,
        told_upto=newest,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return Saved(row.id, row.name, row.query, search, has_digest, has_feed=False)


async def set_digest(session: AsyncSession, *, person_id: int, saved_id: int, has_digest: bool) -> None:
    """Raises NotFound: it is not theirs."""
    (await _own(session, person_id, saved_id)).has_digest = has_digest


async def remove_search(session: AsyncSession, *, person_id: int, saved_id: int) -> Saved | None:
    """Raises NotFound: it is not theirs."""
    row = await _own(session, person_id, saved_id)
    await session.delete(row)
    return view_of(row)


async def make_feed(session: AsyncSession, *, person_id: int, saved_id: int) -> str:
    """A new secret for the feed's address, told now and never again; an earlier address ends.

    Raises:
        NotFound: it is not theirs.
    """
    token = draw_token()
    (await _own(session, person_id, saved_id)).feed_hash = hash_token(token)
    return token


async def saved_by_feed(session: AsyncSession, token: str) -> tuple[Saved, Person]:
    """The search of a feed's address, and whose it is.

    Raises:
        NotFound: there is none, or its owner is here no more.
    """
    named = select(SavedSearch, Person).join(Person, Person.id == SavedSearch.person_id)
    found = (await session.execute(named.where(SavedSearch.feed_hash == hash_token(token), Person.active))).first()
    saved = view_of(found[0]) if found is not None else None
    if found is None or saved is None:
        raise NotFound(NO_FEED)
    return saved, found[1]


async def _own(session: AsyncSession, person_id: int, saved_id: int) -> SavedSearch:
    own = select(SavedSearch).where(SavedSearch.id == saved_id, SavedSearch.person_id == person_id)
    row = await session.scalar(own.with_for_update())
    if row is None:
        raise NotFound(NOT_YOURS)
    return row
