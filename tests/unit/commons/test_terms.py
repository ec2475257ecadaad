"""Epochs as terms."""

from datetime import UTC, datetime

import pytest

from nic_node.commons.terms import term_words, terms_words


@pytest.mark.parametrize(
    ("month", "words"),
    [(1, "spring 2027"), (5, "spring 2027"), (6, "summer 2027"), (8, "fall 2027"), (12, "fall 2027")],
)
def test_a_month_belongs_to_its_term(month: int, words: str) -> None:
    assert term_words(datetime(2027, month, 1, tzinfo=UTC)) == words


def test_several_terms_are_told_from_first_to_last() -> None:
    fall, spring = datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
    assert terms_words([spring, fall, spring]) == "fall 2026 to spring 2027"
    assert terms_words([fall, fall]) == "fall 2026"
    assert terms_words([]) == ""
