"""Whether a text reads plainly, and whether it gives somebody away.

Reading level: Flesch-Kincaid grade level (Kincaid and others, 1975), with syllables counted as groups of vowels, which
is right for nine English words in ten. It is advice. Small numbers, singled-out people and names of students are not:
a text with one is not sent.
"""

import re
from dataclasses import dataclass

from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.patterns import find_patterns
from nic_node.disclosure.text.singling_out import find_singling_out
from nic_node.school.known_names import KnownNames

GRADE = 8
LONGEST_SENTENCE = 25
FEWEST_WORDS = 30
"""Below, a grade level says nothing."""
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
SENTENCE = re.compile(r"[^.!?\n]+")
NUMBER = (
    r"(?:[1-9]|one|two|three|four|five|six|seven|eight|nine|"
    r"uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
)
NO_COUNT = r"(?<!\bin )(?<!\bgrade )(?<!\bgrades )"
"""'grade 6' and 'one in four' are no counts of people."""
PEOPLE = (
    r"(?:students?|children|child|kids?|pupils?|boys?|girls?|families|family|parents?|teachers?|sixth|seventh|eighth|"
    r"(?:sixth|seventh|eighth)[ -]graders?|learners?|newcomers?|"
    r"estudiantes?|alumn[oa]s?|nin[oa]s?|chic[oa]s?|familias?|padres?|madres?|maestr[oa]s?|docentes?)"
)
OF_ALL = r"(?:(?:of|de)\s+(?:the|our|l[oa]s|nuestr[oa]s|\d+)\s+)?(?:[a-z-]+\s+){0,2}?"
SMALL = re.compile(
    rf"{NO_COUNT}\b{NUMBER}\s+(?!in\s){OF_ALL}{PEOPLE}\b|\b{NUMBER}\s+(?:of|out\s+of|de|de\s+cada)\s+\d+\b",
    re.IGNORECASE,
)
HELD_BACK = "▒▒▒"
NAMING = ("PERSON", "EMAIL", "PHONE", "ID", "ADDRESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How plain a text is.

    Attributes:
        grade: Flesch-Kincaid; None for a text too short to tell.
        long_sentences: those with more than 25 words.
        gives_away: stretches that stand for few people, or for one.
    """

    grade: float | None
    long_sentences: tuple[str, ...]
    gives_away: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        return self.grade is None or self.grade <= GRADE


def read_plainly(text: str, names: KnownNames) -> Reading:
    sentences = [found[0].strip() for found in SENTENCE.finditer(text) if WORD.search(found[0])]
    words = WORD.findall(text)
    grade = None
    if len(words) >= FEWEST_WORDS:
        syllables = sum(map(count_syllables, words))
        grade = round(0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59, 1)
    long_ones = tuple(one for one in sentences if len(WORD.findall(one)) > LONGEST_SENTENCE)
    return Reading(grade=grade, long_sentences=long_ones, gives_away=find_giveaways(text, names))


def find_giveaways(text: str, names: KnownNames) -> tuple[str, ...]:
    """What must be reworded before the text goes to anybody, in the order of the text."""
    folded = fold(text).text
    return tuple(dict.fromkeys(folded[start:end] for start, end in _giveaways(folded, names)))


def hold_back_giveaways(text: str, names: KnownNames) -> tuple[str, int]:
    """The text with HELD_BACK in place of each such stretch, and how many there were."""
    folded, pieces, done, count = fold(text), list[str](), 0, 0
    for span in _giveaways(folded.text, names):
        start, end = folded.span(*span)
        if end > done:
            pieces += [text[done : max(start, done)], HELD_BACK if start >= done else ""]
            done, count = end, count + 1
    return "".join([*pieces, text[done:]]), count


def _giveaways(folded: str, names: KnownNames) -> list[tuple[int, int]]:
    spans = [found.span() for found in SMALL.finditer(folded)]
    spans += [(mark.start, mark.end) for mark in find_patterns(folded) if mark.type in NAMING]
    return sorted([*spans, *names.spans_in(folded), *find_singling_out(folded)])


def count_syllables(word: str) -> int:
    """By groups of vowels; a silent e at the end does not count."""
    lower = word.lower()
    groups = len(re.findall(r"[aeiouy]+", lower))
    silent = lower.endswith("e") and not lower.endswith(("le", "ee")) and groups > 1
    return max(groups - silent, 1)
