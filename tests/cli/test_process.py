"""`nic` as a shell runs it: a process with an exit code and two streams."""

import http.client
import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nic_node.app.routes import all_operations
from tests.cli.calls import is_one_sentence, nic

REFERENCE = Path(__file__).parents[1] / "data" / "reference"


@pytest.mark.parametrize("trouble", ["a taken port", "an unknown database", "a silent database", "no right to write"])
def test_what_the_machine_refuses_is_told_in_one_sentence(trouble: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {
            "a taken port": {"NIC_PORT": str(taken.getsockname()[1])},
            "an unknown database": {"DATABASE_URL": "mysql://root:secret@127.0.0.1/nic"},
            "a silent database": {"DATABASE_URL": f"postgresql://nic:secret@127.0.0.1:{closed_port()}/nic"},
            "no right to write": {"NIC_DATA": "/proc/nic-data"},
        }[trouble]
        answer = nic("serve", data=tmp_path / "node", settings=settings)

    assert (answer.code, answer.out) == (1, "")
    assert is_one_sentence(answer.err)
    assert "secret" not in answer.err


def test_a_reader_that_wants_no_more_is_no_trouble(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nic_node.cli", "doctor", "--data", str(tmp_path)]
    gone, out = os.pipe()
    os.close(gone)
    try:
        ended = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(out)
    assert (ended.returncode, ended.stderr) == (1, "")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_worker_apart_does_the_work_of_a_node_that_only_serves(tmp_path: Path) -> None:
    """Both start on one folder and end when they are told to; whoever watches the worker asks it, and gets no page."""
    environment = {**os.environ, "NIC_DATA": str(tmp_path), "NIC_PORT": str(closed_port())}
    command = [sys.executable, "-m", "nic_node.cli"]
    serving = subprocess.Popen([*command, "serve", "--no-worker"], env=environment, stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    assert serving.stdout.readline().startswith("http://127.0.0.1:")
    before = due(tmp_path)
    port = closed_port()
    working = subprocess.Popen([*command, "worker", "--probes-port", str(port)], env=environment)
    try:
        assert before
        wait_for(lambda: not due(tmp_path) & before)
        paths = ("/healthz", "/readyz", "/metrics", "/sign-in", "/api/v1/practices")
        assert [status_at(port, path) for path in paths] == [200, 200, 404, 404, 404]
    finally:
        for process in (working, serving):
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=60) for process in (working, serving)]
        serving.stdout.close()
    assert codes == [0, 0]


def status_at(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Accept": "text/html"})
    status = connection.getresponse().status
    connection.close()
    return status


def due(folder: Path) -> set[tuple[str, str]]:
    """The node's jobs whose time has come, and when that was: whoever does one puts it off to its next time."""
    with closing(sqlite3.connect(folder / "nic.sqlite3")) as connection:
        return set(connection.execute("SELECT kind, run_at FROM jobs WHERE run_at < datetime('now', '+1 minute')"))


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.05)


def test_the_streams_and_the_exit_code_of_a_real_process(tmp_path: Path) -> None:
    file = REFERENCE / "meta_bcg_logrr.csv"
    commands = [["evidence", "pool", str(file), "--json"], ["project", "list", "--data", str(tmp_path / "none")]]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "nic_node.cli", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    (pooled, silent), (nothing, sentence) = (process.communicate(timeout=120) for process in processes)

    assert [process.returncode for process in processes] == [0, 1]
    assert (json.loads(pooled)["k"], silent) == (13, "")
    assert (nothing, sentence.count("\n")) == ("", 1)


def test_the_whole_api_is_described_by_a_command() -> None:
    document = nic("openapi").document

    assert document["openapi"].startswith("3.1")
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    named = [operation["operationId"] for operation in operations]
    assert len(named) == len(set(named)) == len(all_operations())
    assert all(len(operation["tags"]) == 1 for operation in operations)
