import numpy as np
import pytest

from nic_node.evidence.forecast import Carrying, forecast
from nic_node.evidence.pooling import pool


def carrying(*rows):
    return [Carrying(*row) for row in rows]


def test_too_few_or_too_unlike_results_are_refused():
    assert forecast([]) is None
    assert forecast(carrying((0.2, 0.02, 1), (0.3, 0.02, 1))) is None
    assert forecast(carrying((0.2, 0.02, 1), (0.3, 0.02, 1), (0.4, 0.02, 0))) is None
    assert forecast(carrying((0.2, 0.02, 1), (0.3, 0.02, 0.02), (0.4, 0.02, 0.02))) is None, "one carries it all"


def test_equal_results_predict_about_their_pool():
    effects = [0.1, 0.3, 0.2, 0.5, 0.4, 0.25]
    told = forecast([Carrying(y, 0.02, 0.8) for y in effects])
    together = pool(effects, [0.02] * 6).reml
    assert told.estimate == pytest.approx(together.estimate, abs=0.01)
    assert told.interval[0] < together.ci[0]
    assert told.interval[1] > together.ci[1]
    assert (told.count, told.weighing) == (6, pytest.approx(6))


def test_results_of_schools_like_ours_count_more():
    near = forecast(carrying((0.6, 0.02, 1), (0.5, 0.02, 1), (0.55, 0.02, 1), (0, 0.02, 0.2), (0.1, 0.02, 0.2)))
    far = forecast(carrying((0.6, 0.02, 0.2), (0.5, 0.02, 0.2), (0, 0.02, 1), (0.1, 0.02, 1), (0.05, 0.02, 1)))
    assert near.estimate > far.estimate + 0.2
    assert near.weighing < near.count


def test_turning_all_signs_turns_the_forecast():
    rows = [(0.2, 0.02, 0.9), (0.3, 0.05, 0.5), (-0.1, 0.01, 0.7), (0.4, 0.03, 0.2)]
    plain, turned = forecast(carrying(*rows)), forecast(carrying(*((-y, v, like) for y, v, like in rows)))
    assert turned.interval == pytest.approx((-plain.interval[1], -plain.interval[0]), abs=1e-9)


@pytest.mark.parametrize("effects", [[0.3] * 4, [0.0, 0.0, 1e-9], [1e6, -1e6, 0.0]])
def test_identical_and_wild_effects_have_a_forecast_too(effects):
    told = forecast([Carrying(y, 0.04, 0.5) for y in effects])
    assert np.isfinite(told.interval).all()
    assert told.interval[0] < told.interval[1]


@pytest.mark.parametrize(("k", "tau", "by_context"), [(4, 0.25, 0.5), (6, 0.1, 0.3), (10, 0.25, 0.0), (14, 0.1, 0.0)])
def test_nine_in_ten_schools_land_in_their_interval(k, tau, by_context):
    """Effects that differ by chance and by context, as in the generated corpus; the school's own is never seen."""
    covered = []
    for seed in range(5):
        rng = np.random.default_rng([seed, k])
        for _ in range(60):
            context = rng.uniform(0, 1, k + 1)
            true = 0.2 + by_context * context + rng.normal(0, tau, k + 1)
            se = rng.uniform(0.08, 0.3, k)
            seen = true[:k] + rng.normal(0, se)
            told = forecast(
                [Carrying(*row) for row in zip(seen, se**2, 1 - abs(context[:k] - context[k]), strict=True)]
            )
            if told is not None:
                covered.append(told.interval[0] <= true[k] <= told.interval[1])
    assert len(covered) >= 250
    assert np.mean(covered) >= 0.87
