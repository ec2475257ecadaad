"""`nic doctor` on real data folders: well while the node is served, and each fault named with its next step."""

import json
import os
import sqlite3
from pathlib import Path

from tests.cli.calls import nic
from tests.cli.serving import give_address, serving


def examined(data: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """(exit code, check by name)."""
    answer = nic("doctor", "--json", data=data)
    document = json.loads(answer.out)
    assert document["ok"] is (answer.code == 0)
    return answer.code, {check["name"]: check for check in document["checks"]}


def test_a_node_that_is_served_is_well(school: Path) -> None:
    url = give_address(school)
    with serving(school):
        code, checks = examined(school)
    assert code == 0, checks
    assert {name for name, check in checks.items() if check["state"] != "ok"} == {
        "configuration",
        "reachability",
        "backup",
    }
    assert url in checks["reachability"]["sentence"]
    assert all(check["next_step"] for check in checks.values() if check["state"] != "ok")
    assert "whole" in checks["database"]["sentence"]


def test_a_node_that_is_down_is_not_reachable(school: Path) -> None:
    give_address(school)
    code, checks = examined(school)
    assert (code, checks["reachability"]["state"]) == (1, "fail")
    assert "nic serve" in checks["reachability"]["next_step"]


def test_files_that_others_can_read(school: Path) -> None:
    school.chmod(0o755)
    (school / "operator.key").chmod(0o644)
    code, checks = examined(school)
    assert code == 1
    assert checks["folder"]["state"] == checks["operator-key"]["state"] == "fail"
    assert "chmod 700" in checks["folder"]["next_step"]
    assert "chmod 600" in checks["operator-key"]["sentence"]


def test_no_operator_key_is_made_by_looking(school: Path) -> None:
    (school / "operator.key").unlink()
    _, checks = examined(school)
    assert checks["operator-key"]["state"] == "fail"
    assert not (school / "operator.key").exists()


def test_another_operator_key(school: Path) -> None:
    (school / "operator.key").write_text("A" * 43)
    _, checks = examined(school)
    assert checks["keys"]["state"] == "fail"
    assert "lost" in checks["keys"]["next_step"]


def test_the_database_of_another_program(school: Path) -> None:
    with sqlite3.connect(school / "nic.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    _, checks = examined(school)
    assert checks["migrations"]["state"] == "fail"
    assert "nic migrate" in checks["migrations"]["next_step"]


def test_a_damaged_database(school: Path) -> None:
    for beside in ("-wal", "-shm"):
        (school / f"nic.sqlite3{beside}").unlink(missing_ok=True)
    file = school / "nic.sqlite3"
    pages = file.stat().st_size // 4096
    with file.open("r+b") as opened:
        for page in range(2, pages, 3):
            opened.seek(page * 4096)
            opened.write(os.urandom(4096))
    code, checks = examined(school)
    assert (code, checks["database"]["state"]) == (1, "fail")
    assert "nic restore" in checks["database"]["next_step"]


def test_a_folder_without_a_node(tmp_path: Path) -> None:
    code, checks = examined(tmp_path / "nowhere")
    assert code == 1
    assert checks["folder"]["state"] == checks["database"]["state"] == "fail"
    assert not (tmp_path / "nowhere").exists()


def test_settings_that_nobody_can_read(school: Path) -> None:
    (school / "nic.env").write_text("NIC_COLOUR=red\n")
    code, checks = examined(school)
    assert (code, set(checks)) == (1, {"configuration"})
    assert "NIC_COLOUR" in checks["configuration"]["sentence"]


def test_in_words(school: Path) -> None:
    answer = nic("doctor", data=school)
    assert "FAIL  Reachable from outside: Nothing answers" in answer.out
    assert "      Next: Start the node" in answer.out
