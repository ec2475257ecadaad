"""Several nodes in one process: each on its own, whatever happens to another."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import unused_port

from nic_node.app import serve
from nic_node.app.node import Node, open_node
from nic_node.config import Config, folders_in, read_config, verify_nothing_shared
from nic_node.errors import NotConfigured
from nic_node.operations import routes
from tests.unit.app.test_nodes import Lines, next_line

GOOD, BROKEN = ("alder", "birch"), ("broken", "crowded", "twin")


def configs(folder: Path) -> list[Config]:
    """Two that run; one without a database that can be read, one whose port may be taken, one on another's database."""
    for name, port in [(name, unused_port()) for name in (*GOOD, *BROKEN)]:
        (folder / name).mkdir()
        more = f"DATABASE_URL=sqlite:///{folder}/alder/nic.sqlite3\n" if name == "twin" else ""
        (folder / name / "nic.env").write_text(f"NIC_PORT={port}\n{more}")
    (folder / "broken" / "nic.sqlite3").write_bytes(b"no database " * 100)
    return [read_config(one, {"NIC_ALLOW_INSECURE_LOOPBACK": "1"}) for one in folders_in(folder)]


async def say_whose_log(request: web.Request) -> web.Response:
    return web.json_response(structlog.contextvars.get_contextvars())


class Tries:
    """Whoever waits until a node was opened so many times more, whether it then ran or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._opened: asyncio.Queue[str] = asyncio.Queue()
        monkeypatch.setattr(serve, "open_node", self._open)

    def _open(self, config: Config, **options: Any) -> AbstractAsyncContextManager[Node]:
        self._opened.put_nowait(config.data.name)
        return open_node(config, **options)

    async def more(self, name: str, times: int) -> None:
        async with asyncio.timeout(60):
            while times:
                times -= await self._opened.get() == name


async def test_one_that_can_t_start_stops_no_other_and_is_tried_again_and_all_stop_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "health", say_whose_log)
    monkeypatch.setattr(serve, "START_AGAIN_AFTER", (0.01, 0.02))
    tries = Tries(monkeypatch)
    lines = Lines()
    errors = Lines()
    monkeypatch.setattr(sys, "stdout", lines)
    monkeypatch.setattr(sys, "stderr", errors)
    hosted = configs(tmp_path)
    assert [config.data.name for config in hosted] == ["alder", "birch", "broken", "crowded", "twin"]
    taken = socket.create_server(("127.0.0.1", hosted[3].port))
    running = asyncio.create_task(serve.serve_nodes(hosted))
    said = [await next_line(lines, running) for _ in range(2 * len(GOOD))]
    assert said[::2] == [hosted[0].public_url, hosted[1].public_url]
    async with ClientSession() as browser:
        for name, address, link in zip(GOOD, said[::2], said[1::2], strict=True):
            async with browser.get(f"{address}/healthz") as answer:
                assert await answer.json() == {"node": name}, "what is logged carries the node's name"
            async with browser.get(link.rsplit(" ", 1)[-1]) as answer:
                assert answer.status == 200
        tokens = [link.rsplit("/", 1)[-1] for link in said[1::2]]
        async with browser.get(f"{said[2]}/setup/{tokens[0]}") as answer:
            assert answer.status == 404, "the link of one opens nothing at another"
        told = [await next_line(errors, running) for _ in BROKEN]
        await tries.more("crowded", 4)
        taken.close()
        assert await next_line(lines, running) == hosted[3].public_url, "it starts by itself once its port is free"
        async with browser.get(f"{hosted[3].public_url}/healthz") as answer:
            assert await answer.json() == {"node": "crowded"}
        await tries.more("broken", 3)
        began = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)
        await running
        assert time.monotonic() - began < 10
    assert errors.written.empty(), "each is told of once, however often it is tried"
    assert [line.split(" was not started", 1)[0] for line in told] == list(BROKEN)
    assert "Its database can't be used" in told[0]
    assert "can't be listened on" in told[1]
    assert "It has the database of alder." in told[2]
    assert ["tried again" in line for line in told] == [True, True, False], "another's database stays another's"
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)
    entities = [entities_in(tmp_path / name) for name in GOOD]
    assert [len(found) for found in entities] == [1, 1]
    assert entities[0] != entities[1], "each has its own keys in its own database"


def entities_in(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "nic.sqlite3") as connection:
        return {entity for (entity,) in connection.execute("SELECT DISTINCT entity_id FROM keyring_keys")}


async def test_where_none_can_start_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosted = [config for config in configs(tmp_path) if config.data.name == "broken"]
    with pytest.raises(NotConfigured, match="None of these nodes"):
        await serve.serve_nodes(hosted * 2)
    assert capsys.readouterr().err.count("broken was not started") == 2


def test_what_belongs_to_one_may_not_stand_where_all_read_it(tmp_path: Path) -> None:
    verify_nothing_shared({"NIC_LOG_LEVEL": "debug"})
    with pytest.raises(NotConfigured, match="DATABASE_URL stands in the environment"):
        verify_nothing_shared({"DATABASE_URL": "postgresql://x"})
    with pytest.raises(NotConfigured, match="There is no node in"):
        folders_in(tmp_path)
