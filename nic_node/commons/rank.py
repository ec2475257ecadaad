"""Which practices a search finds, how many each filter would leave, and in which order they stand. Pure.

The order is a stated mix of three parts, each 0 to 1: how many of the words stand in the title, how like my school
theirs is, how much evidence there is. The mixes stand in one table, and the page says them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nic_node.commons.columns import Column, Columns, Ids, Mask, Numbers, Places
from nic_node.evidence.similarity import Similarity
from nic_node.i18n import N_


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
Number = TypeVar("Number", np.int64, np.float64)
_MANY: Final = 1 - 0.5 ** np.arange(60.0)  # beyond, a double holds no difference
SAME_SCORE: Final = 9  # decimals beyond which scores count as equal; then the stage decides, then the date
STAGE_STEP: Final = 1e-10  # less than any difference of scores


@dataclass(frozen=True, slots=True)
class Words:
    """Rows that hold all words of a query, and what share of them stands in the title of each."""

    rows: Places
    in_title: Numbers


class Likeness(NamedTuple):
    """One kind of school: whether it may be compared with mine, how like it is (0 to 1), whether its stage fits."""

    comparable: bool
    score: float
    stage_fits: bool

    @classmethod
    def of(cls, found: Similarity) -> "Likeness":
        return cls(found.comparable, likeness_score(found), bool(found.stage_fits))


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Those of all kinds of schools, by their code."""

    comparable: Mask
    score: Numbers
    stage_fits: Mask

    @classmethod
    def of(cls, kinds: Sequence[Likeness]) -> "Likenesses":
        return cls(
            np.array([each.comparable for each in kinds], np.bool_),
            np.array([each.score for each in kinds], np.float64),
            np.array([each.stage_fits for each in kinds], np.bool_),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a search asks of the columns.

    Attributes:
        chosen: facet -> values, any of them.
        words: None when none were asked for.
        like: only kinds of schools that may be compared.
        since: only what came after this id; upto: nothing that came after this one.
        skip, limit: which part of the order is wanted.
    """

    chosen: Mapping[str, Collection[str]] = field(default_factory=dict)
    words: Words | None = None
    like: bool = False
    sort: str = DEFAULT_SORT
    since: int = 0
    upto: int | None = None
    skip: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """`ids` of the wanted part of the order; of how many; counts as `search.Found` has them."""

    ids: Ids
    total: int
    shelf: int
    facets: Mapping[str, Mapping[str, int]]
    like: int
    relax: Mapping[str, int]


def find(columns: Columns, query: Query, likenesses: Likenesses, facets: Sequence[str]) -> Ranked:
    """Filter, count and sort."""
    end = len(columns) if query.upto is None else int(np.searchsorted(columns.ids, query.upto, side="right"))
    words = None if query.words is None else _having(query.words, columns, end)
    base = columns.standing(end) if words is None else words.rows
    if query.since:
        base, words = _since(base, words, int(np.searchsorted(columns.ids, query.since, side="right")))
    conditions = _conditions(columns, query, likenesses, base)
    masks = list(conditions.values())
    matching = _where(base, masks)
    in_title = None if words is None else _where(words.in_title, masks)
    return Ranked(
        columns.ids[_ordered(columns, query, likenesses, matching, in_title)],
        len(matching),
        columns.count_standing(end),
        _counts(columns, facets, base, conditions, matching),
        _like(columns, likenesses, base, conditions),
        {} if len(matching) else _relaxations(columns, query, likenesses, end),
    )


def count(columns: Columns, query: Query, likenesses: Likenesses) -> int:
    """How many `find` would find, of everything that there is up to `upto`."""
    end = len(columns) if query.upto is None else int(np.searchsorted(columns.ids, query.upto, side="right"))
    base = columns.standing(end) if query.words is None else _having(query.words, columns, end).rows
    return len(_where(base, list(_conditions(columns, query, likenesses, base).values())))


def _having(words: Words, columns: Columns, end: int) -> Words:
    """Those of them that came before `end` and were not corrected."""
    before = int(np.searchsorted(words.rows, end))
    rows, in_title = words.rows[:before], words.in_title[:before]
    if columns.all_stand:
        return Words(rows, in_title)
    stands = columns.stands[rows]
    return Words(rows[stands], in_title[stands])


def _since(base: Places, words: Words | None, start: int) -> tuple[Places, Words | None]:
    first = int(np.searchsorted(base, start))
    return base[first:], None if words is None else Words(words.rows[first:], words.in_title[first:])


def _conditions(columns: Columns, query: Query, likenesses: Likenesses, base: Places) -> dict[str, Mask]:
    """Part of the search ('like', a facet) -> which of the rows of `base` fulfil it."""
    found = {"like": likenesses.comparable[columns.kinds[base]]} if query.like else {}
    for facet, values in query.chosen.items():
        if values:
            column = columns.facets[facet]
            found[facet] = column.has(values)[column.codes[base]]
    return found


def _where(base: NDArray[Number], conditions: Sequence[Mask]) -> NDArray[Number]:
    if not conditions:
        return base
    return base[np.logical_and.reduce(conditions)]


def _counts(
    columns: Columns, facets: Sequence[str], base: Places, conditions: Mapping[str, Mask], matching: Places
) -> dict[str, dict[str, int]]:
    """Facet -> value -> how many practices it would leave, with all that is chosen in other facets."""
    return {
        facet: columns.facets[facet].count(
            _where(base, [mask for name, mask in conditions.items() if name != facet])
            if facet in conditions
            else matching
        )
        for facet in facets
    }


def _like(columns: Columns, likenesses: Likenesses, base: Places, conditions: Mapping[str, Mask]) -> int:
    others = _where(base, [mask for name, mask in conditions.items() if name != "like"])
    return int(likenesses.comparable[columns.kinds[others]].sum())


def _relaxations(columns: Columns, query: Query, likenesses: Likenesses, end: int) -> dict[str, int]:
    """Part of a search -> how many practices it would find without that part; parts that help nothing are left out."""
    shelf = columns.standing(end)
    conditions = _conditions(columns, query, likenesses, shelf)
    if query.words is not None:
        conditions["words"] = np.isin(shelf, query.words.rows, assume_unique=True)
    counts = {
        name: len(_where(shelf, [mask for other, mask in conditions.items() if other != name])) for name in conditions
    }
    return {name: count for name, count in counts.items() if count}


def _ordered(
    columns: Columns, query: Query, likenesses: Likenesses, matching: Places, in_title: Numbers | None
) -> Places:
    """The wanted part of the order: by the mix, then the improvement stage, then the newest first."""
    end = min(query.skip + query.limit, len(matching))
    mix = SORTS[query.sort]
    if end <= query.skip:
        return matching[:0]
    if mix.words == mix.likeness == mix.evidence == 0:
        return matching[::-1][query.skip : end]
    kinds = columns.kinds[matching]
    scores = mix.likeness * likenesses.score[kinds]
    if mix.evidence:
        scores += mix.evidence * evidence_scores(columns, matching, query.upto)
    if mix.words and in_title is not None:
        scores += mix.words * in_title
    scores = np.round(scores, SAME_SCORE) + STAGE_STEP * likenesses.stage_fits[kinds]
    best = _best(scores, end)
    return matching[best[np.lexsort((-best, -scores[best]))]][query.skip : end]


def _best(scores: Numbers, count: int) -> Places:
    """The places of the `count` highest; of equals at the edge the later ones."""
    if count >= len(scores):
        return np.arange(len(scores))
    edge = np.partition(scores, len(scores) - count)[len(scores) - count]
    above = np.flatnonzero(scores > edge)
    equal = np.flatnonzero(scores == edge)
    return np.concatenate((above, equal[len(equal) - (count - len(above)) :]))


def evidence_scores(columns: Columns, rows: Places, upto: int | None = None) -> Numbers:
    """0 to 1: the rung, and how many replications stand beside it."""
    rungs: Column = columns.facets["rung"]
    by_rung = np.array([max((RUNG_EVIDENCE.get(rung, 0.0) for rung in held), default=0.0) for held in rungs.sets])
    copies = columns.copies_upto(upto)[rows]
    scores: Numbers = by_rung[rungs.codes[rows]] + REPLICATION_EVIDENCE * _MANY[np.minimum(copies, len(_MANY) - 1)]
    return scores


def likeness_score(likeness: Similarity) -> float:
    """1 alike, 0 as far as can be, of another level, or nothing known of both."""
    if not likeness.comparable or likeness.distance is None:
        return 0.0
    return 1 - likeness.distance
