"""Where a text names somebody: by the roster, or after a title ('Mr. Vang', 'Coach Rivera')."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.marks import Mark, MarkType, Source
from nic_node.disclosure.text.name_words import (
    COMPOUND_ENDS,
    GENERATIONS,
    HONORIFICS,
    JOINING_WORDS,
    LEAST_SYLLABLE,
    MOST_SYLLABLE,
    NEVER_AN_INITIAL,
    NOT_TITLES,
    PARTICLES,
    SCHOOL_WORDS,
    TITLES,
)
from nic_node.disclosure.text.roster import (
    LEAST_ACRONYM,
    LONG_PART,
    REPLACEMENTS,
    UNSPACED,
    Role,
    Roster,
    role_of_title,
)
from nic_node.disclosure.text.tokens import Token, camel_parts, is_stopped_initial
from nic_node.disclosure.text.usage import CALENDAR, EVERYDAY_CAPITALS, is_used_as_word

PLACE_REPLACEMENTS: dict[MarkType, str] = {"SCHOOL": "[our school]", "DISTRICT": "[our district]"}
GLUE = frozenset({" ", "_", "-", ". ", ".", " -", "- ", "", "'"})
LEAST_CAMEL_PART = 4
DIGITS_AFTER = re.compile(r"[-#]?\d+\b")
INITIAL_AND_SCORE = re.compile(r" [a-z]\b\.?(?=[ :]+\d{1,3}\s?/\s?\d)")  # 'marcela r 12/20'
SCORE_AFTER = re.compile(r"[ :]+\d{1,3}\s?/\s?\d")  # 'mark 9/15', in notes without capitals
NAME_REACH = 6  # tokens that a name is followed to either side
PARTICLES_MAX = 3  # 'y de la'
ANY_OF_THEM = frozenset({"teacher", "teachers", "aide"})  # 'Teacher A' is nobody's name


@dataclass
class NameFinder:
    """One pass over the tokens of one folded text. `programmes`: token indexes inside names of several words."""

    text: str
    tokens: Sequence[Token]
    roster: Roster
    allow: AllowList
    programmes: AbstractSet[int]

    def find(self) -> Iterator[Mark]:
        """Marks in order; none overlaps another."""
        index = 0
        while index < len(self.tokens):
            found = self._place_at(index) or self._person_at(index) or self._titled_at(index) or self._inside(index)
            if found is None:
                index += 1
                continue
            mark, index = found
            yield mark

    # --- schools and districts ---------------------------------------------------------------------------------

    def _place_at(self, index: int) -> tuple[Mark, int] | None:
        token = self.tokens[index]
        kind = self._acronym(token)
        length = 1 if kind else 0
        for parts, form_kind in self.roster.places.get(token.stem, ()) if not kind else ():
            if self._is_place(index, parts):
                kind, length = form_kind, len(parts)
                break
        if kind is None:
            return None
        end = index + length
        while end < len(self.tokens) and self._is_school_word(end):
            end += 1
        digits = DIGITS_AFTER.match(self.text, self.tokens[end - 1].end)  # 'ORK8', 'PS-12'
        stop = digits.end() if digits else self.tokens[end - 1].end
        mark = Mark(token.start, stop, kind, "info", "roster", PLACE_REPLACEMENTS[kind])
        return self._with_possessive(mark, self.tokens[end - 1]), end

    def _acronym(self, token: Token) -> MarkType | None:
        kind = self.roster.acronyms.get(token.stem)
        if kind is None or (token.stem not in self.roster.given_acronyms and self.allow.is_capital(token.text)):
            return None
        return kind if token.text[:2].isupper() or not self.allow.is_word(token.stem) else None

    def _is_place(self, index: int, parts: tuple[str, ...]) -> bool:
        found = self.tokens[index : index + len(parts)]
        if tuple(token.stem for token in found) != parts:
            return False
        if len(parts) > 1:
            return found[0].capital or not all(self.allow.is_word(part) for part in parts)
        if not self.allow.is_word(parts[0]):
            return found[0].capital or len(parts[0]) >= LONG_PART
        return found[0].capital and (not found[0].starts or self._is_school_word(index + 1))

    def _is_school_word(self, index: int) -> bool:
        """'Middle School', 'MS' right after a place, with capitals."""
        if index >= len(self.tokens) or not self._glued(index - 1, 2):
            return False
        token = self.tokens[index]
        return token.capital and token.stem in SCHOOL_WORDS - JOINING_WORDS

    # --- people ------------------------------------------------------------------------------------------------

    def _person_at(self, index: int) -> tuple[Mark, int] | None:
        length = self._name_length(index)
        if not length:
            return self._initials_at(index)
        start, end = self._grow_left(index), self._grow_right(index + length)
        return self._person(start, end, "roster"), end

    def _person(self, start: int, end: int, source: Source) -> Mark:
        """The mark of a person at tokens [start, end), with the stop after an initial and the role that is known."""
        first, last = self.tokens[start], self.tokens[end - 1]
        stop = last.end + (1 if len(last.text) == 1 and self.text[last.end : last.end + 1] == "." else 0)
        initial = INITIAL_AND_SCORE.match(self.text, stop)
        stop = initial.end() if initial else stop
        parts = [self._part(token) for token in self.tokens[start:end]]
        roles = {self.roster.people[part] for part in parts if part} - {"person"}
        role: Role = roles.pop() if len(roles) == 1 else "person"
        if first.stem in TITLES and role in {"person", "student"}:
            role = role_of_title(first.stem) if role == "person" else "person"
        replacement = REPLACEMENTS[role] + ("'s" if last.text.endswith(("'s", "'")) else "")
        return Mark(first.start, stop, "PERSON", "info", "roster" if any(parts) else source, replacement)

    def _name_length(self, index: int) -> int:
        """How many tokens from here are one roster name: a whole entry in any case, else one part."""
        token = self.tokens[index]
        for parts in self.roster.whole_by_first.get(token.stem, ()):
            found = tuple(other.stem for other in self.tokens[index : index + len(parts)])
            if found == parts and self._glued(index, len(parts)) and index not in self.programmes:
                return len(parts)
        if self._is_part(index):
            return 1
        if index + 1 < len(self.tokens) and self._glued(index, 2) and token.capital and index not in self.programmes:
            joined = token.stem + self.tokens[index + 1].stem
            if joined in self.roster.people and len(joined) >= LONG_PART:
                return 2
        return 0

    def _is_part(self, index: int) -> bool:
        token = self.tokens[index]
        part = self._part(token)
        titled = index > 0 and self._glued(index - 1, 2) and self._leads_to_a_name(index - 1)
        if part is None or (index in self.programmes and not titled):
            return False
        if titled and token.capital:
            return True
        if not (self.allow.is_word(part) or self.allow.is_capital(token.text) or part in self.allow.names):
            return token.capital or len(part) >= LONG_PART
        if not token.capital:
            return SCORE_AFTER.match(self.text, token.end) is not None
        if len(token.text) >= LEAST_ACRONYM and token.text.isupper() and self.allow.is_capital(token.text):
            return False  # 'SMART goals' name nobody called Smart
        return not (is_used_as_word(self.text, self.tokens, index) or self._opens_a_compound(index))

    def _opens_a_compound(self, index: int) -> bool:
        """'Sky-high', 'Faith-based': a word before a hyphen and another word, in lower case and of no name."""
        if index + 1 >= len(self.tokens):
            return False
        token, after = self.tokens[index], self.tokens[index + 1]
        is_word = not after.capital and self.allow.is_word(after.text) and after.stem not in self.roster.people
        return self.text[token.end : after.start] == "-" and is_word

    def _leads_to_a_name(self, index: int) -> bool:
        """A title, or an initial with its stop: what follows is a name, even if it is a word too."""
        token = self.tokens[index]
        stopped = self.text[token.end : token.end + 1] == "."
        return token.stem in TITLES or (len(token.text) == 1 and token.text.isupper() and stopped)

    def _part(self, token: Token) -> str | None:
        """The roster's part that a token is: as written, or in the plural of a family ('the Vangs')."""
        stem = token.stem
        if stem in self.roster.people:
            return stem
        if token.capital and stem.endswith("s"):
            return next((single for single in (stem[:-1], stem[:-2]) if single in self.roster.people), None)
        return None

    def _grow_left(self, index: int) -> int:
        """Over initials, particles, a first name that the roster lacks, and titles."""
        least = max(index - NAME_REACH, 0)
        while index > least and self._glued(index - 1, 2):
            before = self.tokens[index - 1]
            if before.lower == "and" and index > 1 and self._is_title(index - 2) and self._is_title(index):
                index -= 2  # 'Mr. and Mrs. Rao'
                continue
            run = self._particles_before(index)
            if run or (before.stem, self.tokens[index].stem) in self.roster.pairs:
                index -= run or 1
                continue
            stopped = self.text[before.end : before.end + 1] == "."
            initial = (
                len(before.text) == 1 and before.text.isupper() and (stopped or before.text not in NEVER_AN_INITIAL)
            )
            rest_of_name = not stopped and self._is_unlisted_name(index - 1)
            if not (self._is_title(index - 1) or initial or rest_of_name):
                break
            index -= 1
        return index

    def _particles_before(self, index: int) -> int:
        """How many tokens before a part are its particles, as the roster has them: 2 before 'Cruz' in 'De La Cruz'."""
        for run in self.roster.particles.get(self._part(self.tokens[index]) or "", ()):
            start = index - len(run)
            found = tuple(token.stem for token in self.tokens[max(start, 0) : index])
            if start >= 0 and found == run and self._glued(start, len(run) + 1):
                return len(run)
        return 0

    def _grow_right(self, end: int) -> int:
        """Over the rest of a name: parts, initials, particles before a part, 'Jr.', 'Last, First'."""
        most = min(end + NAME_REACH, len(self.tokens))
        while end < most:
            particles = self._particles_from(end)
            if self._glued(end - 1, 2) and self._continues(end):
                end += 1
            elif particles and self._glued(end - 1, particles + 2) and self._is_later_part(end + particles):
                end += particles + 1
            elif self._is_reversed(end):
                end += 1
            else:
                break
        return end

    def _particles_from(self, index: int) -> int:
        run = self.tokens[index : index + PARTICLES_MAX]
        return next((count for count, token in enumerate(run) if token.stem not in PARTICLES), len(run))

    def _continues(self, index: int) -> bool:
        token, before = self.tokens[index], self.tokens[index - 1]
        gap = self.text[before.end : token.start]
        if "." in gap and len(before.text) > 1:
            return False  # a stop, unless after an initial
        hyphenated = gap == "-" and (token.capital or self._is_syllable(token))  # 'Wagner-Self', 'Eun-ji'
        if hyphenated or (before.stem, token.stem) in self.roster.pairs:
            return True
        if len(token.text) == 1 and token.text.isupper():
            return token.text not in NEVER_AN_INITIAL or self.text[token.end : token.end + 1] == "."
        return token.stem in GENERATIONS or self._is_later_part(index)

    def _is_syllable(self, token: Token) -> bool:
        """'ho' of 'Joon-ho': in lower case, on the roster or no word."""
        if token.capital or token.stem in COMPOUND_ENDS:
            return False
        fits = LEAST_SYLLABLE <= len(token.text) <= MOST_SYLLABLE
        return token.stem in self.roster.people or (fits and not self.allow.is_word(token.text))

    def _is_later_part(self, index: int) -> bool:
        return index < len(self.tokens) and (self._is_part(index) or self._is_unlisted_name(index))

    def _is_unlisted_name(self, index: int) -> bool:
        """A capitalised word beside a name, of no list: the rest of the name."""
        token = self.tokens[index]
        known = self.allow.is_word(token.text) or self.allow.is_capital(token.text) or index in self.programmes
        return token.capital and len(token.text) > 1 and not known

    def _is_reversed(self, end: int) -> bool:
        gap, token = self.text[self.tokens[end - 1].end : self.tokens[end].start], self.tokens[end]
        if gap == ", " and is_stopped_initial(self.text, token):
            return True  # 'Nguyen, H.'
        pair = (self._part(self.tokens[end]), self._part(self.tokens[end - 1]))
        return gap == ", " and any(
            pair == (whole[0], whole[-1]) for whole in self.roster.whole_by_first.get(pair[0] or "", ())
        )

    def _initials_at(self, index: int) -> tuple[Mark, int] | None:
        """Initials that the roster lists as a name: 'A.J.', 'AJ'."""
        token = self.tokens[index]
        for initials in self.roster.initials:
            found = self.tokens[index : index + len(initials)]
            spelled = "".join(other.text for other in found)
            if token.text == initials.upper() or (spelled == initials.upper() and self._glued(index, len(initials))):
                length = 1 if token.text == initials.upper() else len(initials)
                end = self.tokens[index + length - 1].end
                end += self.text[end : end + 1] == "." and length > 1
                return Mark(token.start, end, "PERSON", "info", "roster", "[person]"), index + length
        return None

    def _titled_at(self, index: int) -> tuple[Mark, int] | None:
        """A name after a title, on the roster or not. After a post it is one only if the word is no other."""
        first = index + 1
        if not self._is_title(index) or first >= len(self.tokens) or not self._glued(index, 2):
            return None
        if not self.tokens[first].capital or index in self.programmes:
            return None
        if self.tokens[index].stem not in HONORIFICS and not self._is_named_after_post(index):
            return None
        end = first + 1
        while end < min(first + NAME_REACH, len(self.tokens)) and self._glued(end - 1, 2) and self._continues(end):
            end += 1
        return self._person(self._grow_left(index), end, "title"), end

    def _is_named_after_post(self, index: int) -> bool:
        """'Coach Rivera', 'Nurse Patty', 'Coach D'; not 'Coach Training', 'Teacher A'."""
        post, named = self.tokens[index], self.tokens[index + 1]
        if self._is_unlisted_name(index + 1):
            return True
        if not post.capital or post.text.isupper() or post.stem in ANY_OF_THEM:
            return False
        initial = len(named.text) == 1 and named.text not in NEVER_AN_INITIAL
        is_name = named.stem in self.allow.names - CALENDAR - EVERYDAY_CAPITALS
        return initial or (is_name and not is_used_as_word(self.text, self.tokens, index + 1))

    def _is_title(self, index: int) -> bool:
        token = self.tokens[index]
        return token.stem in TITLES and token.text not in NOT_TITLES and token.text != "miss"  # 'We miss Mr. Z'

    def _inside(self, index: int) -> tuple[Mark, int] | None:
        """Roster names run together with other words: hashtags, 'AnaLopez', scripts without spaces."""
        token = self.tokens[index]
        for name in self.roster.unspaced if UNSPACED.match(token.text) else ():
            start = token.start + token.text.find(name)
            if start >= token.start:
                role = REPLACEMENTS[self.roster.people[name]]
                return Mark(start, start + len(name), "PERSON", "info", "roster", role), index + 1
        parts = [part.lower() for part in camel_parts(token.text)]
        named = len(parts) > 1 and any(
            len(part) >= LEAST_CAMEL_PART and (part in self.roster.people or part in self.roster.places)
            for part in parts
        )
        if not (named or self._is_run_together(token.stem)):
            return None
        return Mark(token.start, token.end, "PERSON", "info", "roster", REPLACEMENTS["person"]), index + 1

    def _is_run_together(self, stem: str) -> bool:
        """'garciamarquez' of a hashtag: two parts that stand one after the other in a name, and no word."""
        cuts = range(LONG_PART, len(stem) - LONG_PART + 1)
        joined = any((stem[:cut], stem[cut:]) in self.roster.pairs for cut in cuts)
        return joined and not self.allow.is_word(stem)

    # --- shared ------------------------------------------------------------------------------------------------

    def _glued(self, index: int, count: int) -> bool:
        """Whether `count` tokens from an index stand with nothing but a space, hyphen or stop between them."""
        run = self.tokens[index : index + count]
        return len(run) == count and all(self.text[left.end : right.start] in GLUE for left, right in pairwise(run))

    def _with_possessive(self, mark: Mark, last: Token) -> Mark:
        if not last.text.endswith(("'s", "'")):
            return mark
        return Mark(mark.start, mark.end, mark.type, mark.severity, mark.source, f"{mark.replacement}'s")
