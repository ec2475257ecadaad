import pytest

from schemas.text import is_wire_text, normal_text

REFUSED = [
    "",
    "  ",
    "\n",
    "a\x00b",
    "a\x07",
    "a\tb",
    "a\r\nb",
    "cafe\u0301",
    "a\u202eb",
    "a\u200bb",
    "\ufeffa",
    "a\u2028b",
    "\ud800",
    "\ue000",
    "\uffff",
    "soft\u00adhyphen",
]


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_refused_text(text):
    assert not is_wire_text(text)
    assert not is_wire_text(text, multiline=True)


@pytest.mark.parametrize(
    "text", ["Ana", "café", "¿Cómo está?", "35–39 %", "a\u00a0b", "👩\u200d🏫", "نامه\u200cها"], ids=ascii
)
def test_taken_text(text):
    assert is_wire_text(text)
    assert normal_text(text) == text


def test_newlines_stand_in_longer_texts_only():
    assert is_wire_text("a\nb", multiline=True)
    assert not is_wire_text("a\nb")


@pytest.mark.parametrize(
    ("typed", "line", "prose"),
    [
        ("  a  ", "a", "a"),
        ("a\r\nb\rc", "a b c", "a\nb\nc"),
        ("a\tb", "a b", "a b"),
        ("cafe\u0301", "caf\u00e9", "caf\u00e9"),
        ("a\u202e\u200b\x00b", "ab", "ab"),
        ("a\u2029b", "a b", "a\nb"),
        ("\u200b", "", ""),
    ],
)
def test_what_people_type_becomes_wire_text(typed, line, prose):
    assert normal_text(typed) == line
    assert normal_text(typed, multiline=True) == prose
