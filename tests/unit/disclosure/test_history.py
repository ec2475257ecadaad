from dataclasses import replace
from datetime import timedelta

import pytest

from nic_node.disclosure.finding_words import WORDS
from nic_node.disclosure.groups import Relation, relation
from nic_node.disclosure.history import HISTORY_POLICIES
from nic_node.disclosure.released import load_facts
from schemas.policy import POLICY_DEFAULTS
from tests.unit.disclosure.projects import POLICY, TODAY, absence, counts, prepare, project
from tests.unit.disclosure.releases import PRACTICE, after, history, released

LONG_AGO = TODAY - timedelta(days=200)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("grade 7", "7th grade", Relation.SAME),
        ("Grade 07", "seventh graders", Relation.SAME),
        ("7B", "grade 7", Relation.WITHIN),
        ("grade 7, English learners", "grade 7", Relation.WITHIN),
        ("grade 7", "", Relation.WITHIN),
        ("whole school", "grade 7", Relation.HOLDS),
        ("grade 7", "grade 8", Relation.APART),
        ("7A", "7B", Relation.APART),
        ("advisory", "homeroom of the east wing", Relation.UNCLEAR),
        ("Año 7", "ano 7", Relation.SAME),
    ],
)
def test_names_tell_how_groups_lie(one, other, expected):
    assert relation(one, other, {}) == expected


def test_a_plan_of_the_school_tells_what_names_do_not():
    wholes = {"Blue team": "grade 7", "grade 7": "middle years"}
    assert relation("blue team", "middle years", wholes) == Relation.WITHIN
    assert relation("middle years", "blue team", wholes) == Relation.HOLDS
    assert relation("red team", "middle years", wholes) == Relation.UNCLEAR


@pytest.mark.parametrize("n", [52, 60, 62, 70])
def test_a_group_that_differs_by_a_few_is_refused(n):
    draft = after(project(absence(n=n)), released(project(absence(n=61))))
    assert history(draft) == [("group-differs", "block")]
    assert draft.blocked


@pytest.mark.parametrize("n", [51, 61, 71])
def test_the_same_group_or_one_that_differs_enough_is_not(n):
    assert history(after(project(absence(n=n)), released(project(absence(n=61))))) == []


@pytest.mark.parametrize("group", ["7B and 7C", "grade 7 without one", "all of grade 7 and 8", "whole school"])
def test_nested_groups_count_as_the_same(group):
    """Whatever lies in the group, or holds it, and differs by a few."""
    earlier = released(project(absence(n=61, group="grade 7")))
    assert history(after(project(absence(n=58, group=group)), earlier)) == [("group-differs", "block")]


def test_other_grades_and_other_measures_do_not():
    earlier = released(project(absence(n=61, group="grade 7")))
    assert history(after(project(absence(n=58, group="grade 8")), earlier)) == []
    other = project(absence(n=58, measure="course-failure"), aim=None)
    assert history(after(other, earlier)) == []


def test_what_names_do_not_tell_a_person_is_asked():
    earlier = released(project(absence(n=61, group="Ms. V's homeroom")))
    draft = after(project(absence(n=58, group="advisory")), earlier)
    assert history(draft) == [("group-unclear", "ask")]
    assert not draft.blocked


def test_what_parts_leave_of_their_whole():
    whole = released(project(absence(n=60, group="grade 7")), release_id=1)
    part = released(project(absence(n=28, group="7A")), release_id=2)
    assert history(after(project(absence(n=27, group="7B")), whole, part)) == [("remainder-told", "block")]
    assert history(after(project(absence(n=22, group="7B")), whole, part)) == []
    parts = [part, released(project(absence(n=27, group="7B")), release_id=3)]
    assert history(after(project(absence(n=60, group="grade 7")), *parts)) == [("remainder-told", "block")]


def test_what_was_taken_back_still_counts():
    earlier = released(project(absence(n=61)), is_living=False)
    assert after(project(absence(n=60)), earlier).blocked


def test_direction_words_count_as_numbers_do():
    earlier = released(project(absence(n=19, before=(10, 10), after=(2, 2))))
    assert earlier.facts.groups
    draft = after(project(absence(n=18, before=(10, 10), after=(2, 2))), earlier)
    assert draft.rung == "direction"
    assert draft.blocked


def test_what_tells_nothing_of_people_is_never_refused():
    earlier = released(project(absence(n=9)))
    assert earlier.facts.groups == ()
    assert history(after(project(absence(n=8)), earlier)) == []


def follow_up(n=61, late=(12, 12)):
    measure = absence(n=n)
    return project(replace(measure, points=(*measure.points, counts("day-90", *late, n=n))))


def test_versions_are_thirty_days_apart():
    close = released(project(), practice=PRACTICE, told_on=TODAY - timedelta(days=29))
    draft = after(follow_up(), close)
    assert history(draft) == [("too-soon", "block")]
    assert history(after(follow_up(), replace(close, told_on=TODAY - timedelta(days=30)))) == []


def test_and_three_at_most():
    versions = [
        released(project(), practice=PRACTICE, told_on=LONG_AGO),
        released(follow_up(), practice=PRACTICE, told_on=LONG_AGO + timedelta(days=40), release_id=2),
        released(follow_up(late=(20, 20)), practice=PRACTICE, told_on=LONG_AGO + timedelta(days=80), release_id=3),
    ]
    draft = after(follow_up(late=(25, 25)), *versions)
    assert ("too-many-versions", "block") in history(draft)
    assert not after(follow_up(late=(25, 25)), *versions[:2]).blocked


def test_other_words_with_the_same_numbers_are_no_new_version():
    """A name that slipped through is mended on the same day."""
    close = released(project(), practice=PRACTICE, told_on=TODAY)
    assert history(after(project(title="Calls home"), close)) == []
    assert history(after(project(absence(n=9)), close)) == [], "nor is one that tells less"


def test_a_number_that_changed_under_the_same_n_is_asked_about():
    close = released(project(absence(after=(14, 14))), practice=PRACTICE, told_on=LONG_AGO)
    assert history(after(project(absence(after=(15, 15))), close)) == [("point-changed", "ask")]


def test_numbers_that_stay_here_unblock_the_rest():
    earlier = released(project(absence(n=61)))
    draft = after(project(absence(n=60)), earlier, left_out=["/measures/0"])
    assert not draft.blocked
    assert draft.rung == "described"
    assert "measures" not in draft.record


def test_a_policy_may_be_stricter():
    earlier = released(project(absence(n=61)))
    strict = POLICY | {"group_change_minimum": 30}
    assert after(project(absence(n=40)), earlier, policy=strict).blocked
    assert set(HISTORY_POLICIES) <= set(POLICY_DEFAULTS)


def test_every_code_of_the_table_has_words():
    assert {code for codes in HISTORY_POLICIES.values() for code in codes} <= set(WORDS)


def test_grades_of_two_practices_that_show_a_rare_kind_of_school():
    young = project(problem=replace(project().problem, grade_bands=("pk-2",)))
    old = project(problem=replace(project().problem, grade_bands=("9-12",)))
    assert history(after(young, released(old))) == [("linked-grades", "ask")]
    assert history(after(young, released(old, is_living=False))) == []
    assert history(after(young, released(young))) == []


def test_facts_rest_as_json_and_hold_no_number_of_students_counted():
    facts = released(project()).facts
    assert load_facts(facts.document()) == facts
    assert "23" not in str(facts.document()["groups"][0]["points"].keys())
    assert prepare(project()).record["title"] not in str(facts.document())


def of_last_year(n):
    """This year's absence beside the same weeks of last year."""
    weeks = tuple(counts(at, 25, 25, n=n) for at in ("baseline", "middle", "end"))
    return absence(n=75, comparison=weeks, design="season-comparison", season="ruled-out")


def test_last_years_weeks_are_held_against_what_last_years_project_told():
    earlier = released(project(absence(n=61)), told_on=LONG_AGO)
    assert history(after(project(of_last_year(58)), earlier)) == [("group-differs", "block")]
    assert history(after(project(of_last_year(61)), earlier)) == []
    late = released(project(of_last_year(58)))
    assert history(after(project(absence(n=61)), late)) == [("group-differs", "block")], "told late, of the same weeks"


def test_a_practice_of_its_own_is_not_held_against_its_last_year():
    first = released(project(of_last_year(78)), practice=PRACTICE, told_on=LONG_AGO)
    assert history(after(project(of_last_year(78)), first)) == []
