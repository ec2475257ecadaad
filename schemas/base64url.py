"""Base64url without padding (RFC 4648 section 5, as RFC 7515 section 2 uses it), read strictly."""

import binascii
import re

TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
SPELLING = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?", re.ASCII)
"""What `encode_base64url` answers, and nothing else: of the last character no bit is left over."""


def encoded_length(size: int) -> int:
    """How many characters so many bytes take."""
    return (size * 4 + 2) // 3


def encode_base64url(data: bytes) -> str:
    """Base64url text of bytes, unpadded."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(TO_URL).decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of base64url text.

    Raises ValueError for padding, foreign characters, an impossible length and unused bits that
    are not zero: bytes have one spelling only.
    """
    try:
        data = binascii.a2b_base64(text.encode("ascii").translate(FROM_URL) + b"==")
        if encode_base64url(data) == text:
            return data
    except ValueError as error:  # binascii.Error among them
        if ALPHABET.fullmatch(text):
            raise ValueError("base64url text has an impossible length") from error
    if not ALPHABET.fullmatch(text):
        raise ValueError("base64url text holds a character outside its alphabet")
    raise ValueError("base64url text has unused bits that are not zero")
