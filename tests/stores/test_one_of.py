"""Many values in one look-up, the same on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import not_, or_, select

from nic_node.db.engine import Database
from nic_node.db.jobs import Job, enqueue
from nic_node.db.one_of import one_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = ("plain", "it's", 'a "quoted" one', "Straße, 北京", "back\\slash", "null")


async def test_numbers_and_texts_of_any_kind_are_found(database: Database) -> None:
    async with database.writing() as session:
        for key in KEYS:
            await enqueue(session, kind="mirror.pull", key=key, run_at=NOW, arguments={})
    async with database.reading() as session:
        ids = {job.key: job.id for job in await session.scalars(select(Job))}
        for wanted in ([], ["plain"], list(KEYS), ["unknown", *KEYS[1:4]], ["p%", "PLAIN"], ["plain"] * 3_000):
            by_key = await session.scalars(select(Job.key).where(one_of(Job.key, wanted)))
            assert set(by_key) == set(wanted) & set(KEYS)
        numbers = [ids["plain"], ids["null"], 10**12]
        by_id = select(Job.key).where(one_of(Job.id, numbers), one_of(Job.key, KEYS))
        assert set(await session.scalars(by_id)) == {"plain", "null"}
        others = select(Job.key).where(not_(one_of(Job.id, numbers)))
        assert set(await session.scalars(others)) == set(KEYS[1:-1])
        either = select(Job.key).where(or_(one_of(Job.id, numbers), one_of(Job.key, ["it's"])))
        assert set(await session.scalars(either)) == {"plain", "null", "it's"}


@pytest.mark.parametrize("count", [1, 2, 1_000])
async def test_its_text_is_the_same_however_many_values(database: Database, count: int) -> None:
    dialect = database.engine.dialect
    one, many = (str(select(Job.id).where(one_of(Job.id, range(n))).compile(dialect=dialect)) for n in (1, count))
    assert one == many
