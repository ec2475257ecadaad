"""Benchmarks answer in the shape that others read."""

import re
from pathlib import Path

from bench.__main__ import BENCHMARKS
from bench.pairs import compare

KEYS = {"name", "ratio", "ours", "reference", "unit", "better", "clock", "pairs", "n"}


def test_a_comparison_is_one_line_of_the_contract() -> None:
    line = compare("sum", lambda: sum(range(200)), lambda: sum(range(100)), n=1, pairs=1).document()

    assert set(line) == KEYS
    assert line["ratio"] == round(line["ours"] / line["reference"], 3)
    assert (line["better"], line["clock"], line["pairs"], line["n"]) == ("lower", "cpu", 1, 1)


def test_every_file_of_benchmarks_is_run() -> None:
    folder = Path(__file__).parents[2] / "bench"
    runnable = {file.stem for file in folder.glob("*.py") if re.search(r"^def run\(", file.read_text(), re.MULTILINE)}

    assert runnable == {module.__name__.removeprefix("bench.") for module in BENCHMARKS.values()}
