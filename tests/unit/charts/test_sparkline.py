from nic_node.charts.sparkline import sparkline_svg
from nic_node.evidence.control_chart import run_chart
from tests.unit.charts.drawing import Drawing


def draw(values):
    return Drawing(sparkline_svg(run_chart(values)))


def test_a_line_the_median_and_the_latest_point():
    drawing = draw([1, 3, None, 2])
    assert drawing.root.get("aria-hidden") == "true"
    assert [len(drawing.of(kind)) for kind in ("ch-line", "ch-median", "ch-dot")] == [1, 1, 1]


def test_the_latest_point_of_a_shift_is_filled():
    assert draw([1, 2] * 8 + [9] * 8 + [8]).of("ch-mark")


def test_a_constant_series_is_a_flat_line_and_none_is_nothing():
    assert "12" in draw([5, 5, 5]).of("ch-line")[0].get("d")
    assert sparkline_svg(run_chart([None])) == ""
