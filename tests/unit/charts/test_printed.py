import pytest

from nic_node.charts.bands import bands_svg
from nic_node.charts.printed import band_unit, bands_of, start_to_end, value_words
from tests.unit.charts.drawing import Drawing

SHARES = {
    "measure": "absent-10pct-window",
    "unit": "proportion",
    "points": [
        {"at": "baseline", "n": 60, "band": [40, 45]},
        {"at": "middle", "n": 60, "band": [25, 30]},
        {"at": "end", "n": 60, "band": [95, 100]},
    ],
}
RATES = {
    "measure": "tardies",
    "unit": "rate",
    "points": [{"at": "baseline", "events": 25, "exposure": 1200}, {"at": "end", "events": 0, "exposure": 1200}],
}
MEANS = {
    "measure": "writing-rubric",
    "unit": "mean",
    "scale": [0, 6],
    "points": [{"at": "baseline", "n": 60, "mean": 3.2, "sd": 1.0}, {"at": "end", "n": 60, "mean": 3.6, "sd": 1.1}],
}
EVENTS = {"measure": "sessions-held", "unit": "count", "points": [{"at": "end", "events": 20}]}


def test_shares_are_drawn_as_they_are_printed():
    bands = bands_of(SHARES)
    assert [(band.label, band.lower, band.upper, band.printed, band.end) for band in bands] == [
        ("Baseline", 40, 45, "40–44\u202f%", False),
        ("Middle", 25, 30, "25–29\u202f%", False),
        ("End", 95, 100, "95–100\u202f%", True),
    ]
    assert band_unit(SHARES) == "%"
    assert start_to_end(SHARES) == "40–44\u202f% to 95–100\u202f%, n about 60"


def test_rates_read_per_100_and_are_as_wide_as_their_rounding():
    before, after = bands_of(RATES)
    assert (before.lower, before.upper) == pytest.approx((22.5 / 12, 27.5 / 12))
    assert after.lower == 0
    assert start_to_end(RATES) == "2.1 to 0.0"


def test_means_are_as_wide_as_their_step():
    before, after = bands_of(MEANS)
    assert before.upper - before.lower == pytest.approx(0.1)
    assert after.upper - after.lower == pytest.approx(0.2)
    assert start_to_end(MEANS) == "3.2 to 3.6, n about 60"


def test_a_count_of_events_has_words_but_no_bands():
    assert bands_of(EVENTS) == []
    assert start_to_end(EVENTS) == ""
    assert value_words(EVENTS["points"][0]) == "20"


def test_a_comparison_has_bands_of_its_own():
    assert bands_of(SHARES, series="comparison") == []
    assert len(bands_of(SHARES | {"comparison": SHARES["points"][:1]}, series="comparison")) == 1


@pytest.mark.parametrize("measure", [SHARES, RATES, MEANS])
def test_each_can_be_drawn(measure):
    drawing = Drawing(bands_svg("t", "s", bands_of(measure), unit=band_unit(measure)))
    assert len(drawing.of("ch-band-end")) == 1
