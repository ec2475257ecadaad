"""Stage 7, text: each text is scrubbed, and what comes out is scanned again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from federation.rules_text import texts_of
from nic_node.disclosure.draft import Answer, Draft, Finding, Given, OutMark, TextChange
from nic_node.disclosure.fields import described_record, with_text
from nic_node.disclosure.text.scan import Scrubbed, replace_marks, scrub

ROSTER_STALE_AFTER = timedelta(days=180)  # choice: a term; the names of who came since would be missing
PROSE = MappingProxyType({"problem": ("statement",), "idea": ("summary",)})
PROSE_ONLY = ("adaptable", "materials", "conditions", "lessons", "changed")
ANSWERED: Mapping[Answer, str] = MappingProxyType({"own": "[our program]", "person": "[person]", "place": "[place]"})


def scrub_texts(draft: Draft, given: Given) -> Draft:
    """Replace what names anyone in every text of the record; block where something still would."""
    if is_roster_stale(given):
        draft = without_prose(draft)
    return scrub_record(draft, given, typed=dict(texts_of(described_record(draft.project))))


def scrub_record(draft: Draft, given: Given, *, typed: Mapping[str, str]) -> Draft:
    """Scrub every text and scan what comes out; `typed`: the author's words by JSON pointer."""
    record, findings, changes = draft.record, list(draft.findings), list(draft.texts)
    for path, before in texts_of(draft.record):
        scrubbed = with_answers(scrub(before, given.roster, given.allow_list), given.names)
        record = with_text(record, path, scrubbed.out)
        findings += text_findings(path, scrubbed)
        findings += survivors(path, scrubbed.out, given)
        changes.append(TextChange(path, typed.get(path, before), before, scrubbed.out, tuple(_placed(scrubbed))))
    return replace(draft, record=record, findings=tuple(findings), texts=tuple(changes))


def is_roster_stale(given: Given) -> bool:
    """No names, or names from so long ago that nobody can rely on them."""
    as_of = given.roster.as_of
    return given.roster.size == 0 or (as_of is not None and given.today - as_of > ROSTER_STALE_AFTER)


def without_prose(draft: Draft) -> Draft:
    """Slots only: who, does what, how often, minutes; the author is told what stays here."""
    record: dict[str, Any] = {name: value for name, value in draft.record.items() if name not in PROSE_ONLY}
    for name, prose in PROSE.items():
        record[name] = {slot: value for slot, value in record[name].items() if slot not in prose}
    left_out = Finding("text", "roster-stale", "info", "", source="roster")
    return replace(draft, record=record, findings=(*draft.findings, left_out))


def with_answers(scrubbed: Scrubbed, names: Mapping[str, Answer]) -> Scrubbed:
    """The reviewer's answers about unknown names: a programme stays, everything else is replaced by what it is.

    Whatever the answer, its mark stays: so the decision is shown, and can be another one until it is released.
    """
    marks = []
    for mark in scrubbed.marks:
        answer = names.get(scrubbed.text[mark.start : mark.end]) if mark.type == "UNKNOWN_NAME" else None
        if answer is None:
            marks.append(mark)
        else:
            marks.append(replace(mark, severity="info", replacement=ANSWERED.get(answer)))
    return Scrubbed(scrubbed.text, replace_marks(scrubbed.text, marks), tuple(marks))


def text_findings(path: str, scrubbed: Scrubbed) -> Iterator[Finding]:
    """A finding for each mark."""
    for mark in scrubbed.marks:
        before = scrubbed.text[mark.start : mark.end]
        span = (mark.start, mark.end)
        yield Finding("text", mark.type, mark.severity, path, span, before, mark.replacement, mark.source)


def survivors(path: str, out: str, given: Given) -> Iterator[Finding]:
    """What still matches roster or pattern after the scrub blocks."""
    for mark in scrub(out, given.roster, given.allow_list).marks:
        if mark.replacement is not None:
            before = out[mark.start : mark.end]
            yield Finding("text", "still-there", "block", path, (mark.start, mark.end), before, source=mark.source)


def _placed(scrubbed: Scrubbed) -> Iterator[OutMark]:
    """Where each mark's replacement stands in the text that leaves, so that both sides can be shown in step."""
    shift = 0
    for mark in scrubbed.marks:
        length = mark.end - mark.start if mark.replacement is None else len(mark.replacement)
        yield OutMark(mark, (mark.start + shift, mark.start + shift + length))
        shift += length - (mark.end - mark.start)
