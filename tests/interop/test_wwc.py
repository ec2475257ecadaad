"""Effect formulas against the What Works Clearinghouse's, worked by hand."""

import json
from pathlib import Path

import pytest

from federation.effects import LOGIT_TO_D, MeanArm, Share, cox_index, hedges_g, omega
from nic_node.evidence.effects import improvement_index

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
