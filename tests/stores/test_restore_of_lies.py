"""A backup that somebody made by hand, with the right passphrase: refused, with the node as it was."""

import io
import json
import sqlite3
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NicError, TooLarge
from nic_node.keyring import passphrase
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, OperatorKey
from nic_node.keyring.passphrase import SealedReader, SealedWriter
from nic_node.network.log.files import store_in
from nic_node.network.log.tables import Log
from nic_node.operations import archive, replace, restore
from nic_node.operations.restore import restore_backup
from tests.conftest import BACKENDS, TestClock
from tests.stores.backup_stage import PASSPHRASE, Place, backed_up, restored, running_place

MIB = 1024 * 1024


@pytest.fixture(params=BACKENDS)
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    async with running_place(request, tmp_path, clock, monkeypatch) as opened:
        await backed_up(opened)
        yield opened


@dataclass
class Opened:
    """What a backup holds, to be altered: name -> bytes; `more` entries follow as they are."""

    files: dict[str, bytes]
    more: list[tuple[tarfile.TarInfo, bytes]] = field(default_factory=list)

    @property
    def database(self) -> str:
        return next(name for name in self.files if name.startswith("database."))

    @property
    def checkpoint(self) -> str:
        return next(name for name in self.files if name.endswith("/checkpoint"))

    def manifest(self, **changed: Any) -> None:
        self.files["manifest.json"] = json.dumps(json.loads(self.files["manifest.json"]) | changed).encode()

    def log(self, **changed: Any) -> None:
        (mark,) = json.loads(self.files["manifest.json"])["logs"]
        self.manifest(logs=[mark | changed])

    def add(self, name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, **more: Any) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.type = len(data), kind
        for key, value in more.items():
            setattr(entry, key, value)
        self.more.append((entry, data))


def opened(file: Path) -> Opened:
    with file.open("rb") as source:
        sealed = SealedReader(source, PASSPHRASE)
        with tarfile.open(fileobj=sealed, mode="r|gz") as tar:
            return Opened({entry.name: tar.extractfile(entry).read() for entry in tar})


def sealed_again(file: Path, held: Opened) -> None:
    with file.open("wb") as sink:
        sealed = SealedWriter(sink, PASSPHRASE)
        with tarfile.open(fileobj=sealed, mode="w|gz") as tar:
            for name, data in held.files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
            for entry, data in held.more:
                tar.addfile(entry, io.BytesIO(data))
        sealed.close()


def without_tables(held: Opened) -> None:
    """The right revision, and nothing that a node needs."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript("CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE network_logs (origin, size);")
        held.files[held.database] = made.serialize()


def empty_database(held: Opened) -> None:
    held.files[held.database] = b""


LIES: dict[str, Callable[[Opened], object]] = {
    "a database of noise": lambda held: held.files.update({held.database: b"noise" * 5000}),
    "an empty database": empty_database,
    "a database without tables": without_tables,
    "no database": lambda held: held.files.pop(held.database),
    "no operator's key": lambda held: held.files.pop("operator.key"),
    "an operator's key of noise": lambda held: held.files.update({"operator.key": b"\xff" * 40}),
    "another operator's key": lambda held: held.files.update({"operator.key": OperatorKey(bytes(32)).as_text().encode()}),
    "no manifest": lambda held: held.files.pop("manifest.json"),
    "a manifest of noise": lambda held: held.files.update({"manifest.json": b"[" * 100_000}),
    "a manifest with more": lambda held: held.manifest(also=1),
    "a manifest of a list": lambda held: held.files.update({"manifest.json": b'["v"]'}),
    "a manifest of another kind": lambda held: held.manifest(backend="mysql"),
    "a revision that is a list": lambda held: held.manifest(revision=["0004"]),
    "a revision that it has not": lambda held: held.manifest(revision="0001"),
    "a time without a zone": lambda held: held.manifest(made_at="2026-09-01T12:00:00"),
    "no log": lambda held: held.manifest(logs=[]),
    "a longer log": lambda held: held.log(size=1_000_000),
    "a log's size in words": lambda held: held.log(size="many"),
    "a log's root in words": lambda held: held.log(root="many"),
    "another key of the log": lambda held: held.log(log_key="example.org/log+00000000+AAAA"),
    "a checkpoint of noise": lambda held: held.files.update({held.checkpoint: b"noise\n"}),
    "a log of nobody": lambda held: held.add("log/nobody/checkpoint", b"noise\n"),
    "a way out of the folder": lambda held: held.add("log/../../operator.key", b"mine"),
    "a way to the root": lambda held: held.add("/log/mine", b"mine"),
    "a link": lambda held: held.add("log/here", kind=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": lambda held: held.add("log/here", kind=tarfile.LNKTYPE, linkname="operator.key"),
    "a device": lambda held: held.add("log/null", kind=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "a sparse file": lambda held: held.add("log/x/sparse", b"\0" * 512, kind=tarfile.GNUTYPE_SPARSE),
    "what belongs into none": lambda held: held.add("nic.sqlite3", b"mine"),
    "a name twice": lambda held: held.add("operator.key", OperatorKey(bytes(32)).as_text().encode()),
    "a file that is a folder too": lambda held: held.add(f"{held.checkpoint}/more", b"mine"),
    "a header of 8 MiB": lambda held: held.add("log/x/y", pax_headers={"comment": "x" * 8 * MIB}),
}  # fmt: skip
OF_SQLITE = {"a database without tables"}


async def state_of(place: Place) -> tuple[object, ...]:
    """What a restore that was refused must leave: the log as the database knows it, the key, the checkpoint, the folder."""
    database = Database.connect(place.config.database_url)
    try:
        async with database.reading() as session:
            log = (await session.scalars(select(Log))).one()
    finally:
        await database.close()
    checkpoint = store_in(place.config.data, log.origin).read("checkpoint")
    folder = sorted(path.name for path in place.config.data.iterdir() if not path.name.endswith(("-wal", "-shm")))
    return log.size, log.root, checkpoint, (place.config.data / OPERATOR_KEY_FILE).read_text().strip(), folder


async def test_no_lie_replaces_a_node(place: Place) -> None:
    honest, before = place.file.read_bytes(), await state_of(place)
    for name, lie in LIES.items():
        if name in OF_SQLITE and not place.database.is_sqlite:
            continue
        place.file.write_bytes(honest)
        held = opened(place.file)
        lie(held)
        sealed_again(place.file, held)
        with pytest.raises(NicError):
            await restored(place, place.config, may_replace=True, may_be_behind=True)
        assert await state_of(place) == before, name
    # Else what was refused would prove nothing.
    place.file.write_bytes(honest)
    sealed_again(place.file, opened(place.file))
    await restored(place, place.config, may_replace=True)
    assert await state_of(place) == before


@pytest.mark.parametrize(("entries", "free_mib"), [(1, 300), (1_100, 260)])
async def test_a_bomb_stops_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int, free_mib: int
) -> None:
    """One file of 64 MiB, or many empty ones: 256 MiB stay free."""
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)
    free = free_mib * MIB
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage)
    file, config = tmp_path / "bomb", read_config(tmp_path / "node", {"NIC_PORT": "0"})
    bomb(file, entries)
    assert file.stat().st_size < MIB
    with pytest.raises(TooLarge, match=f"{free_mib} MiB free"):
        await restore_backup(config, file=file, passphrase=PASSPHRASE, now=datetime.now(UTC))
    assert not list(config.data.iterdir())


def bomb(file: Path, entries: int) -> None:
    size = 64 * MIB if entries == 1 else 0
    with file.open("wb") as sink:
        sealed = SealedWriter(sink, PASSPHRASE)
        with tarfile.open(fileobj=sealed, mode="w|gz") as tar:
            for number in range(entries):
                entry = tarfile.TarInfo(f"log/{number}/checkpoint")
                entry.size = size
                tar.addfile(entry, Zeros(size))
        sealed.close()


class Zeros:
    """A file of zeros, of any length."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int) -> bytes:
        given = min(size, self._left)
        self._left -= given
        return bytes(given)


async def test_what_an_interrupted_restore_put_aside_comes_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off with the new database in place, then refused: the node of before is there."""
    before = await state_of(place)

    async def cut_off(*anything: object) -> None:
        raise KeyboardInterrupt

    real = {kind: kind.come_back for kind in (replace._SqliteAside, replace._PostgresqlAside)}
    for kind in real:
        monkeypatch.setattr(kind, "come_back", lambda _: cut_off())
    monkeypatch.setattr(restore, "_settle", cut_off)
    with pytest.raises(KeyboardInterrupt):
        await restored(place, place.config, may_replace=True)
    for kind, come_back in real.items():
        monkeypatch.setattr(kind, "come_back", come_back)

    async def refused(*anything: object) -> None:
        raise Conflict("No.")

    monkeypatch.setattr(restore, "_settle", refused)
    with pytest.raises(Conflict):
        await restored(place, place.config, may_replace=True)
    assert await state_of(place) == before
