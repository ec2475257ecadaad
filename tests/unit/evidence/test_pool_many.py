import math

import numpy as np
import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.pool_many import leave_one_out, pool_many
from nic_node.evidence.pooling import pool


def test_likelihoods_with_two_maxima_and_variances_far_apart_are_pooled_with_care():
    rng = np.random.default_rng(5)
    groups = [(rng.normal(0, 1, 5), rng.uniform(0.001, 1.0, 5) ** 3 + 1e-4) for _ in range(200)]
    groups.append((np.array([0.1, 0.5, 0.9]), np.array([1e-30, 0.04, 0.04])))
    numbers = np.repeat(np.arange(len(groups)), [len(y) for y, _ in groups])
    pools = pool_many(np.concatenate([y for y, _ in groups]), np.concatenate([v for _, v in groups]), numbers)
    alone = [pool(y, v).reml for y, v in groups]
    assert pools.tau2 == pytest.approx([one.tau2 for one in alone], rel=1e-5, abs=1e-7)
    assert pools.estimate == pytest.approx([one.estimate for one in alone], abs=1e-7)


def test_a_group_may_be_as_large_as_it_likes():
    rng = np.random.default_rng(1)
    y, v = rng.normal(0.2, 0.3, 70), rng.uniform(0.01, 0.1, 70)
    assert pool_many(y, v, [0] * 70).tau2[0] == pytest.approx(pool(y, v).reml.tau2, rel=1e-8)


def test_nothing_pools_to_nothing():
    assert pool_many([], [], []).document([]) == []
    assert len(leave_one_out([], []).k) == 0


def test_identical_effects_pool_to_themselves():
    same = pool_many([0.3] * 5, [0.04] * 5, [0] * 5)
    assert (same.estimate[0], same.tau2[0], same.q[0]) == (pytest.approx(0.3), 0, pytest.approx(0))


@pytest.mark.parametrize(
    ("yi", "vi", "group", "sentence"),
    [
        ([1.0], [1.0, 2.0], [0], "Give each effect its variance"),
        ([math.nan], [1.0], [0], "not a number that can be pooled"),
        ([1e300], [1.0], [0], "not a number that can be pooled"),
        ([1.0], [0.0], [0], "above 0"),
        ([1.0], [math.inf], [0], "above 0"),
        ([1.0], [1.0], [-1], "counted from 0"),
    ],
)
def test_rows_that_cannot_be_pooled_are_refused(yi, vi, group, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        pool_many(yi, vi, group)
