"""What a backup holds, and in which order: a tar file, sealed under a passphrase.

log/...           the files of the logs written here, before the database: it may be ahead of them, never behind
database.sqlite3  or database.dump (pg_dump's custom format)
operator.key      under which the private keys in the database rest
nic.env           the node's settings, where it has such a file
manifest.json     what it is: `Manifest`
"""

import errno
import io
import json
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Self, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from nic_node.errors import InvalidInput, TooLarge
from nic_node.i18n import N_
from nic_node.keyring.passphrase import CUT_OFF, SealedReader, SealedWriter
from schemas.canonical import read_json

VERSION: Final = 1
DATABASES: Final = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
OPERATOR_KEY: Final = "operator.key"
SETTINGS: Final = "nic.env"
MANIFEST: Final = "manifest.json"
SINGLE: Final = frozenset({*DATABASES.values(), OPERATOR_KEY, SETTINGS, MANIFEST})
LOGS: Final = "log"
LARGEST_MANIFEST: Final = 4 * 1024 * 1024
LARGEST_HEADER: Final = 64 * 1024
"""Of what tar says about an entry beside its 512 bytes, such as a size above 8 GiB."""
BLOCK: Final = 4096
"""What a file takes on a disk at the least, so that a million empty ones are counted too."""
LEFT_FREE: Final = 256 * 1024 * 1024
NO_ROOM: Final = N_(
    "The backup does not fit: {folder} has {free} MiB free, and 256 of them must stay free. Nothing was changed. Make"
    " room, then restore."
)
FILE_WRONG: Final = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)
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
        """Raises ValueError or ValidationError: no manifest. InvalidInput: of a newer program."""
        said = read_json(data, max_bytes=LARGEST_MANIFEST)
        if isinstance(said, dict) and isinstance(said.get("v"), int) and said["v"] > VERSION:
            raise InvalidInput({"file": [NEWER]}, NEWER)
        loaded: dict[str, Any] = _ManifestSchema().load(said)
        logs = tuple(LogMark(**mark) for mark in loaded.pop("logs"))
        del loaded["v"]
        return cls(logs=logs, **loaded)


class _LogMarkSchema(Schema):
    class Meta:
        unknown = RAISE

    origin = fields.String(required=True)
    log_key = fields.String(required=True)
    size = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    root = fields.String(required=True, validate=validate.Regexp(r"([0-9a-f]{64})?\Z"))


class _ManifestSchema(Schema):
    class Meta:
        unknown = RAISE

    v = fields.Integer(required=True, strict=True, validate=validate.Equal(VERSION))
    made_at = fields.AwareDateTime(required=True, format="iso")
    program = fields.String(required=True)
    backend = fields.String(required=True, validate=validate.OneOf(tuple(DATABASES)))
    revision = fields.String(required=True)
    public_url = fields.String(required=True)
    logs = fields.List(fields.Nested(_LogMarkSchema), required=True)


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


class _Entry(tarfile.TarInfo):
    """An entry as our writer makes them: what tar would read into memory because of a header is bounded first."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        entry = super().frombuf(buf, encoding, errors)
        is_plain = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
        if not is_plain and (entry.type != tarfile.XHDTYPE or entry.size > LARGEST_HEADER):
            raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF)
        return entry


def extract(file: IO[bytes], passphrase: str, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder, and only what belongs into one; all of it is read and was not altered.

    Whoever knows the passphrase may have made it by hand, so nothing in it is believed.

    Raises:
        InvalidInput: 'passphrase' or 'file'.
        TooLarge: it would fill the disk.
    """
    sealed = SealedReader(cast("Any", file), passphrase)
    try:
        with tarfile.open(fileobj=cast("Any", sealed), mode="r|gz", tarinfo=_Entry) as tar:
            _unpack(tar, folder)
        while sealed.read(1024 * 1024):
            pass  # what follows the tar's end must be whole too
        return Manifest.from_bytes(_manifest_bytes(folder / MANIFEST))
    except (tarfile.TarError, zlib.error, FileNotFoundError, EOFError, ValueError, ValidationError) as error:
        raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF) from error
    except OSError as error:
        if error.errno not in FILE_WRONG:
            raise
        raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF) from error


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    free = shutil.disk_usage(folder).free - LEFT_FREE
    known: set[str] = set()
    for entry in tar:
        _verify_entry(entry)
        if entry.name in known:
            raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF)
        known.add(entry.name)
        free -= max(entry.size, BLOCK)
        if free < 0:
            said = NO_ROOM.format(folder=folder.parent, free=shutil.disk_usage(folder).free // (1024 * 1024))
            raise TooLarge(said)
        tar.extract(entry, folder, set_attrs=False, filter="data")


def _manifest_bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST_MANIFEST + 1)


def _verify_entry(entry: tarfile.TarInfo) -> None:
    parts = PurePosixPath(entry.name).parts
    belongs = entry.name in SINGLE or (len(parts) > 1 and parts[0] == LOGS and ".." not in parts)
    if not entry.isfile() or entry.issparse() or not belongs:
        raise InvalidInput({"file": [CUT_OFF]}, CUT_OFF)
