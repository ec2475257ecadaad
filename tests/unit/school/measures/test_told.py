"""Which numbers are told outside the team: no small group, no small remainder of another one, no one or two people."""

from datetime import date

import pytest

from nic_node.school.measures.tables import Measure
from nic_node.school.measures.told import Counted, find_held_back, told_percent, told_value, told_words

FALL, SPRING = (date(2026, 9, 1), date(2026, 11, 1)), (date(2027, 2, 1), date(2027, 4, 1))


def counted(
    name: str,
    low: int | None,
    high: int | None = None,
    *,
    days: tuple[date, date] = FALL,
    number: int = 0,
    beside: int = 0,
) -> Counted:
    measure = Measure(
        id=number or abs(hash((name, low, high, days))),
        group_name=name,
        vocabulary="attendance-rate",
        label="",
        unit="proportion",
        comparison_of=beside or None,
    )
    return Counted(measure=measure, low=low, high=high or low, first=days[0], last=days[1], has_small_count=False)


@pytest.mark.parametrize(
    ("groups", "held"),
    [
        ([counted("grade 6", 60), counted("grade 7", 55)], []),
        ([counted("grade 6", 60), counted("newcomers", 9)], ["newcomers"]),
        ([counted("grade 6", None)], ["grade 6"]),
        ([counted("grade 6", 60), counted("grade 6 without newcomers", 53)], ["grade 6 without newcomers"]),
        ([counted("grade 6", 60), counted("grade 6 girls", 31)], []),
        # 100 less 60 less 33 leaves seven, though no pair does.
        ([counted("", 100), counted("grade 6", 60), counted("grade 7", 33)], ["grade 7"]),
        # Nobody knows whether one lies within the other.
        ([counted("bus riders", 41), counted("chess club", 38)], ["chess club"]),
        # The group grew while it was measured: at some time the rest may have been small.
        ([counted("grade 6", 55, 62), counted("grade 6 girls", 44, 48)], ["grade 6 girls"]),
        ([counted("grade 6", 60), counted("grade 6 girls", 55, days=SPRING)], []),
        ([counted("grade 6", 57, 61), counted("6th grade", 56, 60)], []),
        ([counted("", 60, number=1), counted("", 55, number=2, beside=1)], []),
        ([counted("", 60, number=1), counted("", 55, number=2)], [""]),
    ],
)
def test_a_group_that_could_be_worked_out_is_held_back(groups: list[Counted], held: list[str]) -> None:
    found = find_held_back(groups)
    assert [one.measure.group_name for one in groups if one.measure.id in found] == held


def test_many_groups_within_one_are_all_held_back() -> None:
    parts = [
        counted(f"grade 6 {name}", 40 + at)
        for at, name in enumerate(["alder", "birch", "cedar", "elder", "fir", "hazel", "ivy", "linden", "maple"])
    ]
    assert len(find_held_back([counted("grade 6", 60), *parts])) == len(parts)


@pytest.mark.parametrize(
    ("value", "of", "told"),
    [
        (81.6, 60, "82\u202f%"),
        (98.3, 60, "≥ 95\u202f%"),
        (1.7, 60, "≤ 5\u202f%"),
        (100, 20, "≥ 85\u202f%"),
        (99.4, 400, "99\u202f%"),
    ],
)
def test_nobody_shows_at_the_ends_of_the_scale(value: float, of: int, told: str) -> None:
    measure = Measure(unit="proportion", vocabulary="attendance-rate", group_size=None)
    assert told_words(measure, told_value(measure, value, of)) == told
    assert told_value(Measure(unit="mean"), 3.456).value == 3.5
    assert told_percent(50, 10).bound == ""
