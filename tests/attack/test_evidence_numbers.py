"""Numbers as no careful person would send them, through everything that evidence does with them: an answer, or why not."""

import math

import pytest

from federation.effects import MeanArm, RateArm, Share
from nic_node.charts.control import control_chart_svg
from nic_node.charts.control_words import chart_key, chart_rows, chart_says, shift_tag
from nic_node.charts.frame import ChartPoint
from nic_node.charts.sparkline import sparkline_svg
from nic_node.errors import InvalidInput
from nic_node.evidence.control_chart import control_chart
from nic_node.evidence.effects import effect_exact
from nic_node.evidence.forecast import Carrying, forecast
from nic_node.evidence.limits import KINDS, OF_SIZES
from nic_node.evidence.moderators import meta_regression, pools_by_class
from nic_node.evidence.plot_the_dots import icons_of
from nic_node.evidence.pool_many import leave_one_out, pool_many
from nic_node.evidence.pooling import pool
from nic_node.evidence.screening import screen_series
from nic_node.evidence.segmented import interrupted_series
from tests.unit.charts.drawing import Drawing

SERIES = {
    "nothing": [],
    "one point": [93.0],
    "all missing": [None] * 20,
    "constant": [93.0] * 20,
    "all zero": [0.0] * 20,
    "one differs": [93.0] * 19 + [0.0],
    "two points": [1.0, 2.0],
    "gaps": [1.0, None, 2.0, None, 3.0] * 6,
    "tiny": [1e-300, 2e-300, 1e-300] * 6,
    "large": [1e99, 2e99, 1e99] * 6,
    "far apart": [1e-9, 1e99, 1.0] * 6,
    "negative": [-3.0, -1.0, -2.0] * 6,
}
REFUSED = {"infinite": [1.0, math.inf], "minus infinite": [-math.inf], "1e300": [1.0, 1e300], "-1e300": [-1e300]}


def draw_all(chart, unit):
    points = [ChartPoint(f"Oct {place}", f"day {place}", note="<&>") for place in range(len(chart.y))]
    says = chart_says(points, chart, unit=unit)
    for size in ("wide", "narrow", "small"):
        drawing = Drawing(control_chart_svg("A", says, points, chart, unit=unit, target=95.0, size=size))
        for element in drawing.root.iter():
            drawn = element.get("d") or ""
            assert "nan" not in drawn
            assert "inf" not in drawn
            assert len(drawn) < 9_000
    told = [says, shift_tag(chart) or "", sparkline_svg(chart), str(chart_rows(points, chart, unit=unit))]
    told += [mark.label for mark in chart_key(chart, points, unit=unit, target=95.0)]
    assert not [words for words in told if "nan" in words.lower().split() or "inf" in words.lower().split()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SERIES)
def test_a_strange_series_has_a_chart_a_sentence_and_a_table(name, kind):
    series = SERIES[name]
    sizes = None
    if kind in {"c", *OF_SIZES}:
        series = [None if value is None else min(abs(value), 40.0) for value in series]
    if kind in OF_SIZES:
        sizes = [50.0] * len(series)
    chart = control_chart(kind, series, sizes)
    draw_all(chart, "%" if kind == "i" else "")
    if kind == "i":
        icons_of(chart, better="up", target=95.0)
        screen_series(series, lowest=0, highest=100)
        interrupted_series(series, len(series) // 2)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_number_is_refused_with_its_row(name):
    for kind in ("run", "i", "mr"):
        with pytest.raises(InvalidInput, match="not a number that can be charted"):
            control_chart(kind, REFUSED[name])


def test_more_people_than_there_are_and_groups_of_nobody_are_refused():
    for kind in ("p", "pp"):
        with pytest.raises(InvalidInput, match="more than everybody"):
            control_chart(kind, [61.0], [60.0])
        with pytest.raises(InvalidInput, match="above 0"):
            control_chart(kind, [0.0], [0.0])


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (Share(0, 60), Share(1, 60)),
        (Share(1, 1), Share(0, 1)),
        (MeanArm(50, 0, 40), MeanArm(50, 0, 40)),
        (MeanArm(50, 1e-9, 2), MeanArm(51, 1e-9, 2)),
        (RateArm(0, 100), RateArm(5, 100)),
        (RateArm(5, 0), RateArm(5, 100)),
    ],
    ids=["0 to all", "one person", "no spread", "hardly any spread", "no events", "no exposure"],
)
def test_an_effect_is_a_number_or_none(start, end):
    effect = effect_exact(start, end, better="up")
    assert effect is None or all(map(math.isfinite, (effect.estimate, effect.variance)))


EFFECTS = {
    "one": ([0.3], [0.04]),
    "two": ([0.3, -0.1], [0.04, 0.02]),
    "identical": ([0.3] * 6, [0.04] * 6),
    "identical and certain": ([0.0] * 4, [1e-40] * 4),
    "one huge site": ([0.1, 0.5, 0.9, 0.2], [1e-30, 0.04, 0.04, 0.05]),
    "far apart": ([-1e15, 1e15, 0.0], [1e-9, 1e9, 1.0]),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_strange_effects_pool_to_finite_numbers(name):
    y, v = EFFECTS[name]
    for method in pool(y, v).document()["methods"].values():
        assert all(math.isfinite(end) for value in method.values() if value is not None for end in _ends(value))
    many = pool_many(y, v, [0] * len(y))
    assert math.isfinite(many.estimate[0])
    leave_one_out(y, v)
    told = forecast([Carrying(effect, variance, 0.5) for effect, variance in zip(y, v, strict=True)])
    assert told is None or all(map(math.isfinite, told.interval))
    assert meta_regression(y, v, [[1.0] * len(y)]) is None
    assert pools_by_class(y, v, ["a"] * len(y)) is None


def _ends(value):
    return value if isinstance(value, list) else [value]
