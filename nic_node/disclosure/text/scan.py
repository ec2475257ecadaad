"""A text through all detectors: what stands where, and the text with what names anyone replaced."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.folding import Folded, fold
from nic_node.disclosure.text.institutions import find_institutions
from nic_node.disclosure.text.marks import Mark, Spans
from nic_node.disclosure.text.patterns import find_patterns
from nic_node.disclosure.text.roster import Roster
from nic_node.disclosure.text.roster_match import NameFinder
from nic_node.disclosure.text.singling_out import find_singling_out
from nic_node.disclosure.text.tokens import Token, tokenise
from nic_node.disclosure.text.unknown_names import find_unknown_names, is_title_case

PLACEHOLDERS = (
    "[student]", "[teacher]", "[family]", "[person]", "[our school]", "[our district]", "[school]", "[district]",
    "[our program]", "[place]", "[date]", "[email]", "[phone]", "[number]", "[room]", "[link]",
)  # fmt: skip
PLACEHOLDER = re.compile("|".join(re.escape(placeholder) for placeholder in PLACEHOLDERS))
NAMED = ("PERSON", "UNKNOWN_NAME")
NICKNAME = re.compile(r' "[A-Z][\w\'-]{0,20}"')
SOURCE_ORDER = ("roster", "title", "pattern")  # of two marks alike in length the earlier wins


@dataclass(frozen=True)
class Scrubbed:
    """`text` as it came, `out` as it may leave; marks in code points of `text`, in order of their start."""

    text: str
    out: str
    marks: tuple[Mark, ...]

    def document(self) -> dict[str, Any]:
        """A line of `nic privacy scan`."""
        findings = [
            {"start": mark.start, "end": mark.end, "type": mark.type, "severity": mark.severity} for mark in self.marks
        ]
        return {"text": self.text, "out": self.out, "findings": findings}


def scrub(text: str, roster: Roster, allow: AllowList) -> Scrubbed:
    """Replace what names anyone, and mark what only a person can rule on."""
    folded = fold(text)
    found = [_in_input(mark, folded) for mark in scan(folded.text, roster, allow)]
    # Two marks may share a ligature of the input: they are merged once more.
    marks = [*merge(mark for mark in found if mark.replacement), *(mark for mark in found if not mark.replacement)]
    marks.sort(key=lambda mark: (mark.start, mark.end))
    return Scrubbed(text, replace_marks(text, marks), tuple(marks))


def scan(text: str, roster: Roster, allow: AllowList) -> list[Mark]:
    """The marks of a folded text. Those that are replaced never overlap each other."""
    tokens = tokenise(text)
    programmes = _programme_tokens(text, tokens, allow)
    candidates = [mark for mark in find_patterns(text) if text[mark.start : mark.end].lower() not in allow.literals]
    title_case = is_title_case(tokens, allow)
    named = Spans((tokens[i].start, tokens[i].end) for i in programmes)
    candidates += [
        mark
        for mark in find_institutions(text, allow, title_case=title_case)
        if not (named.overlap if mark.type == "PLACE" else named.hold)(mark.start, mark.end)
    ]
    candidates += NameFinder(text, tokens, roster, allow, programmes).find()
    placeholders = [match.span() for match in PLACEHOLDER.finditer(text)]
    shielded = Spans(placeholders)
    replaced = _over_nicknames(text, merge(mark for mark in candidates if not shielded.hold(mark.start, mark.end)))
    explained = Spans([*placeholders, *((mark.start, mark.end) for mark in replaced)])
    persons = Spans((mark.start, mark.end) for mark in replaced if mark.type == "PERSON")
    people = {i for i, token in enumerate(tokens) if persons.overlap(token.start, token.end)}
    taken = programmes | {i for i, token in enumerate(tokens) if explained.overlap(token.start, token.end)}
    asked = _over_nicknames(
        text,
        [
            Mark(start, end, "UNKNOWN_NAME", "ask", "unknown-name")
            for start, end in find_unknown_names(text, tokens, allow, taken, people, title_case=title_case)
            if not explained.overlap(start, end)
        ],
    )
    blocked = [Mark(start, end, "SINGLING_OUT", "block", "singling-out") for start, end in find_singling_out(text)]
    return sorted([*replaced, *asked, *blocked], key=lambda mark: (mark.start, mark.end))


def find_names(text: str, roster: Roster, allow: AllowList) -> list[Mark]:
    """Of a folded text what the roster names, and nothing else; in order, without overlap."""
    tokens = tokenise(text)
    found = NameFinder(text, tokens, roster, allow, _programme_tokens(text, tokens, allow)).find()
    return [mark for mark in found if mark.source == "roster"]


def merge(marks: Iterable[Mark]) -> list[Mark]:
    """Marks without overlap: the longest of those that touch stands for all that they cover."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.start - mark.end, SOURCE_ORDER.index(mark.source))):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
            continue
        last = kept.pop()
        longer = last if last.end - last.start >= mark.end - mark.start else mark
        kept.append(
            Mark(last.start, max(last.end, mark.end), longer.type, longer.severity, longer.source, longer.replacement)
        )
    return kept


def _over_nicknames(text: str, marks: Sequence[Mark]) -> list[Mark]:
    """A nickname in quotes is part of the name that it follows: 'Guillermo "Memo" Avila' is one person."""
    joined: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        last = joined[-1] if joined else None
        if last is not None and mark.end < last.end and text[last.end - 1] == '"':
            continue  # the nickname itself
        quoted = last is not None and last.type == mark.type in NAMED and text[last.end - 1] == '"'
        if last is not None and quoted and text[last.end : mark.start] == " ":
            joined[-1] = replace(last, end=mark.end)
            continue
        nickname = NICKNAME.match(text, mark.end) if mark.type in NAMED else None
        joined.append(replace(mark, end=nickname.end()) if nickname else mark)
    return joined


def replace_marks(text: str, marks: Sequence[Mark]) -> str:
    """The text with every mark that has a replacement replaced; marks in order of their start."""
    pieces, position = [], 0
    for mark in marks:
        if mark.replacement is not None:
            pieces += [text[position : mark.start], mark.replacement]
            position = mark.end
    return "".join([*pieces, text[position:]])


def _in_input(mark: Mark, folded: Folded) -> Mark:
    start, end = folded.span(mark.start, mark.end)
    return Mark(start, end, mark.type, mark.severity, mark.source, mark.replacement)


def _programme_tokens(text: str, tokens: Sequence[Token], allow: AllowList) -> set[int]:
    found: set[int] = set()
    for index in range(len(tokens)):
        found.update(range(index, index + allow.phrase_at(text, tokens, index)))
    return found
