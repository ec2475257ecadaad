import string
from itertools import product

import pytest

from schemas.base64url import SPELLING, decode_base64url, encode_base64url, encoded_length


def test_rfc_7515_example():
    """RFC 7515 appendix C."""
    assert encode_base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
    assert decode_base64url("A-z_4ME") == bytes([3, 236, 255, 224, 193])


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "A+z_", "A/z_", "A z_", "A-z_\n", "AAé", "AAF"])
def test_bytes_have_one_spelling(text):
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)


@pytest.mark.parametrize("size", range(70))
def test_what_is_encoded_has_its_length_and_its_spelling(size):
    text = encode_base64url(bytes(range(size)))
    assert len(text) == encoded_length(size)
    assert SPELLING.fullmatch(text)


def test_one_spelling_by_its_shape_and_by_decoding():
    """Every end of one to three characters behind four: a shape and a decoder agree on all of them."""
    signs = string.ascii_letters + string.digits + "-_=+/ \n"
    for length in (1, 2, 3):
        for end in map("".join, product(signs, repeat=length)):
            assert bool(SPELLING.fullmatch(f"nic_{end}")) == can_decode(f"nic_{end}"), end


def can_decode(text: str) -> bool:
    try:
        decode_base64url(text)
    except ValueError:
        return False
    return True
