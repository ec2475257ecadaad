"""A policy in words."""

import pytest

from nic_node.membership.policy_words import duration, policy_terms
from nic_node.membership.words import STATE_WORDS, move_words
from schemas.policy import build_policy
from schemas.states import STATES


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (2, "2 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (3_600, "1 hour"),
        (86_400, "24 hours"),
        (14 * 86_400, "14 days"),
    ],
)
def test_a_duration_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_every_term_can_be_said() -> None:
    terms = policy_terms(build_policy(network="https://hub.example/net/hub"))
    said = {term.name: term.text % term.values for term in terms}
    assert said["min_issued"] == "a term opens only once at least 10 schools take part"
    assert said["active_seconds"] == "126 days"


def test_a_whole_policy_is_told_to_its_last_number() -> None:
    policy = build_policy(network="https://hub.example/net/hub")
    whole = policy_terms(policy, is_whole=True)
    assert {term.name for term in whole} == set(policy) - {"v", "kind", "network", "version"}
    assert all(term.text % term.values for term in whole)


def test_every_state_has_words() -> None:
    assert set(STATES) < set(STATE_WORDS)


def test_a_reason_of_a_newer_list_says_nothing() -> None:
    assert move_words({"at": 0, "to": "rejected", "reason": "from-the-future"})["says"] == ""
    assert move_words({"at": 0, "to": "rejected", "reason": "conduct", "note": "Why"})["note"] == "Why"
