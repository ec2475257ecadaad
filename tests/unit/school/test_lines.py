"""What people type in one line: action items, an agenda, minutes from another program."""

from datetime import date

import pytest

from nic_node.errors import InvalidInput
from nic_node.school.actions.read_line import ReadLine, read_line
from nic_node.school.meetings.agenda import AgendaLine, read_agenda, topic_of
from nic_node.school.meetings.pasted import MOST_LINES, PastedLine, read_pasted

TODAY = date(2026, 10, 27)  # a Tuesday
PEOPLE = {1: "Ada Field", 2: "Jin Park", 3: "Dana Reyes", 4: "Dana Moreau"}


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Call the three families", ReadLine("Call the three families")),
        ("Call them @Jin by Friday", ReadLine("Call them", 2, date(2026, 10, 30))),
        ("Call them by Friday @jin", ReadLine("Call them", 2, date(2026, 10, 30))),
        ("@Jin Park: call them, by tue.", ReadLine("call them", 2, TODAY)),
        ("Ask @dana reyes, then print, due 11/3", ReadLine("Ask, then print", 3, date(2026, 11, 3))),
        ("Print until Oct 30th", ReadLine("Print", None, date(2026, 10, 30))),
        ("Print by January 4", ReadLine("Print", None, date(2027, 1, 4))),
        ("Print by Oct 2", ReadLine("Print", None, date(2026, 10, 2))),
        ("Print by 2027-02-01", ReadLine("Print", None, date(2027, 2, 1))),
        ("Print by 1/4/27", ReadLine("Print", None, date(2027, 1, 4))),
        ("Print by tomorrow", ReadLine("Print", None, date(2026, 10, 28))),
        ("Stand by the door", ReadLine("Stand by the door")),
        ("Mail info@school.example about Monday", ReadLine("Mail info@school.example about Monday")),
        ("Tell @Nobody", ReadLine("Tell @Nobody")),
    ],
)
def test_a_line_names_who_and_when_and_loses_nothing(line: str, read: ReadLine) -> None:
    assert read_line(line, PEOPLE, TODAY) == read


@pytest.mark.parametrize(("line", "why"), [("Ask @Dana", "Dana Moreau, @Dana Reyes"), ("Print by 2/30", "no such day")])
def test_what_fits_two_people_or_no_day_is_asked_about(line: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_line(line, PEOPLE, TODAY)
    assert why in refused.value.fields["line"][0]


def test_an_agenda_is_lines_with_minutes_in_front() -> None:
    proposed = [AgendaLine(text="Check-in: mid-way check", minutes=15, project_id=7, topic="check-in: mid-way check")]
    read = read_agenda(
        "5 Welcome, norms\n\n - 20 min Check-in: mid-way check\n10: Field day\nRoom 12 is cold\n", proposed
    )
    assert [(line.minutes, line.text, line.project_id) for line in read] == [
        (5, "Welcome, norms", None),
        (20, "Check-in: mid-way check", 7),
        (10, "Field day", None),
        (10, "Room 12 is cold", None),
    ]


def test_the_same_words_are_the_same_topic_and_the_welcome_is_none() -> None:
    assert topic_of("  Bus  STOP ") == topic_of("bus stop") == "bus stop"
    assert topic_of("welcome, Norms") == topic_of("Closing reflection") == ""


MINUTES = """Minutes 10/27
Decision: the table moves to the gym door
We agreed to meet weekly
- [ ] print the form
Jin to call the three families by Friday
* Dana Reyes: ask the custodian
TODO: buy tea
The line was too public.
"""


def test_pasted_minutes_are_read_line_by_line() -> None:
    assert read_pasted(MINUTES, PEOPLE) == [
        PastedLine("note", "Minutes 10/27"),
        PastedLine("decision", "the table moves to the gym door"),
        PastedLine("decision", "meet weekly"),
        PastedLine("action", "print the form"),
        PastedLine("action", "call the three families by Friday @Jin"),
        PastedLine("action", "ask the custodian @Dana Reyes"),
        PastedLine("action", "buy tea"),
        PastedLine("note", "The line was too public."),
    ]


@pytest.mark.parametrize("text", [" \n ", "a line\n" * (MOST_LINES + 1)])
def test_nothing_or_far_too_much_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_pasted(text, PEOPLE)
    assert "aste the" in refused.value.fields["text"][0]
