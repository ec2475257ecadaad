"""The printing table of privacy.md, to the letter."""

from fractions import Fraction

import pytest

from federation.rules_printing import (
    SMALL_N,
    band,
    band_width,
    end_band_width,
    exposure_step,
    is_band,
    is_printed_mean,
    is_printed_n,
    mean_step,
    printed_events,
    printed_mean,
    printed_n,
    scale_of,
    two_digit_sd,
    two_digits,
)


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (0, "<15"),
        (14, "<15"),
        (15, 20),
        (24, 20),
        (25, 30),
        (61, 60),
        (65, 70),
        (94, 90),
        (95, 100),
        (124, 100),
        (125, 150),
        (324, 300),
        (325, 350),
        (974, 950),
        (975, 1000),
        (1049, 1000),
        (1050, 1100),
        (12_499, 12_000),
        (12_500, 13_000),
    ],
)
def test_n_is_printed_by_the_table_and_ties_round_up(n, shown):
    assert printed_n(n) == shown
    assert is_printed_n(shown)


@pytest.mark.parametrize("value", [0, 10, 15, 61, 110, 120, 975, 1050, -20, True, "60", None, 20.0])
def test_what_no_n_prints_as_is_known(value):
    assert not is_printed_n(value)


@pytest.mark.parametrize(
    ("shown", "width"),
    [(SMALL_N, 50), (20, 20), (30, 20), (40, 10), (50, 10), (60, 5), (100, 5), (300, 5), (350, 1), (12_000, 1)],
)
def test_bands_are_as_wide_as_the_printed_n_asks(shown, width):
    assert band_width(shown) == width


def test_the_example_of_a_grade():
    assert (band(23, 61), printed_n(61)) == ((35, 40), 60)


def test_a_share_lies_in_its_band_and_few_students_only_in_an_end_band():
    for n in [*range(10, 400), 650, 975, 1049, 2400]:
        shown = printed_n(n)
        for x in [*range(min(n, 12)), *range(n // 2, n // 2 + 5), *range(n - 5, n + 1)]:
            low, high = band(x, n)
            assert is_band(low, high, shown)
            assert low * n <= 100 * x < high * n or (high == 100 and x <= n), (x, n)
            if x < 3:
                assert (low, high) == (0, end_band_width(shown))
            if n - x < 3:
                assert (low, high) == (100 - end_band_width(shown), 100)


def test_every_end_band_leaves_three_students_in_doubt():
    for n in range(10, 3_000):
        end = end_band_width(printed_n(n))
        assert sum(100 * x < end * n for x in range(n + 1)) >= 3
        assert sum(100 * x >= (100 - end) * n for x in range(n + 1)) >= 3


def test_an_average_of_periods_is_banded_without_rounding_first():
    assert band(Fraction(47, 2), 61) == (35, 40)
    assert band(Fraction(122, 10), 61) == (20, 25)  # exactly 20 % belongs to the band that starts there


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(36, 41, 60), (35, 45, 60), (30, 40, 60), (0, 1, 60), (95, 99, 60), (35, 36, 60), (0, 20, 60), (50, 100, 60)],
)
def test_bands_off_the_grid_are_known(low, high, shown):
    assert not is_band(low, high, shown)


@pytest.mark.parametrize(
    ("n", "sd", "scale", "step"),
    [
        (60, 8.0, (0, 100), 2),  # range / n = 1.67
        (300, 8.0, (0, 100), 1),  # 0.1 sd = 0.8
        (60, 0.8, (1, 5), Fraction(1, 10)),
        (60, 12.0, None, 2),
        (20, 0.05, (0, 4), Fraction(1, 5)),
    ],
)
def test_means_go_in_steps_of_the_scale_over_n_and_a_tenth_of_the_sd(n, sd, scale, step):
    assert mean_step(n, sd, scale) == step


def test_a_step_needs_a_spread():
    with pytest.raises(ValueError, match="spread"):
        mean_step(60, 0.0, None)


def test_means_are_rounded_half_up_and_known_again():
    assert printed_mean(71.26, Fraction(2)) == 72.0
    assert printed_mean(71.0, Fraction(2)) == 72.0
    assert printed_mean(-0.26, Fraction(1, 10)) == -0.3
    assert is_printed_mean(0.3, Fraction(1, 10))
    assert not is_printed_mean(0.35, Fraction(1, 10))


def test_spread_events_and_exposure_are_rounded():
    assert [two_digit_sd(sd) for sd in (8.0, 8.349, 0.0834, 99.6, 123.4)] == [8.0, 8.3, 0.083, 100.0, 120.0]
    assert [printed_events(number) for number in (0, 2, 3, 38, Fraction(75, 2))] == [0, 0, 5, 40, 40]
    assert [two_digits(number) for number in (7, 38, 384, 385, 12_345)] == [7, 38, 380, 390, 12_000]
    assert [exposure_step(number) for number in (7, 38, 384, 12_345)] == [1, 1, 10, 1_000]


def test_the_vocabulary_knows_some_scales_and_a_measure_states_the_rest():
    assert scale_of({"measure": "attendance-rate"}) == (0.0, 100.0)
    assert scale_of({"measure": "writing-rubric", "scale": [1, 6]}) == [1, 6]
    assert scale_of({"measure": "writing-rubric"}) is None
