"""A school leaves with everything and goes on elsewhere: export and import, from either database into either."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Connection, func, select

from federation.keys import generate_private_jwk
from nic_node.accounts.tables import AuditEntry, Person
from nic_node.app.tables import METADATA
from nic_node.config import Config, read_config
from nic_node.db.base import UtcDateTime
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from nic_node.errors import Conflict, InvalidInput, TooLarge
from nic_node.keyring import passphrase
from nic_node.keyring.keys import create_key, current_private_jwk
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, OperatorKey
from nic_node.keyring.purposes import KEY_KINDS, KeyPurpose
from nic_node.operations import bring_in
from nic_node.operations.bring_in import import_node
from nic_node.operations.export import export_node
from nic_node.operations.exported import LEFT_OUT, is_exported
from tests.conftest import new_database
from tests.stores.heads import rows

PASSPHRASE = "four words or rather more"
ENTITY = "https://school.example"
NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
KEY = OperatorKey(bytes(range(32)))
FILLED = Path(rows.__file__).parent / "0001-school.json.gz"


@dataclass
class Place:
    """A filled school, and where another node may come to be, on the other kind of database."""

    config: Config
    database: Database
    elsewhere: Config
    file: Path


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # The cost of a guess is tried in tests/unit/keyring.
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)

    def config_in(name: str, *, is_sqlite: bool) -> Config:
        (tmp_path / name).mkdir(mode=0o700)
        environ = {"NIC_PORT": "0", "NIC_PUBLIC_URL": ENTITY}
        if not is_sqlite:
            environ["DATABASE_URL"] = new_database(request.getfixturevalue("postgres_cluster"))
        return read_config(tmp_path / name, environ)

    is_sqlite = request.param == "sqlite"
    config = config_in("node", is_sqlite=is_sqlite)
    (config.data / OPERATOR_KEY_FILE).write_text(KEY.as_text())
    (config.data / OPERATOR_KEY_FILE).chmod(0o600)
    database = Database.connect(config.database_url)
    await upgrade(database, to="0001")
    async with database.writing() as session:
        await (await session.connection()).run_sync(rows.load, rows.read(FILLED))
    await upgrade(database)
    async with database.writing() as session:
        jwk = generate_private_jwk(KEY_KINDS[KeyPurpose.HTTP])
        await create_key(session, operator_key=KEY, entity_id=ENTITY, purpose=KeyPurpose.HTTP, private_jwk=jwk, now=NOW)
        await (await session.connection()).run_sync(fill_the_rest)
    yield Place(config, database, config_in("elsewhere", is_sqlite=not is_sqlite), tmp_path / "school.zip")
    await database.close()


def fill_the_rest(connection: Connection) -> None:
    """A row in every exported table that has none: whatever room it is of, sealed or not."""
    for table in filter(lambda table: is_exported(table.name), METADATA.sorted_tables):
        if not connection.scalar(select(func.count()).select_from(table)):
            connection.execute(
                table.insert().values({column.name: some_value(connection, column) for column in table.columns})
            )


def some_value(connection: Connection, column: Column[Any]) -> Any:
    """What its type can hold, so that it would show if it were lost on the way."""
    if column.foreign_keys:
        meant = next(iter(column.foreign_keys)).column
        return None if meant.table is column.table else connection.scalar(select(func.min(meant)))
    kinds: dict[type, Any] = {bool: True, int: 1, float: 0.1, bytes: b"\x00\xff sealed"}
    kinds |= {str: "¿ñ?"[: getattr(column.type, "length", None) or 3], date: date(2026, 11, 1)}
    if isinstance(column.type, JSON):
        return {"ñ": [1, None]}
    return NOW if isinstance(column.type, UtcDateTime) else kinds[column.type.python_type]


async def exported(place: Place) -> None:
    await export_node(place.config, place.database, file=place.file, passphrase=PASSPHRASE, now=NOW)


def contents(file: Path) -> dict[str, list[object]]:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.startswith("rows/")]
        return {name: [json.loads(line) for line in archive.read(name).splitlines()] for name in names}


def rewritten(file: Path, **entries: bytes | None) -> Path:
    """The export with some entries replaced, or left out where None."""
    other = file.with_name("altered.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = entries.get(name, source.read(name))
            if data is not None:
                target.writestr(name, data)
    return other


def in_loop(goals: bytes, parents: dict[int, int]) -> bytes:
    """The goals with other parents: id -> that of the one above it."""
    changed = [json.loads(line) for line in goals.splitlines()]
    for goal in changed:
        goal["parent_id"] = parents.get(goal["id"], goal["parent_id"])
    return b"".join(json.dumps(goal).encode() + b"\n" for goal in changed)


def test_no_table_is_left_out_by_accident() -> None:
    exported_tables = set(filter(is_exported, METADATA.tables))
    assert {
        "people",
        "projects",
        "observations",
        "audit_entries",
        "publishing_outbox",
        "keyring_keys",
    } <= exported_tables
    for name, columns in LEFT_OUT.items():
        assert columns <= set(METADATA.tables[name].columns.keys())


async def test_an_export_round_trips_to_equality_over_the_other_database(place: Place) -> None:
    await exported(place)
    imported = await import_node(place.elsewhere, file=place.file, passphrase=PASSPHRASE, now=NOW)
    assert imported.public_url == ENTITY
    assert imported.rows == sum(len(lines) for lines in contents(place.file).values())

    again = place.file.with_name("again.zip")
    there = Database.connect(place.elsewhere.database_url)
    try:
        await export_node(place.elsewhere, there, file=again, passphrase=PASSPHRASE, now=NOW)
        before, after = contents(place.file), contents(again)
        assert {name for name, lines in before.items() if lines} == {
            f"rows/{table}.jsonl" for table in filter(is_exported, METADATA.tables)
        }
        audit = after["rows/audit_entries.jsonl"]
        assert [entry["action"] for entry in audit[len(before["rows/audit_entries.jsonl"]) :]] == ["export.imported"]
        after["rows/audit_entries.jsonl"] = audit[:-1]
        assert before == after
        async with there.writing() as session:
            jwk = await current_private_jwk(
                session, operator_key=KEY, entity_id=ENTITY, purpose=KeyPurpose.HTTP, now=NOW
            )
            assert jwk["d"]
            assert not any(await session.scalars(select(Person.password_hash)))
            # Numbers go on after those that came along.
            session.add(
                Person(name="New", email="new@example.org", email_key="new@example.org", created_at=NOW, updated_at=NOW)
            )
    finally:
        await there.close()


async def test_an_export_holds_sheets_to_read_and_no_secret(place: Place) -> None:
    await exported(place)
    assert place.file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(place.file) as archive:
        sheet = list(csv.DictReader(io.TextIOWrapper(archive.open("csv/observations.csv"), "utf-8")))
        everything = b"".join(archive.read(name) for name in archive.namelist())
        names = set(archive.namelist())
    assert len(sheet) == 89
    assert "sealed_private_jwk" not in archive.namelist()
    assert not names & {"rows/publishing_roster.jsonl", "rows/sign_in_sessions.jsonl", "rows/mails.jsonl"}
    assert KEY.as_text().encode() not in everything
    async with place.database.reading() as session:
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)))
    assert actions == ["export.made"]
    with pytest.raises(Conflict, match="there already"):
        await exported(place)


async def test_what_is_no_whole_export_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await exported(place)

    async def refused(file: Path, error: type[Exception], says: str, words: str = PASSPHRASE) -> None:
        with pytest.raises(error, match=says):
            await import_node(place.elsewhere, file=file, passphrase=words, now=NOW)

    manifest = json.loads(zipfile.ZipFile(place.file).read("manifest.json"))
    goals = zipfile.ZipFile(place.file).read("rows/goals.jsonl")
    await refused(place.file, InvalidInput, "passphrase", "four other words")
    newer = json.dumps(manifest | {"v": 2}).encode()
    await refused(rewritten(place.file, **{"manifest.json": newer}), Conflict, "newer program")
    newer = json.dumps(manifest | {"revision": "9999"}).encode()
    await refused(rewritten(place.file, **{"manifest.json": newer}), Conflict, "newer program")
    for altered in (
        {"rows/goals.jsonl": None},
        {"rows/goals.jsonl": goals[:-20]},
        {"rows/goals.jsonl": goals.splitlines(keepends=True)[0]},
        {"rows/goals.jsonl": goals.replace(b'"id": 1,', b'"id": "one",')},
        {"rows/goals.jsonl": goals.replace(b'"plan_id": 1', b'"plan_id": 77')},
        {"operator.key.sealed": b"nothing"},
        {"manifest.json": b"{}"},
    ):
        await refused(rewritten(place.file, **altered), InvalidInput, "Nothing was changed|no backup")
    looped = rewritten(place.file, **{"rows/goals.jsonl": in_loop(goals, {1: 2, 2: 1})})
    await refused(looped, InvalidInput, r"goals.jsonl row \d stands under itself.*Nothing was changed")
    with monkeypatch.context() as tight:
        tight.setattr(bring_in, "LARGEST_ENTRY", 100)
        await refused(place.file, TooLarge, "unpacks to more than it may. Nothing was changed")
    cut = place.file.with_name("cut.zip")
    cut.write_bytes(place.file.read_bytes()[:-100])
    await refused(cut, InvalidInput, "no export")
    await import_node(place.elsewhere, file=place.file, passphrase=PASSPHRASE, now=NOW)
    await refused(place.file, Conflict, "a node here already")
    (place.config.data / OPERATOR_KEY_FILE).write_text(OperatorKey(bytes(32)).as_text())
    with pytest.raises(Conflict, match="operator's key"):
        await import_node(place.config, file=place.file, passphrase=PASSPHRASE, now=NOW)
