import pytest

from nic_node.disclosure.text.dates import find_dates


def found(text):
    return [text[start:end] for start, end in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Baseline on January 13, 2025.", ["January 13, 2025"]),
        ("Noor turned 9 on May 30.", ["May 30"]),
        ("Started Sept. 9, ended Oct 30, 2025.", ["Sept. 9", "Oct 30, 2025"]),
        ("On Tuesday, March 4th we met", ["Tuesday, March 4th"]),
        ("the 3rd of March", ["3rd of March"]),
        ("el 14 de octubre", ["14 de octubre"]),
        ("from 2025-10-06 to 2025-10-24", ["2025-10-06", "2025-10-24"]),
        ("Born 7/22/2011; entered in grade 2.", ["7/22/2011"]),
        ("Notes 9-22-25: agreed", ["9-22-25"]),
        ("On 2/11 the drill ended", ["2/11"]),
        ("The minutes of 9/4 and the IEP mtg 2/14", ["9/4", "2/14"]),
        ("the door on Mon 10/21", ["Mon 10/21"]),
        ("out 10/22 and 10/23; el martes 5 de marzo", ["martes 5 de marzo", "10/22", "10/23"]),
        ("10/14: six of nine", ["10/14"]),
        ("Sub coverage on 11/14 and 11/21.", ["11/14", "11/21"]),
        ("Calls on 10/14, again on 11/14", ["10/14", "11/14"]),
        ("since October 2025", ["October 2025"]),
    ],
)
def test_dates_as_people_write_them(text, dates):
    assert found(text) == dates


@pytest.mark.parametrize(
    "text",
    [
        "yusuf 9/15, halima 14/15, retest next week",
        "3/4 of the group met the goal",
        "scored 8/10 or better",
        "got 7/9 correct",
        "May testing, in May, by spring 2026, in 2025-26",
        "may 3 students share",
        "24/7 access",
        "Half of 1/2 hour",
        "week 3, day 45, 6.25 points",
    ],
)
def test_scores_fractions_and_terms_are_no_dates(text):
    assert found(text) == []
