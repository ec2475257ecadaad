"""`nic privacy incidents`, `log`, `directory`: on a node of its own."""

from pathlib import Path

from tests.cli.calls import is_one_sentence, nic
from tests.unit.publishing.oneroster_zips import version_1_2
from tests.unit.school.test_directory_profiles import STATE


def test_an_empty_node_has_no_incident_and_a_whole_log(school: Path) -> None:
    assert nic("privacy", "incidents", "--json", data=school).document == {"items": []}
    assert nic("privacy", "log", "--json", data=school).document == {"lines": 0, "broken_at": None, "ok": True}
    refused = nic("privacy", "incident", 1, data=school)
    assert refused.code == 1
    assert is_one_sentence(refused.err)


def test_the_roster_is_filled_from_a_file_and_only_its_age_is_told(school: Path, tmp_path: Path) -> None:
    assert nic("privacy", "roster", "--json", data=school).document["stale"] is True
    file = tmp_path / "export.zip"
    file.write_bytes(version_1_2())
    told = nic("privacy", "roster", file, "--json", data=school)
    assert (told.document["entries"], told.document["stale"]) == (3, False)
    assert "Vargas" not in nic("privacy", "roster", data=school).out
    file.write_bytes(version_1_2()[:80])
    refused = nic("privacy", "roster", file, data=school)
    assert refused.code == 1
    assert is_one_sentence(refused.err)


def test_a_directory_is_imported_and_told_of(school: Path, tmp_path: Path) -> None:
    assert nic("privacy", "directory", "--json", data=school).document["schools"] == 0
    file = tmp_path / "state.csv"
    file.write_text(STATE)
    told = nic("privacy", "directory", file, "--json", data=school).document
    assert (told["name"], told["schools"], told["known"]["level"]) == ("state.csv", 40, 40)
    file.write_text(STATE.replace(",0.39", ",39"))
    told = nic("privacy", "directory", file, "--json", data=school).document
    assert (told["refused"], told["known"]["lunch"], [one["line"] for one in told["told"]]) == (1, 39, [41])
    assert "Line 41, lunch: '39' is over 1" in nic("privacy", "directory", file, data=school).out
    file.write_text("a,b\n")
    refused = nic("privacy", "directory", file, data=school)
    assert refused.code == 1
    assert is_one_sentence(refused.err)
