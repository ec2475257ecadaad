"""Text as the wire carries it: NFC, printable, no character that hides or reorders others."""

import re
import unicodedata

ASCII_PROSE = re.compile(r"[\n -~]*", re.ASCII)
# Canonical JSON has no space outside texts: one begins with this, and may be blank. `in` would take twice as long.
OPENING_SPACE = re.compile(rb'" ')
JOINERS = "\u200c\u200d"  # some scripts and emoji need these two format characters
BREAKS = "\u2028\u2029"  # line and paragraph separator: newlines that few programs see
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def is_wire_text(text: str, *, multiline: bool = False) -> bool:
    """Whether text may stand in a document: NFC, not blank, nothing refused; newlines only in `multiline` text."""
    if not text or text.isspace():
        return False
    if text.isascii():
        return text.isprintable() or (multiline and ASCII_PROSE.fullmatch(text) is not None)
    return unicodedata.is_normalized("NFC", text) and all(_is_allowed(character, multiline) for character in set(text))


def is_plain_json(data: bytes) -> bool:
    """Whether every text of canonical JSON, but for empty ones, is wire text; False also where that is not sure."""
    is_printable = data.isascii() and b"\\" not in data and b"\x7f" not in data
    return is_printable and OPENING_SPACE.search(data) is None


def normal_text(text: str, *, multiline: bool = False) -> str:
    """What people typed as the wire takes it.

    NFC; tabs and other line ends become spaces and newlines; refused characters are dropped; the
    ends are stripped. The answer may be "": then the field is to be left out.
    """
    unified = re.sub(f"\r\n?|[{BREAKS}]", "\n", text).replace("\t", " ")
    if not multiline:
        unified = unified.replace("\n", " ")
    kept = "".join(character for character in unified if _is_allowed(character, multiline))
    return unicodedata.normalize("NFC", kept).strip()


def _is_allowed(character: str, multiline: bool) -> bool:  # noqa: FBT001 - private, and called by position once
    if character == "\n":
        return multiline
    if character in JOINERS:
        return True
    return character not in BREAKS and unicodedata.category(character) not in REFUSED_CATEGORIES
