"""What the page 'Learn from others' shows: filters with counts, chips, and each hit with its evidence strip."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from gettext import NullTranslations
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from nic_node.charts.forest import effect_words
from nic_node.charts.printed import start_to_end
from nic_node.charts.words import pooled_says
from nic_node.commons.addresses import Pairs, search_pairs
from nic_node.commons.context_words import grades_words
from nic_node.commons.forms import FACET_VALUES, MOST_COMPARED
from nic_node.commons.rank import SORTS
from nic_node.commons.research.read import RESEARCH, Entry, find_entries, is_wanted, level_of
from nic_node.commons.results import PracticeEvidence
from nic_node.commons.search import Found, Hit, Search
from nic_node.commons.shelf import LIBRARY, SEARCH_FACETS
from nic_node.commons.why import why_words
from nic_node.evidence.practice_pool import FEWEST_SITES
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.mirror.read import LivingRecord

LEGENDS = {
    "rung": N_("Evidence"),
    "idea": N_("Idea"),
    "problem": N_("Problem"),
    "grade-band": N_("Grades"),
    "locale": N_("Place"),
    "subject": N_("Subject"),
    "staff-time-band": N_("Staff time"),
    "cost-band": N_("Cost"),
    "decision": N_("What the school decided"),
    "library": N_("Network"),
}
LONG_FACETS = frozenset({"idea", "problem"})  # those with most practices first, the rest in the list's order
MOST_OPTIONS = 6  # in the open; the rest under a fold
LONGEST_LABEL = 60
ENTRIES_BESIDE = 3
LIKE_OURS = N_("Like my school")


def listing_values(
    request: web.Request,
    found: Found,
    tray: Sequence[LivingRecord],
    catalogue: NullTranslations,
) -> dict[str, Any]:
    """Everything that commons/index.html needs of a search; `tray` holds practices that are to be compared."""
    search = found.search
    held = [record.record_id for record in tray]
    held_pairs = [("with", record_id) for record_id in held]

    def address(other: Search) -> str:
        return _address(request, other, held)

    first = replace(search, page=1, upto=None)
    entries = find_entries(search, found.my_grades)
    shown = _shown_entries(entries, found)
    return {
        "search": search,
        "found": found,
        "here": address(first),
        "groups": _groups(search, found, len(entries), catalogue),
        "chips": _chips(first, catalogue, address),
        "sort_label": catalogue.gettext(SORTS[search.sort].label),
        "sorts": [
            {
                "label": catalogue.gettext(mix.label),
                "says": catalogue.gettext(mix.says),
                "url": address(replace(first, sort=name)),
                "current": name == search.sort,
            }
            for name, mix in SORTS.items()
        ],
        "notes": [note.said(catalogue) for note in found.notes],
        "instead": (found.instead, address(replace(first, words=found.instead))) if found.instead else None,
        "query": urlencode(search_pairs(first)),
        "label": search_label(search, catalogue),
        "like_url": None if search.like else address(replace(first, like=True)),
        "fewer": [(words, address(replace(first, words=words)), count) for words, count in found.fewer.items()],
        "relax": _relax(first, found.relax, catalogue, address),
        "hits": [hit_values(hit, catalogue) for hit in found.hits],
        "research": [entry_values(entry, catalogue) for entry in shown],
        "more_research": (len(entries), address(replace(first, chosen={**first.chosen, "rung": [RESEARCH]})))
        if len(entries) > len(shown) > 0
        else None,
        "tray": [
            (record.payload["title"], _address(request, search, [each for each in held if each != record.record_id]))
            for record in tray
        ],
        "compare_url": str(
            request.app.router["learn.compare"].url_for().with_query([("record", each) for each in held])
        ),
        "newer": address(replace(search, page=found.page - 1, upto=found.upto)) if found.page > 1 else None,
        "older": address(replace(search, page=found.page + 1, upto=found.upto)) if found.page < found.pages else None,
        "networks": ", ".join(log.name for log in found.logs),
        "kept": [pair for pair in search_pairs(first) if pair[0] in ("q", "sort")] + held_pairs,
        "held_pairs": held_pairs,
    }


def _address(request: web.Request, search: Search, tray: Sequence[str]) -> str:
    pairs = [*search_pairs(search), *(("with", record_id) for record_id in tray)]
    return str(request.app.router["learn.index"].url_for().with_query(MultiDict(pairs)))


def compare_with(request: web.Request, found: Found, tray: Collection[str]) -> str:
    """The same page with one more practice to compare, whose record id is still to come; '' where no room is left."""
    if len(tray) >= MOST_COMPARED:
        return ""
    here = _address(request, replace(found.search, upto=found.upto), list(tray))
    return f"{here}{'&' if '?' in here else '?'}with="


def search_label(search: Search, catalogue: NullTranslations) -> str:
    """'absence · Grades 6 to 8 · Like my school': what is looked for, in one line."""
    parts = [search.words, *(label for label, _ in _chips(search, catalogue, search_pairs))]
    return " · ".join(part for part in parts if part) or catalogue.gettext(N_("All practices"))


def hit_values(hit: Hit, catalogue: NullTranslations) -> dict[str, Any]:
    """One result: its strip in words and in numbers."""
    payload = hit.record.payload
    return {
        "record": hit.record.record_id,
        "title": payload["title"],
        "text": payload["idea"].get("summary") or payload["problem"].get("statement", ""),
        "why": why_words(hit.likeness, catalogue),
        "rung": payload["rung"],
        "decision": payload["decision"],
        "directions": hit.evidence.directions,
        "effect": effect_values(hit.evidence, catalogue),
        "started": hit.started,
        "from_network": hit.from_network,
    }


def effect_values(evidence: PracticeEvidence, catalogue: NullTranslations) -> dict[str, Any]:
    """The strip's effect: the pooled line from three results up, else why there is none and what was printed."""
    pool = evidence.pool
    if pool is not None and pool.pooled is not None:
        pooled = pool.pooled
        count = Sentence(
            N_("{words}, {count} results"), {"words": effect_words(pooled.estimate, pooled.ci), "count": pool.k}
        )
        return {
            "line": (pooled.ci[0], pooled.estimate, pooled.ci[1]),
            "says": pooled_says(pooled, pool, catalogue),
            "numbers": count.said(catalogue),
        }
    own = evidence.own
    printed = start_to_end(own.measure, catalogue=catalogue) if own.measure else ""
    if pool is None:
        return {"line": None, "says": "", "numbers": catalogue.gettext(N_("No numbers were printed."))}
    few = Sentence(N_("No number together: {count} of the {needed} results that it takes."), _counted(pool.k))
    return {"line": None, "says": printed, "numbers": few.said(catalogue)}


def _counted(k: int) -> Mapping[str, object]:
    return {"count": k, "needed": FEWEST_SITES}


def _shown_entries(entries: Sequence[Entry], found: Found) -> Sequence[Entry]:
    """Beside members' results a few, on the first page; without any all of them."""
    if found.page > 1 or not is_wanted(found.search):
        return ()
    return entries[:ENTRIES_BESIDE] if found.total else entries


def entry_values(entry: Entry, catalogue: NullTranslations) -> dict[str, Any]:
    """A recommendation of research as a result is shown."""
    level = level_of(entry)
    return {
        "id": entry.id,
        "title": entry.title,
        "text": entry.payload["idea"]["summary"],
        "grades": grades_words(entry.payload["problem"]["grade_bands"], catalogue),
        "guide": entry.guide,
        "year": entry.year,
        "recommendation": entry.recommendation,
        "level": catalogue.gettext(level.label).lower(),
        "level_says": catalogue.gettext(level.says),
    }


def _groups(search: Search, found: Found, entries: int, catalogue: NullTranslations) -> list[dict[str, Any]]:
    ours = {
        "legend": catalogue.gettext(N_("Schools")),
        "name": "like",
        "options": [("1", catalogue.gettext(LIKE_OURS), found.like)],
        "chosen": ["1"] if search.like else [],
    }
    groups = [ours] if found.like or search.like else []
    for facet in SEARCH_FACETS:
        counts = {**found.facets[facet], **({RESEARCH: entries} if facet == "rung" else {})}
        options = list(_options(facet, search, counts, catalogue))
        if facet == LIBRARY and not any(log.is_read_only for log in found.logs):
            continue
        if options:
            chosen = list(search.chosen.get(facet, ()))
            legend = catalogue.gettext(LEGENDS[facet])
            open_to = MOST_OPTIONS if facet in LONG_FACETS else len(options)
            shown, more = options[:open_to], options[open_to:]
            groups.append({"legend": legend, "name": facet, "options": shown, "more": more, "chosen": chosen})
    return groups


def _options(
    facet: str, search: Search, counts: Mapping[str, int], catalogue: NullTranslations
) -> Iterable[tuple[str, str, int]]:
    chosen = search.chosen.get(facet, ())
    values = [value for value in FACET_VALUES[facet] if counts.get(value) or value in chosen]
    if facet in LONG_FACETS:
        values = sorted(values, key=lambda value: (value not in chosen, -counts.get(value, 0)))
    for value in values:
        yield value, facet_label(facet, value, catalogue), counts.get(value, 0)


def facet_label(facet: str, value: str, catalogue: NullTranslations) -> str:
    return catalogue.gettext(FACET_VALUES[facet][value].label)


def _chips(search: Search, catalogue: NullTranslations, address: Any) -> Pairs:
    """What is chosen, each with the address of the same search without it."""
    chips = [(catalogue.gettext(LIKE_OURS), address(replace(search, like=False)))] if search.like else []
    for facet, values in search.chosen.items():
        for value in values:
            left = {**search.chosen, facet: [other for other in values if other != value]}
            chips.append((facet_label(facet, value, catalogue), address(replace(search, chosen=left))))
    return chips


def _relax(
    search: Search, counts: Mapping[str, int], catalogue: NullTranslations, address: Any
) -> Sequence[tuple[str, str, int]]:
    """(what to leave out, the address without it, how many there are then), the most helpful first."""
    offers = []
    for name, count in counts.items():
        if name == "words":
            label, other = search.words[:LONGEST_LABEL], replace(search, words="")
        elif name == "like":
            label, other = catalogue.gettext(LIKE_OURS), replace(search, like=False)
        else:
            label = ", ".join(facet_label(name, value, catalogue) for value in search.chosen[name])
            other = replace(search, chosen={facet: of for facet, of in search.chosen.items() if facet != name})
        offers.append((label, address(other), count))
    return sorted(offers, key=lambda offer: -offer[2])
