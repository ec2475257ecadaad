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

SIGNS = "@+23456789"
ADDRESS_OR_NUMBER = re.compile(r"@[\w-]|\+\d|\d{3}[ .-]\d{4}")
"""An e-mail address or a phone number holds one of the signs and this; a link holds '://' or 'www'."""

SCALARS = frozenset({str, int, float, bool, type(None)})
"""What holds no text by a name of its own."""

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


def may_hold_pattern(payload: Any) -> bool:
    """False where no text holds any of TEXT_PATTERNS; most payloads are passed over so, without a look at each text."""
    plain = _fold("\n".join(_texts(payload)))
    if (":" in plain and "://" in plain) or "www" in plain.lower():
        return True
    return any(sign in plain for sign in SIGNS) and ADDRESS_OR_NUMBER.search(plain) is not None


def _texts(value: Any) -> list[str]:
    """The texts of `texts_of`, in any order and without their places."""
    if type(value) is not dict:
        return [text for _, text in texts_of(value)]
    texts: list[str] = []
    for name, inner in value.items():
        kind = type(inner)
        if kind is str:
            if name in TEXT_FIELDS:
                texts.append(inner)
        elif kind is list:
            for element in inner:
                if type(element) not in SCALARS:
                    texts += _texts(element)
        elif kind is dict:
            texts += _texts(inner)
        elif kind not in SCALARS:
            texts += [text for _, text in texts_of({name: inner})]
    return texts


def _fold(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)
