import math

import numpy as np
import pytest
import scipy.stats

from nic_node.errors import InvalidInput
from nic_node.evidence.pooling import pool, tau2_reml


def test_one_site_pools_to_itself_and_leaves_the_rest_undefined():
    (answer,) = {str(method) for method in pool([0.4], [0.04]).document()["methods"].values()}
    alone = pool([0.4], [0.04]).reml
    assert (alone.estimate, alone.se, alone.q) == (0.4, 0.2, 0.0)
    assert (alone.tau2, alone.i2, alone.hk_se, alone.hk_ci, alone.hk_adhoc_ci, alone.pi, alone.pi_t) == (None,) * 7
    assert "None" in answer


def test_two_sites_have_every_interval_but_the_t_prediction():
    two = pool([0.2, 0.6], [0.04, 0.04]).reml
    assert two.estimate == pytest.approx(0.4)
    assert two.hk_ci is not None
    assert two.pi is not None
    assert two.pi_t is None


def test_three_sites_predict_with_one_degree_of_freedom():
    three = pool([0.2, 0.6, 0.4], [0.04, 0.05, 0.06]).reml
    reach = scipy.stats.t.ppf(0.975, 1) * math.sqrt(three.se**2 + three.tau2)
    assert three.pi_t == pytest.approx((three.estimate - reach, three.estimate + reach))


def test_agreeing_sites_have_no_spread_and_the_adhoc_interval_is_not_narrower():
    document = pool([0.30, 0.31, 0.29, 0.30], [0.04, 0.05, 0.04, 0.06]).document()
    for pooled in document["methods"].values():
        assert pooled["tau2"] == 0
        assert pooled["i2"] == 0
        assert pooled["pi"] == pytest.approx(pooled["ci"])
        assert pooled["hk_ci"][1] - pooled["hk_ci"][0] < pooled["ci"][1] - pooled["ci"][0]
        t_over_z = scipy.stats.t.ppf(0.975, 3) / scipy.stats.norm.ppf(0.975)
        adhoc, plain = pooled["hk_adhoc_ci"], pooled["ci"]
        assert adhoc[1] - adhoc[0] == pytest.approx(t_over_z * (plain[1] - plain[0]))


def test_identical_effects_pool_without_a_division_by_nothing():
    same = pool([0.3] * 5, [0.04] * 5).reml
    assert same.hk_se == pytest.approx(0, abs=1e-12)
    assert same.hk_ci == pytest.approx((0.3, 0.3))


def test_one_huge_site_does_not_silence_the_others():
    mixed = pool([0.0, 0.5, 0.6, 0.7], [1e-6, 0.04, 0.04, 0.04]).reml
    assert 0.2 < mixed.estimate < 0.6


def test_reml_takes_the_global_maximum_of_a_likelihood_with_two():
    rng = np.random.default_rng(5)
    checked = 0
    for _ in range(60):
        k = int(rng.integers(3, 8))
        y, v = rng.normal(0, 1, k), rng.uniform(0.001, 1.0, k) ** 3 + 1e-4
        best = tau2_reml(y, v)
        grid = np.concatenate([[0], np.geomspace(1e-6, 50, 400)])
        assert likelihood(y, v, best) >= max(likelihood(y, v, tau2) for tau2 in grid) - 1e-9
        checked += 1
    assert checked == 60


def likelihood(y, v, tau2):
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return 0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (y - mean) ** 2).sum())


@pytest.mark.parametrize(
    ("yi", "vi", "sentence"),
    [
        ([], [], "at least one row"),
        ([1.0], [1.0, 2.0], "at least one row"),
        ([1.0, math.nan], [1.0, 1.0], "yi in row 2"),
        ([1.0, math.inf], [1.0, 1.0], "yi in row 2"),
        ([1e300], [1.0], "yi in row 1"),
        ([1.0], [0.0], "vi in row 1"),
        ([1.0, 2.0], [1.0, -1.0], "vi in row 2"),
        ([1.0], [math.nan], "vi in row 1"),
        ([1.0], [1e-300], "vi in row 1"),
        ([1.0], [math.inf], "vi in row 1"),
    ],
)
def test_rows_that_cannot_be_pooled_are_refused(yi, vi, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        pool(yi, vi)


def test_one_site_beyond_all_proportion_leaves_every_number_defined():
    for pooled in pool([0.1, 0.5, 0.9], [1e-30, 0.04, 0.04]).document()["methods"].values():
        assert all(np.isfinite(value).all() for value in pooled.values())


@pytest.mark.parametrize("scale", [1e-20, 1e-6, 1e6, 1e20])
def test_units_do_not_matter(scale):
    y, v = [0.1, 0.5, 0.9, -0.2], [0.02, 0.03, 0.05, 0.04]
    plain = pool(y, v)
    scaled = pool([scale * value for value in y], [scale**2 * value for value in v])
    for ours, theirs in ((plain.dl, scaled.dl), (plain.pm, scaled.pm), (plain.reml, scaled.reml)):
        assert theirs.estimate == pytest.approx(scale * ours.estimate, rel=1e-6)
        assert theirs.tau2 == pytest.approx(scale**2 * ours.tau2, rel=1e-6)
        assert theirs.i2 == pytest.approx(ours.i2, rel=1e-6)
