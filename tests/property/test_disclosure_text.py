"""The scrub on any text at all: it never crashes, tells true places, and leaves no name of the roster."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nic_node.disclosure.text.roster import build_roster
from nic_node.disclosure.text.scan import scrub
from tests.unit.disclosure.projects import ALLOW_LIST, ROSTER, prepare, project

NAMES = ("Marisol", "Vang", "Okonkwo", "Xóchitl", "O'Shaughnessy", "Lindgren-Shah", "Thu Trang", "DeShawn", "Peña")
WORDS = (
    "the",
    "students",
    "read",
    "with",
    "partners",
    "in",
    "week",
    "3",
    "and",
    "then",
    "shared",
    "a",
    "graph",
    "rose",
    "will",
    "mark",
)
SIGNS = (" ", ", ", ". ", "\n", "; ", " - ", ": ", " (", ") ", "/", "!", "?\u2028", "\u00a0")
HIDING = ("", "\u200d", "\u00ad", "\u0301", "\ufeff")

pieces = st.one_of(st.text(max_size=30), st.sampled_from(WORDS), st.sampled_from(SIGNS), st.sampled_from(NAMES))
texts = st.lists(pieces, max_size=40).map("".join)


@given(texts)
def test_no_text_crashes_it_and_spans_lie_in_the_input(text):
    scrubbed = scrub(text, ROSTER, ALLOW_LIST)
    end = 0
    for mark in scrubbed.marks:
        assert 0 <= mark.start < mark.end <= len(text)
        if mark.replacement is not None:
            assert mark.start >= end
            end = mark.end
    assert scrubbed.document()["text"] == text


@given(texts)
def test_a_text_without_marks_stays_as_it_is(text):
    scrubbed = scrub(text, ROSTER, ALLOW_LIST)
    if not any(mark.replacement for mark in scrubbed.marks):
        assert scrubbed.out == text


@given(texts)
def test_what_leaves_holds_nothing_more_to_replace(text):
    draft = prepare(project(conditions=text))
    out = draft.record.get("conditions", "")
    assert draft.blocked or not [mark for mark in scrub(out, ROSTER, ALLOW_LIST).marks if mark.replacement]


@st.composite
def sentences_with_a_name(draw):
    """A roster name between words, with a hidden character somewhere and a form of writing."""
    name = draw(st.sampled_from(NAMES))
    form = draw(
        st.sampled_from(
            (str, str.upper, "{}'s".format, "{}’s".format, "{}, Kim".format, "Ms. {}".format, "{} Q.".format)
        )
    )
    written = form(name)
    place = draw(st.integers(1, len(written) - 1))
    written = written[:place] + draw(st.sampled_from(HIDING)) + written[place:]
    before = draw(st.lists(st.sampled_from(WORDS), max_size=5))
    after = draw(st.lists(st.sampled_from(WORDS), max_size=5))
    return name, " ".join([*before, written, *after])


@given(sentences_with_a_name())
def test_a_roster_name_never_survives(case):
    name, text = case
    roster = build_roster({"PERSON": [name]})
    out = scrub(text, roster, ALLOW_LIST).out
    plain = out.translate({ord(character): None for character in "".join(HIDING)}).lower()
    assert name.lower() not in plain
    assert "[" in out


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\ud800", "🎉👩🏽‍🏫", "שלום עולם", "مرحبا", "王小明", "ﬁﬂ", "\u202e\u202d", "'" * 50, "[" * 50],
)
def test_odd_inputs(text):
    assert scrub(text, ROSTER, ALLOW_LIST).text == text


def test_names_of_other_scripts_are_found():
    roster = build_roster({"PERSON": ["王小明", "Анна Петрова", "דניאל"]})
    for text in ("王小明 read.", "Анна читала.", "So דניאל wrote."):
        assert "[person]" in scrub(text, roster, ALLOW_LIST).out
