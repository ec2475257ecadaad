"""An intruder who knows n, or the other students, works backwards from what is printed."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from federation.rules_printing import band, printed_n
from nic_node.disclosure import cells, rungs
from nic_node.disclosure.context import bands_of
from nic_node.disclosure.lattice import build_lattice, class_sizes
from schemas.vocab import CONTEXT
from tests.unit.disclosure.projects import NETWORK, absence, prepare, project
from tests.unit.disclosure.test_lattice import PROFILES

DOUBT = 3  # students


def printing_alike(printed, banded=band):
    """For each band that this printed n shows: every x that it may stand for, whatever n was."""
    alike = defaultdict(set)
    for n in (n for n in range(10, 400) if printed_n(n) == printed):
        for x in range(n + 1):
            alike[banded(x, n)].add(x)
    return alike


@pytest.mark.parametrize("printed", ["<15", 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 250, 300, 350])
def test_every_band_leaves_three_students_in_doubt(printed):
    assert min(len(xs) for xs in printing_alike(printed).values()) >= DOUBT


@pytest.mark.parametrize("n", [10, 15, 25, 35, 55, 61, 95, 125, 325])
def test_and_two_to_who_knows_n(n):
    shown = Counter(band(x, n) for x in range(n + 1))
    assert min(shown.values()) >= DOUBT - 1


def test_with_bands_one_point_wide_the_attack_succeeds():
    def careless(x, n):
        return int(100 * x / n), n

    assert min(len(xs) for xs in printing_alike(60, careless).values()) == 1


@pytest.mark.parametrize("n", [20, 40, 61, 120, 300])
def test_one_student_more_or_less_in_the_group_hides_in_n(n):
    shown = {printed_n(size) for size in range(n - 3, n + 4)}
    assert len(shown) <= 2


def test_words_of_neighbouring_groups_say_the_same_but_at_a_threshold():
    """A direction word is one bit about the interval: along all x it changes at most three times."""
    words = [prepare(project(absence(n=19, before=(10, 10), after=(x, x)))).direction for x in range(20)]
    changes = sum(one != other for one, other in pairwise(words))
    assert changes <= 3
    assert words[0] == "better"
    assert words[-1] == "worse"


def test_a_small_group_says_nothing_whatever_its_numbers_are():
    records = {prepare(project(absence(n=9, before=(x, x), after=(9 - x, 9 - x)))).record_bytes for x in range(10)}
    assert len(records) == 1


def test_without_the_minimum_small_groups_tell_their_numbers(monkeypatch):
    monkeypatch.setattr(rungs, "least_people", lambda _policy: 1)
    told = {prepare(project(absence(n=9, before=(x, x), after=(9 - x, 9 - x)))).direction for x in range(10)}
    assert len(told) > 2


def test_without_the_rule_for_words_each_student_would_change_one(monkeypatch):
    """The sign of the change alone, told of neighbouring data sets, says of one x which it is."""
    monkeypatch.setattr(rungs, "direction_word", lambda effect: "better" if effect.estimate > 0 else "worse")
    words = [prepare(project(absence(n=19, before=(10, 10), after=(x, x)))).direction for x in (9, 10)]
    assert words[0] != words[1], "one student more, and another word"


def matching(profile_bands, profiles):
    return sum(all(band in bands_of(other, name) for name, band in profile_bands.items()) for other in profiles)


def test_a_published_class_matches_k_members():
    lattice = build_lattice(PROFILES, network=NETWORK, epoch=1, k=5)
    assert min(class_sizes(PROFILES, lattice).values()) >= 5
    assert min(matching(entry["bands"], PROFILES) for entry in lattice["classes"]) >= 5


def test_with_the_finest_bands_the_linkage_succeeds():
    finest = ({name: bands_of(profile, name)[0] for name in CONTEXT} for profile in PROFILES)
    assert any(matching(bands, PROFILES) == 1 for bands in finest)


def test_a_part_and_its_whole_never_leave_together():
    whole = absence(group="grade 7")
    part = replace(absence(n=40, measure="belonging"), group="girls", part_of="grade 7", whole_n=61)
    for order in ((whole, part), (part, whole)):
        assert len(prepare(project(*order)).record["measures"]) == 1


def test_without_that_guard_the_rest_of_the_whole_is_worked_out(monkeypatch):
    """Two bands side by side say more of those outside the part than a band of their own would."""
    monkeypatch.setattr(cells, "_verify_alone", lambda *_given: None)
    whole = absence(n=61, after=(30, 30), group="grade 7")
    part = replace(absence(n=40, after=(28, 28), measure="belonging"), group="girls", part_of="grade 7", whole_n=61)
    shown = [measure["points"][-1]["band"] for measure in prepare(project(whole, part)).record["measures"]]
    assert len(shown) == 2
    wholes, parts = (
        [x for x in range(n + 1) if list(band(x, n)) == told] for n, told in zip((61, 40), shown, strict=True)
    )
    rest = {one - other for one in wholes for other in parts if 0 <= one - other <= 21}
    assert rest < {x for x in range(22) if band(x, 21) == band(0, 21)}
