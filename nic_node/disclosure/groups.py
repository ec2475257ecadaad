"""How two groups of one school's students lie to each other, as far as their names and the plan of the school say.

A group's name is what somebody typed. More words narrow a group ('grade 7 English learners' lie within 'grade 7'), no
word left is the whole school, other grades or sections are other students. What can't be told apart is unclear, and
a person is asked.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from nic_node.disclosure.text.folding import fold

FILLERS: Final = frozenset(
    {
        "all", "and", "class", "classes", "every", "everybody", "for", "from", "grade", "grader", "graders", "grades",
        "group", "groups", "in", "nd", "of", "our", "pupil", "pupils", "rd", "school", "section", "st", "student",
        "students", "th", "the", "whole", "with", "year",
    }
)  # fmt: skip
NUMBERS: Final[Mapping[str, str]] = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7", "eighth": "8",
    "ninth": "9", "tenth": "10", "eleventh": "11", "twelfth": "12", "kindergarten": "k", "freshmen": "9",
    "sophomores": "10", "juniors": "11", "seniors": "12",
}  # fmt: skip
WORD: Final = re.compile(r"\d+|[^\W\d_]+")


class Relation(StrEnum):
    SAME = "same"
    WITHIN = "within"
    """The first lies within the second."""
    HOLDS = "holds"
    """The first holds the second."""
    APART = "apart"
    UNCLEAR = "unclear"


NESTED: Final = frozenset({Relation.SAME, Relation.WITHIN, Relation.HOLDS})


def relation(one: str, other: str, wholes: Mapping[str, str]) -> Relation:
    """How a group lies to another; `wholes` maps a group to the one that it is known to be a part of."""
    mine, others = words_of(one), words_of(other)
    if mine == others:
        return Relation.SAME
    if others in wholes_above(mine, wholes):
        return Relation.WITHIN
    if mine in wholes_above(others, wholes):
        return Relation.HOLDS
    if mine < others:
        return Relation.HOLDS
    if others < mine:
        return Relation.WITHIN
    return Relation.APART if _are_apart(mine, others) else Relation.UNCLEAR


def words_of(group: str) -> frozenset[str]:
    """What a name says: '7th grade, section B' and '7B' alike are {7, b}."""
    found = (NUMBERS.get(word, word) for word in WORD.findall(fold(group).text.lower()))
    return frozenset(word.lstrip("0") or word for word in found) - FILLERS


def wholes_above(words: frozenset[str], wholes: Mapping[str, str]) -> set[frozenset[str]]:
    """Every group that this one is known to be a part of: a class of its grade, the grade of its school."""
    above = {words_of(part): words_of(whole) for part, whole in wholes.items()}
    found: set[frozenset[str]] = set()
    while words in above and above[words] not in found:
        words = above[words]
        found.add(words)
    return found


def _are_apart(mine: frozenset[str], others: frozenset[str]) -> bool:
    """Other grades; or the same words but for the letter of a section."""
    grades = [{word for word in words if word.isdecimal() or word == "k"} for words in (mine, others)]
    if all(grades) and grades[0].isdisjoint(grades[1]):
        return True
    only_mine, only_others = mine - others, others - mine
    return all(len(words) == 1 and len(next(iter(words))) == 1 for words in (only_mine, only_others))
