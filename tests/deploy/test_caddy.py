"""A real Caddy with deploy/Caddyfile in front of a real node: what visitors get, and whose address counts."""

import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.test_utils import unused_port
from sqlalchemy import select

from nic_node.accounts.passwords import Cost
from nic_node.accounts.tables import SignInAttempt
from nic_node.app.node import Node
from nic_node.app.serve import running_node
from nic_node.config import read_config
from nic_node.web import csrf
from tests.deploy.reading import DEPLOY, TOOLS

TOKEN = "t" * 40
VISITOR = "127.0.0.2"
"""An address of this machine that is no proxy's."""
AROUND = """{{
	admin off
	skip_install_trust
	local_certs
	auto_https disable_redirects
	http_port {http}
	https_port {https}
	storage file_system {storage}
}}
import {caddyfile}
"""


def caddy(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOOLS / "caddy", *map(str, words)],
        env={"HOME": "/nonexistent", **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_caddy_takes_the_file_and_would_write_it_so(tmp_path: Path) -> None:
    file = DEPLOY / "Caddyfile"
    home = {"HOME": str(tmp_path), "NIC_DOMAIN": "school.example.org"}
    checked = caddy("validate", "--adapter", "caddyfile", "--config", file, **home)
    assert (checked.returncode, "Valid configuration" in checked.stdout + checked.stderr) == (0, True)
    assert caddy("fmt", file).returncode == 0
    wrong = tmp_path / "Caddyfile"
    wrong.write_text(file.read_text().replace("health_uri", "health_url"))
    assert caddy("validate", "--adapter", "caddyfile", "--config", wrong, **home).returncode != 0


@contextmanager
def running_caddy(folder: Path, https: int, upstream: int) -> Iterator[ssl.SSLContext]:
    """Until the block ends; gives what trusts its certificate, which no store of this machine knows of."""
    storage, file = folder / "storage", folder / "Caddyfile"
    file.write_text(AROUND.format(http=unused_port(), https=https, storage=storage, caddyfile=DEPLOY / "Caddyfile"))
    environment = {"HOME": str(folder), "NIC_DOMAIN": "localhost", "NIC_UPSTREAM": f"127.0.0.1:{upstream}"}
    process = subprocess.Popen(
        [TOOLS / "caddy", "run", "--config", file, "--adapter", "caddyfile"],
        env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        missing, said = {"serving initial configuration", "certificate obtained successfully"}, []
        while missing:
            said.append(process.stderr.readline())
            assert said[-1], "".join(said)
            missing -= {words for words in missing if words in said[-1]}
        yield ssl.create_default_context(cafile=storage / "pki/authorities/local/root.crt")
    finally:
        process.terminate()
        process.stderr.read()
        process.wait(timeout=30)
        process.stderr.close()


@dataclass
class Fronted:
    node: Node
    session: ClientSession
    url: str


@pytest.fixture
async def fronted(tmp_path: Path) -> AsyncIterator[Fronted]:
    https = unused_port()
    config = read_config(
        tmp_path / "node",
        {
            "NIC_PORT": "0",
            "NIC_PUBLIC_URL": f"https://localhost:{https}",
            "NIC_METRICS_TOKEN": TOKEN,
            "NIC_TRUSTED_PROXIES": "127.0.0.1",
        },
    )
    async with running_node(config, with_worker=False, password_cost=Cost(passes=1, memory_kib=8)) as node:
        with running_caddy(tmp_path, https, node.local.config.port) as trusting:
            connector = TCPConnector(ssl=trusting, local_addr=(VISITOR, 0))
            async with ClientSession(connector=connector) as session:
                yield Fronted(node, session, f"https://localhost:{https}")


async def test_a_visitor_behind_caddy(fronted: Fronted) -> None:
    session, url = fronted.session, fronted.url
    false = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    async with session.get(f"{url}/sign-in", headers=false) as answer:
        page = await answer.text()
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"]
        assert answer.headers["Content-Security-Policy"]
        assert "Content-Encoding" not in answer.headers, "a page holds a token"
        assert "evil.example" not in page
        assert answer.cookies[csrf.COOKIE]["secure"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "email": "ada@school.example", "password": "not the one of anybody"}
    for origin, status in ((url, 422), ("https://evil.example", 403)):
        async with session.post(f"{url}/sign-in", data=form, headers={"Origin": origin, **false}) as answer:
            assert answer.status == status, await answer.text()
    async with fronted.node.local.database.reading() as reading:
        assert list(await reading.scalars(select(SignInAttempt.address))) == [VISITOR], (
            "the visitor's, whatever he says"
        )


async def test_numbers_stay_inside_and_what_is_public_is_compressed(fronted: Fronted) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    inside = f"http://127.0.0.1:{fronted.node.local.config.port}"
    async with fronted.session.get(f"{fronted.url}/metrics", headers=shown) as answer:
        assert answer.status == 404
    async with ClientSession() as near, near.get(f"{inside}/metrics", headers=shown) as answer:
        assert answer.status == 200
    for path in ("/healthz", "/readyz"):
        async with fronted.session.get(fronted.url + path) as answer:
            assert answer.status == 200
    async with fronted.session.get(f"{fronted.url}/static/style.css", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
