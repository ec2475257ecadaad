"""`nic privacy cells`: every cell of a table answered in the contract's shape, a wrong file in one sentence."""

import gzip
import json
import time
from pathlib import Path
from random import Random

import pytest

from tests.cli.calls import is_one_sentence, nic

ROWS = "term,grade,pupils,absent\n1,6,4,1\n1,7,61,23\n1,8,30,12\n2,6,40,9\n2,7,30.0,11\n2,7,30,12\n"


def table(folder: Path, text: str = ROWS) -> Path:
    file = folder / "table.csv"
    file.write_text(text)
    return file


def test_each_cell_is_printed_or_withheld_with_its_interval(tmp_path: Path) -> None:
    asked = ("--n", "pupils", "--x", "absent", "--by", "term", "--by", "grade", "--json")
    answer = nic("privacy", "cells", table(tmp_path), *asked)

    assert (answer.code, answer.err) == (0, "")
    cells = json.loads(answer.out)["cells"]
    assert [cell["by"] for cell in cells] == [
        {"term": term, "grade": grade} for term, grade in (("1", "6"), ("1", "7"), ("1", "8"), ("2", "6"), ("2", "7"))
    ]
    assert cells[0] == {
        "by": {"term": "1", "grade": "6"},
        "printed": None,
        "suppressed": "primary",
        "interval": [0, 13],
    }
    assert cells[1]["printed"] == "35-39 %, n about 60"
    assert (cells[2]["printed"], cells[2]["suppressed"], cells[2]["interval"]) == (None, "complementary", [0, 13])
    assert (cells[4]["printed"], cells[4]["suppressed"], cells[4]["interval"]) == ("35-39 %, n about 60", None, None)


def test_columns_may_follow_each_other_and_the_file_may_be_packed(tmp_path: Path) -> None:
    file = tmp_path / "table.csv.gz"
    file.write_bytes(gzip.compress(ROWS.encode()))
    answer = nic("privacy", "cells", file, "--n", "pupils", "--by", "term", "grade", "--json")
    assert [cell["printed"] for cell in json.loads(answer.out)["cells"]] == [
        None,
        "n about 60",
        None,
        "n about 40",
        "n about 60",
    ]


def test_people_read_a_table_and_a_sum(tmp_path: Path) -> None:
    answer = nic("privacy", "cells", table(tmp_path), "--n", "pupils", "--by", "grade")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "3 of 3 cells are printed."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs a column"),
        ("grade,n\n6,12\n", "column pupils"),
        ("grade,pupils\n", "no row"),
        ("grade,pupils\n6,-3\n", "Line 2"),
        ("grade,pupils\n6,NaN\n", "Line 2"),
        ("grade,pupils\n6,12\n7,1e9\n", "Line 3"),
        ("grade,pupils\n6,12.5\n", "Line 2"),
        ("grade,pupils\n6,\n", "Line 2"),
        ("grade,pupils\n6\n", "Line 2"),
        ("grade,pupils\n6," + "9" * 30 + "\n", "Line 2"),
        ("grade,pupils,pupils\n6,12,13\n", "same name"),
        ('grade,pupils\n"6,12\n', "comma-separated"),
    ],
)
def test_a_wrong_table_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    answer = nic("privacy", "cells", table(tmp_path, text), "--n", "pupils", "--by", "grade", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert is_one_sentence(answer.err)
    assert says in answer.err


def test_more_counted_than_people_is_told_by_its_line_only(tmp_path: Path) -> None:
    file = table(tmp_path, "grade,pupils,absent\n6,41,57\n")
    answer = nic("privacy", "cells", file, "--n", "pupils", "--x", "absent", "--by", "grade")
    assert answer.code == 1
    assert "Line 2" in answer.err
    assert "57" not in answer.err


MOST_SECONDS = 30.0  # of the processor; it takes two


def test_every_cell_of_a_table_of_ten_thousand_is_answered_in_bounded_time(tmp_path: Path) -> None:
    """As open data of weeks, places and needs look: seven of ten cells count fewer than ten people."""
    chance = Random(1)
    sizes = [chance.choice((1, 2, 3, 5, 7, 8, 9, 12, 40, 180)) for _ in range(9_995)]
    rows = "".join(f"{index % 40},{index // 40},{n}\n" for index, n in enumerate(sizes))
    started = time.process_time()
    answer = nic(
        "privacy", "cells", table(tmp_path, f"week,band,n\n{rows}"), "--n", "n", "--by", "week", "band", "--json"
    )
    assert time.process_time() - started < MOST_SECONDS
    cells = json.loads(answer.out)["cells"]
    assert len(cells) == 9_995
    for n, cell in zip(sizes, cells, strict=True):
        assert (cell["printed"] is None) == (cell["suppressed"] is not None) == (cell["interval"] is not None)
        assert n >= 10 or cell["suppressed"] == "primary"
        assert cell["interval"] is None or cell["interval"][1] - cell["interval"][0] >= 10


def test_a_damaged_gzip_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "table.csv.gz"
    file.write_bytes(gzip.compress(ROWS.encode())[:-9])
    answer = nic("privacy", "cells", file, "--n", "pupils", "--by", "grade")
    assert answer.code == 1
    assert is_one_sentence(answer.err)


def test_a_column_twice_is_a_wrong_call(tmp_path: Path) -> None:
    answer = nic("privacy", "cells", table(tmp_path), "--n", "pupils", "--by", "grade", "--by", "grade")
    assert answer.code == 2
