"""Effects worked by hand, and against the examples of privacy.md and the WWC's procedures."""

from math import log, sqrt

import pytest

from federation.effects import (
    Effect,
    MeanArm,
    RateArm,
    Share,
    cox_index,
    direction_word,
    hedges_g,
    log_rate_ratio,
    net_effect,
    omega,
    oriented,
    printed_effect,
)


def test_a_grade_of_sixty_exact_and_as_printed():
    exact = cox_index(Share(23 / 61, 61), Share(38 / 61, 61))
    printed = cox_index(Share(0.375, 60, 0.05), Share(0.625, 60, 0.05))
    assert (round(exact.estimate, 2), round(exact.se, 3)) == (0.60, 0.225)
    assert (round(printed.estimate, 2), round(printed.se, 3)) == (0.62, 0.233)


def test_the_small_sample_correction_of_the_wwc():
    assert cox_index(Share(0.4, 5), Share(0.6, 5)).estimate == pytest.approx(0.44391096879877223)
    assert omega(10) == pytest.approx(1 - 3 / 31)


def test_nobody_and_everybody_have_an_effect_too():
    effect = cox_index(Share(0, 60), Share(1, 60))
    assert effect.estimate > 0
    assert effect.se > 0.5


def test_hedges_g_of_the_wwc():
    effect = hedges_g(MeanArm(50, 20, 40), MeanArm(55, 20, 40))
    assert effect.estimate == pytest.approx(0.24758842443729903)
    rounded = hedges_g(MeanArm(50, 20, 40, step=5), MeanArm(55, 20, 40, step=5))
    assert rounded.variance - effect.variance == pytest.approx(omega(80) ** 2 * 50 / 12 / 400)


def test_hedges_g_needs_a_spread():
    with pytest.raises(ValueError, match="spread"):
        hedges_g(MeanArm(50, 0, 40), MeanArm(55, 0, 40))


def test_a_rate_ratio_and_its_rounding():
    exact = log_rate_ratio(RateArm(40, 1_200), RateArm(30, 1_200))
    assert exact.estimate == pytest.approx(log(0.75))
    assert exact.variance == pytest.approx(1 / 40 + 1 / 30)
    rounded = log_rate_ratio(RateArm(40, 1_200, 5, 100), RateArm(30, 1_200, 5, 100))
    extra = ((5 / 40) ** 2 + (5 / 30) ** 2 + 2 * (100 / 1_200) ** 2) / 12
    assert rounded.variance - exact.variance == pytest.approx(extra)
    assert log_rate_ratio(RateArm(0, 1_200), RateArm(30, 1_200)) is None


@pytest.mark.parametrize(
    ("estimate", "se", "word"),
    [
        (0.5, 0.2, "better"),
        (-0.5, 0.2, "worse"),
        (0.05, 0.1, "no-clear-change"),
        (0.3, 0.2, "cannot-tell"),
        (0.1, 0.1, "cannot-tell"),
    ],
)
def test_the_direction_word_follows_the_interval(estimate, se, word):
    assert direction_word(Effect(estimate, se**2)) == word


def test_without_an_effect_nobody_can_tell():
    assert direction_word(None) == "cannot-tell"


def test_down_is_turned_and_a_comparison_is_taken_off():
    net = net_effect(Effect(-0.6, 0.04), Effect(-0.2, 0.05))
    turned = oriented(net, "down")
    assert (turned.estimate, turned.variance) == (pytest.approx(0.4), pytest.approx(0.09))
    assert oriented(net, "up") == net
    assert turned.ci == (pytest.approx(0.4 - 1.96 * 0.3, abs=1e-4), pytest.approx(0.4 + 1.96 * 0.3, abs=1e-4))


def measure(unit, **series):
    return {"measure": "other", "unit": unit, **series}


def test_a_printed_measure_gives_the_effect_of_its_bands():
    points = [{"at": "baseline", "n": 60, "band": [35, 40]}, {"at": "end", "n": 60, "band": [60, 65]}]
    effect = printed_effect(measure("proportion", points=points))
    assert (round(effect.estimate, 2), round(effect.se, 3)) == (0.62, 0.233)
    same = printed_effect(measure("proportion", points=points, comparison=points))
    assert same.estimate == 0
    assert same.variance == pytest.approx(2 * effect.variance)


def test_printed_means_rates_and_counts():
    means = [{"at": "baseline", "n": 60, "mean": 50.0, "sd": 20.0}, {"at": "end", "n": 60, "mean": 60.0, "sd": 20.0}]
    effect = printed_effect(measure("mean", points=means, scale=[0, 100]))
    assert effect == hedges_g(MeanArm(50, 20, 60, step=2), MeanArm(60, 20, 60, step=2))
    rates = [{"at": "baseline", "events": 40, "exposure": 1_200}, {"at": "end", "events": 30, "exposure": 1_200}]
    assert printed_effect(measure("rate", points=rates)).estimate == pytest.approx(log(0.75))
    assert (
        printed_effect(measure("count", points=[{"at": "baseline", "events": 40}, {"at": "end", "events": 40}])) is None
    )


def test_without_baseline_or_end_there_is_no_printed_effect():
    end = [{"at": "end", "n": 60, "band": [60, 65]}]
    both = [{"at": "baseline", "n": 60, "band": [35, 40]}, *end]
    assert printed_effect(measure("proportion", points=end)) is None
    assert printed_effect(measure("proportion", points=both, comparison=end)) is None


def test_standard_error_is_the_root_of_the_variance():
    assert Effect(0, 2.0).se == sqrt(2)
