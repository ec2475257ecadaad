"""`nic network theory` and `nic network synthesis`."""

import json
from pathlib import Path

from tests.cli.calls import nic


def test_the_diagram_is_drawn_and_a_quarter_written_about(school: Path, tmp_path: Path) -> None:
    drivers, text = tmp_path / "drivers.json", tmp_path / "text.txt"
    drivers.write_text(json.dumps([{"name": "Families hear early", "ideas": ["two-way-texting"]}]))
    text.write_text("Nothing was tried yet.")
    nic("network", "found", "north", "--name", "North Coast", "--purpose", "Attendance in grade 9", data=school)
    assert "no driver diagram yet" in nic("network", "theory", data=school).out
    found = nic("network", "theory", "--file", drivers, "--json", data=school).document
    assert (found["charter_version"], found["drivers"][0]["ideas"][0]["results"]) == (2, 0)
    assert "no result yet" in nic("network", "theory", data=school).out
    write = ("network", "synthesis", "--quarter", "2026-Q1", "--title", "A start", "--text-file", text)
    assert nic(*write, data=school).code == 0
    (one,) = nic("network", "synthesis", "--json", data=school).document["items"]
    assert (one["quarter"], one["charter_version"], one["text"]) == ("2026-Q1", 2, "Nothing was tried yet.")
    assert nic("network", "synthesis", "--quarter", "2026-Q1", data=school).code == 2
    drivers.write_text(json.dumps([{"name": "x", "ideas": ["alchemy"]}]))
    assert nic("network", "theory", "--file", drivers, data=school).code == 1
