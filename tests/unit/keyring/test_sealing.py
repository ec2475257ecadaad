"""What is sealed opens under the same key at the same place, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from nic_node.keyring.errors import SealBroken, WrongOperatorKey
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import open_bytes, seal_bytes

KEY = OperatorKey(bytes(range(32)))
OTHER = OperatorKey(bytes(32))


@settings(deadline=None)  # two cores are shared
@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_is_sealed_opens(plaintext: bytes, context: str) -> None:
    assert open_bytes(KEY, seal_bytes(KEY, plaintext, context=context), context=context) == plaintext


def test_no_two_seals_are_alike() -> None:
    assert seal_bytes(KEY, b"roster", context="a") != seal_bytes(KEY, b"roster", context="a")


def test_the_format_is_the_documented_one() -> None:
    sealed = seal_bytes(KEY, b"roster", context="school.roster:7")
    header, nonce, rest = sealed[:9], sealed[9:21], sealed[21:]
    assert header == b"\x01" + KEY.fingerprint
    assert AESGCM(KEY.secret).decrypt(nonce, rest, header + b"school.roster:7") == b"roster"


def test_every_flipped_bit_is_noticed() -> None:
    sealed = seal_bytes(KEY, b"roster", context="a")
    for position in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises((SealBroken, WrongOperatorKey)):
            open_bytes(KEY, bytes(altered), context="a")


def test_another_place_does_not_open() -> None:
    with pytest.raises(SealBroken, match="stands in another's place"):
        open_bytes(KEY, seal_bytes(KEY, b"roster", context="school.roster:7"), context="school.roster:8")


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(WrongOperatorKey, match=r"Put back the earlier file operator\.key"):
        open_bytes(OTHER, seal_bytes(KEY, b"roster", context="a"), context="a")


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, 36])
def test_a_cut_value_is_damage(length: int) -> None:
    with pytest.raises(SealBroken, match="damaged"):
        open_bytes(KEY, seal_bytes(KEY, b"", context="a")[:length], context="a")
