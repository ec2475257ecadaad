import pytest

from federation.effects import Effect
from nic_node.evidence.effects import MeasuredEffect, Outcome, WhyNot
from nic_node.evidence.pooling import pool
from nic_node.evidence.practice_pool import Result, pool_results

ABSENCE = Outcome("absent-10pct-window", 1, "20-school-days", "proportion", "down")
READING = Outcome("reading-benchmark", 1, "one-time", "proportion", "up")


def result(record, author, d=0.4, variance=0.05, *, outcome=ABSENCE, why_not=None, baseline=0.4):
    effect = Effect(d, variance)
    return Result(
        record, author, MeasuredEffect(outcome, effect, 60, "comparison-group", "ruled-out", baseline, 0.1, why_not)
    )


THREE = [result("r1", "a", 0.5), result("r2", "b", 0.1), result("r3", "c", 0.3, 0.02)]


def test_three_sites_are_pooled_by_reml():
    answer = pool_results(THREE, ABSENCE)
    alone = pool([0.5, 0.1, 0.3], [0.05, 0.05, 0.02]).reml
    assert answer.pooled.estimate == pytest.approx(alone.estimate)
    assert answer.pooled.pi == pytest.approx(alone.pi_t)
    assert answer.k == 3
    assert answer.why_none is None
    assert sum(site.weight for site in answer.sites) == pytest.approx(1)
    assert answer.sites[2].weight > answer.sites[0].weight


@pytest.mark.parametrize("k", [0, 1, 2])
def test_fewer_than_three_give_a_list_and_a_sentence(k):
    answer = pool_results(THREE[:k], ABSENCE)
    assert answer.pooled is None
    assert answer.k == k
    assert answer.why_none.said().endswith(f"it takes 3 measured results that can be compared; so far {k}.")


def test_an_author_counts_once_and_looks_no_surer_for_repeating():
    answer = pool_results([*THREE, result("r4", "a", 0.3)], ABSENCE)
    assert answer.k == 3
    site = answer.sites[0]
    assert [own.record for own in site.results] == ["r1", "r4"]
    assert site.effect.estimate == pytest.approx(0.4)
    assert site.effect.variance == pytest.approx(0.05)


def test_two_results_of_one_author_and_one_of_another_are_two_sites():
    answer = pool_results([THREE[0], result("r4", "a"), THREE[1]], ABSENCE)
    assert answer.pooled is None
    assert answer.k == 2


def test_what_is_not_alike_or_not_poolable_is_listed_with_its_reason():
    strangers = [
        result("r5", "e", outcome=READING),
        result("r6", "f", outcome=Outcome("absent-10pct-window", 2, "20-school-days", "proportion", "down")),
        result("r7", "g", why_not=WhyNot.SEASON),
    ]
    answer = pool_results([*THREE, *strangers], ABSENCE)
    assert answer.k == 3
    assert [out.result.record for out in answer.left_out] == ["r5", "r6", "r7"]
    assert "something else" in answer.left_out[0].why.said()
    assert "season" in answer.left_out[2].why.said()


def test_the_baseline_is_the_weighted_share_at_the_start():
    rates = [result("r1", "a", baseline=None), result("r2", "b", baseline=0.2), result("r3", "c", baseline=0.4)]
    assert pool_results(rates, ABSENCE).baseline == pytest.approx(0.3)
    assert pool_results([], ABSENCE).baseline is None
