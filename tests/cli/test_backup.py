"""`nic backup` and `nic restore` as an operator calls them."""

from pathlib import Path

import pytest

from tests.cli.calls import nic
from tests.cli.serving import give_address, serving

PASSPHRASE = "four words or rather more"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIC_BACKUP_PASSPHRASE", PASSPHRASE)


def test_there_and_back(school: Path, tmp_path: Path) -> None:
    give_address(school)
    file, elsewhere = tmp_path / "monday.backup", tmp_path / "elsewhere"
    with serving(school):
        made = nic("backup", file, "--json", data=school).document
        assert made["bytes"] == file.stat().st_size
        refused = nic("restore", file, "--replace", data=school)
        assert (refused.code, "stop the node first" in refused.err) == (1, True)
    back = nic("restore", file, "--json", data=elsewhere).document
    assert (back["behind"], back["taken_back"]) == ([], 0)
    assert nic("user", "list", "--json", data=elsewhere).document == nic("user", "list", "--json", data=school).document
    assert (elsewhere.stat().st_mode & 0o777, (elsewhere / "nic.sqlite3").stat().st_mode & 0o777) == (0o700, 0o600)
    again = nic("restore", file, data=elsewhere)
    assert (again.code, "--replace" in again.err) == (1, True)
    assert nic("restore", file, "--replace", data=elsewhere).code == 0


def test_a_passphrase_is_typed_twice_or_refused(school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIC_BACKUP_PASSPHRASE", "short")
    answer = nic("backup", tmp_path / "file", data=school)
    assert (answer.code, "12 characters" in answer.err) == (1, True)
    assert list(tmp_path.glob("*file*")) == []
    monkeypatch.delenv("NIC_BACKUP_PASSPHRASE")
    typed = nic("backup", tmp_path / "file", data=school, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert typed.code == 0
    assert PASSPHRASE not in typed.out + typed.err
