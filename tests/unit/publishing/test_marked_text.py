"""Marks in a text: escaped, nested, never crossing."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from nic_node.publishing.marked_text import Span, mark_text


def test_marks_stand_where_they_were_found() -> None:
    marked = mark_text("Ask Mr. Vang <now>", [Span(4, 12, "roster", 1)])
    assert marked == 'Ask <mark class="roster">Mr. Vang<sup>1</sup></mark> &lt;now&gt;'


def test_a_mark_within_a_mark() -> None:
    marked = mark_text("the only one, Kou, there", [Span(14, 17, "roster", 2), Span(0, 17, "single", 1)])
    assert marked.startswith('<mark class="single">the only one, <mark class="roster">Kou<sup>2</sup></mark>')


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=6),
)
def test_no_marks_change_the_words(text: str, spans: list[list[int]]) -> None:
    marked = mark_text(text, [Span(start, end, "ask", None) for start, end in spans])
    assert Markup(marked).count("<mark") == marked.count("</mark>")
    plain = marked.replace(Markup('<mark class="ask">'), "").replace(Markup("</mark>"), "")
    assert Markup(plain).unescape() == text
