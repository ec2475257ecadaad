"""`nic log verify` on folders and over HTTP: an honest log, a tampered one, and what is no log."""

from pathlib import Path

import pytest

from federation.keys import thumbprint
from tests.cli.calls import nic
from tests.fakes.network_log import NetworkLog, open_log


@pytest.fixture(scope="module")
def honest() -> NetworkLog:
    log = open_log()
    log.publish("ada")
    return log


def written(log: NetworkLog, folder: Path, **changed: bytes) -> Path:
    for path, data in log.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(changed.get(path, data))
    return folder


def test_an_honest_log(honest: NetworkLog, tmp_path: Path) -> None:
    document = nic("log", "verify", written(honest, tmp_path), "--json").document

    assert document["origin"] == honest.origin
    assert (document["size"], document["records"]) == (13, 1)
    assert (document["cosignatures"], document["refused"], document["ok"]) == ([], [], True)
    assert document["pinned"] is False


def test_with_the_keys_pinned(honest: NetworkLog, tmp_path: Path) -> None:
    document = nic(
        "log", "verify", written(honest, tmp_path), "--jkt", thumbprint(honest.leaf_private), "--json"
    ).document

    assert (document["ok"], document["pinned"]) == (True, True)


def test_another_key_than_the_pinned_one_exits_1(honest: NetworkLog, tmp_path: Path) -> None:
    answer = nic("log", "verify", written(honest, tmp_path), "--jkt", thumbprint(honest.log_private), "--json")

    assert answer.code == 1
    assert '"ok": false' in answer.out


def test_a_flipped_byte_exits_1_and_is_shown(honest: NetworkLog, tmp_path: Path) -> None:
    bundle = next(path for path in honest.files if "entries" in path and path.endswith("13"))
    data = bytearray(honest.files[bundle])
    data[-10] ^= 1

    answer = nic("log", "verify", written(honest, tmp_path, **{bundle: bytes(data)}))

    assert answer.code == 1
    assert "NOT OK" in answer.out
    assert "entry-wrong" in answer.out


def test_for_people_it_says_who_vouched_for_the_keys(honest: NetworkLog, tmp_path: Path) -> None:
    answer = nic("log", "verify", written(honest, tmp_path))

    assert answer.code == 0
    assert "all of it holds" in answer.out
    assert "--jkt" in answer.out


def test_a_folder_without_a_log(tmp_path: Path) -> None:
    answer = nic("log", "verify", tmp_path, "--json")

    assert answer.code == 1
    assert "log-incomplete" in answer.out


def test_what_is_neither_folder_nor_address(tmp_path: Path) -> None:
    answer = nic("log", "verify", tmp_path / "absent", "--json")

    assert (answer.code, answer.out) == (1, "")
    assert "neither a folder nor an address" in answer.err


def test_an_address_that_nobody_answers() -> None:
    answer = nic("log", "verify", "http://127.0.0.1:9/log/1", "--json")

    assert (answer.code, answer.out) == (1, "")
    assert "can't be reached" in answer.err
