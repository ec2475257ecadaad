"""A library of very many synthetic practices in a database: made once a size, kept in the folder for temporary files.

Searches need the index, the facets and the references; blobs, which nothing but a page's ten results read, are kept up
to 20,000 records.
"""

import asyncio
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from nic_node.app.tables import METADATA
from nic_node.commons.search import Search
from nic_node.db.engine import Database
from nic_node.demo.corpus.generate import Corpus, CorpusPlan
from nic_node.mirror.words import stem_words
from nic_node.school.profile.tables import SchoolProfile
from tests.fakes.filled_library import fill_library, open_library

VERSION = 2
"""Counts up with every change of what is written here."""
WITH_BLOBS = 20_000
COPIED = 0.1
SCHOOLS_A_THOUSAND = 20
MOST_SCHOOLS = 4_000
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACE = Path(tempfile.gettempdir())
TITLES = 2_000


def filled_shelf(practices: int) -> Path:
    """A file of SQLite."""
    path = PLACE / f"nic-bench-shelf-{VERSION}-{practices}.sqlite3"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        asyncio.run(fill(f"sqlite:///{unfinished}", practices))
        unfinished.rename(path)
    return path


async def fill(url: str, practices: int) -> None:
    database = Database.connect(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        if database.is_sqlite:
            await connection.execute(text("PRAGMA secure_delete=OFF"))
    corpus = corpus_of(practices)
    async with database.writing() as session:
        log_id = await open_library(session, corpus, lambda: NOW)
        session.add(_my_school())
    await fill_library(database, corpus, log_id, corpus.records(), blobs=practices <= WITH_BLOBS)
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await driver.execute("ANALYZE")
        if database.is_sqlite:
            await driver.execute("INSERT INTO search_index (search_index) VALUES ('optimize')")
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()


def corpus_of(practices: int) -> Corpus:
    schools = min(MOST_SCHOOLS, max(100, practices * SCHOOLS_A_THOUSAND // 1_000))
    records = round(practices / (1 - COPIED))
    return Corpus(CorpusPlan(schools=schools, records=records, seed=7, copied=COPIED))


def searches(practices: int, count: int) -> list[Search]:
    """What people look for: one to three words of some title or problem, half filtered, a third like ours."""
    drawn = random.Random(5)
    texts = []
    for record, _ in zip(corpus_of(practices).records(), range(TITLES), strict=False):
        payload = record.payload
        texts.append(f"{payload['title']} {payload['problem']['statement']} {payload['idea']['summary']}".split())
    found = []
    while len(found) < count:
        words = drawn.choice(texts)
        some = drawn.sample(words, min(len(words), drawn.choice((1, 2, 2, 3))))
        if not stem_words(" ".join(some)):
            continue
        chosen = {"decision": ["adopt", "adapt"]} if drawn.random() < 0.25 else {}
        if drawn.random() < 0.25:
            chosen["grade-band"] = [drawn.choice(["3-5", "6-8", "9-12"])]
        found.append(Search(words=" ".join(some), chosen=chosen, like=drawn.random() < 0.33))
    return found


def _my_school() -> SchoolProfile:
    return SchoolProfile(
        name="Bench School",
        level="middle",
        low_grade="6",
        high_grade="8",
        enrolment=412,
        locale=41,
        lunch_percent=71.0,
        english_learners_percent=6.0,
        disabilities_percent=14.0,
        stage="fair",
        stage_reasons="",
        updated_at=NOW,
    )


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[2], int(sys.argv[1])))
