"""`nic user`, `nic school`: on a real data folder."""

from pathlib import Path

import pytest

from tests.cli.calls import Answer, is_one_sentence, nic
from tests.cli.conftest import EMAIL

DIRECTORY = """nces_id,level,enrollment,ulocale,frpl_pct,ell_pct,swd_pct,gslo,gshi,lea_name
0601234,middle,412,32,0.61,0.12,0.15,6,8,Alder Unified
0605678,high,900,21,0.40,0.05,0.12,9,12,Alder Unified
"""


def refused(answer: Answer, words: str) -> None:
    assert (answer.code, answer.out) == (1, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


def test_somebody_is_invited_and_then_listed(school: Path) -> None:
    added = nic("user", "add", " Ben Holt ", "ben@alder.example", "--role", "reviewer", "--json", data=school).document
    people = nic("user", "list", "--json", data=school).document["people"]

    assert added["link"].startswith("http://127.0.0.1:8000/invitation/")
    assert [(person["name"], person["roles"], person["joined"]) for person in people] == [
        ("Ada Field", ["administrator", "principal"], True),
        ("Ben Holt", ["reviewer"], False),
    ]
    assert added["person"] == people[1]["id"]
    assert "invited" in nic("user", "list", data=school).out


def test_who_is_invited_twice(school: Path) -> None:
    refused(nic("user", "add", "Ada", EMAIL.upper(), "--role", "reader", data=school), "e-mail address already")


@pytest.mark.parametrize(("name", "email"), [("Ben", "ben"), ("", "ben@alder.example"), ("B" * 121, "b@alder.example")])
def test_a_name_or_address_that_is_none(name: str, email: str, school: Path) -> None:
    refused(nic("user", "add", name, email, "--role", "reader", data=school), ": ")
    assert len(nic("user", "list", "--json", data=school).document["people"]) == 1


def test_a_reset_link_for_who_is_locked_out(school: Path) -> None:
    document = nic("user", "reset-link", EMAIL.upper(), "--json", data=school).document

    assert document["link"].startswith("http://127.0.0.1:8000/reset/")


def test_no_reset_link_for_strangers_and_for_who_has_not_come_yet(school: Path) -> None:
    nic("user", "add", "Ben Holt", "ben@alder.example", "--role", "reviewer", data=school)

    refused(nic("user", "reset-link", "zoe@alder.example", data=school), "Nobody here signs in")
    refused(nic("user", "reset-link", "ben@alder.example", data=school), "no password to replace")


def test_in_whose_name(school: Path) -> None:
    refused(
        nic("user", "add", "Ben", "ben@alder.example", "--role", "reader", "--as", "zoe@x.example", data=school),
        "Nobody here signs in",
    )


def test_the_profile_comes_out_of_a_directory(school: Path, tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(DIRECTORY)

    nic("school", "import", file, "0601234", data=school)
    document = nic("school", "show", "--json", data=school).document

    assert (document["directory_id"], document["enrolment"], document["locale"]) == ("0601234", 412, 32)
    assert (document["lunch_percent"], document["low_grade"], document["high_grade"]) == (61.0, "6", "8")
    assert (document["level"], document["missing"]) == ("middle", [])
    assert "Students" in nic("school", "show", data=school).out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nces_id,enrollment\n1,2\n", "No school in this file"),
        ("a,b\n1,2\n", "No column holds school ids"),
        ("", "No column"),
    ],
)
def test_a_directory_that_does_not_help(text: str, words: str, school: Path, tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(text)

    refused(nic("school", "import", file, "0601234", data=school), words)


def test_parts_of_the_profile_are_written(school: Path) -> None:
    document = nic(
        "school", "set", "level=middle", "enrolment=412", "lunch_percent=61.5", "--json", data=school
    ).document
    assert (document["level"], document["enrolment"], document["lunch_percent"]) == ("middle", 412, 61.5)

    refused(nic("school", "set", "level=tall", data=school), "level: Choose one")
    assert nic("school", "set", "enrolment=", "--json", data=school).document["enrolment"] is None


@pytest.mark.parametrize("said", ["colour=red", "level", "enrolment=many", "lunch_percent=nan%"])
def test_a_part_that_the_profile_does_not_have(said: str, school: Path) -> None:
    assert nic("school", "set", said, data=school).code == 2
