"""A wrong call exits 2, a refused one 1; both say why in one sentence on stderr and nothing on stdout."""

from pathlib import Path

import pytest

from nic_node.cli.main import main
from tests.cli.calls import is_one_sentence, nic


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bogus"], "No such command"),
        (["evidence", "pool"], "Missing argument"),
        (["evidence", "pool", "absent.csv"], "No such file"),
        (["evidence", "chart", "absent.csv", "--kind", "z"], "Invalid value"),
        (["project", "show", "zero"], "not a valid integer"),
        (["measure", "import", "0", __file__], "not in the range"),
        (["network", "found", "north"], "Missing option"),
        (["network", "found", "north", "--name", "N", "--purpose", "P", "--set", "colour=3"], "write NAME=VALUE"),
        (["network", "found", "north", "--name", "N", "--purpose", "P", "--set", "context_k=many"], "whole number"),
        (["network", "policy", "--text", "motto=x"], "write NAME=TEXT"),
        (["network", "reject", "1"], "Missing option"),
        (["practice", "search", "--facet", "colour=red"], "write NAME=VALUE"),
        (["user", "add", "Ben Holt", "ben@alder.example"], "Missing option"),
        (["user", "add", "Ben Holt", "ben@alder.example", "--role", "king"], "is not one of"),
        (["measure", "import", "1", __file__, "--column", "period"], "write ROLE=HEADER"),
        (["log", "verify"], "Missing argument"),
        (["serve", "--port", "70000"], "not in the range"),
    ],
)
def test_a_wrong_call(arguments: list[str], words: str, tmp_path: Path) -> None:
    answer = nic(*arguments, data=tmp_path)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


@pytest.mark.parametrize("group", [[], ["network"], ["evidence"]])
def test_a_group_alone_shows_its_help_and_counts_as_a_wrong_call(group: list[str]) -> None:
    answer = nic(*group)

    assert answer.code == 2
    assert "Commands:" in answer.err


def test_help_is_no_error() -> None:
    answer = nic("network", "epoch", "--help")

    assert answer.code == 0
    assert "--announce" in answer.out


def test_every_command_says_what_it_does() -> None:
    silent = [name for name, command in main.commands.items() if not command.help]
    for group in main.commands.values():
        silent += [name for name, command in getattr(group, "commands", {}).items() if not command.help]
    assert silent == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "list"],
        ["school", "show"],
        ["project", "list"],
        ["measure", "list"],
        ["practice", "search"],
        ["network", "applications"],
        ["log", "status"],
    ],
)
def test_a_folder_without_a_node_is_refused_and_stays_as_it_was(arguments: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    answer = nic(*arguments, data=folder)

    assert (answer.code, answer.out) == (1, "")
    assert "There is no node in" in answer.err
    assert is_one_sentence(answer.err)
    assert not folder.exists()


def test_a_setting_that_nobody_knows_is_named(school: Path) -> None:
    (school / "nic.env").write_text("NIC_COLOUR=red\n")

    answer = nic("user", "list", data=school)

    assert answer.code == 1
    assert "NIC_COLOUR" in answer.err
