"""The operator's key: 32 bytes that the operator keeps, under which all private keys of a node rest.

It comes from the environment, or from a file in the data folder that nobody else may read and that is made at
the first start. It is never part of a backup.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from nic_node.keyring.errors import OperatorKeyUnusable

OPERATOR_KEY_FILE = "operator.key"
KEY_BYTES = 32
FINGERPRINT_BYTES = 8
LONGEST_KEY_FILE = 200
OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class OperatorKey:
    """32 random bytes; the bytes never show in a repr, a log or a message."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise OperatorKeyUnusable(
                f"The operator's key must have {KEY_BYTES} bytes, and this one has another length."
            )

    def as_text(self) -> str:
        """As the file holds it; for a backup under a passphrase, and nothing else."""
        return _as_text(self.secret)

    @property
    def fingerprint(self) -> bytes:
        """8 bytes that tell one operator's key from another and say nothing about it."""
        return hashlib.sha256(b"nic operator key\x00" + self.secret).digest()[:FINGERPRINT_BYTES]

    @classmethod
    def from_text(cls, text: str, *, source: str) -> Self:
        """Read base64url, with or without padding.

        Args:
            text: what the operator supplied.
            source: how to name its place in the sentence, such as 'NIC_OPERATOR_KEY'.

        Raises:
            OperatorKeyUnusable: not the base64url of exactly 32 bytes.
        """
        stripped = text.strip().rstrip("=")
        try:
            secret = base64.b64decode(stripped + "=" * (-len(stripped) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            raise OperatorKeyUnusable(
                f"{source} isn't an operator's key: it must be {KEY_BYTES} random bytes written in base64url"
                f" ({len(_as_text(bytes(KEY_BYTES)))} characters). Put back the key that this node was started with."
            )
        return cls(secret)


def read_operator_key(
    *, value: str | None, path: Path, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> OperatorKey:
    """The key from the environment if it is there, else from the file, else a new one that is put into the file.

    Blocking; to be called once, at start. Several processes that start together agree on one key.

    Args:
        value: the environment's value, or None.
        path: the file, in the data folder.
        random_bytes: where a new key comes from.

    Raises:
        OperatorKeyUnusable: the value or file is malformed, the file is open to others or can't be read or made.
    """
    if value is not None:
        return OperatorKey.from_text(value, source="NIC_OPERATOR_KEY")
    try:
        if not os.path.lexists(path):
            _make_key_file(path, random_bytes(KEY_BYTES))
        text = _read_private_file(path)
    except OSError as error:
        raise OperatorKeyUnusable(
            f"The operator's key {path} can't be read or made ({error.strerror}). Check that the folder exists and"
            " belongs to the account that runs the node."
        ) from error
    return OperatorKey.from_text(text, source=str(path))


def _make_key_file(path: Path, secret: bytes) -> None:
    """Write beside the file, flush, then link: nobody ever sees half a key, and the first process wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(_as_text(secret) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private_file(path: Path) -> str:
    # The open file is checked, not the name, so that nobody can swap it in between.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(file.fileno()).st_mode & OPEN_TO_OTHERS:
            raise OperatorKeyUnusable(
                f"Others can read or change the operator's key {path}. Run 'chmod 600 {path}', and think of whether"
                " somebody may have copied it."
            )
        return file.read(LONGEST_KEY_FILE).decode("ascii", errors="replace")


def _as_text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")
