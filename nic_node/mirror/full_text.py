"""The full-text index on both databases: it gives ids only; what is shown comes from the blobs.

SQLite: a contentless FTS5 table. PostgreSQL: vectors of the title and of all words, with GIN indexes. Both hold the
stems of `nic_node.mirror.words`, so both find the same. Their tokenizers must not cut again: FTS5's `ascii` takes every
character beyond ASCII as part of a word, and the vectors are made of arrays, past PostgreSQL's parser.
`detail=column` keeps no positions, from which a text could be put together again.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, text
from sqlalchemy.ext.asyncio import AsyncSession

TABLE: Final = "search_index"
SQLITE_DDL: Final = (
    "CREATE VIRTUAL TABLE search_index USING fts5(title, rest, content='', detail='column', tokenize='ascii')",
    # A bundle brings a segment; of four of a level one is made by itself, which costs a sixth of taking a bundle in.
    "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 8)",
)
SQLITE_DROP: Final = ("DROP TABLE IF EXISTS search_index",)
POSTGRESQL_DDL: Final = (
    (
        "CREATE TABLE search_index ("
        "record_id BIGINT PRIMARY KEY REFERENCES mirror_records (id) ON DELETE CASCADE,"
        " title TSVECTOR NOT NULL, words TSVECTOR NOT NULL)"
    ),
    "CREATE INDEX search_index_words ON search_index USING gin (words)",
    "CREATE INDEX search_index_title ON search_index USING gin (title)",
)
POSTGRESQL_DROP: Final = ("DROP TABLE IF EXISTS search_index",)

_LISTED_BY_FTS5: Final = text("SELECT group_concat(rowid) FROM search_index WHERE search_index MATCH :query")
_LISTED_BY_GIN: Final = text(
    "SELECT string_agg(record_id::text, ','),"
    " string_agg(record_id::text, ',') FILTER (WHERE title @@ CAST(:query AS tsquery))"
    " FROM search_index WHERE words @@ CAST(:query AS tsquery)"
)
Ids = NDArray[np.int64]

IndexedText = tuple[int, str, str]
"""(id of the record, stems of the title, stems of the rest), as `words.index_text` makes them."""


def create_index(target: Table, connection: Connection, **options: Any) -> None:
    """Made with the table of records; a listener of `after_create`."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRESQL_DDL:
        connection.exec_driver_sql(statement)


def drop_index(target: Table, connection: Connection, **options: Any) -> None:
    for statement in SQLITE_DROP if connection.dialect.name == "sqlite" else POSTGRESQL_DROP:
        connection.exec_driver_sql(statement)


def is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


async def add_texts(session: AsyncSession, texts: Iterable[IndexedText]) -> None:
    """Take records into the index; each once."""
    rows = list(texts)
    if not rows:
        return
    if is_sqlite(session):
        connection = await session.connection()
        await connection.exec_driver_sql("INSERT INTO search_index (rowid, title, rest) VALUES (?, ?, ?)", rows)
        return
    statement = text(
        "INSERT INTO search_index (record_id, title, words) VALUES (:id, array_to_tsvector(string_to_array(:title,"
        " ' ')), array_to_tsvector(string_to_array(:title, ' ') || string_to_array(:rest, ' ')))"
    )
    await session.execute(statement, _parameters(rows))


async def ids_with_word(session: AsyncSession, word: str, *, is_beginning: bool = False) -> tuple[Ids, Ids]:
    """Ids of all records that hold a stem (or a word that begins with it), and of those whose title does, ascending.

    One text with all ids, since a row each would take twenty times as long. A word is letters and digits only, so that
    quoting it is all that either syntax asks for.
    """
    if is_sqlite(session):
        query = f'"{word}"{" *" if is_beginning else ""}'
        listed = [await session.scalar(_LISTED_BY_FTS5, {"query": f"{part}{query}"}) for part in ("", "title : ")]
    else:
        query = f"'{word}'{':*' if is_beginning else ''}"
        listed = list((await session.execute(_LISTED_BY_GIN, {"query": query})).one())
    return ids_of(listed[0]), ids_of(listed[1])


def ids_of(listed: str | None) -> Ids:
    """Numbers with commas between, in any order, as an ascending array."""
    found: Ids = np.fromstring(listed or "", dtype=np.int64, sep=",")
    if (found[1:] < found[:-1]).any():  # a full-text index answers in their order, others need not
        found.sort()
    return found


async def remove_texts(session: AsyncSession, texts: Iterable[IndexedText]) -> None:
    """Forget records. FTS5 without content takes the same text as when it was added; a wrong one would damage it."""
    rows = list(texts)
    if not rows:
        return
    if is_sqlite(session):
        statement = text(
            "INSERT INTO search_index (search_index, rowid, title, rest) VALUES ('delete', :id, :title, :rest)"
        )
        await session.execute(statement, _parameters(rows))
        return
    await session.execute(text("DELETE FROM search_index WHERE record_id = :id"), [{"id": row[0]} for row in rows])


async def rewrite_index(session: AsyncSession) -> None:
    """Leave nothing of forgotten texts in the index itself: FTS5 marks them as deleted until it merges."""
    if is_sqlite(session):
        await session.execute(text("INSERT INTO search_index (search_index) VALUES ('optimize')"))


def _parameters(rows: Sequence[IndexedText]) -> list[dict[str, Any]]:
    return [{"id": row[0], "title": row[1], "rest": row[2]} for row in rows]
