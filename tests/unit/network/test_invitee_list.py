"""Reading a list of schools to invite: each line a school or a fault, by whatever way people write lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nic_node.errors import InvalidInput
from nic_node.mail.addresses import is_address
from nic_node.network.invitees.read_list import MOST_ROWS, Row, decode_list, read_list

OAK = Row(line=1, name="Oak School", email="oak@d.example")


@pytest.mark.parametrize(
    "line",
    [
        "Oak School, oak@d.example",
        "oak@d.example, Oak School",
        "Oak School\toak@d.example",
        "Oak School; oak@d.example",
        "Oak School <oak@d.example>",
        '"Oak School" <oak@d.example>',
        '"Oak School",oak@d.example,,',
    ],
)
def test_a_line_by_itself(line: str) -> None:
    assert read_list(line).verify() == [OAK]


def test_a_table_with_a_heading() -> None:
    text = "DBN,School Name,E-Mail,District,grades\n0042,Oak School,oak@d.example,North,6-8\n\n,Elm,elm@d.example,,"
    assert read_list(text).verify() == [
        Row(line=2, name="Oak School", email="oak@d.example", district="North", directory_id="0042"),
        Row(line=4, name="Elm", email="elm@d.example"),
    ]


def test_further_cells_are_district_and_directory_id() -> None:
    (row,) = read_list('"Oak, the School",oak@d.example,North,0042').verify()
    assert (row.name, row.district, row.directory_id) == ("Oak, the School", "North", "0042")


def test_every_fault_is_told_with_its_line_and_nothing_is_taken() -> None:
    text = (
        'Oak, oak@d.example\nElm\n\nAsh, ash@\n, fir@d.example\noak , OAK@d.example\n"Yew, yew@d.example\n'
        + "x" * 201
        + ", x@d.example"
    )
    read = read_list(text)
    assert [fault.line for fault in read.faults] == [2, 4, 5, 6, 7, 8]
    assert [row.name for row in read.rows] == ["Oak"]
    with pytest.raises(InvalidInput) as caught:
        read.verify()
    assert len(caught.value.fields["list"]) == 6


@pytest.mark.parametrize("text", ["", " \n,,\n;\n", "name,email\n", "a, a@b.example\n" * (MOST_ROWS + 2)])
def test_nothing_or_too_much_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_list(text)


def test_two_schools_may_share_an_office() -> None:
    assert len(read_list("Oak, office@d.example\nElm, office@d.example").verify()) == 2


def test_files_in_two_encodings_and_no_binary() -> None:
    assert decode_list("\ufeffÉcole, e@d.example".encode()) == "École, e@d.example"
    assert decode_list("École".encode("latin-1")) == "École"
    with pytest.raises(InvalidInput):
        decode_list(b"PK\x03\x04\x00")


@given(st.text(max_size=400))
def test_any_text_gives_rows_and_faults_or_is_refused(text: str) -> None:
    try:
        read = read_list(text)
    except InvalidInput:
        return
    assert all(is_address(row.email) and row.name for row in read.rows)
    assert all("\n" not in row.name for row in read.rows)
