"""The names of a school's own people, compiled for matching, and where they stand in a text.

Rosters come as systems export them ('Last, First', middle names, titles, nicknames in brackets, double surnames), and
people are written in fewer words than they have. So an entry is taken apart, and each part that is a name matches by
itself: in any case and with any accents, with a possessive or a plural, with initials beside it. A part that is also
a word ('Will', 'Faith', 'May') matches only with a capital, and not where it is plainly used as the word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.marks import MarkType
from nic_node.disclosure.text.name_words import (
    GENERATIONS,
    HONORIFICS,
    KIN,
    PARTICLES,
    SCHOOL_WORDS,
    TITLES,
    TITLES_THAT_ARE_NAMES,
)
from nic_node.disclosure.text.tokens import name_key, tokenise

Role = Literal["student", "teacher", "family", "person"]
REPLACEMENTS: Mapping[str, str] = {
    "student": "[student]",
    "teacher": "[teacher]",
    "family": "[family]",
    "person": "[person]",
}
LONG_PART = 3  # letters from which a part that is no word matches in lower case too
INITIALS_MAX = 4
LEAST_ACRONYM = 3
PLACE_KINDS: tuple[MarkType, ...] = ("SCHOOL", "DISTRICT")
PlaceForm = tuple[tuple[str, ...], MarkType]
LEAST_UNSPACED = 2
# Han, kana, Thai, Lao, Burmese, Khmer: written without spaces, so a name may stand within what looks like one word.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+$")
ACRONYM = re.compile(r"[A-Z][A-Z0-9&]{1,7}")


@dataclass(frozen=True)
class Roster:
    """The compiled roster; keys are folded and in lower case.

    `people`: part of a name -> role; `whole_by_first`: names of several parts by their first; `pairs`: parts that stand
    one after the other in a name; `particles`: part -> what stands before it ('de la' Cruz); `initials`: names that are
    but initials; `unspaced`: parts in scripts without spaces, the longest first; `places`: schools and districts by the
    first word of each form; `acronyms` of them, those that the roster itself lists in `given_acronyms`; `size`:
    entries; `as_of`: the day that it was filled.
    """

    people: Mapping[str, Role]
    whole_by_first: Mapping[str, tuple[tuple[str, ...], ...]]
    pairs: frozenset[tuple[str, str]]
    particles: Mapping[str, frozenset[tuple[str, ...]]]
    initials: frozenset[str]
    unspaced: tuple[str, ...]
    places: Mapping[str, tuple[PlaceForm, ...]]
    acronyms: Mapping[str, MarkType]
    given_acronyms: frozenset[str]
    size: int
    as_of: date | None = None


def build_roster(
    entries: Mapping[str, Sequence[str]],
    *,
    roles: Mapping[str, Role] | None = None,
    as_of: date | None = None,
) -> Roster:
    """Compile {"PERSON": [...], "SCHOOL": [...], "DISTRICT": [...]}; roles by entry, where they are known."""
    people: dict[str, Role] = {}
    whole: dict[str, set[tuple[str, ...]]] = {}
    pairs: set[tuple[str, str]] = set()
    particles: dict[str, frozenset[tuple[str, ...]]] = {}
    initials: set[str] = set()
    for entry in entries.get("PERSON", ()):
        for form in person_forms(entry):
            role = (roles or {}).get(entry, form.role)
            for part in form.parts:
                people[part] = role if people.get(part, role) == role else "person"
            if len(form.parts) > 1:
                whole.setdefault(form.parts[0], set()).add(form.parts)
                pairs.update([*pairwise(form.parts), (form.parts[-1], form.parts[0])])
            for part, run in form.particles:
                particles[part] = particles.get(part, frozenset()) | {run}
            if form.initials:
                initials.add(form.initials)
    names = _PlaceNames()
    for kind in PLACE_KINDS:
        for entry in entries.get(kind, ()):
            names.add(entry, kind)
    return Roster(
        people=people,
        whole_by_first={first: _longest_first(found) for first, found in whole.items()},
        pairs=frozenset(pairs),
        particles=particles,
        initials=frozenset(initials),
        unspaced=tuple(sorted((part for part in people if UNSPACED.match(part)), key=lambda part: -len(part))),
        places={first: tuple(sorted(forms, key=lambda form: -len(form[0]))) for first, forms in names.forms.items()},
        acronyms=names.acronyms,
        given_acronyms=frozenset(names.given),
        size=sum(len(listed) for listed in entries.values()),
        as_of=as_of,
    )


def _longest_first(names: set[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(names, key=lambda parts: (-len(parts), parts)))


@dataclass(frozen=True, slots=True)
class PersonForm:
    """One way to write a person: the parts in order, the role that a title gives, initials such as 'aj'.

    `particles`: each part that has some before it, with them: ('cruz', ('de', 'la')).
    """

    parts: tuple[str, ...]
    role: Role
    initials: str = ""
    particles: tuple[tuple[str, tuple[str, ...]], ...] = ()


def person_forms(entry: str) -> Iterator[PersonForm]:
    """The name, the name with its nickname, the name in the other order: 'Vang, Kou "Eddie"' -> kou vang, eddie."""
    plain = fold(entry).text
    nicknames = re.findall(r"[\"(\[]([^\"()\[\]]+)[\")\]]|(?<=\s)'([^']+)'(?=\s|$)", plain)
    plain = re.sub(r"[\"(\[][^\"()\[\]]+[\")\]]|(?<=\s)'[^']+'(?=\s|$)", " ", plain)
    last, comma, first = plain.partition(",")
    if first.strip(" .").lower() in GENERATIONS:
        first = ""
    names = tokenise(first)
    # 'Molak, Dean': what stands alone after the comma is a name, even if it is also a post.
    titled = not (comma and len(names) == 1 and names[0].stem not in HONORIFICS)
    for text, may_have_title in [(f"{first} {last}", titled), *(("".join(nickname), False) for nickname in nicknames)]:
        forms = [_person_form(text, may_have_title=may_have_title)]
        if may_have_title and text.split()[:1] and name_key(text.split()[0]) in TITLES_THAT_ARE_NAMES:
            forms.append(_person_form(text, may_have_title=False))
        yield from (form for form in forms if form is not None)


def role_of_title(title: str) -> Role:
    """What somebody with this title is to the school."""
    return "family" if title in KIN else "teacher"


def _person_form(text: str, *, may_have_title: bool) -> PersonForm | None:
    tokens = tokenise(text)
    keys = [token.stem for token in tokens]
    titles = 0
    while may_have_title and titles < len(keys) - 1 and keys[titles] in TITLES:
        titles += 1
    names = [key for key in keys[titles:] if len(key) > 1 and key not in PARTICLES and key not in GENERATIONS]
    if len(names) == 1 and len(names[0]) > LEAST_UNSPACED and UNSPACED.match(names[0]):
        names.append(names[0][1:])  # the given name of 李小明
    if not names:
        letters = "".join(keys)
        return PersonForm((), "person", letters) if 1 < len(letters) <= INITIALS_MAX and len(keys) > 1 else None
    return PersonForm(
        tuple(names), role_of_title(keys[0]) if titles else "person", particles=tuple(_particles(keys, set(names)))
    )


def _particles(keys: Sequence[str], names: AbstractSet[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    run: tuple[str, ...] = ()
    for key in keys:
        if key in names and run:
            yield key, run
        run = (*run, key) if key in PARTICLES else ()


class _PlaceNames:
    """Schools and districts: whole, without their generic words, and as the acronym of their capitals."""

    def __init__(self) -> None:
        self.forms: dict[str, list[PlaceForm]] = {}
        self.acronyms: dict[str, MarkType] = {}
        self.given: set[str] = set()

    def add(self, entry: str, kind: MarkType) -> None:
        plain = fold(entry).text.strip()
        tokens = tokenise(plain)
        if ACRONYM.fullmatch(plain):
            self.given.add(name_key(plain))
            self.acronyms[name_key(plain)] = kind
            return
        letters = "".join(token.text[0] for token in tokens if token.capital).lower()
        if len(letters) >= LEAST_ACRONYM:
            self.acronyms.setdefault(letters, kind)
        keys = tuple(token.stem for token in tokens)
        own = tuple(key for key in keys if key not in SCHOOL_WORDS)
        for parts in {keys, own}:
            if own and len(own[0]) > 1:
                self.forms.setdefault(parts[0], []).append((parts, kind))
