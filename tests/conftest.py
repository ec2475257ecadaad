"""Fixtures that every floor uses: both databases, a clock under the test's control."""

import gc
import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import nic_node
from nic_node.db.base import Base
from nic_node.db.engine import Database
from tests.servers.postgres import running_cluster

# A slow machine is not a failed property.
settings.register_profile("suite", deadline=None, max_examples=60)
settings.load_profile("suite")

BACKENDS = ("sqlite", "postgresql")


LONGEST_ID = 40


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Long values (tokens, keys drawn at import) name a test by its parameter, so that every worker sees one list."""
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST_ID else None


FEW_COLLECTIONS = (50_000, 20, 50)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What stands by now is never looked through for garbage: that took a fifth of all processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*FEW_COLLECTIONS)


ONE_DEMO = "tests/demo/"
WITHOUT_DEMO = ("tests/demo/browser/test_corrections_and_flags.py", "tests/demo/browser/test_school_year.py")
"""In the same folder, on worlds of their own: they need not wait for the worker that plays the demo."""
LONG = (
    *WITHOUT_DEMO,
    "tests/stores/test_publishing_way.py",
    "tests/stores/test_withdrawing.py",
    "tests/unit/app/test_succession.py",
    "tests/attack/test_every_lie.py",
    "tests/attack/test_transcripts.py",
    "tests/unit/app/test_log_gone.py",
)
"""A minute and more each, but for the demo: whoever began with one last would end alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    scope = scope_of(nodeid)
    return 0 if scope == "demo" else 1 if scope in LONG else 2


def scope_of(nodeid: str) -> str:
    """A whole file; what shares the one played demo is kept together."""
    file = nodeid.split("::", maxsplit=1)[0]
    return "demo" if file.startswith(ONE_DEMO) and file not in WITHOUT_DEMO else file


class ByFile(LoadScopeScheduling):
    """Spread whole files over the workers."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def import_all_tables() -> None:
    """Every room's tables.py, so that Base.metadata is whole whichever test runs alone."""
    for module in pkgutil.walk_packages(nic_node.__path__, "nic_node."):
        if module.name == "nic_node.db.jobs" or (module.name.endswith(".tables") and ".app." not in module.name):
            importlib.import_module(module.name)


class TestClock:
    """Time that stands still until the test moves it."""

    __test__ = False

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 10, 27, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    with running_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: str) -> str:
    """One database with all tables; a test that used it empties it."""
    import_all_tables()
    url = new_database(postgres_cluster)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


def new_database(cluster: str) -> str:
    """An empty database of the cluster, under a name of its own."""
    name = f"nic_{uuid4().hex[:12]}"
    address = make_url(f"{cluster}/postgres").set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{cluster}/{name}"


async def empty_all_tables(database: Database) -> None:
    """Empty what a test used, row by row: few rows go faster so than ninety tables are truncated."""
    async with database.engine.begin() as connection:
        tables = list(await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        used = await connection.scalars(text(" UNION ALL ".join(map(_name_if_used, tables))))
        drawn = await connection.scalars(text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"))
        statements = [f'DELETE FROM "{name}"' for name in used]
        statements += [f'ALTER SEQUENCE "{name}" RESTART' for name in drawn]
        # Neither the order of foreign keys nor append-only triggers stand in the way of an empty database.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))


def _name_if_used(table: str) -> str:
    return f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"


@cache
def sqlite_template() -> bytes:
    """A database with all tables and no rows: copied in a blink, where making ninety tables takes a while."""
    import_all_tables()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "template.sqlite3"
        engine = create_engine(f"sqlite:///{file}")
        Base.metadata.create_all(engine)
        engine.dispose()
        return file.read_bytes()


async def open_sqlite(folder: Path) -> Database:
    file = folder / "test.sqlite3"
    file.write_bytes(sqlite_template())
    return Database.connect(f"sqlite:///{file}")


@pytest.fixture
async def sqlite_database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_sqlite(tmp_path)
    yield database
    await database.close()


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        opened = await open_sqlite(tmp_path)
        yield opened
        await opened.close()
        return
    url = request.getfixturevalue("postgres_url")
    opened = Database.connect(url)
    yield opened
    await empty_all_tables(opened)
    await opened.close()
