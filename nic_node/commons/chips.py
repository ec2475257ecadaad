"""Words of a query that name a kind of school become filters: 'rural', 'grade 9', 'schools like ours'. Pure.

A text says where a practice was tried as rarely as a context class says what it is about, so that such words find more
as filters. What no practice can show is dropped aloud, so that a search does not come back empty for it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from nic_node.commons.context_words import GRADES
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from schemas.vocab import CONTEXT

LOCALE, GRADE_BAND = "locale", "grade-band"
CITY, SUBURB = frozenset({11, 12, 13}), frozenset({21, 22, 23})
TOWN, RURAL = frozenset({31, 32, 33}), frozenset({41, 42, 43})
ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth",
    "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
)  # fmt: skip


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


PLACES: Final[Mapping[re.Pattern[str], frozenset[int]]] = {
    _words(r"rural"): RURAL,
    _words(r"(?:small )?towns?"): TOWN,
    _words(r"suburb(?:s|an)?"): SUBURB,
    _words(r"urban|(?:inner|large) (?:city|cities)|city schools?"): CITY,
}
GRADE: Final = _words(
    r"grades?\s*(?P<number>1[0-2]|[1-9])(?!\d)|(?P<th>1[0-2]|[1-9])(?:st|nd|rd|th)[ -]grade(?:rs?)?"
    rf"|(?P<word>{'|'.join(ORDINALS)})[ -]grade(?:rs?)?"
)
LEVELS: Final[Mapping[re.Pattern[str], tuple[str, ...]]] = {
    _words(r"pre-?k|kindergart(?:en|ners?)|primary grades"): ("pk-2",),
    _words(r"elementary(?: schools?)?"): ("pk-2", "3-5"),
    _words(r"middle (?:schools?|grades)"): ("6-8",),
    _words(r"high ?schools?|freshm[ae]n|sophomores?"): ("9-12",),
}
LIKE: Final = _words(r"(?:schools? )?like (?:ours|mine|(?:our|my) schools?)|similar schools?")
LAST_GRADE_OF: Final = {"pk-2": 2, "3-5": 5, "6-8": 8, "9-12": 12}

BECAME = N_("You typed “{typed}”. As this network shows places, it became “{shown}”.")
NO_PLACES = N_("No practice here shows such a place, so “{typed}” was left out.")
NO_GRADES = N_("No practice here was tried in {grades}, so “{typed}” was left out.")


@dataclass(frozen=True, slots=True)
class Understood:
    """What was typed: the words that are left to search for, what they choose beside them, and what became of them."""

    words: str
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    like: bool = False
    notes: tuple[Sentence, ...] = ()


def understand(typed: str, shown: Mapping[str, Collection[str]]) -> Understood:
    """Take kinds of school out of a query.

    Args:
        typed: as it was typed.
        shown: facet -> the values that some practice shows.
    """
    left, chosen, notes = typed, dict[str, list[str]](), list[Sentence]()
    like = False
    while match := LIKE.search(left):
        left, like = _without(left, match), True
    for pattern, codes in PLACES.items():
        while match := pattern.search(left):
            _choose_place(match[0], codes, shown.get(LOCALE, ()), chosen, notes)
            left = _without(left, match)
    while found := _grades(left):
        match, bands = found
        _choose_grades(match[0], bands, shown.get(GRADE_BAND, ()), chosen, notes)
        left = _without(left, match)
    return Understood(left, chosen, like, tuple(notes))


def _without(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())


def _choose_place(
    typed: str, codes: frozenset[int], shown: Collection[str], chosen: dict[str, list[str]], notes: list[Sentence]
) -> None:
    """Every band that touches the place; where one says more than was asked, that is told."""
    bands = [band for name, band in CONTEXT[LOCALE].bands.items() if name in shown and band.members & codes]
    if not bands:
        _note(notes, Sentence(NO_PLACES, {"typed": typed}))
        return
    _add(chosen, LOCALE, [band.id for band in bands])
    wider = [band for band in bands if not band.members <= codes]
    if wider:
        _note(notes, Sentence(BECAME, {"typed": typed, "shown": Sentence(wider[0].label)}))


def _grades(text: str) -> tuple[re.Match[str], tuple[str, ...]] | None:
    match = GRADE.search(text)
    if match:
        said = match["number"] or match["th"]
        grade = int(said) if said else 1 + ORDINALS.index(match["word"].casefold())
        return match, (next(band for band, last in LAST_GRADE_OF.items() if grade <= last),)
    return next(((match, bands) for pattern, bands in LEVELS.items() if (match := pattern.search(text))), None)


def _choose_grades(
    typed: str, bands: Sequence[str], shown: Collection[str], chosen: dict[str, list[str]], notes: list[Sentence]
) -> None:
    here = [band for band in bands if band in shown]
    if here:
        _add(chosen, GRADE_BAND, here)
    else:
        _note(notes, Sentence(NO_GRADES, {"typed": typed, "grades": Sentence(GRADES[bands[0]])}))


def _note(notes: list[Sentence], note: Sentence) -> None:
    if note not in notes:
        notes.append(note)


def _add(chosen: dict[str, list[str]], facet: str, values: Sequence[str]) -> None:
    chosen[facet] = [*chosen.get(facet, ()), *(value for value in values if value not in chosen.get(facet, ()))]
