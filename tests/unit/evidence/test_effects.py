import pytest

from federation.effects import MeanArm, RateArm, Share
from nic_node.evidence.effects import (
    WhyNot,
    effect_exact,
    effect_from_points,
    improvement_index,
    share_after,
    what_would_raise,
)


def measure(points, **changes):
    """A measure as it stands in a record."""
    return {
        "measure": "absent-10pct-window",
        "definition_version": 1,
        "kind": "outcome",
        "unit": "proportion",
        "window": "20-school-days",
        "design": "comparison-group",
        "season": "ruled-out",
        "points": points,
    } | changes


def shares(start, end, n=60):
    return [
        {"at": "baseline", "n": n, "band": [start, start + 5]},
        {"at": "end", "n": n, "band": [end, end + 5]},
    ]


STEADY = shares(35, 35)


def test_a_grade_of_60_reads_almost_as_it_is_at_home():
    printed = effect_from_points(measure(shares(35, 60), design="pre-post", season="no-season"), better="up")
    exact = effect_exact(Share(23 / 61, 61), Share(38 / 61, 61), better="up")
    assert (round(printed.d, 2), round(printed.se, 3)) == (0.62, 0.233)
    assert (round(exact.estimate, 2), round(exact.se, 3)) == (0.60, 0.225)
    assert printed.direction == "better"


def test_down_is_better_for_absence_by_the_vocabulary():
    fell = effect_from_points(measure(shares(40, 20), comparison=STEADY))
    rose = effect_from_points(measure(shares(20, 40), comparison=STEADY))
    assert fell.outcome.better == "down"
    assert fell.d > 0 > rose.d
    assert fell.d == pytest.approx(-rose.d)


def test_a_comparison_takes_the_season_off_and_adds_its_variance():
    alone = effect_from_points(measure(shares(40, 20), design="pre-post"))
    seasonal = effect_from_points(measure(shares(40, 20), comparison=shares(40, 20)))
    compared = effect_from_points(measure(shares(40, 20), comparison=STEADY))
    assert seasonal.d == pytest.approx(0)
    assert compared.d == pytest.approx(alone.d)
    assert seasonal.se == pytest.approx(alone.se * 2**0.5)
    assert compared.poolable


def test_the_exact_effect_with_a_comparison_is_the_difference_of_changes():
    arms = (Share(0.4, 60), Share(0.2, 60))
    same = effect_exact(*arms, better="down", comparison=arms)
    assert same.estimate == pytest.approx(0)
    assert same.variance == pytest.approx(2 * effect_exact(*arms, better="down").variance)


def test_means_and_rates_have_effects_of_their_own():
    mean = effect_exact(MeanArm(50, 20, 40), MeanArm(55, 20, 40), better="up")
    assert mean.estimate == pytest.approx(0.24758844)
    rate = effect_exact(RateArm(50, 1000), RateArm(25, 1000), better="down")
    assert rate.estimate == pytest.approx(0.6931472)
    assert rate.variance == pytest.approx(1 / 50 + 1 / 25)


@pytest.mark.parametrize(
    "arms",
    [
        (MeanArm(5, 0, 30), MeanArm(6, 0, 30)),
        (RateArm(0, 100), RateArm(5, 100)),
    ],
)
def test_what_has_no_effect_says_none(arms):
    assert effect_exact(*arms, better="up") is None


def test_without_a_change_to_compare_with_there_is_no_effect():
    change = (RateArm(20, 100), RateArm(10, 100))
    assert effect_exact(*change, better="down", comparison=(RateArm(0, 100), RateArm(5, 100))) is None


def test_arms_of_different_kinds_are_a_mistake_of_the_caller():
    with pytest.raises(TypeError):
        effect_exact(Share(0.4, 60), RateArm(5, 100), better="up")


def test_a_share_of_nobody_or_everybody_still_has_an_effect():
    assert effect_exact(Share(0.0, 40), Share(0.2, 40), better="up").estimate > 0


MEANS = [{"at": "baseline", "n": 60, "mean": 3.0, "sd": 0.0}, {"at": "end", "n": 60, "mean": 3.5, "sd": 0.0}]
EVENTS = [{"at": "baseline", "events": 0, "exposure": 1200}, {"at": "end", "events": 20, "exposure": 1200}]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"points": shares(40, 20)[:1]}, WhyNot.NO_END),
        ({"comparison": STEADY[:1]}, WhyNot.NO_END),
        ({"unit": "count", "measure": "sessions-held", "points": EVENTS}, WhyNot.EVENTS),
        ({"unit": "rate", "measure": "tardies", "points": EVENTS}, WhyNot.NO_EVENTS),
        ({"unit": "mean", "measure": "writing-rubric", "points": MEANS, "scale": [0, 6]}, WhyNot.NO_SPREAD),
        ({"measure": "other", "label": "Smiles", "better": "up", "comparison": STEADY}, WhyNot.OWN_MEASURE),
        ({"measure": "chronic-absence-year", "comparison": STEADY}, WhyNot.NOT_POOLED),
        ({}, WhyNot.COMPARISON_MISSING),
        ({"design": "pre-post"}, WhyNot.SEASON),
        ({"design": "pre-post", "season": "not-ruled-out"}, WhyNot.SEASON),
        ({"season": "not-ruled-out", "comparison": STEADY}, WhyNot.SEASON),
    ],
)
def test_what_is_not_pooled_says_why(changes, why):
    effect = effect_from_points(measure(shares(40, 20)) | changes)
    assert effect.why_not is why
    assert not effect.poolable
    assert effect.why_not_words.said().endswith(".")


def test_a_measure_without_a_season_is_pooled_from_before_and_after():
    assert effect_from_points(measure(shares(40, 20), design="pre-post", season="no-season")).poolable


def test_the_gap_at_the_start_is_told_without_sign():
    effect = effect_from_points(measure(shares(40, 20), comparison=shares(20, 20)))
    other_way = effect_from_points(measure(shares(20, 20), comparison=shares(40, 20)))
    assert effect.baseline_gap == pytest.approx(other_way.baseline_gap)
    assert effect.baseline_gap > 0.25
    assert effect.gap_words.said().startswith("The groups started far apart")
    assert "starts nearer" in " ".join(wish.said() for wish in what_would_raise(effect))


@pytest.mark.parametrize(("start", "words"), [(40, "Both groups started alike."), (35, "The groups started a little")])
def test_nearness_at_the_start_is_told_in_words(start, words):
    effect = effect_from_points(measure(shares(40, 20), comparison=shares(start, 30)))
    assert effect.gap_words.said().startswith(words)


def test_without_a_comparison_there_is_no_gap():
    assert effect_from_points(measure(shares(40, 20), design="pre-post")).gap_words is None


def test_means_have_a_gap_too():
    means = [{"at": at, "n": 60, "mean": mean, "sd": 1.0} for at, mean in (("baseline", 3.0), ("end", 3.6))]
    lower = [point | {"mean": point["mean"] - 0.5} for point in means]
    scores = {"unit": "mean", "measure": "writing-rubric", "scale": [0, 6]}
    effect = effect_from_points(measure(means, comparison=lower, **scores))
    assert effect.baseline_gap == pytest.approx(0.5, abs=0.01)
    assert effect.d == pytest.approx(0)


def test_what_would_raise_a_bare_before_and_after():
    wishes = [wish.said() for wish in what_would_raise(effect_from_points(measure(shares(40, 20), design="pre-post")))]
    assert wishes[0].startswith("a grade without the change")
    assert any("more students" in wish for wish in wishes)


def test_words_of_size():
    assert improvement_index(0) == 0
    assert share_after(0.38, 0.0, "down") == pytest.approx(0.38)
    assert round(100 * share_after(0.38, 0.28, "down")) == 28
    assert share_after(0.38, 0.28, "up") > 0.38


def test_printed_n_and_baseline_are_read_from_the_points():
    effect = effect_from_points(measure(shares(40, 20), comparison=STEADY))
    assert (effect.n, effect.baseline) == (60, pytest.approx(0.425))
    assert effect.metric == "d"
    assert effect.improvement_index == pytest.approx(improvement_index(effect.d))
