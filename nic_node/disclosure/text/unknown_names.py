"""Capitalised words on no list: questions for the reviewer, since only a person knows who 'Nacho' is.

A word with a capital that no list explains is asked about wherever it stands. A plain English word with a capital is
asked about where it can hardly be the word: as one of two in the middle of a sentence ('Beacon Hour'), as a known
given name or surname ('Hope'), after 'at' or 'from'.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.name_words import NEVER_AN_INITIAL
from nic_node.disclosure.text.tokens import Token
from nic_node.disclosure.text.usage import does_what_people_do, is_used_as_word

DOTTED_INITIALS = re.compile(r"\b(?:[A-Z]\.\s?){2,3}(?![a-z])")
KNOWN_INITIALS = frozenset(
    {
        "us", "usa", "uk", "pe", "pd", "am", "pm", "dc", "ny", "la", "phd", "ma", "ba", "bs", "ms", "id", "ps", "iep",
        "eg", "ie",
    }
)  # fmt: skip
LOWER_BEFORE_SCORE = re.compile(r"(?<![\w'-])([a-z]{3,})[ :]+\d{1,3}\s?/\s?\d{1,3}\b")
WEEKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
AT_A_PLACE = frozenset({"at", "from", "near", "outside"})
ABSTRACT = re.compile(  # words that name ideas, and hardly ever a person or a place
    r"(?:tion|sion|ment|ity|ness|ance|ence|able|ible|ship|ive|ous|acy|ical|ional|ing)s?$"
)
TITLE_CASE_SHARE = 0.6
TITLE_CASE_WORDS = 4
LEAST_ACRONYM = 2
LETTER_GRADES = re.compile(r"[A-Z]s")


def find_unknown_names(
    text: str, tokens: Sequence[Token], allow: AllowList, taken: AbstractSet[int]
) -> Iterator[tuple[int, int]]:
    """[start, end) of each run of such words; `taken` are the tokens that another detector or a programme explains."""
    title_case = is_title_case(tokens, allow)
    asked = [
        index not in taken and is_unknown(text, tokens, index, allow, title_case=title_case)
        for index in range(len(tokens))
    ]
    index = 0
    while index < len(tokens):
        if not asked[index]:
            index += 1
            continue
        end = index + 1
        while end < len(tokens) and end not in taken and _goes_on(text, tokens, end, asked, allow):
            end += 1
        yield _first_of(text, tokens, index, taken).start, _stop(text, tokens[end - 1])
        index = end
    yield from _initials(text)
    for match in LOWER_BEFORE_SCORE.finditer(text):
        if not allow.is_word(match.group(1)):
            yield match.span(1)


def _goes_on(text: str, tokens: Sequence[Token], index: int, asked: Sequence[bool], allow: AllowList) -> bool:
    """Whether a token belongs to the name before it: another such word, an initial, 'ji' of 'Eun-ji'."""
    token, gap = tokens[index], text[tokens[index - 1].end : tokens[index].start]
    if gap == "-" and not token.capital:
        return not allow.is_word(token.text)
    return gap in {" ", "-"} and (asked[index] or _is_initial(token))


def _first_of(text: str, tokens: Sequence[Token], index: int, taken: AbstractSet[int]) -> Token:
    """The token where a name begins: an initial before it, or a short word that is a weekday too ('Thu Trang')."""
    if index == 0 or index - 1 in taken:
        return tokens[index]
    before, gap = tokens[index - 1], text[tokens[index - 1].end : tokens[index].start]
    if gap == ". " and len(before.text) == 1:
        return before
    if gap == " " and (_is_initial(before) or before.stem in WEEKDAYS):
        return before
    return tokens[index]


def _is_initial(token: Token) -> bool:
    return len(token.text) == 1 and token.text.isupper() and token.text not in NEVER_AN_INITIAL


def _stop(text: str, last: Token) -> int:
    """Where a name ends: the stop after an initial belongs to it."""
    return last.end + (1 if len(last.text) == 1 and text[last.end : last.end + 1] == "." else 0)


def is_title_case(tokens: Sequence[Token], allow: AllowList) -> bool:
    """A heading, where words have capitals for no other reason."""
    words = [token for token in tokens if len(token.text) > 3]
    capitals = [token for token in words if token.capital and allow.is_word(token.text)]
    return len(words) >= TITLE_CASE_WORDS and len(capitals) >= TITLE_CASE_SHARE * len(words)


def is_unknown(text: str, tokens: Sequence[Token], index: int, allow: AllowList, *, title_case: bool) -> bool:
    """Whether a token is a capitalised word that no list explains where it stands."""
    token = tokens[index]
    if not token.capital or len(token.text) < LEAST_ACRONYM or not token.text[0].isalpha() or _has_digit(text, token):
        return False
    if allow.is_capital(token.text) or LETTER_GRADES.fullmatch(token.text):
        return False
    if not allow.is_word(token.text):
        return True
    if token.text.isupper() or title_case or _is_abstract(token, allow):
        return False
    if token.starts:
        return token.stem in allow.names and _acts(text, tokens, index) and not is_used_as_word(text, tokens, index)
    return _is_beside_capital(text, tokens, index, allow) or token.stem in allow.names or _follows_at(tokens, index)


def _has_digit(text: str, token: Token) -> bool:
    """'K-12', 'Core5': a part of something with a number in it."""
    return text[token.start - 1 : token.start].isdigit() or text[token.end : token.end + 1].isdigit()


def _acts(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether a sentence's first word acts as a person does, or a name follows it."""
    follows = index + 1 < len(tokens) and text[tokens[index].end : tokens[index + 1].start] == " "
    if follows and tokens[index + 1].capital and tokens[index + 1].stem != "i":
        return True
    return does_what_people_do(text, tokens, index)


def _is_beside_capital(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    for other, gap in (
        (index - 1, text[tokens[index - 1].end : tokens[index].start] if index else ""),
        (index + 1, text[tokens[index].end : tokens[index + 1].start] if index + 1 < len(tokens) else ""),
    ):
        beside = tokens[other] if gap == " " else None
        if beside is None or not beside.capital or beside.starts or len(beside.text) == 1:
            continue
        if not (allow.is_capital(beside.text) or _is_abstract(beside, allow)):
            return True
    return False


def _is_abstract(token: Token, allow: AllowList) -> bool:
    return ABSTRACT.search(token.stem) is not None and token.stem not in allow.names


def _follows_at(tokens: Sequence[Token], index: int) -> bool:
    return index > 0 and tokens[index - 1].lower in AT_A_PLACE


def _initials(text: str) -> Iterator[tuple[int, int]]:
    for match in DOTTED_INITIALS.finditer(text):
        if re.sub(r"[.\s]", "", match.group()).lower() not in KNOWN_INITIALS:
            yield match.start(), match.start() + len(match.group().rstrip())
