import pytest

from nic_node.charts.bands import Band, bands_svg
from tests.unit.charts.drawing import Drawing

THREE = [
    Band("Baseline", "weeks 1–2", 40, 45, "40–44\u202f%"),
    Band("Middle", "weeks 4–5", 25, 30, "25–29\u202f%"),
    Band("End", "weeks 8–9", 20, 25, "20–24\u202f%", end=True),
]


def draw(bands, **options):
    return Drawing(bands_svg("Absence", "It fell.", bands, **options))


def heights(drawing, kind):
    return [float(bar.get("height")) for bar in drawing.of(kind)]


@pytest.mark.parametrize(("size", "width"), [("wide", 300), ("narrow", 326)])
def test_a_bar_a_band_with_its_printed_label_and_ribbons_between(size, width):
    drawing = draw(THREE, size=size)
    assert drawing.width == width
    assert {"40–44\u202f%", "25–29\u202f%", "20–24\u202f%", "Baseline", "weeks 8–9"} <= set(drawing.words)
    assert (len(drawing.of("ch-band")), len(drawing.of("ch-band-end")), len(drawing.of("ch-ribbon"))) == (2, 1, 2)


def test_bars_are_as_high_as_their_bands_are_wide():
    drawing = draw([Band("a", "", 0, 50, "0–49"), Band("b", "", 50, 75, "50–74", end=True)])
    assert heights(drawing, "ch-band")[0] == pytest.approx(2 * heights(drawing, "ch-band-end")[0], abs=0.2)


def test_there_is_no_point_and_no_line_through_middles():
    drawing = draw(THREE)
    assert not [element for element in drawing.root.iter() if element.tag in {"circle", "polyline"}]
    assert not drawing.of("ch-line")


def test_high_shares_need_no_axis_from_zero_and_low_ones_do():
    assert "0\u202f%" in draw(THREE).words
    assert "0\u202f%" not in draw([Band("a", "", 90, 91, "90"), Band("b", "", 93, 94, "93")]).words


def test_an_exact_value_shows_as_a_thin_bar():
    drawing = draw([Band("a", "", 3.2, 3.2, "3.2"), Band("b", "", 4.1, 4.1, "4.1", end=True)], unit="")
    assert heights(drawing, "ch-band") == [4]


def test_six_points_stand_close_without_their_units_and_second_lines():
    six = [Band(f"p{place}", "a long second line", 40, 45, "40–44\u202f%") for place in range(1, 7)]
    words = draw(six).words
    assert words.count("40–44") == 6
    assert "a long second line" not in words
