"""How long a node needs from its start until /healthz answers, alone and five at once, and how much memory it holds.

A node makes its folder, tables and keys on the first start, which is the start that is timed. The other side of each
pair is a bare aiohttp server with nothing but a /healthz, in a process of its own: what Python and aiohttp cost alone.
The promises: 5 s alone and 12 s for five on two cores, 160 MiB idle, 320 MiB at the peak.
"""

import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from bench.pairs import Result

PAIRS = 3
TOGETHER = 5
LONGEST_SECONDS = 120.0
SETTLED_SECONDS = 3.0
ROUNDS = 8
BARE = """
import sys
from aiohttp import web
async def health(request):
    return web.json_response({"status": "ok"})
application = web.Application()
application.router.add_get("/healthz", health)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PASSWORD = "seven green kites"  # noqa: S105 - of a node that lives as long as the benchmark
PAGES = ("/", "/plan", "/projects", "/measures", "/learn", "/share", "/network", "/people", "/audit", "/api/docs")

Start = Callable[[Path, int], subprocess.Popen[str]]


def run() -> list[Result]:
    """node-start and nodes-start-together in seconds, node-idle and node-peak in MiB."""
    return [
        *(_started(name, count) for name, count in (("node-start", 1), ("nodes-start-together", TOGETHER))),
        *_memory(),
    ]


def _started(name: str, count: int) -> Result:
    taken: dict[Start, list[float]] = {_node: [], _bare: []}
    for _ in range(PAIRS):
        for start, seconds in taken.items():
            with _running(start, count) as (_, waited):
                seconds.append(waited)
    return _result(name, taken[_node], taken[_bare], unit="s", n=count)


def _memory() -> list[Result]:
    """Idle: three seconds after the start. Peak: the most it ever held, after a set-up and eighty pages."""
    idle: dict[Start, list[float]] = {_node: [], _bare: []}
    peak: dict[Start, list[float]] = {_node: [], _bare: []}
    for start in (_node, _bare) * PAIRS:
        with _running(start, 1) as ((process,), _):
            time.sleep(SETTLED_SECONDS)
            idle[start].append(_mebibytes(process.pid, "VmRSS"))
            if start is _node:
                _visit(process)
            peak[start].append(_mebibytes(process.pid, "VmHWM"))
    return [
        _result("node-idle", idle[_node], idle[_bare], unit="MiB", n=1),
        _result("node-peak", peak[_node], peak[_bare], unit="MiB", n=1),
    ]


def _result(name: str, ours: Sequence[float], reference: Sequence[float], *, unit: str, n: int) -> Result:
    medians = statistics.median(ours), statistics.median(reference)
    return Result(
        name=name,
        ratio=round(medians[0] / medians[1], 3),
        ours=round(medians[0], 3),
        reference=round(medians[1], 3),
        unit=unit,
        better="lower",
        clock="wall",
        pairs=len(ours),
        n=n,
    )


def _node(folder: Path, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "nic_node.cli", "serve", "--port", str(port), "--data", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _bare(folder: Path, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BARE, str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@contextmanager
def _running(start: Start, count: int) -> Iterator[tuple[list[subprocess.Popen[str]], float]]:
    """Processes started at once, and the seconds until the last of them answered."""
    with tempfile.TemporaryDirectory() as folder:
        ports = _free_ports(count)
        began = time.perf_counter()
        processes = [start(Path(folder) / str(port), port) for port in ports]
        try:
            for port in ports:
                _wait_until_healthy(port, began)
            yield processes, time.perf_counter() - began
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.communicate(timeout=LONGEST_SECONDS)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def _wait_until_healthy(port: int, began: float) -> None:
    while time.perf_counter() - began < LONGEST_SECONDS:
        connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except ConnectionRefusedError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise TimeoutError(f"Nothing answered on port {port} within {LONGEST_SECONDS:.0f} seconds.")


def _mebibytes(pid: int, name: str) -> float:
    """A line of /proc/PID/status, which counts in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB$", status, flags=re.MULTILINE)[1]) / 1024  # type: ignore[index]  # it is there


def _visit(process: subprocess.Popen[str]) -> None:
    """Set the school up through the printed link, then look around."""
    assert process.stdout is not None
    address, link = process.stdout.readline().strip(), process.stdout.readline().strip().rsplit(" ", 1)[-1]
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    token = TOKEN.search(_open(browser, link))
    assert token is not None
    who = {"school_name": "Rivermouth", "name": "Ada Field", "email": "ada@school.example", "password": PASSWORD}
    _open(browser, link, urlencode({"csrf_token": token[1], **who}).encode())
    for _ in range(ROUNDS):
        for page in PAGES:
            _open(browser, address + page)


def _open(browser: OpenerDirector, url: str, form: bytes | None = None) -> str:
    with browser.open(url, form) as answer:
        text: str = answer.read().decode()
    return text
