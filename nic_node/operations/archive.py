"""What a backup holds, and in which order: a tar file, sealed under a passphrase.

log/...           the files of the logs written here, before the database: it may be ahead of them, never behind
database.sqlite3  or database.dump (pg_dump's custom format)
operator.key      under which the private keys in the database rest
nic.env           the node's settings, where it has such a file
manifest.json     what it is: `Manifest`
"""

import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.keyring.passphrase import CUT_OFF, SealedReader, SealedWriter

VERSION: Final = 1
DATABASES: Final = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
OPERATOR_KEY: Final = "operator.key"
SETTINGS: Final = "nic.env"
MANIFEST: Final = "manifest.json"
SINGLE: Final = frozenset({*DATABASES.values(), OPERATOR_KEY, SETTINGS, MANIFEST})
LOGS: Final = "log"
NEWER: Final = N_("This backup was made by a newer program. Install that one, then restore.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMark:
    """How far the database of the backup knows a log that is written here; root in hex."""

    origin: str
    log_key: str
    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`backend` is sqlite or postgresql; `revision` the database's tables; `public_url` the node's address."""

    made_at: datetime
    program: str
    backend: str
    revision: str
    public_url: str
    logs: tuple[LogMark, ...]

    def to_bytes(self) -> bytes:
        document = {"v": VERSION, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(document, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        said: dict[str, Any] = json.loads(data)
        if said.pop("v") != VERSION:
            raise InvalidInput({"file": [NEWER]}, NEWER)
        logs = tuple(LogMark(**mark) for mark in said.pop("logs"))
        return cls(made_at=datetime.fromisoformat(said.pop("made_at")), logs=logs, **said)


class ArchiveWriter:
    """A sealed tar file in the making."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        self._sealed = SealedWriter(cast("Any", file), passphrase)
        self._tar = tarfile.open(fileobj=cast("Any", self._sealed), mode="w|gz")  # noqa: SIM115 - `close` ends it

    def add_bytes(self, name: str, data: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o600
        self._tar.addfile(entry, io.BytesIO(data))

    def add_file(self, name: str, path: Path) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = path.stat().st_size, 0o600
        with path.open("rb") as content:
            self._tar.addfile(entry, content)

    def close(self) -> None:
        self._tar.close()
        self._sealed.close()


def log_files(folder: Path) -> Iterator[Path]:
    """Files of a log in an order that may be copied while it grows: the checkpoint first, then what it speaks of."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return iter(sorted(files, key=lambda path: (path.name != "checkpoint", path)))


def extract(file: IO[bytes], passphrase: str, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder, and only what belongs into one; all of it is read and was not altered.

    Raises:
        InvalidInput: 'passphrase' or 'file'.
    """
    sealed = SealedReader(cast("Any", file), passphrase)
    try:
        with tarfile.open(fileobj=cast("Any", sealed), mode="r|gz") as tar:
            for entry in tar:
                _verify_entry(entry)
                tar.extract(entry, folder, set_attrs=False, filter="data")
        while sealed.read(1024 * 1024):
            pass  # what follows the tar's end must be whole too
        return Manifest.from_bytes((folder / MANIFEST).read_bytes())
    except (tarfile.TarError, zlib.error, FileNotFoundError, EOFError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF) from error


def _verify_entry(entry: tarfile.TarInfo) -> None:
    parts = PurePosixPath(entry.name).parts
    belongs = entry.name in SINGLE or (len(parts) > 1 and parts[0] == LOGS and ".." not in parts)
    if not entry.isfile() or not belongs:
        raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF)
