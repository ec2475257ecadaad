"""Limits and run signals against R qicharts2 0.8.1, per chart and per point."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from nic_node.evidence.control_chart import control_chart, run_chart

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
EXACT = 1e-6


def rows(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def grouped(name):
    groups = defaultdict(list)
    for row in rows(name):
        groups[row["case"], int(row["part"])].append(row)
    return dict(groups)


POINTS = grouped("spc_expected_points.csv")
SUMMARIES = {key: group[0] for key, group in grouped("spc_expected_summary.csv").items()}
CDI = rows("spc_cdi.csv")
RANDOM = {row["case"]: [float(row[f"p{place}"]) for place in range(1, 25)] for row in rows("spc_series.csv")}


def series_of(case, part):
    """y and n as the reference's script took them."""
    if case.startswith("rnd"):
        return RANDOM[case.split("_")[0].removeprefix("rnd")], None
    counts = [float(row["n"]) for row in CDI]
    if "_u_" not in case:
        return counts, None
    exposure = [float(row["days"]) / 10_000 for row in CDI]
    if "split24" in case:
        window = slice(0, 24) if part == 1 else slice(24, None)
        return counts[window], exposure[window]
    return counts, exposure


def chart_of(case, part):
    y, n = series_of(case, part)
    kind = POINTS[case, part][0]["chart"]
    return control_chart(kind, y, n, freeze=24 if "freeze24" in case else None)


def number(cell):
    return None if cell in {"", "NA"} else float(cell)


def test_the_reference_covers_every_kind_but_p():
    assert {group[0]["chart"] for group in POINTS.values()} == {"run", "i", "mr", "c", "u"}
    assert set(POINTS) == set(SUMMARIES)


@pytest.mark.parametrize("key", POINTS, ids=str)
def test_centre_limits_and_signals_agree_with_qicharts2(key):
    chart = chart_of(*key)
    answer = chart.document()
    expected = POINTS[key]
    summary = SUMMARIES[key]
    assert answer["center"] == pytest.approx([float(row["cl"]) for row in expected], abs=EXACT)
    for ours, theirs in (("lcl", "lcl"), ("ucl", "ucl")):
        limits = [number(row[theirs]) for row in expected]
        assert [limit is None for limit in answer[ours]] == [limit is None for limit in limits]
        assert [limit for limit in answer[ours] if limit is not None] == pytest.approx(
            [limit for limit in limits if limit is not None], abs=EXACT
        )
    assert answer["n_useful"] == int(summary["n.useful"])
    assert answer["longest_run"] == int(summary["longest.run"])
    assert answer["longest_run_max"] == int(summary["longest.run.max"])
    assert answer["crossings"] == int(summary["n.crossings"])
    assert answer["crossings_min"] == int(summary["n.crossings.min"])
    assert answer["runs_signal"] is bool(int(summary["runs.signal"]))
    assert answer["sigma_signals"] == [place for place, row in enumerate(expected) if row["sigma.signal"] == "TRUE"]


@pytest.mark.parametrize("case", [case for case, _ in POINTS if case.endswith("run")])
def test_the_run_chart_agrees_with_the_run_chart_among_the_control_charts(case):
    y, _ = series_of(case, 1)
    chart = run_chart(y)
    answer = chart_of(case, 1).document()
    assert chart.centre == answer["center"][0]
    assert chart.runs.longest_run == answer["longest_run"]
    assert chart.signal is answer["runs_signal"]


def test_a_split_chart_has_each_part_as_qicharts2_computes_it():
    counts, exposure = [float(row["n"]) for row in CDI], [float(row["days"]) / 10_000 for row in CDI]
    chart = control_chart("u", counts, exposure, splits=[24])
    expected = [row for part in (1, 2) for row in POINTS["cdi_u_10k_split24", part]]
    for ours, theirs in ((chart.center, "cl"), (chart.lower, "lcl"), (chart.upper, "ucl")):
        assert ours.tolist() == pytest.approx([float(row[theirs]) for row in expected], abs=EXACT)
    runs = [stretch.runs for stretch in chart.stretches]
    summaries = [SUMMARIES["cdi_u_10k_split24", part] for part in (1, 2)]
    assert [run.longest_run for run in runs] == [int(part["longest.run"]) for part in summaries]
    assert [run.crossings for run in runs] == [int(part["n.crossings"]) for part in summaries]
    assert chart.document()["runs_signal"] is bool(int(summaries[1]["runs.signal"]))
