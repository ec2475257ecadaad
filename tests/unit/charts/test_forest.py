import pytest

from nic_node.charts.forest import ForestRow, effect_words, forest_svg
from nic_node.evidence.pool_many import pool_many
from tests.unit.charts.drawing import Drawing

FIVE = [(0.56, 0.25), (0.44, 0.21), (0.25, 0.30), (0.30, 0.11), (0.0, 0.17)]


def draw(sites, *, size="wide", label="Town or rural, lunch 50\u202f% and up"):
    pooled = pool_many(*zip(*((d, se**2, 0) for d, se in sites), strict=True)).at(0) if len(sites) >= 3 else None
    rows = [
        ForestRow(label, "40–44\u202f% to 20–24\u202f%", d, (d - 1.96 * se, d + 1.96 * se), 1 / len(sites))
        for d, se in sites
    ]
    return Drawing(forest_svg("Results", "Five.", rows, pooled=pooled, size=size))


def zero_x(drawing):
    (line,) = drawing.of("ch-zero")
    return float(line.get("d")[1:].split()[0])


@pytest.mark.parametrize(("size", "width"), [("wide", 744), ("narrow", 326)])
def test_a_square_and_a_line_a_result_then_the_diamond_and_the_hollow_bar(size, width):
    drawing = draw(FIVE, size=size)
    assert drawing.width == width
    assert len(drawing.of("ch-square")) == len(drawing.of("ch-interval")) == 5
    assert len(drawing.of("ch-pooled")) == len(drawing.of("ch-prediction")) == 1
    assert {"Together", "Next school, likely", "got better", "got worse"} <= set(drawing.words)


def test_right_is_better():
    drawing = draw(FIVE)
    best = max(drawing.of("ch-square"), key=lambda square: float(square.get("x")))
    assert drawing.of("ch-square").index(best) == 0
    assert float(best.get("x")) > zero_x(drawing)


def test_a_heavier_result_has_a_larger_square():
    rows = [ForestRow("a", "", 0.1, (-0.2, 0.4), 0.8), ForestRow("b", "", 0.1, (-0.2, 0.4), 0.2)]
    sides = [float(square.get("width")) for square in Drawing(forest_svg("t", "s", rows, pooled=None)).of("ch-square")]
    assert sides[0] > sides[1]


def test_without_a_pooled_number_the_results_stand_alone():
    drawing = draw(FIVE[:2])
    assert not drawing.of("ch-pooled")
    assert "Together" not in drawing.words


def test_an_interval_beyond_the_axis_ends_in_an_arrow_and_stays_on_the_drawing():
    drawing = draw([(1.9, 0.9), (0.2, 0.2)])
    arrows = [line.get("d").count("M") for line in drawing.of("ch-interval")]
    assert arrows == [2, 1]


def test_three_results_predict_so_little_that_their_bar_leaves_the_axis():
    drawing = draw([(0.41, 0.33), (0.52, 0.33), (-0.05, 0.33)])
    (bar,) = drawing.of("ch-prediction")
    assert "a4.5" not in bar.get("d")
    assert "a4.5" in draw(FIVE).of("ch-prediction")[0].get("d")


def test_a_long_context_is_cut_with_an_ellipsis():
    words = draw(FIVE, label="A context that goes on for much longer than any context should").words
    assert words.count("A context that goes on for much longe…") == 5


def test_effects_are_written_with_a_true_minus():
    assert effect_words(0.28, (-0.031, 0.52)) == "0.28 (−0.03 to 0.52)"
    assert effect_words(None, (-0.1, 0.66)) == "(−0.10 to 0.66)"
