"""Words to records: all of them must occur, the last one also as the beginning of a word."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.facets import IDS_A_QUERY
from nic_node.mirror.full_text import is_sqlite
from nic_node.mirror.states import RecordState
from nic_node.mirror.words import stem_words

MOST_WORDS: Final = 12
SHORTEST_BEGINNING: Final = 3

_SQLITE: Final = """
SELECT r.id FROM search_index JOIN mirror_records r ON r.id = search_index.rowid
WHERE search_index MATCH :query AND r.log_id IN :log_ids AND r.kind IN :kinds AND r.state = :living
ORDER BY r.id DESC LIMIT :limit
"""
_POSTGRESQL: Final = """
SELECT r.id FROM search_index s JOIN mirror_records r ON r.id = s.record_id
WHERE s.words @@ CAST(:query AS tsquery) AND r.log_id IN :log_ids AND r.kind IN :kinds AND r.state = :living
ORDER BY r.id DESC LIMIT :limit
"""
_SQLITE_TITLES: Final = "SELECT rowid FROM search_index WHERE search_index MATCH :query AND rowid IN :ids"
_POSTGRESQL_TITLES: Final = (
    "SELECT record_id FROM search_index WHERE title @@ CAST(:query AS tsquery) AND record_id IN :ids"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that holds all `words` words of a query, `title_hits` of them in its title."""

    id: int
    title_hits: int
    words: int


def has_words(query: str) -> bool:
    """Whether there is anything to search for: 'to the' has nothing."""
    return bool(stem_words(query))


async def find_words(
    session: AsyncSession,
    query: str,
    *,
    log_ids: Collection[int],
    kinds: Collection[str] = ("practice",),
    limit: int = 500,
) -> list[Match]:
    """Living records with all words of the query, the newest first; of a query without words none."""
    words = list(dict.fromkeys(stem_words(query)))[:MOST_WORDS]
    if not words:
        return []
    sqlite = is_sqlite(session)
    found = await session.scalars(
        _listing(_SQLITE if sqlite else _POSTGRESQL, "log_ids", "kinds"),
        {
            "query": _all_words(words, sqlite=sqlite),
            "log_ids": list(log_ids),
            "kinds": list(kinds),
            "living": RecordState.LIVING.value,
            "limit": limit,
        },
    )
    ids = list(found)
    hits = await _title_hits(session, words, ids)
    return [Match(id=record_id, title_hits=hits.get(record_id, 0), words=len(words)) for record_id in ids]


async def _title_hits(session: AsyncSession, words: Iterable[str], ids: list[int]) -> dict[int, int]:
    sqlite = is_sqlite(session)
    statement = _listing(_SQLITE_TITLES if sqlite else _POSTGRESQL_TITLES, "ids")
    hits: dict[int, int] = {}
    for word in words:
        query = f"title : {_sqlite_word(word)}" if sqlite else _postgresql_word(word)
        for start in range(0, len(ids), IDS_A_QUERY):
            part = {"query": query, "ids": ids[start : start + IDS_A_QUERY]}
            for record_id in await session.scalars(statement, part):
                hits[record_id] = hits.get(record_id, 0) + 1
    return hits


def _listing(statement: str, *names: str) -> Any:
    return text(statement).bindparams(*(bindparam(name, expanding=True) for name in names))


def _all_words(words: list[str], *, sqlite: bool) -> str:
    """Words are letters and digits only, so that quoting them is all that either syntax asks for."""
    *before, last = words
    beginning = len(last) >= SHORTEST_BEGINNING
    if sqlite:
        return " AND ".join([*map(_sqlite_word, before), _sqlite_word(last) + (" *" if beginning else "")])
    return " & ".join([*map(_postgresql_word, before), _postgresql_word(last) + (":*" if beginning else "")])


def _sqlite_word(word: str) -> str:
    return f'"{word}"'


def _postgresql_word(word: str) -> str:
    return f"'{word}'"
