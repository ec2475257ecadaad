"""`nic demo` itself: folders, lines, exit codes, demo.json and where to go, on stories short enough to play here."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import click
import pytest
from click.testing import CliRunner

from nic_node.cli import demo as command
from nic_node.cli.main import main
from nic_node.demo.calendar import calendar_of
from nic_node.demo.cast import APPLICANT, COORDINATOR, LEADS, REVIEWERS, Cast, School, email_of
from nic_node.demo.processes import NodeProcess
from nic_node.demo.signposts import describe_nodes, say_where_to_go
from nic_node.demo.visitors import StepFailed, Visitor

NODE_KEYS = {"name", "role", "url", "user", "password"}
COUNTED: dict[str, Any] = {
    "schools": 5,
    "practices": 4,
    "replications": 7,
    "pooled": {"k": 8, "estimate": 0.1, "ci": [0, 1], "pi": [-1, 2]},
}


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    """Five schools that nobody started."""
    async with AsyncExitStack() as stack:
        made = Cast(folder=tmp_path, calendar=calendar_of(date(2026, 10, 27)), stack=stack)
        for number, name in enumerate(LEADS):
            url = f"http://127.0.0.1:{9000 + number}"
            lead = await stack.enter_async_context(Visitor(url))
            school = School(key=name, node=NodeProcess(name=name, data=tmp_path / name, url=url), lead=lead)
            if name == COORDINATOR:
                made.coordinator = school
            else:
                made.schools[name] = school
        yield made


async def test_each_node_is_described_as_others_rely_on(cast: Cast) -> None:
    nodes = describe_nodes(cast)
    assert [set(node) for node in nodes] == [NODE_KEYS] * 5
    assert [node["role"] for node in nodes if node["name"] in (COORDINATOR, APPLICANT)] == ["coordinator", "applicant"]
    assert len({node["url"] for node in nodes}) == len({node["user"] for node in nodes}) == 5
    assert {type(value) for node in nodes for value in node.values()} == {str}


async def test_where_to_go_names_everybody_whom_a_visitor_can_be(cast: Cast) -> None:
    nodes = describe_nodes(cast)
    said = say_where_to_go(nodes)
    for node in nodes:
        assert f"{node['url']}  {node['name']} ({node['role']}): {node['user']}" in said
    for name in REVIEWERS.values():
        assert email_of(name) in said, "a visitor can play the review only as somebody else than the author"
    assert nodes[0]["password"] in said


async def nothing(_: Cast) -> dict[str, Any]:
    return {}


async def counting(_: Cast) -> dict[str, Any]:
    return COUNTED


async def failing(_: Cast) -> dict[str, Any]:
    raise StepFailed("The tide is out.")


def check(monkeypatch: pytest.MonkeyPatch, folder: Path, *steps: tuple[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    monkeypatch.setattr(command, "story", lambda: list(steps))
    monkeypatch.setattr(command, "check_steps", list)
    result = CliRunner().invoke(main, ["demo", "--check", "--keep", str(folder), "--json"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_when_every_step_holds_the_summary_is_what_was_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, lines = check(monkeypatch, tmp_path / "new", ("begin", nothing), ("ledger", counting))
    assert code == 0
    assert [line["step"] for line in lines] == ["begin", "ledger", "summary"]
    assert lines[-1] == {"step": "summary", "ok": True, **COUNTED}


def test_the_first_step_that_fails_ends_the_check_with_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, lines = check(monkeypatch, tmp_path / "new", ("begin", nothing), ("tide", failing), ("ledger", counting))
    assert code == 1
    assert [(line["step"], line["ok"]) for line in lines] == [("begin", True), ("tide", False), ("summary", False)]
    assert lines[1]["why"] == "The tide is out."
    assert lines[-1].keys() == {"step", "ok", *COUNTED}


@pytest.mark.parametrize("option", [["--check", "--keep"], ["--data"]])
def test_a_folder_with_something_else_in_it_is_left_alone(option: list[str], tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear all")
    result = CliRunner().invoke(main, ["demo", *option, str(tmp_path)])
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_room_is_made_only_where_a_demo_was_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command.make_room(folder)
    (folder / "harbor").mkdir()
    (folder / "harbor" / "half").write_text("written")
    command.make_room(folder)
    assert [path.name for path in folder.iterdir()] == [command.UNFINISHED]
    (folder / command.UNFINISHED).unlink()
    (folder / "letters.txt").write_text("Dear all")
    with pytest.raises(click.UsageError):
        command.make_room(folder)
    assert (folder / "letters.txt").exists()


async def start_one(cast: Cast) -> dict[str, Any]:
    node = NodeProcess(name=COORDINATOR, data=cast.folder / COORDINATOR)
    cast.stack.push_async_callback(node.stop)
    await node.start()
    lead = await cast.stack.enter_async_context(Visitor(node.url))
    cast.coordinator = School(key=COORDINATOR, node=node, lead=lead)
    return {}


async def test_the_demo_says_ready_stays_and_is_taken_up_again_where_it_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "story", lambda: [("start", start_one)])
    folder = tmp_path / "demo"
    first = await shown_until_stopped(folder, capsys)
    known = json.loads((folder / command.DEMO_FILE).read_text())
    assert [set(node) for node in known["nodes"]] == [NODE_KEYS]
    assert known["nodes"][0]["url"] in first
    assert "ok   start" in first
    assert not (folder / command.UNFINISHED).exists()
    again = await shown_until_stopped(folder, capsys)
    assert known["nodes"][0]["url"] in again, "it lives at the same address"
    assert "ok   start" not in again, "the story is not played twice"


async def shown_until_stopped(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the demo printed until it was ready; meanwhile its nodes answered, afterwards they don't."""
    running = asyncio.create_task(command.show(folder, fill=0))
    said = ""
    while not said.endswith("\nready\n"):
        assert not running.done(), await running
        await asyncio.sleep(0.05)
        said += capsys.readouterr().out
    (node,) = json.loads((folder / command.DEMO_FILE).read_text())["nodes"]
    async with aiohttp.ClientSession() as session:
        async with session.get(node["url"] + "/healthz") as answer:
            assert answer.status == 200
        os.kill(os.getpid(), signal.SIGINT)
        await running
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(node["url"] + "/healthz")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)
    return said
