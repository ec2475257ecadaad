"""`nic privacy scan`: a line each, none dropped, spans in code points."""

import json
from pathlib import Path

import pytest

from tests.cli.calls import is_one_sentence, nic

ROSTER = {"PERSON": ["Noor Haddad", "Mr. Vang"], "SCHOOL": ["Alder Creek School"], "DISTRICT": []}
TEXTS = [
    "Noor read with 👩‍🏫 Mr. Vang, or write to noor@alder.example.",
    "Nothing here.",
    "",
]


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.json"
    file.write_text(json.dumps(ROSTER))
    return file


def lines(folder: Path, *texts: str) -> Path:
    file = folder / "texts.jsonl"
    file.write_text("".join(json.dumps({"text": text, "id": 7}) + "\n" for text in texts))
    return file


def test_each_line_is_answered_in_the_contracts_shape(roster: Path, tmp_path: Path) -> None:
    answer = nic("privacy", "scan", "--roster", roster, lines(tmp_path, *TEXTS), "--json")

    assert (answer.code, answer.err) == (0, "")
    found = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["text"] for line in found] == TEXTS
    assert all(set(line) == {"text", "out", "findings"} for line in found)
    first = found[0]
    named = {finding["type"]: first["text"][finding["start"] : finding["end"]] for finding in first["findings"]}
    assert named["PERSON"] in ("Noor", "Mr. Vang")
    assert named["EMAIL"] == "noor@alder.example"
    assert {finding["severity"] for finding in first["findings"]} <= {"info", "ask", "block"}
    assert not {"Noor", "Vang", "noor@alder.example"} & set(first["out"].replace(",", " ").split())
    assert found[1] == {"text": "Nothing here.", "out": "Nothing here.", "findings": []}


def test_without_a_roster_patterns_are_replaced_and_names_asked_about(tmp_path: Path) -> None:
    answer = nic("privacy", "scan", lines(tmp_path, "Noor wrote to noor@alder.example."), "--json")

    found = json.loads(answer.out)
    assert (answer.code, found["out"]) == (0, "Noor wrote to [email].")
    assert [finding["type"] for finding in found["findings"]] == ["UNKNOWN_NAME", "EMAIL"]


def test_for_people(roster: Path, tmp_path: Path) -> None:
    answer = nic("privacy", "scan", "--roster", roster, lines(tmp_path, "Noor came."))

    assert answer.out.splitlines()[0].endswith("came.")
    assert "PERSON: 'Noor', replaced" in answer.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}\n", "Line 1 must be"),
        ('{"text": "a"}\n{"text": 3}\n', "Line 2 must be"),
        ('{"text": "a"}\n\n[]\n', "Line 3 must be"),
        ("not json\n", "Line 1 can't be read"),
        ('{"text": "a", "text": "b"}\n', "Line 1 can't be read"),
    ],
)
def test_a_line_that_is_no_text_refuses_the_file_before_anything_is_printed(
    content: str, words: str, roster: Path, tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(content)

    answer = nic("privacy", "scan", "--roster", roster, file, "--json")

    assert (answer.code, answer.out) == (1, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


@pytest.mark.parametrize("content", ["[]", '{"PERSON": "Noor"}', '{"PEOPLE": []}', '{"PERSON": [3]}', "x", ""])
def test_a_roster_of_another_form(content: str, tmp_path: Path) -> None:
    roster = tmp_path / "roster.json"
    roster.write_text(content)

    answer = nic("privacy", "scan", "--roster", roster, lines(tmp_path, "a"), "--json")

    assert (answer.code, answer.out) == (1, "")
    assert "roster must be a JSON object" in answer.err
