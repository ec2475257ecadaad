"""Search across the school's own work.

Every word has to begin a word of the text, whatever its case or accents. The texts are read as they stand, in two
statements: a school's five years are some megabytes, and an index could lag behind what was just written.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled
from nic_node.school.search.sources import KINDS, RATER, SOURCES, Source, statements_of

WORD = re.compile(r"\w+")
MOST_WORDS, LONGEST_QUERY = 12, 200
A_PAGE = 20
BEFORE, LONGEST_PIECE = 50, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of a text; `found` where it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One page that holds the words. `page_id`: None where the route has no id. `says`: where they stand in it."""

    kind: str
    route: str
    page_id: int | None
    title: str
    day: date
    says: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Attributes: counts: kind -> how many hits, of all kinds. total: of the chosen kind."""

    words: Sequence[str]
    hits: Sequence[Hit]
    counts: dict[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Match:
    source: Source
    page_id: int
    day: date
    title: str
    text: str
    is_named: bool


async def find_own_work(
    session: AsyncSession,
    query: str,
    *,
    person_id: int,
    permissions: AbstractSet[str],
    zone: str,
    kind: str = "",
    page: int = 1,
) -> Found:
    """What this person may see of what holds all the words: those named so first, then the newest.

    Args:
        zone: the school's: a result is of the day that it was there.

    Raises:
        InvalidInput: field 'q' for too long a query, 'kind' for one that is not of KINDS.
    """
    if len(query) > LONGEST_QUERY:
        raise InvalidInput({"q": [filled(N_("Search for at most {n} characters."), n=LONGEST_QUERY)]})
    if kind and kind not in KINDS:
        raise InvalidInput({"kind": [N_("Choose a kind of the list.")]})
    words = [match[0] for match in WORD.finditer(folded(query))][:MOST_WORDS]
    matches = await _matches(session, words, person_id, permissions, ZoneInfo(zone)) if words else []
    counts = Counter(match.source.kind for match in matches)
    chosen = [match for match in matches if kind in ("", match.source.kind)]
    pages = max(1, -(-len(chosen) // A_PAGE))
    page = min(max(page, 1), pages)
    return Found(
        words=words,
        hits=[_hit(match, words) for match in chosen[(page - 1) * A_PAGE : page * A_PAGE]],
        counts={name: counts[name] for name in KINDS if counts[name]},
        total=len(chosen),
        page=page,
        pages=pages,
    )


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()  # a bold 𝐀 is a capital only then
    return "".join(character for character in plain if not unicodedata.combining(character))


async def _matches(
    session: AsyncSession, words: Sequence[str], person_id: int, permissions: AbstractSet[str], zone: ZoneInfo
) -> list[_Match]:
    # The longest is the rarest, and a text without it is passed over before anything dearer is asked.
    rarest = max(words, key=len)
    begins = [re.compile(rf"(?<!\w){re.escape(word)}").search for word in words]
    kinds = frozenset(kind for kind, (_label, permit) in KINDS.items() if permit in permissions)
    who = {RATER.key: person_id if "assessment.write" in permissions else None}
    rows = [row for statement in statements_of(kinds) for row in await session.execute(statement, who)]
    found: dict[tuple[str, int | str], _Match] = {}
    # One page is one result, by the first source that holds the words; what has no page of its own is one each.
    for number, page_id, day, title, whole in sorted(rows, key=itemgetter(0)):
        source = SOURCES[number]
        if page_id and (source.route, page_id) in found:
            continue
        plain = folded(whole)
        if rarest not in plain or not all(begin(plain) for begin in begins):
            continue
        named = folded(title)
        is_named = rarest in named and all(begin(named) for begin in begins)
        found.setdefault(
            (source.route, page_id or whole), _Match(source, page_id, _day(day, zone), title, whole, is_named)
        )
    return sorted(found.values(), key=lambda match: (match.is_named, match.day), reverse=True)


def _day(moment: date | datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _hit(match: _Match, words: Sequence[str]) -> Hit:
    body = match.text[len(match.title) + 1 :] if not match.is_named else match.text
    return Hit(
        kind=match.source.kind,
        route=match.source.route,
        page_id=match.page_id or None,
        title=match.title,
        day=match.day,
        says=_says(body, words),
    )


def _says(text: str, words: Sequence[str]) -> list[Piece]:
    """The stretch around the first word that is found, with what is found in it marked."""
    text = " ".join(text.split())
    spans = [match.span() for match in WORD.finditer(text) if folded(match[0]).startswith(tuple(words))]
    first = spans[0][0] if spans else 0
    start = text.rfind(" ", 0, first - BEFORE) + 1 if first > BEFORE else 0
    end = len(text) if len(text) - start <= LONGEST_PIECE else text.rfind(" ", start, start + LONGEST_PIECE)
    end = end if end > start else start + LONGEST_PIECE
    pieces = list(_pieces(text, start, end, [span for span in spans if start <= span[0] < end]))
    cut = Piece(text="… ", found=False)
    return [*([cut] if start else []), *pieces, *([Piece(text=" …", found=False)] if end < len(text) else [])]


def _pieces(text: str, start: int, end: int, spans: Iterable[tuple[int, int]]) -> Iterable[Piece]:
    at = start
    for begin, stop in spans:
        if at < begin:
            yield Piece(text=text[at:begin], found=False)
        yield Piece(text=text[begin:stop], found=True)
        at = stop
    if at < end:
        yield Piece(text=text[at:end], found=False)
