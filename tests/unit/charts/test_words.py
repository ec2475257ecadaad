from federation.effects import Effect
from nic_node.charts.words import pool_says
from nic_node.evidence.effects import MeasuredEffect, Outcome
from nic_node.evidence.practice_pool import Result, pool_results

ABSENCE = Outcome("absent-10pct-window", 1, "20-school-days", "proportion", "down")


def pooled(effects, outcome=ABSENCE, baseline=0.38):
    results = [
        Result(
            f"r{place}",
            f"a{place}",
            MeasuredEffect(outcome, Effect(d, se**2), 60, "comparison-group", "ruled-out", baseline, None, None),
        )
        for place, (d, se) in enumerate(effects)
    ]
    return pool_says(pool_results(results, outcome))


def test_a_clear_pool_is_told_in_students():
    assert pooled([(0.3, 0.05), (0.28, 0.05), (0.26, 0.05), (0.29, 0.06), (0.27, 0.05)]) == (
        "Of 100 such students about 38 become 28. The next school: better."
    )


def test_an_unclear_pool_says_so_and_where_the_next_school_may_land():
    assert pooled([(0.41, 0.33), (0.52, 0.33), (-0.05, 0.33)]) == (
        "Too uncertain to say. The next school: much worse to much better."
    )
    assert pooled([(0.01, 0.03)] * 6).startswith("No clear change.")


def test_a_pool_of_means_is_told_without_students():
    scores = Outcome("writing-rubric", 1, "one-time", "mean", "up")
    assert pooled([(0.3, 0.05)] * 5, scores, None).startswith("It got better.")
    assert pooled([(-0.3, 0.05)] * 5, scores, None).startswith("It got worse.")


def test_too_few_results_say_why_there_is_no_number():
    assert pooled([(0.3, 0.1)]).startswith("No number together yet: it takes 3")
