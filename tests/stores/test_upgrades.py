"""A node that ran a delivered revision keeps every row when it is brought up to date, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Date, bindparam, func, select, text

from nic_node.db.base import UtcDateTime
from nic_node.db.engine import Database
from nic_node.db.migrate import known_revisions, upgrade
from nic_node.db.rows import tables_of
from nic_node.mirror.describe import BETWEEN, Properties
from nic_node.mirror.tables import MirrorProperties
from nic_node.school.pulse.tables import PulseCount, PulseItem, PulseSurvey, PulseTurn
from tests.conftest import new_database
from tests.stores.heads import rows

HEADS = Path(rows.__file__).parent
UNREAD = ("aim-result", "measure", "level")
"""Properties that were kept until revision 0003, and that nobody filtered by."""
FILLED = sorted(file.name.removesuffix(".json.gz") for file in HEADS.glob("*.json.gz"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    else:
        url = new_database(request.getfixturevalue("postgres_cluster"))
    connected = Database.connect(url)
    yield connected
    await connected.close()


def test_every_delivered_revision_left_a_school_and_a_network() -> None:
    older = known_revisions() - {max(known_revisions())}
    assert set(FILLED) >= {f"{revision}-{node}" for revision in older for node in ("network", "school")}


@pytest.mark.parametrize("filled", FILLED)
async def test_an_upgrade_keeps_every_row(database: Database, filled: str) -> None:
    before = rows.read(HEADS / f"{filled}.json.gz")
    await upgrade(database, to=filled.split("-", maxsplit=1)[0])
    async with database.writing() as session:
        await (await session.connection()).run_sync(rows.load, before)
    await upgrade(database)

    def counted(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables_of(connection)
        }

    async with database.reading() as session:
        after = await (await session.connection()).run_sync(counted)
        properties = (await session.execute(select(MirrorProperties.__table__))).mappings().all()
    if "mirror_facets" in before:
        facets = before.pop("mirror_facets")
        assert {(row["record_id"], row["value"]) for row in facets if row["name"] not in UNREAD} == {
            (row["record_id"], value)
            for row in properties
            for name in Properties._fields
            for value in values(row[name])
        }
    assert {name: after.get(name) for name, kept in before.items() if kept} == {
        name: len(kept) for name, kept in before.items() if kept
    }


def values(joined: str | None) -> list[str]:
    return [] if joined is None else joined.split(BETWEEN)


async def test_of_closed_surveys_the_means_stay_and_the_counts_go(database: Database) -> None:
    await upgrade(database, to="0003")
    on = {"opens_on": date(2026, 9, 1), "closes_on": date(2026, 9, 9), "at": datetime(2026, 9, 9, tzinfo=UTC)}
    survey = (
        "INSERT INTO pulse_surveys (id, title, audience, asked, opens_on, closes_on, closed_at, link, answers,"
        " created_at, updated_at, version)"
        " VALUES (:id, 'Fall', :audience, 20, :opens_on, :closes_on, :closed_at, :link, :answers, :at, :at, 1)"
    )
    surveys = [(1, "staff", on["at"], 5), (2, "students", on["at"], 9), (3, "families", None, 3)]
    async with database.writing() as session:
        run = (await session.connection()).execute
        for number, audience, closed_at, answers in surveys:
            row = {"id": number, "audience": audience, "closed_at": closed_at, "link": str(number), "answers": answers}
            times = [bindparam("at", type_=UtcDateTime()), bindparam("closed_at", type_=UtcDateTime())]
            days = [bindparam("opens_on", type_=Date()), bindparam("closes_on", type_=Date())]
            await run(text(survey).bindparams(*times, *days), row | on)
            values = {"id": number, "count": answers}
            await run(
                text("INSERT INTO pulse_items VALUES (:id, :id, 0, 'We reach them.', 'efficacy')"), {"id": number}
            )
            await run(text("INSERT INTO pulse_counts VALUES (:id, :id, 4, :count)"), values)
    await upgrade(database)
    async with database.reading() as session:
        means = (await session.scalars(select(PulseItem.mean).order_by(PulseItem.id))).all()
        answers = (await session.scalars(select(PulseSurvey.answers).order_by(PulseSurvey.id))).all()
        ways = (await session.scalars(select(PulseSurvey.answered_by).order_by(PulseSurvey.id))).all()
        counts = (await session.scalars(select(PulseCount.item_id))).all()
        turns = (await session.scalars(select(PulseTurn.survey_id))).all()
    assert (means, answers, counts, turns) == ([4.0, None, None], [5, 0, 0], [3], [3, 3, 3])
    assert ways == ["account", "link", "link"]
