"""Words of a query that name a kind of school, and words that are spelled wrongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nic_node.commons.chips import understand
from nic_node.commons.spelling import corrected
from nic_node.mirror.words import stem_words
from schemas.vocab import BAND_IDS, GRADE_BANDS

TWO_KINDS = {"locale": {"city-suburb", "town-rural"}, "grade-band": {"6-8", "9-12"}}
ALL = {"locale": set(BAND_IDS["locale"]) - {"any"}, "grade-band": set(GRADE_BANDS)}


@pytest.mark.parametrize(
    ("typed", "words", "chosen", "like"),
    [
        ("chronic absence rural", "chronic absence", {"locale": ["town-rural"]}, False),
        ("Rural grade 9 tutoring", "tutoring", {"locale": ["town-rural"], "grade-band": ["9-12"]}, False),
        (
            "9th-grade failure in a small town",
            "failure in a",
            {"locale": ["town-rural"], "grade-band": ["9-12"]},
            False,
        ),
        ("seventh graders and grade 8", "and", {"grade-band": ["6-8"]}, False),
        ("advisory in schools like ours", "advisory in", {}, True),
        ("high expectations, middle of the week", "high expectations, middle of the week", {}, False),
        ("high school or middle school", "or", {"grade-band": ["6-8", "9-12"]}, False),
        ("grade 95 books, grading", "grade 95 books, grading", {}, False),
        ("the suburbs", "the", {"locale": ["city-suburb"]}, False),
    ],
)
def test_kinds_of_school_become_filters(typed: str, words: str, chosen: dict, like: bool) -> None:
    found = understand(typed, TWO_KINDS)
    assert found.words == words
    assert {facet: sorted(values) for facet, values in found.chosen.items()} == chosen
    assert found.like is like


def test_what_a_filter_became_is_said_and_what_nothing_shows_is_dropped_aloud() -> None:
    (note,) = understand("rural", TWO_KINDS).notes
    assert str(note) == "You typed “rural”. As this network shows places, it became “Town or rural”."
    assert understand("rural", {"locale": {"rural"}}).notes == ()
    fine = understand("rural", {"locale": {"rural-fringe", "rural-remote", "town"}})
    assert (sorted(fine.chosen["locale"]), fine.notes) == (["rural-fringe", "rural-remote"], ())
    dropped = understand("rural kindergarten", {"grade-band": {"9-12"}})
    assert (dropped.words, dropped.chosen) == ("", {})
    assert [str(each) for each in dropped.notes] == [
        "No practice here shows such a place, so “rural” was left out.",
        "No practice here was tried in pre-K to grade 2, so “kindergarten” was left out.",
    ]


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["rural", "town", "grade", "9th", "12", "a", "high", "school", "like", "ours"])).map(
        " ".join
    )
)
def test_every_query_is_understood_and_nothing_is_added_to_it(typed: str) -> None:
    found = understand(typed, ALL)
    assert set(found.words) - {" "} <= set(typed)
    assert len(found.words) <= len(typed)
    assert understand(found.words, ALL).chosen == {}
    for facet, values in found.chosen.items():
        assert set(values) <= ALL[facet]
        assert len(values) == len(set(values))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("absense", "absence"),
        ("atendance families", "attendance families"),
        ("attendence", ""),
        ("Mentring", "mentor"),
        ("photosinthesis", "photosynthesis"),
        ("absence", ""),
        ("qqqqzz", ""),
        ("tex", ""),
        ("北京", ""),
    ],
)
async def test_a_word_that_nobody_has_is_put_right_by_one_that_somebody_has(typed: str, meant: str) -> None:
    held = set(stem_words("absence attendance families mentor photosynthesis text"))

    async def has_word(word: str) -> bool:
        return word in held

    assert await corrected(typed, has_word) == meant
