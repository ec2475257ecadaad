"""Sealed files: what went in comes out, and nothing else ever does."""

import io
from collections.abc import Iterator

import pytest

from nic_node.errors import InvalidInput
from nic_node.keyring import passphrase
from nic_node.keyring.passphrase import (
    MAGIC,
    PIECE_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    SealedReader,
    SealedWriter,
)

PASSPHRASE = "four words or rather more"
HEADER = len(MAGIC) + SALT_BYTES + PREFIX_BYTES
PIECE = PIECE_BYTES + TAG_BYTES


def sealed(content: bytes) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, PASSPHRASE)
    for start in range(0, len(content), 300_001):
        writer.write(content[start : start + 300_001])
    writer.close()
    return file.getvalue()


def opened(data: bytes, said: str = PASSPHRASE) -> bytes:
    reader = SealedReader(io.BytesIO(data), said)
    parts = []
    while part := reader.read(100_000):
        parts.append(part)
    return b"".join(parts)


RECOMMENDED = (passphrase.ARGON2_TIME, passphrase.ARGON2_MEMORY_KIB, passphrase.ARGON2_LANES)


def test_a_guess_costs_what_the_standard_recommends() -> None:
    """RFC 9106, section 4."""
    assert RECOMMENDED == (3, 65_536, 4)


@pytest.fixture(autouse=True, scope="module")
def cheap_guesses() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)
        yield


@pytest.fixture(scope="module")
def content() -> bytes:
    return bytes(range(256)) * (2 * PIECE_BYTES // 256 + 1)


@pytest.fixture(scope="module")
def file(content: bytes) -> bytes:
    return sealed(content)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_what_went_in_comes_out(size: int) -> None:
    assert opened(sealed(b"x" * size)) == b"x" * size


def test_pieces_stand_where_they_stood(file: bytes, content: bytes) -> None:
    assert opened(file) == content
    first, second, rest = (
        file[HEADER : HEADER + PIECE],
        file[HEADER + PIECE : HEADER + 2 * PIECE],
        file[HEADER + 2 * PIECE :],
    )
    altered = {
        "swapped": file[:HEADER] + second + first + rest,
        "cut": file[: HEADER + 2 * PIECE],
        "cut within": file[:-1],
        "repeated": file[:HEADER] + first + first + second + rest,
        "flipped": file[: HEADER + 5] + bytes([file[HEADER + 5] ^ 1]) + file[HEADER + 6 :],
        "appended": file + b"\0",
    }
    for how, data in altered.items():
        with pytest.raises(InvalidInput):
            opened(data)
            pytest.fail(how)


def test_another_passphrase_and_another_file(file: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        opened(file, "four other words entirely")
    assert "passphrase" in caught.value.fields
    with pytest.raises(InvalidInput, match="no backup"):
        opened(b"PK\x03\x04 something else")
    with pytest.raises(InvalidInput, match="at least 12"):
        SealedWriter(io.BytesIO(), "short")
