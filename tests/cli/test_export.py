"""`nic export` and `nic import` as a school that moves calls them."""

from pathlib import Path

import pytest

from tests.cli.calls import is_one_sentence, nic

PASSPHRASE = "four words or rather more"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIC_BACKUP_PASSPHRASE", PASSPHRASE)


def test_a_school_moves(school: Path, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "school.zip", tmp_path / "elsewhere"
    made = nic("export", file, "--json", data=school).document
    assert made["bytes"] == file.stat().st_size
    moved = nic("import", file, "--json", data=elsewhere).document
    assert moved["rows"] == made["rows"]
    assert [person["email"] for person in nic("user", "list", "--json", data=elsewhere).document["people"]] == [
        person["email"] for person in nic("user", "list", "--json", data=school).document["people"]
    ]
    assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert (elsewhere / "operator.key").stat().st_mode & 0o777 == 0o600
    again = nic("import", file, data=elsewhere)
    assert (again.code, "a node here already" in again.err, is_one_sentence(again.err)) == (1, True, True)


def test_what_is_no_export_is_told_in_a_sentence(school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_zip = tmp_path / "notes.txt"
    no_zip.write_text("Not a zip.")
    answer = nic("import", no_zip, data=tmp_path / "elsewhere")
    assert (answer.code, "no export" in answer.err) == (1, True)
    assert nic("import", tmp_path / "nowhere.zip", data=tmp_path / "elsewhere").code == 2
    monkeypatch.setenv("NIC_BACKUP_PASSPHRASE", "short")
    answer = nic("export", tmp_path / "file.zip", data=school)
    assert (answer.code, "12 characters" in answer.err) == (1, True)
    assert list(tmp_path.glob("*.zip*")) == []
