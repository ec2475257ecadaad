"""Help with a word that nobody has: the nearest English word, or word of schools, that some practice has."""

from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from nic_node.disclosure.text.allow_list import build_allow_list
from nic_node.mirror.words import plain_words, stem_words

SHORTEST: Final = 4  # letters; shorter words are near to too many others
NEAR: Final = 0.78  # of difflib's ratio: one letter of four may be wrong
CANDIDATES: Final = 6
LENGTHS_APART: Final = 2

HasWord = Callable[[str], Awaitable[bool]]
"""Whether any record holds a stem."""


async def corrected(typed: str, has_word: HasWord) -> str:
    """The query with its unknown words put right; '' where none is unknown, or nothing is near."""
    words = plain_words(typed)
    better = [await _nearest(word, has_word) if await _is_unknown(word, has_word) else word for word in words]
    return " ".join(better) if better != words else ""


async def _is_unknown(word: str, has_word: HasWord) -> bool:
    stems = stem_words(word)
    return bool(stems) and not await has_word(stems[0])


async def _nearest(word: str, has_word: HasWord) -> str:
    """Itself where nothing is near."""
    if len(word) < SHORTEST or not word.isascii():
        return word
    for form in dict.fromkeys((word, *stem_words(word))):  # the list has few inflected words
        for candidate in get_close_matches(form, _candidates(form[0], len(form)), CANDIDATES, NEAR):
            stems = stem_words(candidate)
            if stems and await has_word(stems[0]):
                return candidate
    return word


@lru_cache(maxsize=256)
def _candidates(first: str, length: int) -> tuple[str, ...]:
    """Words that begin alike and are about as long: people get the first letter right."""
    return tuple(word for word in _known_words() if word.startswith(first) and abs(len(word) - length) <= LENGTHS_APART)


@lru_cache(maxsize=1)
def _known_words() -> tuple[str, ...]:
    return tuple(sorted(build_allow_list().words))
