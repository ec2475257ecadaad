"""Pooling against R metafor 3.8-1 on two published data sets."""

import csv
from pathlib import Path

import pytest

from nic_node.evidence.pooling import pool

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
CI = {"z": "ci", "knha": "hk_ci", "adhoc": "hk_adhoc_ci"}
FILES = {"bangertdrowns2004": "meta_bangertdrowns2004.csv", "bcg_logrr": "meta_bcg_logrr.csv"}

# metafor stops its Paule-Mandel search at a tolerance of 1.2e-4 in tau2; ours goes to the root.
PERCENT = {"DL": 1e-6, "PM": 1e-3, "REML": 1e-6}
CLOSE = 5e-5


def rows(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


EXPECTED = [row for row in rows("meta_expected.csv") if row["method"] in PERCENT and row["test"] in CI]


def pooled(dataset):
    data = rows(FILES[dataset])
    return pool([float(row["yi"]) for row in data], [float(row["vi"]) for row in data]).document()


def test_the_reference_holds_three_tests_of_three_methods_on_two_data_sets():
    assert len(EXPECTED) == 18


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: f"{row['dataset']}-{row['method']}-{row['test']}")
def test_pool_agrees_with_metafor_to_four_decimals(expected):
    answer = pooled(expected["dataset"])
    ours = answer["methods"][expected["method"]]
    assert answer["k"] == int(expected["k"])
    assert ours["estimate"] == pytest.approx(float(expected["estimate"]), abs=CLOSE)
    assert ours["tau2"] == pytest.approx(float(expected["tau2"]), abs=CLOSE)
    assert ours["q"] == pytest.approx(float(expected["Q"]), abs=CLOSE)
    assert ours["i2"] == pytest.approx(float(expected["I2"]), abs=PERCENT[expected["method"]])
    assert ours[CI[expected["test"]]] == pytest.approx([float(expected["ci_lb"]), float(expected["ci_ub"])], abs=CLOSE)
    if expected["test"] == "z":
        assert ours["se"] == pytest.approx(float(expected["se"]), abs=CLOSE)
        assert ours["pi"] == pytest.approx([float(expected["pi_lb"]), float(expected["pi_ub"])], abs=CLOSE)
    if expected["test"] == "knha":
        assert ours["hk_se"] == pytest.approx(float(expected["se"]), abs=CLOSE)
