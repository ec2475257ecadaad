"""How plainly a message reads, and that it gives nobody away."""

import pytest

from nic_node.school.communication.plain import count_syllables, find_giveaways, read_plainly
from nic_node.school.known_names import NOBODY

PLAIN = "We moved the table to the gym door. More students come now. They like it. " * 4
HARD = (
    "Notwithstanding considerable organisational constraints, the instructional leadership subcommittee subsequently "
    "reconceptualised its interdisciplinary intervention infrastructure, prioritising differentiated accountability "
    "mechanisms and longitudinal implementation evaluation across departmental configurations."
)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("table", 2), ("gym", 1), ("come", 1), ("families", 3), ("the", 1), ("tree", 1), ("idea", 2)],
)
def test_syllables_are_groups_of_vowels(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_plain_words_read_at_grade_eight_and_hard_ones_do_not() -> None:
    plain, hard = read_plainly(PLAIN, NOBODY), read_plainly(f"{HARD} {HARD}", NOBODY)
    assert plain.is_plain
    assert plain.long_sentences == ()
    assert not hard.is_plain
    assert hard.grade is not None
    assert hard.grade > 16
    assert read_plainly("Tea is at ten.", NOBODY).grade is None
    assert len(read_plainly("word " * 26, NOBODY).long_sentences) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Three students came.",
        "We lost 4 teachers.",
        "Only 2 of the sixth graders stayed.",
        "7 of 61 missed a tenth of the days.",
        "Two new families joined us.",
        "The only Somali family wrote to us.",
        "Write to jin@school.example.",
        "Call 555-123-4567.",
    ],
)
def test_what_stands_for_few_is_found(text: str) -> None:
    assert find_giveaways(text, NOBODY)


@pytest.mark.parametrize(
    "text",
    [
        "Fewer than one in four students misses a tenth of the days.",
        "61 students came to breakfast; 90 % were on time.",
        "In grade 6 all students read for 20 minutes.",
        "Three times a week we call each family.",
        "Five minutes a day are enough.",
    ],
)
def test_what_stands_for_many_is_let_be(text: str) -> None:
    assert find_giveaways(text, NOBODY) == ()
