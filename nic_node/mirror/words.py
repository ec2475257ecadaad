"""From text to the words that both full-text indexes hold: stemmed here, so that they find the same.

A word is a run of letters and digits, without accents and case, cut to its stem.
"""

import re
import threading
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import Stemmer

LANGUAGE: Final = "english"
LONGEST_WORD: Final = 64
REMEMBERED_WORDS: Final = 100_000
"""Some 12 MiB at most: a network's language has fewer, and mistyped words are soon forgotten."""
_IN_EVERY_TEXT: Final = """
a an and are as at be but by for from had has have if in into is it its of on or our so that the their them then there
they this to was we were when which who will with you your
"""
STOP_WORDS: Final = frozenset(_IN_EVERY_TEXT.split())
_WORD: Final = re.compile(r"[^\W_]+")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_ASCII_WORDS: Final = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)
"""A table of `bytes.translate`: letters in lower case, digits, spaces."""

Payload = Mapping[str, Any]


def stem_words(text: str) -> list[str]:
    """The stems in order, stop words left out."""
    return list(filter(None, map(_STEMS.__getitem__, plain_words(text))))


def plain_words(text: str) -> list[str]:
    """The words in order, without case and accents.

    A letter that is a capital only once taken apart, such as a bold 𝐀, keeps its case in a text that holds letters
    beyond ASCII. Folding it would change words that are indexed already, and SQLite's index forgets a record only by
    the words that it was indexed by: whoever changes what comes out here has every node index its records anew.
    """
    plain = text if text.isascii() else _BEYOND_ASCII.sub(_folded_match, text)
    if plain.isascii():
        return plain.encode().translate(_ASCII_WORDS).decode().split()
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _folded_match(beyond: re.Match[str]) -> str:
    """Letters without accents, a space for all that is part of no word: mostly ASCII, in English or Spanish."""
    return _folded_run(beyond[0])


@lru_cache(maxsize=1_000)
def _folded_run(run: str) -> str:
    return "".join(c if c.isalnum() else " " for c in _folded(run))


class _Cutting(threading.local):
    """A stemmer keeps the word in hand in itself, and threads stem at once, so that each thread has one of its own."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer(LANGUAGE, 0)


class _Stems(dict[str, str]):
    """Word -> stem, "" of a stop word. Texts of schools share their words: most are cut once."""

    def __missing__(self, word: str) -> str:
        stem = "" if word in STOP_WORDS else str(_CUTTING.stemmer.stemWord(word[:LONGEST_WORD]))
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
        # A word that is its own stem stands in memory once: most of the time here goes into waiting for memory.
        stem = self[word] = word if stem == word else stem
        return stem


_CUTTING: Final = _Cutting()
_STEMS: Final = _Stems()


def index_text(kind: str, payload: Payload) -> tuple[str, str]:
    """(title, rest) of a record as the index takes them in: stems with a space between.

    The same payload always gives the same text: SQLite needs it again to forget a record.
    """
    title, rest = written_text(payload)
    return join_stems(title), join_stems(rest)


def join_stems(text: str) -> str:
    return " ".join(stem_words(text))


def written_text(payload: Payload) -> tuple[str, str]:
    """What people wrote: the title, and all that `index_text` takes beside it."""
    return payload.get("title", ""), " ".join(_texts(payload))


def _texts(payload: Payload) -> list[str]:
    """What people wrote, in the order of the payload's schema."""
    get = payload.get
    problem, idea, lessons = get("problem", {}), get("idea", {}), get("lessons", {})
    texts = [problem.get("statement", ""), problem.get("label", ""), idea.get("summary", ""), idea.get("label", "")]
    texts += [step["does"] for step in get("steps", ())]
    texts += [change["what"] for change in get("adaptable", ())]
    for material in get("materials", ()):
        texts += material["title"], material["text"]
    texts.append(get("conditions", ""))
    texts += [lessons.get(name, "") for name in ("worked", "would_change", "watch_out")]
    for change in get("changed", ()):
        texts += change["what"], change.get("why", "")
    texts.append(get("text", ""))
    return texts
