"""The text on both sides, with each detector's marks and the number of the finding that a mark belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from nic_node.disclosure.draft import Draft, OutMark, TextChange
from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.marks import Mark
from nic_node.disclosure.text.scan import Scrubbed
from nic_node.disclosure.text.singling_out import find_singling_out
from nic_node.disclosure.wording import text_findings
from nic_node.publishing.findings import UNKNOWN_NAME, FoundItem, key_of, place_of

SINGLING_OUT = "SINGLING_OUT"
CLASSES = {"roster": "roster", "pattern": "pattern", "title": "roster"}


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) of a text gets a class of `macros/review.html` and the number of its finding."""

    start: int
    end: int
    kind: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Sides:
    """One text: where it stands, as it stays here, as it leaves; `reworded` when a person wrote what leaves."""

    place: str
    path: str
    stays: Markup
    leaves: Markup
    reworded: bool


def both_sides(draft: Draft, items: Sequence[FoundItem], *, findings_at: str, every: bool = False) -> list[Sides]:
    """The texts in which anything was found or rewritten, in the record's order; or every one, to be corrected.

    findings_at: address of the page whose `#finding-N` says why; each number leads there.
    """
    numbers = {item.key: item.number for item in items}
    return [
        _sides(change, numbers, items, findings_at)
        for change in draft.texts
        if every or change.marks or change.typed != change.before
    ]


def _sides(change: TextChange, numbers: dict[str, int], items: Sequence[FoundItem], at: str) -> Sides:
    reworded = change.typed != change.before
    before, after = [], []
    for mark in change.marks:
        number = _number(change, mark, numbers)
        before.append(Span(mark.mark.start, mark.mark.end, kind_of(mark.mark), number))
        left = "out" if mark.mark.replacement is not None else kind_of(mark.mark)
        after.append(Span(*mark.after, left, number))
    stays = mark_text(change.before, before, at)
    if reworded:
        number = next((item.number for item in items if item.code == "reworded" and change.path in item.paths), None)
        kind = "single" if any(find_singling_out(fold(change.typed).text)) else "ask"
        stays = mark_text(change.typed, [Span(0, len(change.typed), kind, number)], at)
        if not after:
            after = [Span(0, len(change.after), "out", number)]
    return Sides(place_of(change.path), change.path, stays, mark_text(change.after, after, at), reworded)


def _number(change: TextChange, out: OutMark, numbers: dict[str, int]) -> int | None:
    (finding,) = text_findings(change.path, Scrubbed(change.before, "", (out.mark,)))
    return numbers.get(key_of(finding))


def kind_of(mark: Mark) -> str:
    if mark.type == SINGLING_OUT:
        return "single"
    return "ask" if mark.type == UNKNOWN_NAME else CLASSES[mark.source]


def mark_text(text: str, spans: Sequence[Span], at: str = "") -> Markup:
    """The text with its marks, each with its finding's number, which leads to the finding on the page `at`.

    A mark within a mark stands inside it, what crosses another's end is cut there.
    """
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    return _mark(text, 0, len(text), ordered, at)


def _mark(text: str, start: int, end: int, spans: Sequence[Span], at: str) -> Markup:
    pieces, position, index = [], start, 0
    while index < len(spans):
        span = spans[index]
        begin, stop = max(span.start, position), min(span.end, end)
        inside = [other for other in spans[index + 1 :] if other.start < stop]
        index += 1 + len(inside)
        if begin >= stop:
            continue
        pieces.append(escape(text[position:begin]))
        number = Markup("")
        if span.number is not None:
            shown = Markup('<a href="{}#finding-{}">{}</a>').format(at, span.number, span.number) if at else span.number
            number = Markup("<sup>{}</sup>").format(shown)
        pieces.append(
            Markup('<mark class="{}">{}{}</mark>').format(span.kind, _mark(text, begin, stop, inside, at), number)
        )
        position = stop
    pieces.append(escape(text[position:end]))
    return Markup("").join(pieces)
