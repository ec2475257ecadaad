import csv
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from nic_node.evidence.segmented import interrupted_series

SERIES = Path(__file__).parents[2] / "data" / "series" / "attendance_daily.csv"


def of_statsmodels(values, first_after):
    present = [place for place, value in enumerate(values) if value is not None]
    y = np.array([values[place] for place in present])
    t = np.array(present) - float(first_after)
    after = t >= 0
    design = np.column_stack([np.ones(len(y)), t, after, after * t])
    lags = int(4 * (len(y) / 100) ** (2 / 9))
    fitted = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    return fitted, np.array([0, 0, 1, t[-1]])


@pytest.mark.parametrize("column", ["clean", "snow_day"])
@pytest.mark.parametrize("first_after", [10, 60, 150])
def test_a_real_school_year_gives_the_coefficients_and_intervals_of_statsmodels(column, first_after):
    with SERIES.open(newline="") as file:
        values = [float(row[column]) if row[column] else None for row in csv.DictReader(file)]
    found = interrupted_series(values, first_after)
    fitted, end = of_statsmodels(values, first_after)
    intervals = fitted.conf_int()
    assert found.level == pytest.approx(fitted.params[2], rel=1e-7, abs=1e-8)
    assert found.level_interval == pytest.approx(tuple(intervals[2]), rel=1e-7, abs=1e-8)
    assert found.slope == pytest.approx(fitted.params[3], rel=1e-7, abs=1e-8)
    assert found.slope_interval == pytest.approx(tuple(intervals[3]), rel=1e-7, abs=1e-8)
    at_end = fitted.t_test(end)
    assert found.at_end == pytest.approx(float(at_end.effect[0]), rel=1e-7, abs=1e-8)
    assert found.at_end_interval == pytest.approx(tuple(at_end.conf_int()[0]), rel=1e-7, abs=1e-8)
    assert found.before + found.after == sum(value is not None for value in values)


def test_a_step_is_found_and_a_trend_that_goes_on_is_none():
    rng = np.random.default_rng(3)
    trend = np.arange(40) * 0.1 + rng.normal(0, 0.2, 40)
    stepped = trend + np.where(np.arange(40) >= 20, 3.0, 0.0)
    step, none = interrupted_series(list(stepped), 20), interrupted_series(list(trend), 20)
    assert step.level_interval[0] > 2
    assert none.at_end_interval[0] < 0 < none.at_end_interval[1]


@pytest.mark.parametrize(
    ("values", "first_after"),
    [([], 0), ([1.0] * 40, 20), ([1.0, 2.0] * 8, 7), ([1.0, 2.0] * 8, 10), ([None] * 40, 20), ([1.0, 2.0], 99)],
)
def test_too_little_to_fit_two_lines_gives_nothing(values, first_after):
    assert interrupted_series(values, first_after) is None
