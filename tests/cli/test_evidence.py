"""`nic evidence`: the contract's answers, and files that are no such files."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.calls import is_one_sentence, nic

REFERENCE = Path(__file__).parents[1] / "data" / "reference"


def write(folder: Path, text: str) -> Path:
    file = folder / "in.csv"
    file.write_text(text)
    return file


def test_a_pool_has_the_contracts_shape_and_metafors_numbers() -> None:
    document = nic("evidence", "pool", REFERENCE / "meta_bcg_logrr.csv", "--json").document

    assert document["k"] == 13
    assert list(document["methods"]) == ["DL", "PM", "REML"]
    keys = {"estimate", "se", "ci", "tau2", "i2", "q", "hk_se", "hk_ci", "hk_adhoc_ci", "pi", "pi_t"}
    assert all(set(method) == keys for method in document["methods"].values())
    with (REFERENCE / "meta_expected.csv").open() as file:
        expected = [row for row in csv.DictReader(file) if row["dataset"].startswith("bcg") and row["method"] == "REML"]
    assert expected
    for row in expected:
        assert document["methods"]["REML"]["estimate"] == pytest.approx(float(row["estimate"]), abs=1e-6)


def test_a_row_that_lacks_a_number_is_passed_over(tmp_path: Path) -> None:
    file = write(tmp_path, "yi,vi\n0.1,0.02\n,0.03\n0.3,0.02\n0.2,NA\n0.2,0.04\n")

    assert nic("evidence", "pool", file, "--json").document["k"] == 3


def test_one_effect_has_no_prediction(tmp_path: Path) -> None:
    document = nic("evidence", "pool", write(tmp_path, "yi,vi\n0.1,0.02\n"), "--json").document

    assert document["methods"]["REML"]["estimate"] == 0.1
    assert document["methods"]["REML"]["pi_t"] is None


def test_many_pools_come_from_one_file(tmp_path: Path) -> None:
    text = "practice,yi,vi\nb,0.1,0.02\na,0.3,0.02\nb,0.2,0.04\nb,0.6,0.03\n ,,\n"
    file = write(tmp_path, text)

    groups = nic("evidence", "pool", file, "--by", "practice", "--json").document["groups"]

    assert [(group["group"], group["k"]) for group in groups] == [("b", 3), ("a", 1)]
    assert groups[1]["pi"] is None
    assert "sites" in nic("evidence", "pool", file, "--by", "practice").out
    assert nic("evidence", "pool", file, "--by", "school").code == 1


def test_a_pool_for_people_comes_from_stdin() -> None:
    answer = nic("evidence", "pool", "-", stdin="yi,vi\n0.1,0.02\n0.3,0.02\n0.2,0.04\n")

    assert answer.code == 0
    assert "3 effects" in answer.out
    assert "REML" in answer.out


@pytest.mark.parametrize("kind", ["run", "i", "mr", "c", "p", "u", "pp"])
def test_each_kind_of_chart_has_the_contracts_shape(kind: str, tmp_path: Path) -> None:
    text = "y,n\n" + "".join(f"{count},{40 + count}\n" for count in (3, 5, 4, 9, 2, 6, 30, 4))
    if kind in ("mr", "c"):
        text = "".join(line.partition(",")[0] + "\n" for line in text.splitlines())

    document = nic("evidence", "chart", write(tmp_path, text), "--kind", kind, "--json").document

    assert list(document) == [
        "kind", "center", "lcl", "ucl", "n_useful", "longest_run", "longest_run_max", "crossings", "crossings_min",
        "runs_signal", "sigma_signals",
    ]  # fmt: skip
    assert [len(document[name]) for name in ("center", "lcl", "ucl")] == [8, 8, 8]
    if kind == "run":
        assert document["lcl"] == [None] * 8
    if kind in ("c", "p", "u"):
        assert document["sigma_signals"] == [6]


def test_a_chart_for_people_names_the_signal(tmp_path: Path) -> None:
    text = "y\n" + "\n".join(["1"] * 12 + ["5"] * 12) + "\n"

    answer = nic("evidence", "chart", write(tmp_path, text))

    assert "a signal" in answer.out


def test_a_chart_is_split_frozen_and_read_by_other_rules(tmp_path: Path) -> None:
    file = write(tmp_path, "y\n" + "\n".join(map(str, [1, 3, 2, 1, 3, 2, 5, 4, 6, 7, 8, 9])) + "\n")

    split = nic("evidence", "chart", file, "--kind", "i", "--split", 6, "--freeze", 2, "--json").document
    assert split["center"] == [2.0] * 6 + [6.5] * 6
    assert "all go up: a weak sign" in nic("evidence", "chart", file, "--rules", "ihi").out


@pytest.mark.parametrize(
    ("command", "text", "words"),
    [
        (["pool"], "a,b\n1,2\n", "needs a column yi"),
        (["pool"], "yi,vi\n1,x\n", "Line 2"),
        (["pool"], "yi,vi\n", ""),
        (["pool"], "yi,vi\n0.1,-2\n", ""),
        (["chart", "--kind", "p"], "y\n1\n", "needs a column n"),
        (["chart", "--kind", "p"], "y,n\n9,3\n", "above n"),
        (["chart", "--kind", "c"], "y\n-1\n", "below 0"),
    ],
)
def test_a_file_that_can_not_be_used(command: list[str], text: str, words: str, tmp_path: Path) -> None:
    answer = nic("evidence", *command, write(tmp_path, text), "--json")

    assert (answer.code, answer.out) == (1, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


@pytest.mark.parametrize("content", [b"\xff\xfey\x00", b"yi,vi\n\xe9,1\n"])
def test_letters_that_are_not_utf8(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(content)

    answer = nic("evidence", "pool", file)

    assert answer.code == 1
    assert "UTF-8" in answer.err


def test_json_has_no_nan(tmp_path: Path) -> None:
    answer = nic("evidence", "chart", write(tmp_path, "y\n1\n\n2\n"), "--kind", "i", "--json")

    json.loads(answer.out, parse_constant=pytest.fail)
