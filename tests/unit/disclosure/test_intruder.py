from dataclasses import replace

import pytest

from nic_node.disclosure.draft import Canary, DirectorySchools, Surroundings
from nic_node.disclosure.intruder import find_canaries, holds_whole_name, least_students
from nic_node.disclosure.text.roster import build_roster
from schemas.canonical import document_sha256
from tests.unit.disclosure.projects import ALLOW_LIST, ROSTER, absence, codes, prepare, project, replication
from tests.unit.disclosure.releases import after, released
from tests.unit.disclosure.test_context import MINE, lattice

MIDDLE = lattice({"level": "middle"})


def schools(number, **bands):
    return DirectorySchools({name: (band, "any") for name, band in bands.items()}, number)


def matching(*directory, snapshot=None, **given):
    around = Surroundings(directory=directory)
    draft = prepare(snapshot or project(), surroundings=around, **given)
    return draft.matches.directory, codes(draft, "intruder")


def test_only_schools_that_match_all_that_is_shown_are_counted():
    directory = (schools(3, level="middle"), schools(90, level="elementary"), schools(4, level="middle", locale="city"))
    assert matching(*directory) == (7, [])


def test_under_k_it_blocks_until_the_context_stays_here():
    directory = (schools(3, level="middle"), schools(90, level="combined"))
    given = {"lattice": MIDDLE, "profile": MINE}
    assert matching(*directory, **given) == (3, ["directory-under-k"])
    assert matching(*directory, **given, left_out=["/context"]) == (93, [])


def test_a_large_group_rules_small_schools_out():
    directory = (schools(40, level="middle", enrolment="0-150"), schools(6, level="middle", enrolment="300-500"))
    assert matching(*directory) == (46, [])
    assert matching(*directory, snapshot=project(absence(n=210))) == (6, [])
    assert least_students({}) == 0


def test_what_the_directory_does_not_know_rules_nobody_out():
    assert matching(schools(8), lattice=MIDDLE, profile=MINE) == (8, [])


def test_living_releases_count_together():
    around = Surroundings(directory=(schools(20, level="middle"), schools(6, level="combined")))
    old = project(problem=replace(project().problem, grade_bands=("9-12",)))
    assert after(project(), surroundings=around).matches.directory == 26
    assert after(project(), released(old), surroundings=around).matches.directory == 6


def test_few_issued_members_are_told_of():
    assert codes(prepare(surroundings=Surroundings(issued=4)), "intruder") == ["few-members"]
    shown = prepare(surroundings=Surroundings(issued=4), lattice=MIDDLE, profile=MINE)
    assert codes(shown, "intruder") == ["class-under-k"]
    assert shown.blocked
    assert codes(prepare(surroundings=Surroundings(issued=5)), "intruder") == []


@pytest.mark.parametrize("text", ["node.school.example", "Node.School.example", "ｎｏｄｅ.school.example"])
def test_a_canary_blocks_wherever_it_stands(text):
    canary = Surroundings(canaries=(Canary("host", "node.school.example"),))
    draft = prepare(project(title=f"Ask {text}", conditions=text), surroundings=canary)
    found = [finding for finding in draft.findings if finding.code == "canary"]
    assert draft.blocked or not found
    assert dict(find_canaries({"a": [{"b": text}]}, canary.canaries, ROSTER, ALLOW_LIST)) == {"/a/0/b": "host"}


def test_a_field_may_not_be_named_by_one_either():
    found = find_canaries({"node-key": 1}, (Canary("key", "node-key"),), ROSTER, ALLOW_LIST)
    assert list(found) == [("/node-key", "key")]


def test_the_networks_own_addresses_are_no_canaries():
    canary = Surroundings(canaries=(Canary("host", "hub.example"),))
    assert codes(prepare(replication(), surroundings=canary), "intruder") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ana María Castellanos called", True),
        ("castellanos ana maria", False),
        ("Lindqvist Faith", True),
        ("lindqvist, faith", True),
        ("we have faith", False),
        ("Okafor's Will", True),
    ],
)
def test_names_are_found_by_another_way_than_the_scrub(text, found):
    assert holds_whole_name(text, ROSTER, ALLOW_LIST) == found


def test_a_name_of_plain_words_is_left_to_the_text_stage():
    roster = build_roster({"PERSON": ["Will Cook"]})
    assert not holds_whole_name("We will cook for families", roster, ALLOW_LIST)


def test_a_context_of_an_earlier_release_counts_too():
    earlier = released(project(), lattice=MIDDLE, profile=MINE)
    assert earlier.facts.lattice_sha256 == document_sha256(MIDDLE)
    around = Surroundings(directory=(schools(3, level="middle"), schools(90, level="combined")))
    draft = after(project(), earlier, lattice=MIDDLE, surroundings=around)
    assert draft.matches.directory == 3
