"""Many pools at once: the same as one by one, whatever the sites say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nic_node.evidence.pool_many import leave_one_out, pool_many
from nic_node.evidence.pooling import pool

SITE = st.tuples(st.floats(-3, 3), st.floats(0.001, 2))
GROUPS = st.lists(st.lists(SITE, max_size=12), min_size=1, max_size=6)


def is_the_same(pools, place, alone, k):
    assert pools.k[place] == k
    assert pools.estimate[place] == pytest.approx(alone.estimate, abs=1e-6)
    assert pools.se[place] == pytest.approx(alone.se, rel=1e-6)
    assert pools.q[place] == pytest.approx(alone.q, abs=1e-6)
    if k > 1:
        assert pools.tau2[place] == pytest.approx(alone.tau2, abs=1e-6)
        assert pools.i2[place] == pytest.approx(alone.i2, abs=1e-3)
        assert pools.ci[place] == pytest.approx(alone.hk_adhoc_ci, abs=1e-4)
    else:
        assert np.isnan([pools.tau2[place], pools.i2[place], *pools.ci[place]]).all()
    if k > 2:
        assert pools.pi[place] == pytest.approx(alone.pi_t, abs=1e-4)
    else:
        assert np.isnan(pools.pi[place]).all()


@given(GROUPS, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_each_group_is_pooled_as_if_it_were_alone(groups, random):
    rows = [(y, v, place) for place, sites in enumerate(groups) for y, v in sites]
    random.shuffle(rows)
    pools = pool_many([y for y, *_ in rows], [v for _, v, _ in rows], [place for *_, place in rows])
    for place in range(len(pools.k)):
        sites = [(y, v) for y, v, group in rows if group == place]
        if sites:
            is_the_same(pools, place, pool(*zip(*sites, strict=True)).reml, len(sites))
        else:
            assert pools.k[place] == 0
            assert np.isnan(pools.estimate[place])


@given(st.lists(SITE, min_size=2, max_size=14))
@settings(max_examples=50, deadline=None)
def test_leaving_one_out_pools_the_others(sites):
    pools = leave_one_out(*zip(*sites, strict=True))
    for place in range(len(sites)):
        others = sites[:place] + sites[place + 1 :]
        is_the_same(pools, place, pool(*zip(*others, strict=True)).reml, len(others))
