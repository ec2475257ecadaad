import pytest

from schemas.base64url import decode_base64url, encode_base64url


def test_rfc_7515_example():
    """RFC 7515 appendix C."""
    assert encode_base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
    assert decode_base64url("A-z_4ME") == bytes([3, 236, 255, 224, 193])


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "A+z_", "A/z_", "A z_", "A-z_\n", "AAé", "AAF"])
def test_bytes_have_one_spelling(text):
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)
