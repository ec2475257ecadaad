"""The operator's key: from the environment or a private file, made once, never shown, never guessed."""

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nic_node.keyring.errors import OperatorKeyUnusable
from nic_node.keyring.operator_key import OperatorKey, read_operator_key

SECRET = bytes(range(32))
AS_TEXT = base64.urlsafe_b64encode(SECRET).decode()


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_first_start_makes_a_private_file_and_the_next_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "operator.key"
    made = read_operator_key(value=None, path=path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_operator_key(value=None, path=path) == made
    assert names_in(tmp_path) == ["operator.key"], "nothing else is left lying about"


def test_two_nodes_get_different_keys(tmp_path: Path) -> None:
    one, other = (read_operator_key(value=None, path=tmp_path / name) for name in ("one", "other"))
    assert one != other
    assert one.fingerprint != other.fingerprint


def test_a_usual_umask_does_not_open_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        read_operator_key(value=None, path=tmp_path / "operator.key")
    finally:
        os.umask(before)
    assert (tmp_path / "operator.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "operator.key"
    with ThreadPoolExecutor(max_workers=8) as pool:
        keys = list(pool.map(lambda _: read_operator_key(value=None, path=path), range(24)))
    assert len({key.secret for key in keys}) == 1
    assert names_in(tmp_path) == ["operator.key"]


@pytest.mark.parametrize("text", [AS_TEXT, AS_TEXT.rstrip("="), f"  {AS_TEXT}\n"])
def test_the_environment_wins_over_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "operator.key"
    read_operator_key(value=None, path=path)
    assert read_operator_key(value=text, path=path).secret == SECRET


def test_with_the_environment_no_file_is_made(tmp_path: Path) -> None:
    read_operator_key(value=AS_TEXT, path=tmp_path / "operator.key")
    assert not names_in(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "short", AS_TEXT[:-4], AS_TEXT + "AAAA", "not base64 at all, but long enough to be one?", "a" * 64, "ü" * 43],
)
def test_a_malformed_value_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        OperatorKeyUnusable, match="NIC_OPERATOR_KEY isn't an operator's key: it must be 32 random bytes"
    ):
        read_operator_key(value=text, path=tmp_path / "operator.key")


@pytest.mark.parametrize("content", [b"", b"half a ke", SECRET, b"\xff" * 43, AS_TEXT.encode() * 100])
def test_a_malformed_file_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "operator.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(OperatorKeyUnusable, match="Put back the key that this node was started with"):
        read_operator_key(value=None, path=path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660, 0o601])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "operator.key"
    read_operator_key(value=None, path=path)
    path.chmod(mode)
    with pytest.raises(OperatorKeyUnusable, match=r"Others can read or change .*chmod 600"):
        read_operator_key(value=None, path=path)


def test_a_folder_in_its_place_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "operator.key").mkdir(mode=0o700)
    with pytest.raises(OperatorKeyUnusable, match=r"can't be read or made \(Is a directory\)"):
        read_operator_key(value=None, path=tmp_path / "operator.key")
    with pytest.raises(OperatorKeyUnusable, match="Check that the folder exists"):
        read_operator_key(value=None, path=tmp_path / "no folder" / "operator.key")


def test_a_dangling_link_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "operator.key"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OperatorKeyUnusable):
        read_operator_key(value=None, path=path)
    assert not (tmp_path / "elsewhere").exists()


def test_the_secret_shows_nowhere() -> None:
    key = OperatorKey(SECRET)
    assert "\\x01" not in repr(key)
    assert AS_TEXT not in f"{key!r} {key}"


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(OperatorKeyUnusable):
        OperatorKey(b"x" * 16)
