"""Names out of what offices paste and export."""

import pytest

from nic_node.errors import InvalidInput
from nic_node.publishing.roster import LONGEST_ENTRY, MOST_ENTRIES, RosterEntry, read_roster


def names(text: str) -> list[str]:
    return [entry.text for entry in read_roster(text)]


def test_a_name_a_line() -> None:
    assert names("Ada Field\n\n  Ben   Stone \r\nAda Field\n") == ["Ada Field", "Ben Stone"]


def test_last_first_without_a_header_is_a_name_a_line() -> None:
    assert names("Castellanos, Lucia\nNgo, Tran Minh") == ["Castellanos, Lucia", "Ngo, Tran Minh"]


def test_a_table_with_parts_and_roles() -> None:
    text = (
        "\ufeffLast Name,First Name,Middle_Name,Role\nNgo,Tran,Minh,student\nField,Ada,,Teacher\nRiver High,,,school\n"
    )
    assert read_roster(text) == [
        RosterEntry("Ngo, Tran Minh", "PERSON", "student"),
        RosterEntry("Field, Ada", "PERSON", "teacher"),
        RosterEntry("River High", "SCHOOL", None),
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(delimiter: str) -> None:
    text = f"name{delimiter}role\nTran Ngo{delimiter}parent\n"
    assert read_roster(text) == [RosterEntry("Tran Ngo", "PERSON", "family")]


def test_quoted_cells_and_short_rows() -> None:
    assert names('role,name\nstudent,"Ngo, Tran"\nstudent\n') == ["Ngo, Tran"]


@pytest.mark.parametrize("text", ["", "\n \n", "name,role\n", "\x00\n"])
def test_nothing_in_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_roster(text)
    assert "no name" in refused.value.fields["text"][0]


def test_too_many_and_too_long() -> None:
    with pytest.raises(InvalidInput):
        read_roster("\n".join(f"Person {number}" for number in range(MOST_ENTRIES + 1)))
    with pytest.raises(InvalidInput) as refused:
        read_roster("x" * (LONGEST_ENTRY + 1))
    assert "xxx" not in str(refused.value.fields)


def test_an_open_quote_is_no_crash() -> None:
    assert names('name\n"Ngo, Tran') == ["Ngo, Tran"]
