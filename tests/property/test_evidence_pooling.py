"""Pooling: statsmodels as oracle, and what must hold whatever the sites say."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from nic_node.evidence.pooling import pool

SITES = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(0.001, 2)),
    min_size=2,
    max_size=12,
)


def columns(sites):
    return [y for y, _ in sites], [v for _, v in sites]


@given(SITES)
@settings(max_examples=50, deadline=None)
def test_dl_agrees_with_statsmodels(sites):
    y, v = columns(sites)
    ours = pool(y, v).dl
    assume(ours.tau2 > 0)  # statsmodels does not truncate
    theirs = combine_effects(np.array(y), np.array(v), method_re="dl")
    assert ours.tau2 == pytest.approx(theirs.tau2, rel=1e-6)
    assert ours.estimate == pytest.approx(theirs.mean_effect_re, abs=1e-9)
    assert ours.q == pytest.approx(theirs.q, rel=1e-9)


@given(SITES)
@settings(max_examples=100, deadline=None)
def test_paule_mandel_leaves_as_much_scatter_as_there_are_degrees_of_freedom(sites):
    y, v = (np.array(column) for column in columns(sites))
    ours = pool(y, v).pm
    w = 1 / (v + ours.tau2)
    scatter = float((w * (y - ours.estimate) ** 2).sum())
    if ours.tau2 > 0:
        assert scatter == pytest.approx(len(y) - 1, rel=1e-6)
    else:
        assert scatter <= len(y) - 1 + 1e-9


@given(SITES, st.floats(-5, 5))
@settings(max_examples=60, deadline=None)
def test_a_shift_of_all_sites_shifts_the_estimate_alone(sites, shift):
    y, v = columns(sites)
    plain, moved = pool(y, v).reml, pool([value + shift for value in y], v).reml
    assert moved.estimate == pytest.approx(plain.estimate + shift, abs=1e-6)
    assert moved.tau2 == pytest.approx(plain.tau2, abs=1e-6)


@given(SITES)
@settings(max_examples=60, deadline=None)
def test_turning_all_signs_turns_the_intervals(sites):
    y, v = columns(sites)
    plain, turned = pool(y, v).reml, pool([-value for value in y], v).reml
    assert turned.hk_ci == pytest.approx((-plain.hk_ci[1], -plain.hk_ci[0]), abs=1e-9)
    assert turned.pi == pytest.approx((-plain.pi[1], -plain.pi[0]), abs=1e-9)


@given(SITES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_sites_does_not_matter(sites, random):
    shuffled = sites[:]
    random.shuffle(shuffled)
    assert pool(*columns(shuffled)).reml.estimate == pytest.approx(pool(*columns(sites)).reml.estimate, abs=1e-6)


@given(SITES)
@settings(max_examples=100, deadline=None)
def test_intervals_hold_the_estimate_and_contain_each_other(sites):
    for answer in (pool(*columns(sites)).dl, pool(*columns(sites)).pm, pool(*columns(sites)).reml):
        assert min(y for y, _ in sites) - 1e-9 <= answer.estimate <= max(y for y, _ in sites) + 1e-9
        assert answer.pi[0] <= answer.ci[0] <= answer.estimate <= answer.ci[1] <= answer.pi[1]
        assert answer.hk_adhoc_ci[0] <= answer.hk_ci[0] + 1e-12
        assert answer.hk_adhoc_ci[0] <= answer.ci[0]
        assert 0 <= answer.i2 < 100
        assert answer.tau2 >= 0
