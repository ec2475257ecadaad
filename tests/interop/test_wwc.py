"""Effect formulas against the What Works Clearinghouse's, worked by hand."""

import json
from pathlib import Path

import pytest

from federation.effects import LOGIT_TO_D, Effect, MeanArm, Share, cox_index, hedges_g, omega
from nic_node.evidence.clusters import both_in_classes, one_in_classes
from nic_node.evidence.effects import MeasuredEffect, Outcome, improvement_index

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "reference" / "wwc_expected.json").read_text())
MANY = 1e9  # people: the small-sample correction vanishes


def test_hedges_g_and_its_improvement_index():
    expected = EXPECTED["hedges_g"]
    given = expected["in"]
    treated, compared = given["n"]
    effect = hedges_g(MeanArm(given["m2"], given["sd"], compared), MeanArm(given["m1"], given["sd"], treated))
    assert omega(treated + compared) == pytest.approx(expected["omega"], abs=1e-12)
    assert effect.estimate == pytest.approx(expected["g"], abs=1e-12)
    assert improvement_index(effect.estimate) == pytest.approx(expected["improvement_index_pts"], abs=1e-9)


@pytest.mark.parametrize("case", ["cox", "cox2"])
def test_cox_index_without_the_small_sample_correction(case):
    expected = EXPECTED[case]
    effect = cox_index(Share(expected["pc"], MANY), Share(expected["pi"], MANY))
    assert effect.estimate == pytest.approx(expected["uncorrected"], abs=1e-8)


def test_cox_index_with_the_small_sample_correction():
    expected = EXPECTED["cox"]
    effect = cox_index(Share(expected["pc"], 5), Share(expected["pi"], 5))
    assert effect.estimate == pytest.approx(expected["corrected"], abs=1e-12)


def test_baselinr_agrees():
    expected = EXPECTED["baselinr_tests"]
    plain = expected["cox_no_omega"]
    assert cox_index(Share(plain["pc"], MANY), Share(plain["pt"], MANY)).estimate == pytest.approx(plain["value"])
    female = expected["vignette_female"]
    vignette = cox_index(Share(female["pc"], MANY), Share(female["pt"], MANY))
    assert vignette.estimate == pytest.approx(female["value"], abs=1e-6)
    scores = expected["hedges_g"]
    groups = [MeanArm(sum(scores[group]) / 3, 1.0, 3) for group in ("c", "t")]
    assert hedges_g(*groups).estimate == pytest.approx(scores["g"], abs=1e-12)


def test_the_logit_is_scaled_as_the_handbook_says():
    assert LOGIT_TO_D == 1.65


def test_cluster_corrections():
    both = EXPECTED["cluster_both_arms_N100_n5_rho.1"]
    found = both_in_classes(100, 5, 0.1)
    assert (found.gamma, found.eta, found.degrees) == pytest.approx((both["gamma"], both["eta"], both["h"]), abs=1e-9)
    one = EXPECTED["cluster_one_arm_N100_NT60_NC40_n5_rho.1"]
    found = one_in_classes(60, 40, 5, 0.1)
    assert (found.gamma, found.eta, found.degrees) == pytest.approx((one["gamma"], one["eta"], one["h"]), abs=1e-9)
    corrected = found.applied(Effect(0.5, 0.04))
    assert corrected.estimate == pytest.approx(0.5 * one["sqrt_gamma"])
    assert corrected.variance > 0.04


def test_the_gap_at_the_start_has_the_clearinghouse_s_classes():
    outcome = Outcome("absent-10pct-window", 1, "20-school-days", "proportion", "down")
    told = {
        gap: MeasuredEffect(outcome, None, 60, "comparison-group", "ruled-out", 0.4, gap, None).gap_words.template
        for gap in (0.05, 0.06, 0.25, 0.26)
    }
    assert told[0.05] != told[0.06] == told[0.25] != told[0.26]
