import json
import time
from pathlib import Path

import pytest

from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.marks import Mark
from nic_node.disclosure.text.roster import build_roster
from nic_node.disclosure.text.scan import merge, replace_marks, scrub
from nic_node.disclosure.text.tokens import tokenise
from tests.unit.disclosure.projects import ALLOW_LIST

DATA = Path(__file__).parents[3] / "data" / "privacy"
FILES = [
    ("pii_dev.jsonl", "pii_dev_denylist.json"),
    *((f"notes_{style}.jsonl", f"notes_{style}_roster.json") for style in "abcdefghijklm"),
]


def load(lines, roster):
    rows = [json.loads(line) for line in (DATA / lines).read_text(encoding="utf-8").splitlines()]
    return rows, build_roster(json.loads((DATA / roster).read_text(encoding="utf-8")))


def is_covered(text, span, marks):
    start, end, _kind = span
    covered = {place for mark in marks for place in range(mark.start, mark.end)}
    return all(place in covered for place in range(start, end) if text[place].isalnum())


def shares(rows, roster):
    """Shares of direct identifiers found, of phrases that single out flagged, of clean sentences touched."""
    direct, singled, touched = [], [], []
    for row in rows:
        marks = scrub(row["text"], roster, ALLOW_LIST).marks
        if not row["spans"]:
            touched.append(bool(marks))
        for span in row["spans"]:
            if span[2] == "SINGLING_OUT":
                singled.append(any(m.type == "SINGLING_OUT" and m.start < span[1] and span[0] < m.end for m in marks))
            else:
                direct.append(is_covered(row["text"], span, marks))
    return sum(direct) / len(direct), sum(singled) / len(singled), sum(touched) / len(touched)


@pytest.mark.parametrize(("lines", "roster"), FILES)
def test_labelled_sentences_with_their_roster(lines, roster):
    direct, singled, touched = shares(*load(lines, roster))
    assert direct >= 0.97
    assert singled >= 0.8
    assert touched <= 0.06


@pytest.mark.parametrize(("lines", "roster"), FILES)
def test_labelled_sentences_without_a_roster(lines, roster):
    rows, _roster = load(lines, roster)
    direct, singled, touched = shares(rows, build_roster({}))
    assert direct >= 0.9
    assert singled >= 0.8
    assert touched <= 0.06


@pytest.mark.parametrize(("lines", "roster"), FILES)
def test_no_name_of_the_roster_survives(lines, roster):
    rows, roster = load(lines, roster)
    for row in rows:
        scrubbed = scrub(row["text"], roster, ALLOW_LIST)
        again = scrub(scrubbed.out, roster, ALLOW_LIST)
        assert [mark for mark in again.marks if mark.replacement] == []
        left = {token.stem for token in tokenise(fold(scrubbed.out).text)}
        known = left & roster.people.keys() - ALLOW_LIST.phrases.keys()  # 'Saxon Math' may stay
        assert not [part for part in known if not ALLOW_LIST.is_word(part)]


def test_the_document_of_a_line():
    scrubbed = scrub("Ａna met Kou (#55207) and Teo.", build_roster({"PERSON": ["Kou Vang"]}), ALLOW_LIST)
    assert scrubbed.document() == {
        "text": "Ａna met Kou (#55207) and Teo.",
        "out": "Ａna met [person] ([number]) and Teo.",
        "findings": [
            {"start": 0, "end": 3, "type": "UNKNOWN_NAME", "severity": "ask"},
            {"start": 8, "end": 11, "type": "PERSON", "severity": "info"},
            {"start": 13, "end": 19, "type": "ID", "severity": "info"},
            {"start": 25, "end": 28, "type": "UNKNOWN_NAME", "severity": "ask"},
        ],
    }


def mark(start, end, kind="PERSON", source="roster", replacement="[person]"):
    return Mark(start, end, kind, "info", source, replacement)


def test_of_marks_that_touch_the_longest_stands_for_all():
    school = mark(3, 20, "SCHOOL", "pattern", "[school]")
    assert merge([mark(0, 5), school, mark(30, 33)]) == [
        Mark(0, 20, "SCHOOL", "info", "pattern", "[school]"),
        mark(30, 33),
    ]
    assert merge([mark(0, 5), mark(5, 9)]) == [mark(0, 5), mark(5, 9)]


def test_marks_without_a_replacement_leave_the_text():
    ask = Mark(0, 3, "UNKNOWN_NAME", "ask", "unknown-name")
    assert replace_marks("Teo met Kou.", (ask, mark(8, 11))) == "Teo met [person]."


def test_placeholders_name_nobody():
    roster = build_roster({"PERSON": ["Person, Our"], "SCHOOL": ["School Place"]})
    text = "[our school], [person] and [date] in [place]"
    assert scrub(text, roster, ALLOW_LIST).marks == ()


def test_a_bracket_of_ones_own_hides_nothing():
    roster = build_roster({"PERSON": ["Kou Vang"]})
    assert scrub("[Kou] and [Teo]", roster, ALLOW_LIST).out == "[[person]] and [Teo]"
    assert [m.type for m in scrub("[Teo]", roster, ALLOW_LIST).marks] == ["UNKNOWN_NAME"]


def test_marks_that_share_a_ligature_become_one():
    scrubbed = scrub("0000¼0000", build_roster({}), ALLOW_LIST)
    assert scrubbed.out == "[number]"


def test_a_placeholder_in_an_address_does_not_shield_it():
    text = "https://riverbend.example/[date]/vang"
    assert scrub(text, build_roster({}), ALLOW_LIST).out == "[link]"


def test_a_note_takes_less_than_a_millisecond():
    rows, roster = load(*FILES[3])
    started = time.process_time()
    for row in rows:
        scrub(row["text"], roster, ALLOW_LIST)
    assert (time.process_time() - started) / len(rows) < 0.001


MOST_SECONDS = 5.0  # of the processor; the longest takes a tenth of one, and what grows with the square takes minutes


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "A ",
        "1",
        "1-2 ",
        "x.",
        "a@",
        "O'",
        "(",
        "la ",
        "de la ",
        "the only ",
        "Vang ",
        "Mr. ",
        "K a ",
        "[student] ",
    ],
)
def test_a_text_of_any_length_takes_bounded_time(piece):
    roster = build_roster({"PERSON": ["Vang, Kou", "De La Cruz, Ana"], "SCHOOL": ["Harbor View K-8"]})
    started = time.process_time()
    scrub(piece * (30_000 // len(piece)), roster, ALLOW_LIST)
    assert time.process_time() - started < MOST_SECONDS
