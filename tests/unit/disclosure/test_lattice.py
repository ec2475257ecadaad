import csv
from pathlib import Path
from random import Random

import pytest

from nic_node.disclosure.draft import ContextProfile
from nic_node.disclosure.lattice import build_lattice, class_sizes, merge_upward
from schemas.policy import LATTICE
from schemas.vocab import ANY, is_within
from tests.unit.disclosure.projects import NETWORK

SCHOOLS = Path(__file__).parents[2] / "data" / "context" / "nyc_schools_400.csv"
GRADES = {"elementary": ("k", "1", "2", "3", "4", "5"), "middle": ("6", "7", "8"), "high": ("9", "10", "11", "12")}


def read_profiles():
    with SCHOOLS.open(newline="") as file:
        return [profile_of(row) for row in csv.DictReader(file)]


def profile_of(row):
    levels = [level for level, grades in GRADES.items() if any(int(row[f"grade_{grade}"]) for grade in grades)]
    level = levels[0] if len(levels) == 1 else "combined" if levels else "early"
    lunch, learners, disabilities = (100 * float(row[name]) for name in ("poverty_pct", "ell_pct", "swd_pct"))
    return ContextProfile(level, None, int(row["total_enrollment"]), lunch, learners, disabilities)


def build(profiles, k=5, **changes):
    lattice = build_lattice(profiles, network=NETWORK, epoch=1, k=k, **changes)
    assert LATTICE.validate(lattice) == {}
    return lattice


PROFILES = read_profiles()
# No locale stands in the data: half of these schools get a made-up one, the others none.
PLACED = [
    ContextProfile(p.level, Random(index).choice((11, 21, 32, 42)) if index % 2 else None, p.enrolment, p.lunch)
    for index, p in enumerate(PROFILES)
]


@pytest.mark.parametrize("k", [3, 5, 20])
@pytest.mark.parametrize("number", [20, 100, 400])
@pytest.mark.parametrize("profiles", [PROFILES, PLACED], ids=["as-they-are", "some-placed"])
def test_every_member_has_a_class_and_every_class_k_members(profiles, number, k):
    members = profiles[:number]
    sizes = class_sizes(members, build(members, k))
    assert min(sizes.values()) >= k
    assert sum(sizes.values()) == number


def test_more_members_buy_more_classes():
    numbers = [len(build(PROFILES[:number])["classes"]) for number in (10, 50, 400)]
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 1


@pytest.mark.parametrize("k", [3, 5])
def test_those_issued_are_counted_again_and_small_classes_merge_upward(k):
    approved = build(PROFILES[:200], k)
    for seed in range(2):
        issued = Random(seed).sample(PROFILES[:200], 120)
        opened = merge_upward(approved, issued, k=k)
        assert LATTICE.validate(opened) == {}
        sizes = class_sizes(issued, opened)
        assert min(sizes.values()) >= k
        assert sum(sizes.values()) == 120
        for entry in opened["classes"]:
            assert any(is_coarser(entry["bands"], before["bands"]) for before in approved["classes"])


def is_coarser(bands, finer):
    return all(band == finer[name] or is_within(name, finer[name], band) for name, band in bands.items())


def test_nothing_changes_where_everybody_was_issued():
    approved = build(PROFILES[:100])
    assert merge_upward(approved, PROFILES[:100], k=5) == approved


def test_too_few_members_have_no_classes():
    assert build(PROFILES[:4])["classes"] == []
    assert merge_upward(build(PROFILES[:100]), PROFILES[:4], k=5)["classes"] == []


def test_alike_schools_share_the_finest_class():
    same = [ContextProfile("middle", 42, 412, 61.5, 7.0, 14.0, "fair")] * 3
    (only,) = build(same, 3)["classes"]
    assert only["bands"] == {
        "level": "middle",
        "locale": "rural-distant",
        "enrolment": "300-500",
        "lunch": "60-80",
        "english_learners": "5-15",
        "disabilities": "12-16",
        "stage": "fair",
    }


def test_the_ranking_decides_what_is_kept_and_what_is_never_shown():
    lattice = build(PROFILES[:60], ranking=("lunch", "level"))
    assert lattice["attributes"] == ["lunch", "level"]
    assert {entry["bands"]["enrolment"] for entry in lattice["classes"]} == {ANY}
    shown = [sum(entry["bands"][name] != ANY for entry in lattice["classes"]) for name in ("lunch", "level")]
    assert shown[0] == len(lattice["classes"])


def test_it_holds_no_counts_and_no_order_of_the_members():
    lattice = build(PROFILES[:100])
    assert all(entry.keys() == {"id", "bands"} for entry in lattice["classes"])
    assert build(PROFILES[:100][::-1]) == lattice
