"""Which of a list's new lines is an old one in other words. Calculation alone: two lists of texts in, pairs out."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

NUMBER = re.compile(r"\d+")
ALIKE = 0.6
"""From here on two texts are one in other words: typing errors, an added name, half a sentence more. Two steps of one
project that are not each other's stay under 0.5, as a rule."""


def reworded(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Position among the new texts -> position of the old text that it words anew; the likest pairs first.

    A text that stands in both lists is no pair.
    """
    gone = [at for at, text in enumerate(old) if text not in set(new)]
    come = [at for at, text in enumerate(new) if text not in set(old)]
    pairs = [(likeness(old[was], new[at]), at, was) for at in come for was in gone]
    found: dict[int, int] = {}
    for alike, at, was in sorted(pairs, key=lambda pair: (-pair[0], abs(pair[1] - pair[2]), pair[1])):
        if alike >= ALIKE and at not in found and was not in found.values():
            found[at] = was
    return found


def likeness(one: str, other: str) -> float:
    """0 to 1, by the characters that they share in order (Ratcliff and Obershelp), whatever the case.

    0 where their numbers differ: 'visit in week 3' is another step than 'visit in week 2', which may be done.
    """
    if NUMBER.findall(one) != NUMBER.findall(other):
        return 0
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
