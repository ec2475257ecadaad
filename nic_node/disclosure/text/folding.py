"""Text as the detectors see it: accents, width and look-alikes folded, what can't be seen dropped, case kept.

Every detector works on the folded text; a span is told in code points of the input. So a name stays the same name
in full-width letters, with a soft hyphen or a zero-width joiner in it, or with a Cyrillic letter among the Latin.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LOOK_ALIKES = str.maketrans(
    # Cyrillic and Greek letters that are drawn like Latin ones
    "АВЕЅІЈКМНОРСТУХаеѕіјкмнорстухԁԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
    "ABESIJKMHOPCTYXaesijkmhopctyxdqw" + "ABEZHIKMNOPTYXaikvoptux",
)
SPELLED_OUT = {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
               "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "Þ": "Th", "ı": "i"}  # fmt: skip
APOSTROPHES = "‘’ʼʻ`´′＇"
QUOTES = "“”„«»″"
DASHES = "‐‑‒–—―−"
INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})  # formats, marks, controls, what is no letter
LINE_BREAKS = "\n\r\t\x0b\x0c\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is the folded input; `origin[i]` is where its i-th character came from, with one more for the end."""

    text: str
    origin: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) of the folded text in code points of the input, marks that follow a letter included."""
        return self.origin[start], max(self.origin[end], self.origin[end - 1] + 1)


def fold(text: str) -> Folded:
    """Fold a text of any script and any content."""
    if text.isascii() and text.isprintable():
        return Folded(text, range(len(text) + 1))
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        piece = fold_character(character)
        pieces.append(piece)
        origin.extend([index] * len(piece))
    origin.append(len(text))
    return Folded("".join(pieces), origin)


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """What one code point folds to: several characters for a ligature, none for a mark."""
    if character in LINE_BREAKS:
        return "\n" if character != "\t" else " "
    if character in APOSTROPHES:
        return "'"
    if character in QUOTES:
        return '"'
    if character in DASHES:
        return "-"
    if character in SPELLED_OUT:
        return SPELLED_OUT[character]
    decomposed = unicodedata.normalize("NFKD", character)
    seen = "".join(c for c in decomposed if unicodedata.category(c) not in INVISIBLE)
    return "".join(" " if c.isspace() else c for c in seen).translate(LOOK_ALIKES)
