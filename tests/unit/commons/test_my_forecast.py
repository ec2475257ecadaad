"""A practice's forecast in one's own numbers, and the plain refusal."""

import pytest

from nic_node.commons.my_forecast import forecast_words, my_forecast
from nic_node.commons.results import build_evidence
from nic_node.evidence.sentence import ENGLISH
from nic_node.evidence.similarity import Profile
from tests.fakes.library import CLASSES, described, with_bands
from tests.unit.commons.test_results import PRACTICE, living

MINE = Profile(level="middle", grade_bands=("6-8",), locale=41, enrolment=410, lunch=72.0, english_learners=2.0)
REPLICATIONS = [
    living(with_bands((35, 40), (20, 25)), "ben", 2),
    living(with_bands((35, 40), (25, 30)), "cem", 3),
    living(with_bands((40, 45), (25, 30)), "dua", 4),
]
RURAL = {record.record_id: CLASSES["rural"] for record in (PRACTICE, *REPLICATIONS)}


def forecast(mine=MINE, share=0.28, *, bands=RURAL, replications=REPLICATIONS):
    evidence = build_evidence(PRACTICE, replications, bands)
    found = my_forecast(evidence, mine, share)
    return found, forecast_words(found, evidence, ENGLISH)


def test_a_share_is_told_as_the_range_in_which_it_would_land() -> None:
    found, words = forecast()
    low, high = found.shares
    assert 0 < low < high < 0.9
    assert found.comparable == found.results == 4
    assert words["big"] == f"{round(100 * low)} to {round(100 * high)}\u202f%"
    assert "You have 28\u202f% now" in words["says"]
    assert words["note"].startswith("Carried by four results")
    assert words["note"].endswith("Your 28\u202f% stays on your node.")
    document = found.document()
    assert document["shares"] == [low, high]
    assert document["interval"][0] < document["interval"][1]


def test_down_is_better_so_the_upper_end_of_the_effect_is_the_lower_share() -> None:
    found, _ = forecast()
    unsure = found.found.interval
    assert (found.shares[0] < 0.28) is (unsure[1] > 0)


@pytest.mark.parametrize("share", [None, 0.0, 1.0])
def test_without_a_share_that_can_move_it_is_told_in_words(share: float | None) -> None:
    found, words = forecast(share=share)
    assert found.shares is None
    assert words["big"]
    assert "%" not in words["big"]
    assert "Count it in your school" in words["says"]


def test_too_few_results_of_schools_like_ours_are_refused_plainly() -> None:
    two = dict(list(RURAL.items())[:2])
    found, words = forecast(share=None, bands=two)
    assert (found.found, found.comparable, words["big"]) == (None, 2, "")
    assert words["says"] == (
        "No forecast for your school: it takes three results of schools that compare with it; so far two."
    )
    assert found.document()["interval"] is None


def test_schools_of_another_level_carry_nothing() -> None:
    found, words = forecast(mine=Profile(level="high", grade_bands=("9-12",), locale=41))
    assert found.comparable == 0
    assert "so far zero" in words["says"]


def test_a_practice_without_numbers_has_no_forecast() -> None:
    evidence = build_evidence(living(described("Wall of kindness", "student-voice"), "ada", 1, "practice"), [], {})
    assert my_forecast(evidence, MINE, 0.28) is None
