import csv
from pathlib import Path

import numpy as np
import pytest

from nic_node.evidence.moderators import meta_regression, pools_by_class
from nic_node.evidence.pooling import pool

REFERENCE = Path(__file__).parents[2] / "data" / "reference" / "meta_bcg_logrr.csv"
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]  # of the trials, as Colditz and others (1994) print it
YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]


@pytest.fixture(scope="module")
def bcg():
    with REFERENCE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [float(row["yi"]) for row in rows], [float(row["vi"]) for row in rows]


def test_a_regression_on_latitude_is_the_one_that_metafor_prints(bcg):
    found = meta_regression(*bcg, [LATITUDE])
    assert found.coefficients == pytest.approx((0.2515, -0.0291), abs=5e-5)
    assert found.se == pytest.approx((0.2491, 0.0072), abs=5e-5)
    assert found.tau2 == pytest.approx(0.0764, abs=1e-4)
    low, high = found.intervals[1]
    assert low < -0.0291 < high < 0


def test_without_a_covariate_it_is_the_pool(bcg):
    found, pooled = meta_regression(*bcg, []), pool(*bcg).reml
    assert found.coefficients[0] == pytest.approx(pooled.estimate, abs=1e-8)
    assert found.tau2 == pytest.approx(pooled.tau2, rel=1e-6)
    assert found.intervals[0] == pytest.approx(pooled.hk_adhoc_ci, abs=1e-8)


def test_it_takes_ten_sites_a_covariate_and_covariates_that_vary(bcg):
    y, v = bcg
    assert meta_regression(y, v, [LATITUDE, YEAR]) is None
    assert meta_regression(y[:9], v[:9], [LATITUDE[:9]]) is None
    assert meta_regression(y, v, [[33.0] * 13]) is None
    twice = [*y, *y], [*v, *v], [[*LATITUDE, *LATITUDE], [*LATITUDE, *LATITUDE]]
    assert meta_regression(*twice) is None


def test_agreeing_sites_leave_no_tau2():
    x = np.linspace(0, 1, 12)
    found = meta_regression(list(0.2 + 0.3 * x), [0.04] * 12, [x])
    assert found.coefficients == pytest.approx((0.2, 0.3))
    assert found.tau2 == 0


def test_classes_of_three_sites_are_pooled_apart_from_two_on():
    y, v = [0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9], [0.02] * 7
    names, pools = pools_by_class(y, v, ["town", "town", "town", "city", "city", "city", ""])
    assert names == ["city", "town"]
    assert pools.estimate == pytest.approx([0.7, 0.2])
    assert pools_by_class(y, v, ["town"] * 3 + ["city"] * 2 + ["", ""]) is None
    assert pools_by_class([], [], []) is None
