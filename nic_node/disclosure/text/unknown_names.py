"""Capitalised words on no list: questions for the reviewer, since only a person knows who 'Nacho' is.

A word with a capital that no list explains is asked about wherever it stands. A plain English word with a capital is
asked about where it can hardly be the word: as one of two in the middle of a sentence ('Beacon Hour'), as a known
given name or surname ('Hope'), after 'at' or 'from'.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.marks import Spans
from nic_node.disclosure.text.name_contexts import (
    acts,
    heads_a_household,
    is_name_for_certain,
    names_a_thing,
    names_an_activity,
)
from nic_node.disclosure.text.name_words import (
    COMPOUND_ENDS,
    LEAST_SYLLABLE,
    MOST_SYLLABLE,
    NAMING_WORDS,
    NEVER_AN_INITIAL,
    NICKNAME_STARTS,
    NOT_TITLES,
    PARTICLES,
    PLACE_WORDS,
    TITLES,
)
from nic_node.disclosure.text.tokens import Token, camel_parts, is_stopped_initial
from nic_node.disclosure.text.usage import (
    AFTER_A_VERB,
    BEFORE_CALENDAR,
    CALENDAR,
    LANGUAGES,
    does_what_people_do,
    is_color_of_a_group,
    is_listed_with,
    is_used_as_word,
)

DOTTED_INITIALS = re.compile(r"\b(?:[A-Z]\.\s?){2,3}(?![a-z])")
KNOWN_INITIALS = frozenset(
    {
        "us", "usa", "uk", "pe", "pd", "am", "pm", "dc", "ny", "la", "phd", "ma", "ba", "bs", "ms", "id", "ps", "iep",
        "eg", "ie",
    }
)  # fmt: skip
LOWER_BEFORE_SCORE = re.compile(r"(?<![\w'-])([a-z]{3,})((?: [a-z]\b\.?)?)[ :]+\d{1,3}\s?/\s?\d{1,3}\b")
LOWER_AFTER_TITLE = re.compile(r"\b(?:mrs?|ms|mister|dr|sra|srta)\.? ([a-z]{3,})\b")
SPANISH_GLUE = frozenset({"el", "los", "las", "que", "por", "con", "una", "del", "se", "en", "y", "la"})
NEARBY = 10  # tokens that tell a sentence's language
LEAST_IN_LOWER_CASE = 3  # letters of a name in a note without capitals
WEEKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
OPENERS = BEFORE_CALENDAR | AFTER_A_VERB | frozenset(
    {
        "at", "on", "with", "as", "and", "but", "or", "so", "if", "when", "where", "while", "because", "although",
        "dear", "hi", "hello", "thanks", "both", "most", "many", "few", "more", "no", "not", "only", "even", "then",
        "also", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "first", "second", "third",
        "last", "new", "see", "ask", "use", "via", "per", "re", "fwd", "from", "to", "by", "about", "like", "than",
        "which", "who", "why", "call", "called", "saw", "met", "read", "visited", "told", "gave", "give", "thank",
        "tag", "follow", "add", "el", "la", "los", "las", "en", "con", "de", "del", "para", "por", "y", "un", "una",
        "su", "se", "hoy",
    }
)  # fmt: skip
AT_A_PLACE = frozenset({"at", "from", "near", "outside"})
ABSTRACT = re.compile(  # words that name ideas, and hardly ever a person or a place
    r"(?:tion|sion|ment|ity|ness|ance|ence|able|ible|ship|ive|ous|acy|ical|ional|ing)s?$"
)
TITLE_CASE_SHARE = 0.8
TITLE_CASE_WORDS = 3
LEAST_ACRONYM = 2
FILE_NAME = re.compile(
    r"(?<![^\s/\\])[^\s/\\]{1,120}\.(?:pdf|docx?|xlsx?|pptx?|csv|txt|jpe?g|png|gif|heic|mp[34]|mov|m4a|wav|zip)\b",
    re.IGNORECASE,
)
LEAST_IN_FILE_NAME = 4
SPACED_OUT = re.compile(r"\b[A-Z](?: [a-z]){3,}\b")  # 'K a e l y n'
ALONE = re.compile(
    r"(?:^|[,;:(]\s?|\band\s)([B-HJ-Z]\.)(?=,? [a-z])"
)  # 'B. ok, C. absent'; list items go on with a capital
CODE_BEFORE, CODE_AFTER = re.compile(r"\d[.-]"), re.compile(r"[.-]\d")
COINED = re.compile(r"[A-Z]{3,}[a-z]+")  # 'MATHia'; names have one capital inside: 'LaKendra'
LETTER_GRADES = re.compile(r"[A-Z]s")


def find_unknown_names(
    text: str,
    tokens: Sequence[Token],
    allow: AllowList,
    taken: AbstractSet[int],
    people: AbstractSet[int],
    *,
    title_case: bool,
) -> Iterator[tuple[int, int]]:
    """[start, end) of each run of such words.

    `taken` are the tokens that another detector or a programme explains, `people` those of them that name somebody.
    """
    asked = [
        index not in taken and is_unknown(text, tokens, index, allow, title_case=title_case)
        for index in range(len(tokens))
    ]
    if not title_case:
        for index in range(1, len(tokens)):  # 'Jo, Al, Vi and Bo'
            asked[index] = asked[index] or (
                index not in taken and _is_listed(text, tokens, index, allow, asked, people)
            )
    index = 0
    while index < len(tokens):
        if not asked[index]:
            index += 1
            continue
        end = index + 1
        while end < len(tokens) and end not in taken and _goes_on(text, tokens, end, asked, allow):
            end += 1
        yield _first_of(text, tokens, index, taken, allow).start, _stop(text, tokens[end - 1])
        index = end
    shaped = [*_initials(text), *_in_file_names(text, allow), *_before_a_score_or_after_a_title(text, allow)]
    yield from shaped
    found = Spans(shaped)
    yield from (span for span in _without_capitals(text, tokens, allow, taken) if not found.overlap(*span))


def _is_listed(
    text: str, tokens: Sequence[Token], index: int, allow: AllowList, asked: Sequence[bool], people: AbstractSet[int]
) -> bool:
    """Whether a plain word with a capital follows a name in a list: 'Jo, Al and Peanut'."""
    token = tokens[index]
    if not token.capital or token.starts or token.text.isupper():
        return False
    if allow.is_capital(token.text) and (token.stem not in allow.names or is_used_as_word(text, tokens, index)):
        return False  # 'Rose and May testing'; not 'Rose and April'
    joined = tokens[index - 1].lower in {"and", "y"}
    before = index - 2 if joined else index - 1
    gap = text[tokens[before].end : token.start]
    named = before >= 0 and (asked[before] or before in people) and not tokens[before].text.endswith("'s")
    return named and gap in {", ", " and ", " y ", ", and "} and not _is_abstract(token, allow)


def _before_a_score_or_after_a_title(text: str, allow: AllowList) -> Iterator[tuple[int, int]]:
    """'yusuf 9/15', 'ms pruitt': in lower case, and no word."""
    for match in LOWER_BEFORE_SCORE.finditer(text):
        if not allow.is_word(match.group(1)):
            yield match.start(1), match.end(2)
    for match in LOWER_AFTER_TITLE.finditer(text):
        if not allow.is_word(match.group(1)):
            yield match.span()


def _without_capitals(
    text: str, tokens: Sequence[Token], allow: AllowList, taken: AbstractSet[int]
) -> Iterator[tuple[int, int]]:
    """What is no word, in an English note that has no capital anywhere."""
    if not text.islower() or sum(token.text in SPANISH_GLUE for token in tokens) > 1:
        return  # the Spanish list is too short for this
    for index, token in enumerate(tokens):
        known = index in taken or allow.is_word(token.text) or _has_digit(text, token)
        written = (token.text, token.text.capitalize(), token.text.upper())
        if len(token.text) >= LEAST_IN_LOWER_CASE and not (known or any(map(allow.is_capital, written))):
            yield token.start, token.end


def _goes_on(text: str, tokens: Sequence[Token], index: int, asked: Sequence[bool], allow: AllowList) -> bool:
    """Whether a token belongs to the name before it: another such word, an initial, 'ji' of 'Eun-ji'."""
    token, gap = tokens[index], text[tokens[index - 1].end : tokens[index].start]
    if gap == "-" and not token.capital:
        fits = LEAST_SYLLABLE <= len(token.text) <= MOST_SYLLABLE
        return token.stem not in COMPOUND_ENDS and (fits or not allow.is_word(token.text))
    if token.stem in PARTICLES and gap in {" ", "-"}:  # 'Xavier De La Cruz', 'Ibrahim al-Masri'
        rest = [place for place in range(index, min(index + 4, len(tokens))) if tokens[place].stem not in PARTICLES]
        return bool(rest) and asked[rest[0]] and text[tokens[rest[0] - 1].end : tokens[rest[0]].start] in {" ", "-"}
    if gap == ", " and is_stopped_initial(text, token):
        return True  # 'Nguyen, H.'
    return gap in {" ", "-"} and (asked[index] or _is_initial(token))


def _first_of(text: str, tokens: Sequence[Token], index: int, taken: AbstractSet[int], allow: AllowList) -> Token:
    """The token where a name begins: at an initial, a title, a particle, a nickname's 'Big', 'Thu' of 'Thu Trang'."""
    while index > 0 and index - 1 not in taken:
        before, gap = tokens[index - 1], text[tokens[index - 1].end : tokens[index].start]
        initial = gap == ". " and len(before.text) == 1
        pair = allow.is_word(tokens[index].text) and _ends_an_opening_pair(text, tokens, index, allow)
        if not (initial or pair or (gap in {" ", "-", ". "} and _opens_a_name(text, before, gap, allow))):
            break
        index -= 1
    return tokens[index - _particles_before(text, tokens, index, taken)]


def _particles_before(text: str, tokens: Sequence[Token], index: int, taken: AbstractSet[int]) -> int:
    """How many words of 'de la' stand before 'Cruz'; in a Spanish sentence they are words as others are."""
    first = index
    while first > 0 and first - 1 not in taken and tokens[first - 1].stem in PARTICLES:
        if text[tokens[first - 1].end : tokens[first].start] != " ":
            break
        first -= 1
    around = [*tokens[max(first - NEARBY, 0) : first], *tokens[index + 1 : index + NEARBY]]
    return 0 if any(token.lower in SPANISH_GLUE | {"de"} for token in around) else index - first


def _opens_a_name(text: str, token: Token, gap: str, allow: AllowList) -> bool:
    if gap == "-":
        return token.stem in PARTICLES
    if gap == ". ":
        return token.capital and token.stem in TITLES
    if gap == " " and token.starts and token.lower not in OPENERS and len(token.text) <= LEAST_ACRONYM + 1:
        return True  # 'Pa Houa', 'Eh Paw'
    if gap == " " and token.capital and len(token.text) > 1 and not token.text.isupper() and token.stem in allow.names:
        return True  # 'Winter Halvorsen'
    named = token.capital and token.stem in TITLES | NICKNAME_STARTS and token.text not in NOT_TITLES
    particle = token.stem in PARTICLES - {"de", "del", "la", "el", "las", "los", "al", "do", "san", "santa"}
    return _is_initial(token) or token.stem in WEEKDAYS or named or particle


def _is_initial(token: Token) -> bool:
    return len(token.text) == 1 and token.text.isupper() and token.text not in NEVER_AN_INITIAL


def _stop(text: str, last: Token) -> int:
    """Where a name ends: the stop after an initial belongs to it."""
    return last.end + (1 if len(last.text) == 1 and text[last.end : last.end + 1] == "." else 0)


def is_title_case(tokens: Sequence[Token], allow: AllowList) -> bool:
    """A heading, where words have capitals for no other reason."""
    words = [token for token in tokens if len(token.text) > 3 and not token.starts]
    capitals = [token for token in words if token.capital and allow.is_word(token.text)]
    return len(words) >= TITLE_CASE_WORDS and len(capitals) >= TITLE_CASE_SHARE * len(words)


def is_unknown(text: str, tokens: Sequence[Token], index: int, allow: AllowList, *, title_case: bool) -> bool:
    """Whether a token is a capitalised word that no list explains where it stands."""
    token = tokens[index]
    if not token.capital or len(token.text) < LEAST_ACRONYM or not token.text[0].isalpha() or _has_digit(text, token):
        return False
    if not title_case and _is_place_of_two(text, tokens, index, allow):
        return True
    if token.stem in allow.programmes and token.stem in allow.names:  # Amira Learning's 'Amira'
        return not token.text.endswith("'s") and does_what_people_do(text, tokens, index)
    if is_name_for_certain(text, tokens, index, allow):
        return True
    if _is_explained(text, tokens, index, allow):
        return False
    return not allow.is_word(token.text) or _is_word_of_somebody(text, tokens, index, allow, title_case=title_case)


def _is_explained(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """Whether a list, a grade, the words beside an acronym or the thing that follows tell what a capital is for."""
    token = tokens[index]
    listed = allow.is_capital(token.text) or LETTER_GRADES.fullmatch(token.text) is not None
    listed = listed or _is_coined(token, allow)
    listed = listed or is_listed_with(text, tokens, index, LANGUAGES) or is_color_of_a_group(text, tokens, index)
    return listed or _is_spelled_out(text, tokens, index) or names_a_thing(text, tokens, index, allow)


def _is_coined(token: Token, allow: AllowList) -> bool:
    """'MATHia', 'NaturalReader'; not 'LaKendra', 'MaryBeth'."""
    parts = [part.lower() for part in camel_parts(token.text)]
    words = len(parts) > 1 and len(parts[-1]) >= LEAST_IN_FILE_NAME and all(map(allow.is_word, parts))
    return COINED.fullmatch(token.text) is not None or (words and allow.names.isdisjoint(parts))


def _is_word_of_somebody(text: str, tokens: Sequence[Token], index: int, allow: AllowList, *, title_case: bool) -> bool:
    """Whether a plain word with a capital may name somebody where it stands."""
    token = tokens[index]
    if token.text.isupper() or title_case or _is_abstract(token, allow):
        return False
    if token.starts:
        owns = token.text.endswith("'s") and token.stem not in CALENDAR  # 'Joy's group'
        named = owns or acts(text, tokens, index, allow)
        return token.stem in allow.names and named and not is_used_as_word(text, tokens, index)
    if heads_a_household(text, tokens, index):
        return True
    beside = _is_beside_capital(text, tokens, index, allow) or _ends_an_opening_pair(text, tokens, index, allow)
    return beside or token.stem in allow.names or _follows_at(tokens, index)


def _has_digit(text: str, token: Token) -> bool:
    """'K-12', 'Core5', '4.NF.2': a part of something with a number in it."""
    before, after = text[max(token.start - 2, 0) : token.start], text[token.end : token.end + 2]
    if before[-1:].isdigit() or after[:1].isdigit():
        return True
    return token.text.isupper() and bool(CODE_BEFORE.fullmatch(before) or CODE_AFTER.fullmatch(after))


def _is_beside_capital(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """Either word of 'Beacon Hour', 'Best' of 'Tegan Best'; not of 'Talking Chips', which no place is called."""
    for other, gap in (
        (index - 1, text[tokens[index - 1].end : tokens[index].start] if index else ""),
        (index + 1, text[tokens[index].end : tokens[index + 1].start] if index + 1 < len(tokens) else ""),
    ):
        beside = tokens[other] if gap == " " else None
        if beside is None or not beside.capital or beside.starts or len(beside.text) == 1:
            continue
        if allow.is_capital(beside.text) or _is_abstract(beside, allow):
            continue
        if _may_name(tokens[index], beside, allow) and not names_an_activity(text, tokens, index, allow):
            return True
    return False


def _may_name(one: Token, other: Token, allow: AllowList) -> bool:
    """Whether two words with capitals may name somebody or some place: not if both are plain and nobody's name."""
    named = allow.names | NAMING_WORDS | {"lil"}
    return not allow.is_word(other.text) or one.stem in named or other.stem in named


def _ends_an_opening_pair(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """'Prairie Wind students', 'Eh Paw came': few sentences begin with two capitals but by a name."""
    first = tokens[index - 1] if index else None
    if first is None or not first.starts or text[first.end : tokens[index].start] != " ":
        return False
    opens = first.lower not in OPENERS and not allow.is_capital(first.text) and len(first.text) > 1
    return opens and _may_name(tokens[index], first, allow) and not names_an_activity(text, tokens, index, allow)


def _is_place_of_two(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """Either word of 'Cottonwood Hollow', wherever it stands; not of 'The Ridge', 'Our Park'."""
    for first in (index - 1, index):
        pair = tokens[max(first, 0) : first + 2]
        if first < 0 or len(pair) < 2 or text[pair[0].end : pair[1].start] != " ":
            continue
        named = pair[0].capital and len(pair[0].text) > LEAST_ACRONYM + 1 and not allow.is_capital(pair[0].text)
        if named and pair[1].capital and not pair[1].text.isupper() and pair[1].stem in PLACE_WORDS:
            return True
    return False


def _is_spelled_out(text: str, tokens: Sequence[Token], index: int) -> bool:
    """An acronym whose letters begin the words beside it: 'IM = illustrative math', 'word bank (WB)'."""
    letters = tokens[index].text.lower()
    if not tokens[index].text.isupper() or not LEAST_ACRONYM <= len(letters) <= 6:
        return False
    before, after = tokens[max(index - len(letters), 0) : index], tokens[index + 1 : index + 1 + len(letters)]
    opens = text[: tokens[index].start].rstrip(" \"'")[-1:] in {"(", "="}
    defines = text[tokens[index].end :].lstrip(" \"'")[:1] in {"=", "(", ":"}
    spelled = ["".join(token.lower[0] for token in run) for run in (before, after)]
    return (opens and spelled[0] == letters) or (defines and spelled[1] == letters)


def _is_abstract(token: Token, allow: AllowList) -> bool:
    return ABSTRACT.search(token.stem) is not None and token.stem not in allow.names


def _follows_at(tokens: Sequence[Token], index: int) -> bool:
    return index > 0 and tokens[index - 1].lower in AT_A_PLACE


def _initials(text: str) -> Iterator[tuple[int, int]]:
    for match in DOTTED_INITIALS.finditer(text):
        if re.sub(r"[.\s]", "", match.group()).lower() not in KNOWN_INITIALS:
            yield match.start(), match.start() + len(match.group().rstrip())
    for match in ALONE.finditer(text):
        yield match.span(1)
    for match in SPACED_OUT.finditer(text):
        yield match.span()


def _in_file_names(text: str, allow: AllowList) -> Iterator[tuple[int, int]]:
    """'hernandez' of 'hernandez_goal3.pdf': in lower case, and no word."""
    for name in FILE_NAME.finditer(text):
        for match in re.finditer(r"[a-z]+", name.group().rpartition(".")[0]):
            if len(match.group()) >= LEAST_IN_FILE_NAME and not allow.is_word(match.group()):
                yield name.start() + match.start(), name.start() + match.end()
