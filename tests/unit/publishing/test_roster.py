"""Names out of what offices paste and export."""

import pytest

from nic_node.errors import InvalidInput
from nic_node.publishing import oneroster
from nic_node.publishing.oneroster import read_names
from nic_node.publishing.roster import LONGEST_ENTRY, MOST_ENTRIES, RosterEntry, read_roster
from tests.unit.publishing.oneroster_zips import SECRETS, version_1_1, version_1_2, zipped


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


def test_of_a_oneroster_export_names_and_roles_are_read() -> None:
    assert read_names(version_1_1()) == [
        RosterEntry("Vargas Peña, Marisol Inés", "PERSON", "student"),
        RosterEntry("Okafor, Will", "PERSON", "teacher"),
        RosterEntry("Peña, Ana", "PERSON", "family"),
        RosterEntry("Short, Lee", "PERSON", None),
    ]


def test_version_1_2_keeps_roles_apart_and_has_names_that_are_preferred() -> None:
    """Who is a teacher and a parent is left without a role, rather than with the wrong one."""
    assert read_names(version_1_2()) == [
        RosterEntry("Vargas, Marisol", "PERSON", "student"),
        RosterEntry("Vargas, Mari", "PERSON", "student"),
        RosterEntry("Okafor, Will", "PERSON", None),
    ]


@pytest.mark.parametrize("content", [version_1_1(), version_1_2()], ids=["1.1", "1.2"])
def test_nothing_else_of_it_is_kept(content: bytes) -> None:
    kept = repr(read_names(content))
    assert not [secret for secret in SECRETS if secret in kept]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(classes="title\nMath\n"), "no OneRoster"),
        (zipped(users="name\nVang\n"), "no OneRoster"),
        (zipped(users="givenName,familyName\n,\n"), "no name"),
        (version_1_1()[:90], "damaged"),
        (b"\xff\xfename", "UTF-8"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_names(content)
    assert said in next(iter(refused.value.fields.values()))[0]


def test_a_zip_that_unpacks_to_more_than_it_may_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oneroster, "LARGEST_MEMBER", 1000)
    with pytest.raises(InvalidInput) as refused:
        read_names(zipped(users="givenName,familyName\n" + "Kou,Vang\n" * 1000))
    assert "larger" in refused.value.fields["file"][0]
