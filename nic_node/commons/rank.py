"""Which practices a search finds, how many each filter would leave, and in which order they stand. Pure.

The order is a stated mix of three parts, each 0 to 1: how many of the words stand in the title, how like my school
theirs is, how much evidence there is. The mixes stand in one table, and the page says them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType

from nic_node.evidence.similarity import Similarity
from nic_node.i18n import N_


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """A practice as far as a search looks at it; a higher `id` is newer."""

    id: int
    record_id: str
    facets: Mapping[str, AbstractSet[str]]
    replications: int = 0

    def first(self, facet: str) -> str | None:
        return next(iter(self.facets.get(facet, ())), None)


@dataclass(frozen=True, slots=True)
class Mix:
    """An order: what it is called, what it says it does, the weights of its parts; without weights the newest first."""

    label: str
    says: str
    words: float = 0.0
    likeness: float = 0.0
    evidence: float = 0.0


SORTS: Mapping[str, Mix] = MappingProxyType(
    {
        "fit": Mix(
            N_("fit and evidence"),
            N_("Your words in the title count 40 parts, likeness to your school 35, evidence 25."),
            words=0.40,
            likeness=0.35,
            evidence=0.25,
        ),
        "similar": Mix(
            N_("likeness to our school"), N_("Only how like your school theirs is, the nearest first."), likeness=1.0
        ),
        "evidence": Mix(
            N_("evidence"),
            N_("Measured before a told direction before described; then how many results there are."),
            evidence=1.0,
        ),
        "newest": Mix(N_("date"), N_("The newest first.")),
    }
)
DEFAULT_SORT = "fit"

RUNG_EVIDENCE: Mapping[str, float] = MappingProxyType({"measured": 0.6, "direction": 0.3, "described": 0.1})
REPLICATION_EVIDENCE = 0.4  # what many replications add; each one half of what is left

Condition = Callable[[ShelfEntry], bool]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a search asks for, part by part, so that each part can be left out: 'words', 'like', or a facet's name."""

    by_name: Mapping[str, Condition] = field(default_factory=dict)

    def matching(self, entries: Sequence[ShelfEntry], *, without: str | None = None) -> list[ShelfEntry]:
        asked = [condition for name, condition in self.by_name.items() if name != without]
        return [entry for entry in entries if all(condition(entry) for condition in asked)]


def build_conditions(
    *,
    chosen: Mapping[str, Collection[str]],
    found: Collection[int] | None = None,
    comparable: Collection[int] | None = None,
) -> Conditions:
    """Conditions of a search: of each facet one of the chosen values.

    Args:
        chosen: facet -> values.
        found: ids of the practices that have the words; None when none were asked for.
        comparable: ids of the practices of schools like ours; None when all schools count.
    """
    by_name: dict[str, Condition] = {}
    if found is not None:
        by_name["words"] = _among(frozenset(found))
    if comparable is not None:
        by_name["like"] = _among(frozenset(comparable))
    for facet, values in chosen.items():
        if values:
            by_name[facet] = _has(facet, frozenset(values))
    return Conditions(by_name)


def count_facets(
    entries: Sequence[ShelfEntry], conditions: Conditions, facets: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Facet -> value -> how many practices it would leave, with all that is chosen in other facets."""
    matching = conditions.matching(entries)
    return {
        facet: _count(conditions.matching(entries, without=facet) if facet in conditions.by_name else matching, facet)
        for facet in facets
    }


def relaxations(entries: Sequence[ShelfEntry], conditions: Conditions) -> dict[str, int]:
    """Part of a search -> how many practices it would find without that part; parts that help nothing are left out."""
    counts = {name: len(conditions.matching(entries, without=name)) for name in conditions.by_name}
    return {name: count for name, count in counts.items() if count}


def evidence_score(entry: ShelfEntry) -> float:
    """0 to 1: the rung, and how many replications stand beside it."""
    rung = RUNG_EVIDENCE.get(entry.first("rung") or "", 0.0)
    return rung + REPLICATION_EVIDENCE * (1 - 0.5**entry.replications)


def likeness_score(likeness: Similarity) -> float:
    """1 alike, 0 as far as can be, of another level, or nothing known of both."""
    if not likeness.comparable or likeness.distance is None:
        return 0.0
    return 1 - likeness.distance


def ranked(
    entries: Sequence[ShelfEntry],
    sort: str,
    *,
    words: Mapping[int, float],
    likeness: Callable[[ShelfEntry], Similarity],
) -> list[ShelfEntry]:
    """Entries by the mix named `sort`; ties by improvement stage, then the newest first.

    Args:
        entries: any order.
        sort: a key of SORTS.
        words: id -> share of the query's words that stand in the title.
        likeness: how like my school an entry's is.
    """
    mix = SORTS[sort]

    def place(entry: ShelfEntry) -> tuple[float, int, int]:
        if sort == "newest":
            return (0.0, 0, -entry.id)
        like = likeness(entry)
        score = (
            mix.words * words.get(entry.id, 0.0)
            + mix.likeness * likeness_score(like)
            + mix.evidence * evidence_score(entry)
        )
        return (-round(score, 9), 0 if like.stage_fits else 1, -entry.id)

    return sorted(entries, key=place)


def _among(ids: frozenset[int]) -> Condition:
    return lambda entry: entry.id in ids


def _has(facet: str, values: frozenset[str]) -> Condition:
    return lambda entry: not values.isdisjoint(entry.facets.get(facet, frozenset()))


def _count(entries: Sequence[ShelfEntry], facet: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        for value in entry.facets.get(facet, ()):
            counts[value] = counts.get(value, 0) + 1
    return counts
