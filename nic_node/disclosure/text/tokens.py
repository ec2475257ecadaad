"""Words of a folded text, each with what its shape and place say."""

import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*'?")
STOPS = frozenset('.!?:;•·*>|/"([')  # after one of these any word has a capital
OPENING = " \t'\"([-*•·"
ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[Mm]rs?|[Mm]s|[Dd]r|[Ss]ra?|[Ss]rta|[Ss]t|[Jj]r|vs|e\.g|i\.e|[Pp]rof)\.$"
)
ENUMERATED = re.compile(r"(?:^|[\s(])(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})\)$")  # '2) Post the goal'
LOOK_BACK = 16  # characters before a word that tell whether it starts a sentence
CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word at [start, end) of the folded text.

    Attributes:
        text: as written.
        stem: in lower case, without possessive and apostrophes: "D'Andre's" -> 'dandre'.
        capital: written with a capital first letter; scripts without case count as written so.
        starts: it has its capital at the beginning of a sentence, where any word has one.
    """

    text: str
    start: int
    end: int
    stem: str
    capital: bool
    starts: bool

    @property
    def lower(self) -> str:
        return self.text.lower()


def name_key(word: str) -> str:
    """How names are compared: lower case, the possessive and every apostrophe gone."""
    return word.lower().rstrip("'").removesuffix("'s").replace("'", "")


def tokenise(text: str) -> tuple[Token, ...]:
    """The words of a folded text, in order."""
    return tuple(_token(text, match) for match in WORD.finditer(text))


def _token(text: str, match: re.Match[str]) -> Token:
    word, start = match.group(), match.start()
    capital = not word[0].islower()
    return Token(word, start, match.end(), name_key(word), capital, capital and starts_sentence(text, start))


def starts_sentence(text: str, position: int) -> bool:
    """Whether a word at this position stands where any word has a capital: after a stop, a bullet, '2)', a break."""
    before = text[max(position - LOOK_BACK, 0) : position]
    gap = before[len(before.rstrip(OPENING + "\n")) :]
    before = before.rstrip(OPENING + "\n")
    if not before or "\n" in gap or any(mark in gap for mark in '"([*•·') or " - " in gap:
        return True
    if before[-1] == "." and gap:
        return not ABBREVIATED.search(before)
    return before[-1] in STOPS or (bool(gap) and ENUMERATED.search(before) is not None)


def is_stopped_initial(text: str, token: Token) -> bool:
    """'H.': one capital letter with its stop."""
    return len(token.text) == 1 and token.text.isupper() and text[token.end : token.end + 1] == "."


def camel_parts(word: str) -> list[str]:
    """'RiverbendReads' -> ['Riverbend', 'Reads']; a word without inner capitals stays whole."""
    return CAMEL.findall(word) or [word]
