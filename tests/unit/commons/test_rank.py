"""Filters, counts, relaxations and order, over any shelf."""

from hypothesis import given
from hypothesis import strategies as st

from nic_node.commons.rank import (
    SORTS,
    ShelfEntry,
    build_conditions,
    count_facets,
    evidence_score,
    likeness_score,
    ranked,
    relaxations,
)
from nic_node.evidence.similarity import Profile, similarity
from tests.fakes.library import CLASSES

FACETS = {"rung": ("measured", "direction", "described"), "idea": ("advisory", "mentoring"), "cost-band": ("none",)}
MINE = Profile(level="middle", locale=41, lunch=71.0, enrolment=412)


def likeness(entry: ShelfEntry):
    return similarity(MINE, CLASSES.get(entry.first("class") or "", {}))


values = {name: st.frozensets(st.sampled_from(known), max_size=2) for name, known in FACETS.items()}
values["class"] = st.frozensets(st.sampled_from(sorted(CLASSES)), max_size=1)
facets = st.fixed_dictionaries({}, optional=values)
shelves = st.lists(st.tuples(facets, st.integers(0, 5)), max_size=12).map(
    lambda drawn: [ShelfEntry(i + 1, f"net#{i + 1}", held, copies) for i, (held, copies) in enumerate(drawn)]
)
choices = st.fixed_dictionaries({}, optional={k: st.lists(st.sampled_from(v), max_size=2) for k, v in FACETS.items()})
found_ids = st.none() | st.frozensets(st.integers(1, 12))


@given(shelf=shelves, chosen=choices, found=found_ids)
def test_a_count_is_what_the_filter_leaves(shelf, chosen, found) -> None:
    conditions = build_conditions(chosen=chosen, found=found)

    counts = count_facets(shelf, conditions, tuple(FACETS))

    for facet, by_value in counts.items():
        for value, count in by_value.items():
            asked = build_conditions(chosen={**chosen, facet: [value]}, found=found)
            assert len(asked.matching(shelf)) == count


@given(shelf=shelves, chosen=choices, found=found_ids)
def test_a_relaxation_finds_what_it_says(shelf, chosen, found) -> None:
    offers = relaxations(shelf, build_conditions(chosen=chosen, found=found))

    for name, count in offers.items():
        left = {facet: of for facet, of in chosen.items() if facet != name}
        assert count > 0
        assert len(build_conditions(chosen=left, found=None if name == "words" else found).matching(shelf)) == count


@given(shelf=shelves, sort=st.sampled_from(sorted(SORTS)), words=st.dictionaries(st.integers(1, 12), st.floats(0, 1)))
def test_each_order_holds_every_practice_once_however_they_came(shelf, sort, words) -> None:
    order = ranked(shelf, sort, words=words, likeness=likeness)

    assert sorted(entry.id for entry in order) == [entry.id for entry in shelf]
    assert ranked(list(reversed(shelf)), sort, words=words, likeness=likeness) == order


@given(shelf=shelves)
def test_scores_stay_between_0_and_1(shelf) -> None:
    for entry in shelf:
        assert 0 <= evidence_score(entry) <= 1
        assert 0 <= likeness_score(likeness(entry)) <= 1


def test_more_results_never_count_less_and_measured_counts_more_than_told() -> None:
    rungs = {rung: ShelfEntry(1, "net#1", {"rung": frozenset({rung})}) for rung in FACETS["rung"]}
    assert evidence_score(rungs["measured"]) > evidence_score(rungs["direction"]) > evidence_score(rungs["described"])
    scores = [evidence_score(ShelfEntry(1, "net#1", {"rung": frozenset({"measured"})}, n)) for n in range(6)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 6


def test_each_mix_says_its_weights() -> None:
    fit = SORTS["fit"]
    assert fit.words + fit.likeness + fit.evidence == 1
    for weight in (fit.words, fit.likeness, fit.evidence):
        assert f"{100 * weight:.0f}" in fit.says


def test_a_school_like_ours_stands_before_another_level() -> None:
    shelf = [ShelfEntry(i, f"net#{i}", {"class": frozenset({name})}) for i, name in enumerate(CLASSES, start=1)]
    order = [entry.first("class") for entry in ranked(shelf, "similar", words={}, likeness=likeness)]
    assert order == ["rural", "city", "tall"]
