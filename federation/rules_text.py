"""What no published text may hold, in any language: the patterns that every receiver looks for again.

A school's own scrub finds far more (names, dates, rooms); these three are what a stranger can check without a
roster and without refusing an honest record.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
URL = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,10}://|\bwww\d?\.)[^\s<>\"]{2,}", re.IGNORECASE)
PHONE = re.compile(
    r"(?<![\w.,-])(?:"
    r"(?:\+?1[ .-]{0,2})?(?:\([2-9]\d{2}\)[ .-]{0,2}|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}"  # North America
    r"|\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}"  # anywhere, with its country code
    r")(?![\w-]|\.\d)"
)
TEXT_PATTERNS = (("email", EMAIL), ("url", URL), ("phone", PHONE))

SIGNED = re.compile(rb"@[\w\x80-\xff-]|\+[\d\x80-\xff]")
"""An e-mail address holds one of these, and a phone number with its country code."""
NUMBER = re.compile(r"\d{3}[ .-]\d{4}")
"""What else a phone number holds."""
OUTLINE = bytes.maketrans(b"W123456789 .-" + bytes(range(128, 256)), b"w" + b"0" * 9 + b"   " + b"0" * 128)
"""One sign each for digits and for what parts them; a character beyond ASCII may be a digit."""
TEXT_FIELDS = frozenset(
    {
        "title", "label", "statement", "summary", "does", "how_often", "what", "why",
        "text", "conditions", "worked", "would_change", "watch_out",
    }
)  # fmt: skip


def texts_of(payload: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, text) of every text that people wrote, in the payload's order."""
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            if name in TEXT_FIELDS and isinstance(value, str):
                yield f"{path}/{name}", value
            elif not isinstance(value, str):
                yield from texts_of(value, f"{path}/{name}")
    elif isinstance(payload, list | tuple):
        for index, value in enumerate(payload):
            yield from texts_of(value, f"{path}/{index}")


def find_pattern(text: str) -> str | None:
    """The name of the first of TEXT_PATTERNS that a text holds, compatibility forms (full-width letters) folded."""
    plain = _fold(text)
    return next((name for name, pattern in TEXT_PATTERNS if pattern.search(plain)), None)


def may_hold_pattern(written: bytes) -> bool:
    """False where no text in canonical JSON holds any of TEXT_PATTERNS: most payloads are passed over so, as a whole.

    What JSON writes with a backslash is part of no pattern.
    """
    plain = written if written.isascii() else _fold(written.decode()).encode()
    outline = plain.translate(OUTLINE)
    if (b"/" in plain and b"://" in plain) or b"www" in outline:  # a single sign is found in a tenth of the time
        return True
    if b"000 0000" in outline and (plain.isascii() or NUMBER.search(plain.decode())):
        return True
    return (b"@" in plain or b"+" in plain) and SIGNED.search(plain) is not None


def _fold(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)
