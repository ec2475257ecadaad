"""Files under a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM seals one piece after the other.

    magic || salt (16) || nonce prefix (7) || pieces
    piece: AES-256-GCM of up to 1 MiB, nonce = prefix || number (4) || 1 for the last one, else 0

A piece that is altered, moved, repeated or cut off is found out before what follows is read (the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import secrets
from typing import BinaryIO, Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nic_node.errors import InvalidInput
from nic_node.i18n import N_

MAGIC: Final = b"nic-backup-1\n"
SALT_BYTES: Final = 16
PREFIX_BYTES: Final = 7
PIECE_BYTES: Final = 1024 * 1024
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
SHORTEST_PASSPHRASE: Final = 12
# RFC 9106, section 4: the second recommended option.
ARGON2_TIME: Final = 3
ARGON2_MEMORY_KIB: Final = 64 * 1024
ARGON2_LANES: Final = 4
TOO_SHORT: Final = N_("Choose a passphrase of at least 12 characters, such as four words, and keep it elsewhere.")
NOT_OPENED: Final = N_("The passphrase is not the one of this file, or the file was altered.")
CUT_OFF: Final = N_("The file is damaged or cut off. Nothing was changed. Take another backup.")
OTHER_FILE: Final = N_("This file is no backup of a node.")


def _key(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=ARGON2_TIME,
        memory_cost=ARGON2_MEMORY_KIB,
        parallelism=ARGON2_LANES,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class SealedWriter:
    """A file to write to; what reaches the disk is sealed. Without `close` the file can't be opened again.

    Raises:
        InvalidInput: 'passphrase', too short.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise InvalidInput({"passphrase": [TOO_SHORT]}, TOO_SHORT)
        salt, self._prefix = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(PREFIX_BYTES)
        self._file = file
        self._header = MAGIC + salt + self._prefix
        self._cipher = AESGCM(_key(passphrase, salt))
        self._waiting = bytearray()
        self._number = 0
        file.write(self._header)

    def write(self, data: bytes) -> int:
        self._waiting += data
        # One piece is always held back: only `close` knows which is the last.
        while len(self._waiting) > PIECE_BYTES:
            self._seal(PIECE_BYTES, is_last=False)
        return len(data)

    def close(self) -> None:
        self._seal(len(self._waiting), is_last=True)

    def _seal(self, size: int, *, is_last: bool) -> None:
        piece = bytes(self._waiting[:size])
        del self._waiting[:size]
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


class SealedReader:
    """Reads what `SealedWriter` wrote; nothing that was altered ever comes out.

    Raises:
        InvalidInput: 'passphrase' or 'file': another passphrase, another kind of file, an altered or cut one.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        self._header = file.read(len(MAGIC) + SALT_BYTES + PREFIX_BYTES)
        if not self._header.startswith(MAGIC):
            raise InvalidInput({"file": [OTHER_FILE]}, OTHER_FILE)
        salt = self._header[len(MAGIC) : len(MAGIC) + SALT_BYTES]
        self._cipher = AESGCM(_key(passphrase, salt))
        self._opened = bytearray()
        self._ahead = file.read(PIECE_BYTES + TAG_BYTES)
        self._number = 0
        self._is_done = False

    def read(self, size: int) -> bytes:
        while len(self._opened) < size and not self._is_done:
            self._open_next()
        taken = bytes(self._opened[:size])
        del self._opened[:size]
        return taken

    def _open_next(self) -> None:
        piece, self._ahead = self._ahead, self._file.read(PIECE_BYTES + TAG_BYTES)
        self._is_done = not self._ahead
        nonce = _nonce(self._header[-PREFIX_BYTES:], self._number, is_last=self._is_done)
        try:
            self._opened += self._cipher.decrypt(nonce, piece, self._header)
        except InvalidTag as error:
            field, sentence = ("file", CUT_OFF) if self._number else ("passphrase", NOT_OPENED)
            raise InvalidInput({field: [sentence]}, sentence) from error
        self._number += 1
