"""Filters, counts, relaxations and order, over any shelf: arrays say what a loop over the practices says."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nic_node.commons.columns import Column, Columns, Replications, kinds_of
from nic_node.commons.rank import (
    RUNG_EVIDENCE,
    SORTS,
    Likeness,
    Likenesses,
    Query,
    Ranked,
    Words,
    evidence_scores,
    find,
)
from nic_node.evidence.similarity import Profile, similarity
from tests.fakes.library import CLASSES as IN_LIBRARY

CLASSES = {
    **IN_LIBRARY,
    "ahead": IN_LIBRARY["rural"] | {"stage": "good"},
    "far": IN_LIBRARY["rural"] | {"stage": "great"},
}

FACETS = {
    "rung": ("measured", "direction", "described"),
    "idea": ("advisory", "mentoring"),
    "grade-band": ("6-8", "9-12"),
    "class": tuple(CLASSES),
}
MANY = frozenset({"grade-band"})
MINE = Profile(level="middle", locale=41, lunch=71.0, enrolment=412, stage="fair", grade_bands=("6-8",))


@dataclass(frozen=True)
class Practice:
    """`copies`: ids of the first replications of each pseudonym; `title`: the share of the words in its title, or None."""

    id: int
    facets: dict[str, frozenset[str]]
    copies: tuple[int, ...] = ()
    stands: bool = True
    title: float | None = 0.0

    def likeness(self) -> Likeness:
        name = next(iter(self.facets.get("class", ())), "")
        return Likeness.of(similarity(MINE, CLASSES.get(name, {}), their_grade_bands=self.facets.get("grade-band", ())))

    def evidence(self, upto: int) -> float:
        rung = max((RUNG_EVIDENCE[each] for each in self.facets.get("rung", ())), default=0.0)
        return rung + 0.4 * (1 - 0.5 ** sum(copy <= upto for copy in self.copies))


def columns_of(shelf: list[Practice]) -> Columns:
    facets = {}
    for name, known in FACETS.items():
        rows = {v: np.array([i for i, each in enumerate(shelf) if v in each.facets.get(name, ())], int) for v in known}
        facets[name] = Column.empty(len(shelf)).with_values(rows)
    copies = [(row, copy) for row, each in enumerate(shelf) for copy in each.copies]
    return Columns(
        np.array([each.id for each in shelf], np.int64),
        facets,
        np.array([each.stands for each in shelf], np.bool_),
        Replications(*(np.array([pair[i] for pair in copies], np.int64) for i in (0, 1))),
        *kinds_of(facets["class"], facets["grade-band"]),
        max((each for practice in shelf for each in (practice.id, *practice.copies)), default=0),
    )


def likenesses_of(columns: Columns) -> Likenesses:
    found = []
    for class_code, grades_code in columns.kind_codes:
        held = {
            "class": columns.facets["class"].sets[class_code],
            "grade-band": columns.facets["grade-band"].sets[grades_code],
        }
        found.append(Practice(0, held).likeness())
    return Likenesses.of(found)


def loop(shelf: list[Practice], query: Query, *, words: bool) -> Ranked:
    """The same by looking at every practice."""
    upto = 1_000 if query.upto is None else query.upto
    here = [each for each in shelf if each.stands and each.id <= upto]
    asked: dict[str, Callable[[Practice], bool]] = {
        facet: lambda each, facet=facet, values=values: not each.facets.get(facet, frozenset()).isdisjoint(values)
        for facet, values in query.chosen.items()
        if values
    }
    if words:
        asked["words"] = lambda each: each.title is not None
    if query.like:
        asked["like"] = lambda each: each.likeness().comparable

    def matching(*without: str) -> list[Practice]:
        return [each for each in here if all(fits(each) for name, fits in asked.items() if name not in without)]

    def place(each: Practice) -> tuple[float, bool, int]:
        mix, like = SORTS[query.sort], each.likeness()
        title = (each.title or 0.0) if words else 0.0
        score = mix.words * title + mix.likeness * like.score + mix.evidence * each.evidence(upto)
        return -round(score, 9), query.sort != "newest" and not like.stage_fits, -each.id

    counts: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for facet in FACETS:
        for each in matching(facet):
            for value in each.facets.get(facet, ()):
                counts[facet][value] = counts[facet].get(value, 0) + 1
    order = sorted(matching(), key=place)
    relax = {name: len(matching(name)) for name in asked} if not order else {}
    return Ranked(
        np.array([each.id for each in order[query.skip : query.skip + query.limit]], np.int64),
        len(order),
        len(here),
        counts,
        sum(each.likeness().comparable for each in matching("like")),
        {name: count for name, count in relax.items() if count},
    )


def facets_of() -> st.SearchStrategy[dict[str, frozenset[str]]]:
    some = {n: st.frozensets(st.sampled_from(of), max_size=2 if n in MANY else 1) for n, of in FACETS.items()}
    return st.fixed_dictionaries({}, optional=some)


practices = st.tuples(
    facets_of(),
    st.lists(st.integers(1, 40), max_size=3).map(tuple),
    st.booleans() | st.just(True),
    st.sampled_from([None, 0.0, 0.5, 1.0]),
)
shelves = st.lists(practices, max_size=14).map(
    lambda drawn: [Practice(2 * i + 1, *each) for i, each in enumerate(drawn)]
)
choices = st.fixed_dictionaries({}, optional={k: st.lists(st.sampled_from(v), max_size=2) for k, v in FACETS.items()})


@given(
    shelf=shelves,
    chosen=choices,
    words=st.booleans(),
    like=st.booleans(),
    sort=st.sampled_from(sorted(SORTS)),
    upto=st.none() | st.integers(0, 40),
    skip=st.integers(0, 6),
    limit=st.integers(1, 5),
)
def test_arrays_find_what_a_loop_finds(shelf, chosen, words, like, sort, upto, skip, limit) -> None:
    columns = columns_of(shelf)
    having = [row for row, each in enumerate(shelf) if each.title is not None]
    found_words = Words(np.array(having, np.int64), np.array([shelf[row].title for row in having], np.float64))
    query = Query(
        chosen=chosen, words=found_words if words else None, like=like, sort=sort, upto=upto, skip=skip, limit=limit
    )

    found, expected = find(columns, query, likenesses_of(columns), tuple(FACETS)), loop(shelf, query, words=words)

    assert found.ids.tolist() == expected.ids.tolist()
    assert (found.total, found.shelf, found.like) == (expected.total, expected.shelf, expected.like)
    assert (found.facets, found.relax) == (expected.facets, expected.relax)


@given(
    shelf=shelves,
    more=st.lists(practices, max_size=5),
    copies=st.lists(st.integers(41, 60), max_size=3),
    sort=st.sampled_from(sorted(SORTS)),
)
def test_pages_stay_as_they_were_while_the_library_grows(shelf, more, copies, sort) -> None:
    """New practices and new results of old ones: the pages of who began before show each practice once."""
    columns = columns_of(shelf)
    before = find(columns, Query(sort=sort, limit=20), likenesses_of(columns), tuple(FACETS))
    grown = [Practice(each.id, each.facets, (*each.copies, *copies), each.stands) for each in shelf]
    grown += [Practice(101 + i, facets, (), stands) for i, (facets, _, stands, _) in enumerate(more)]
    larger = columns_of(grown)
    pages: list[int] = []
    for skip in range(0, max(before.total, 1), 3):
        query = Query(sort=sort, upto=columns.newest, skip=skip, limit=3)
        pages += find(larger, query, likenesses_of(larger), tuple(FACETS)).ids.tolist()
    assert pages == before.ids.tolist()


def test_more_results_never_count_less_and_measured_counts_more_than_told() -> None:
    rungs = columns_of([Practice(i, {"rung": frozenset({rung})}) for i, rung in enumerate(FACETS["rung"])])
    measured, direction, described = evidence_scores(rungs, np.arange(3)).tolist()
    assert measured > direction > described
    copied = [Practice(i, {"rung": frozenset({"measured"})}, tuple(range(i))) for i in range(1, 7)]
    scores = evidence_scores(columns_of(copied), np.arange(6)).tolist()
    assert scores == sorted(set(scores))
    assert 0 < scores[-1] <= 1


def test_each_mix_says_its_weights() -> None:
    fit = SORTS["fit"]
    assert fit.words + fit.likeness + fit.evidence == 1
    for weight in (fit.words, fit.likeness, fit.evidence):
        assert f"{100 * weight:.0f}" in fit.says


def test_a_school_like_ours_stands_before_another_level() -> None:
    names = ("ahead", "city", "tall", "far", "rural")
    columns = columns_of([Practice(i, {"class": frozenset({name})}) for i, name in enumerate(names)])
    order = find(columns, Query(sort="similar"), likenesses_of(columns), ()).ids.tolist()
    assert [names[place] for place in order] == ["ahead", "rural", "far", "city", "tall"]


def test_values_come_together_and_move() -> None:
    column = Column.empty(3).with_values({"6-8": np.array([0, 1]), "9-12": np.array([1])})
    assert column.count(slice(None)) == {"6-8": 2, "9-12": 1}
    moved = column.moved(4, np.array([3, 0]), np.array([1, 2]))
    assert [sorted(moved.sets[code]) for code in moved.codes] == [[], [], [], ["6-8", "9-12"]]
    assert column.has(["9-12"])[column.codes].tolist() == [False, True, False]
