"""A directory file: two layouts, what is left out and why, and what is refused whole."""

import pytest

from nic_node.errors import InvalidInput
from nic_node.i18n import say, translations
from nic_node.network.directory_file import FAULTS_KEPT, DirectoryRow, domain_of, read_directory

CCD = """"SCHOOL_YEAR","ST","SCH_NAME","LEA_NAME","NCESSCH","WEBSITE","SY_STATUS","LEVEL"
"2025-2026","XX","Birchwood Middle School","Lakes Unified","060001200042","http://www.lakes.k12.example.us/bms","1","Middle"
"2025-2026","XX","Cedar Flat School","Lakes Unified","60001200043","https://sites.google.com/cedar","1","Other"
"2025-2026","XX","Old Mill School","Lakes Unified","060001200044","","2","High"
"2025-2026","XX","Rounded School","Lakes Unified","6.0E+10","","1","High"
"""


def test_the_common_core_of_data_is_read_as_it_comes() -> None:
    file = read_directory(CCD.encode())
    first, second = file.rows.values()
    assert first == DirectoryRow(
        directory_id="060001200042",
        name="Birchwood Middle School",
        district="Lakes Unified",
        level="Middle",
        domain="lakes.k12.example.us",
    )
    assert (second.directory_id, second.domain) == ("060001200043", "")
    assert (file.closed, file.faulty) == (1, 1)
    assert (file.faults[0].line, file.faults[0].values) == (5, {"id": "6.0E+10"})
    assert file.columns["domain"] == "WEBSITE"


def test_a_plain_table_is_read_whatever_parts_its_cells() -> None:
    for sign in ",;\t|":
        content = sign.join(("DBN", "School_Name", "Member", "Domain")) + "\n"
        content += sign.join(("07X042", "Peñasco", '"1,388"', ".Lakes.k12.example.us")) + "\n\n"
        for encoding in ("utf-8-sig", "cp1252"):
            (row,) = read_directory(content.encode(encoding)).rows.values()
            assert row.name == "Peñasco"
            assert (row.enrolment, row.domain) == (1388, "lakes.k12.example.us")


def test_odd_rows_are_told_with_their_line_and_the_others_stay() -> None:
    rows = [",Nameless id", "2,", "3,Three,many", "4,Four,-2", "4,Four again,1", f"{'9' * 41},Long,1", "5,Five,9999999"]
    file = read_directory("\n".join(["id,name,member", "1,One,10", *rows]).encode())
    assert list(file.rows) == ["1", "4"]
    assert file.rows["4"].enrolment is None
    assert [fault.line for fault in file.faults] == [3, 4, 5, 7, 8, 9]
    spanish = translations("es")
    assert [str(fault.says) for fault in file.faults][1] == "the school’s id or name is missing"
    assert say(file.faults[2].says, spanish) == "la matrícula many no es un número"


def test_why_a_file_is_refused_is_said_in_the_reader_s_language() -> None:
    refused = [b"id\n1\n", b"name\nOne\n", b"id,name\n", b"id,name,member\n3,Three,many\n", b"PK\x03\x04"]
    said = []
    for content in refused:
        with pytest.raises(InvalidInput) as error:
            read_directory(content)
        (sentence,) = error.value.fields["file"]
        said.append(say(sentence, translations("es")))
        assert said[-1] != str(sentence)
    assert said[3].endswith("Línea 2: la matrícula many no es un número.")


def test_few_of_many_faults_are_kept_and_all_are_counted() -> None:
    file = read_directory(("id,name\n1,One\n" + "1,Again\n" * 500).encode())
    assert (len(file.faults), file.faulty) == (FAULTS_KEPT, 500)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.lakes.k12.example.us/schools/7?x=1", "lakes.k12.example.us"),
        ("LAKES.org", "lakes.org"),
        ("lakes.org:8443", "lakes.org"),
        ("https://birch.weebly.com", ""),
        ("k12.ca.us", ""),
        ("ca.us", ""),
        ("co.uk", ""),
        ("us", ""),
        ("http://[::1", ""),
        ("not available", ""),
        ("127.0.0.1/../..", "127.0.0.1"),
        ("", ""),
    ],
)
def test_a_domain_says_something_of_a_district_or_nothing(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,name\n",
        b"name\nBirchwood\n",
        b"id\n0042\n",
        b"id,name\n,Birchwood\n",
        b"id,name\n0042,\n",
        b"id,name\n\x00,Birchwood\n",
        b"PK\x03\x04 a sheet",
        b'id,name\n1,"' + b"x" * 200_000 + b'"\n',
    ],
)
def test_a_file_that_is_no_directory_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_directory(content)
    assert len(caught.value.fields["file"]) == 1
