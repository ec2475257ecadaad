"""The family tree: a branch a school, its decision, and each step kept or left out."""

import pytest

from nic_node.charts.family import MOST_ROWS, Branch, family_svg
from tests.unit.charts.drawing import Drawing

BRANCHES = [
    Branch("Town or rural", "nothing changed", "adopt", {0, 1, 2}),
    Branch("City or suburb, lunch 60 % or more", "In groups of four", "adapt", {0, 2}),
    Branch("Kind of school not shown", "", "abandon", None),
]


def draw(branches, *, size="wide", steps=3):
    return Drawing(family_svg("Family", "Three.", branches, steps=steps, core={0, 1}, size=size))


@pytest.mark.parametrize(("size", "width"), [("wide", 744), ("narrow", 326)])
def test_each_school_has_its_branch_and_its_steps(size, width):
    drawing = draw(BRANCHES, size=size)
    assert (drawing.width, drawing.title, drawing.desc) == (width, "Family", "Three.")
    assert len(drawing.of("ch-interval")) == 4
    assert (len(drawing.of("ch-kept")), len(drawing.of("ch-dropped"))) == (5, 1)
    assert (len(drawing.of("ch-adapted")), len(drawing.of("ch-abandoned"))) == (1, 1)
    for circle in [*drawing.of("ch-kept"), *drawing.of("ch-dropped")]:
        assert float(circle.get("cx")) + 6 <= drawing.width
        assert float(circle.get("cy")) + 6 <= drawing.height


def test_core_steps_are_numbered_in_bold():
    bold = {element.text for element in draw(BRANCHES).of("ch-k")}
    assert {"1", "2"} <= bold
    assert "3" not in bold


def test_twelve_steps_and_long_words_stay_inside():
    drawing = draw([Branch("A very long kind of school " * 4, "changed " * 30, "adopt", set(range(12)))], steps=12)
    xs = [float(circle.get("cx")) for circle in drawing.of("ch-kept")]
    assert max(xs) + 6 <= 744
    longest = max(len(words) for words in drawing.words)
    assert 48 + 7.1 * longest <= min(xs)


def test_more_branches_than_can_be_read_stand_in_the_table_only():
    drawing = draw([BRANCHES[0]] * (MOST_ROWS + 5))
    assert len(drawing.of("ch-kept")) == 3 * MOST_ROWS


def test_nobody_yet():
    assert draw([]).words[0] == "The practice"
