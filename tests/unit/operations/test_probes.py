"""What watches a node: whether it lives, whether it is ready, and every fault as a number that a monitor sees."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from federation.errors import FederationError
from nic_node.accounts.passwords import Cost
from nic_node.app.node import Node
from nic_node.app.routes import all_operations, all_pages
from nic_node.app.serve import running_node
from nic_node.clock import system_clock
from nic_node.config import read_config
from nic_node.operations import probes
from nic_node.operations.counted import METHODS, Counted
from nic_node.operations.last_backup import LastBackup, note_backup
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.outcomes import Outcome
from tests.attack.test_ssrf import make_certificate
from tests.conftest import new_database
from tests.fakes.misbehaving_peer import MisbehavingPeer
from tests.unit.peerhttp.test_client import DeadResolver

TOKEN = "a-token-of-forty-characters-or-rather-so"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
QUICK = Cost(passes=1, memory_kib=8)


class Watcher:
    """Somebody who asks a node's probes over HTTP."""

    def __init__(self, node: Node, session: ClientSession) -> None:
        self.node = node
        self.session = session
        self.url = node.local.config.public_url

    async def status(self, path: str, **headers: str) -> int:
        async with self.session.get(self.url + path, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def problem(self, path: str) -> tuple[int, str, str]:
        async with self.session.get(self.url + path) as answer:
            said = await answer.json(content_type="application/problem+json")
            return answer.status, said["code"], said["detail"]

    async def numbers(self) -> dict[str, float]:
        async with self.session.get(f"{self.url}/metrics", headers=SHOWN) as answer:
            assert answer.status == 200
            return numbers(await answer.text())


def numbers(said: str) -> dict[str, float]:
    """`name{labels}` -> value."""
    lines = [line.rpartition(" ") for line in said.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@asynccontextmanager
async def watched(folder: Path, token: str = TOKEN, **settings: str) -> AsyncIterator[Watcher]:
    config = read_config(folder, {"NIC_PORT": "0", "NIC_METRICS_TOKEN": token, **settings})
    async with running_node(config, with_worker=False, password_cost=QUICK) as node, ClientSession() as session:
        yield Watcher(node, session)


async def test_a_node_that_stops_lives_and_is_not_ready(tmp_path: Path) -> None:
    async with watched(tmp_path) as watcher:
        assert [await watcher.status(path) for path in ("/healthz", "/readyz")] == [200, 200]
        watcher.node.watched.is_stopping = True
        status, code, detail = await watcher.problem("/readyz")
        assert (status, code, "stopping" in detail) == (503, "not-ready", True)
        assert await watcher.status("/healthz") == 200
        assert (await watcher.numbers())["nic_ready"] == 0


async def test_nodes_of_one_process_speak_of_themselves_alone(tmp_path: Path) -> None:
    async with watched(tmp_path / "alder") as alder, watched(tmp_path / "birch") as birch:
        alder.node.watched.is_stopping = True
        assert [await one.status("/readyz") for one in (alder, birch)] == [503, 200]
        for _ in range(3):
            await alder.status("/help")
        pages = [await one.numbers() for one in (alder, birch)]
    asked = 'nic_http_requests_total{method="GET",route="page",status="2xx"}'
    assert [found.get(asked) for found in pages] == [3, None]


async def test_stopping_begins_before_the_door_closes(tmp_path: Path) -> None:
    config = read_config(tmp_path, {"NIC_PORT": "0"})
    async with running_node(config, with_worker=False, password_cost=QUICK) as node:
        assert not node.watched.is_stopping
    assert node.watched.is_stopping


async def test_a_database_that_is_gone_and_comes_back(tmp_path: Path) -> None:
    """No restart would mend it, so the node lives on, says what to do, and is ready again by itself."""
    async with watched(tmp_path) as watcher:
        file = tmp_path / "nic.sqlite3"
        await watcher.node.local.database.close()
        whole = file.read_bytes()
        file.write_bytes(b"no database " * 1000)
        status, code, detail = await watcher.problem("/readyz")
        assert (status, code) == (503, "not-ready")
        assert "Check that it runs" in detail
        assert await watcher.status("/healthz") == 200
        found = await watcher.numbers()
        assert (found["nic_database_up"], found["nic_ready"], "nic_jobs_due" in found) == (0, 0, False)
        assert found["nic_disk_free_bytes"] > 0
        await watcher.node.local.database.close()
        file.write_bytes(whole)
        assert await watcher.status("/readyz") == 200
        assert (await watcher.numbers())["nic_database_up"] == 1


async def test_a_server_of_databases_that_is_gone_and_comes_back(tmp_path: Path, postgres_cluster: str) -> None:
    address = new_database(postgres_cluster)
    name = make_url(address).database
    outside = create_async_engine(
        make_url(f"{postgres_cluster}/postgres").set(drivername="postgresql+asyncpg"), isolation_level="AUTOCOMMIT"
    )
    shut = f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    async with watched(tmp_path, DATABASE_URL=address) as watcher:
        assert await watcher.status("/readyz") == 200
        async with outside.connect() as connection:
            for statement in (shut, ended):
                await connection.execute(text(statement))
        assert (await watcher.problem("/readyz"))[:2] == (503, "not-ready")
        assert await watcher.status("/healthz") == 200
        found = await watcher.numbers()
        assert (found["nic_database_up"], found["nic_ready"]) == (0, 0)
        async with outside.connect() as connection:
            await connection.execute(text(shut.replace("false", "true")))
        assert await watcher.status("/readyz") == 200
        assert (await watcher.numbers())["nic_database_up"] == 1
    await outside.dispose()


async def test_a_database_that_keeps_silent_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 0.0)
    async with watched(tmp_path) as watcher:
        assert (await watcher.problem("/readyz"))[0] == 503


async def test_tables_of_another_program(tmp_path: Path) -> None:
    async with watched(tmp_path) as watcher:
        async with watcher.node.local.database.writing() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        _, code, detail = await watcher.problem("/readyz")
        assert code == "not-ready"
        assert "9999" in detail
        assert watcher.node.watched.head in detail


async def test_numbers_are_for_who_shows_the_token(tmp_path: Path) -> None:
    async with watched(tmp_path) as watcher:
        near = [TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), ""]
        wrong = [{}, *({"Authorization": f"Bearer {token}"} for token in near), {"Authorization": f"Basic {TOKEN}"}]
        assert {await watcher.status("/metrics", **headers) for headers in wrong} == {401}
        assert await watcher.status(f"/metrics?token={TOKEN}") == 401
        assert await watcher.status("/metrics", **SHOWN) == 200


async def test_without_a_token_there_are_no_numbers_at_all(tmp_path: Path) -> None:
    async with watched(tmp_path, token="") as watcher:
        assert {
            await watcher.status("/metrics", **headers) for headers in ({}, SHOWN, {"Authorization": "Bearer "})
        } == {404}


async def test_the_text_is_of_prometheus_in_both_its_forms(tmp_path: Path) -> None:
    async with watched(tmp_path) as watcher:
        for accept, ends in (("text/plain", ""), ("application/openmetrics-text; version=1.0.0", "# EOF\n")):
            async with watcher.session.get(f"{watcher.url}/metrics", headers={**SHOWN, "Accept": accept}) as answer:
                said = await answer.text()
            assert answer.content_type == accept.partition(";")[0]
            assert said.endswith(ends)
            assert "process_resident_memory_bytes" in said


async def test_what_people_do_is_counted_without_saying_what(tmp_path: Path) -> None:
    """Also in the time of each count nobody can read who reviewed or answered: pages and calls are some among all."""
    async with watched(tmp_path) as watcher:
        for path in ("/sign-in", "/help", "/api/v1/practices", "/static/style.css", "/nowhere", "/share", "/healthz"):
            await watcher.status(path)
        async with watcher.session.request("PROPFIND", f"{watcher.url}/help") as answer:
            assert answer.status == 405
        found = await watcher.numbers()
    asked = {name: value for name, value in found.items() if name.startswith("nic_http_requests_total")}
    labels = {tuple(re.findall(r'="([^"]*)"', name)) for name in asked}
    assert ("GET", "page", "2xx") in labels
    assert ("GET", "api", "4xx") in labels
    assert ("GET", "static", "2xx") in labels
    assert ("GET", "unknown", "4xx") in labels
    assert ("GET", "operations.health", "2xx") in labels
    assert {method for method, *_ in labels} <= {*METHODS, "other"}
    assert "other" in {method for method, *_ in labels}
    closed = {"page", "document", "api", "static", "unknown"}
    named = {route.name for route in all_pages() if route.kind in ("peer", "probe")}
    assert {route for _, route, _ in labels} <= closed | named
    assert not named & {door.name for door in [*all_operations(), *(one for one in all_pages() if one.kind == "page")]}


def test_durations_stand_in_buckets_that_add_up() -> None:
    counted = Counted()
    for seconds in (0.001, 0.005, 0.3, 60.0):
        counted.request("page", "GET", 200, seconds)
    (family,) = [one for one in counted.collect() if one.name == "nic_http_request_seconds"]
    found = {(sample.name, sample.labels.get("le")): sample.value for sample in family.samples}
    assert found["nic_http_request_seconds_bucket", "0.005"] == 2
    assert found["nic_http_request_seconds_bucket", "0.5"] == 3
    assert found["nic_http_request_seconds_bucket", "+Inf"] == found["nic_http_request_seconds_count", None] == 4
    assert found["nic_http_request_seconds_sum", None] == pytest.approx(60.306)


# Each fault of the machine and of others shows -----------------------------------------------------------------------


async def test_a_full_disk_and_an_old_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched(tmp_path) as watcher:
        assert "nic_last_backup_timestamp_seconds" not in await watcher.numbers(), "never"
        made = system_clock() - timedelta(days=9)
        note_backup(tmp_path, LastBackup(at=made, file="/backups/monday"))
        monkeypatch.setattr(probes.shutil, "disk_usage", lambda _: SimpleNamespace(total=1000, free=0))
        found = await watcher.numbers()
    assert (found["nic_disk_free_bytes"], found["nic_disk_bytes"]) == (0, 1000)
    assert found["nic_last_backup_timestamp_seconds"] == pytest.approx(made.timestamp())


async def ask(counted: Counted, url: str, **more: object) -> None:
    settings = {"clock": system_clock, "allow_insecure_loopback": True, **more}
    async with PeerClient(observe=counted.asked, **settings) as client:
        try:
            await client.get(url, content_type="application/json", max_bytes=1000)
        except FederationError:
            return


def outcomes(counted: Counted) -> set[str]:
    (family,) = [one for one in counted.collect() if one.name == "nic_peer_requests"]
    return {sample.labels["outcome"] for sample in family.samples if sample.value}


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        ("ok", Outcome.ANSWERED),
        ("drips", Outcome.SLOW),
        ("keeps-silent", Outcome.SLOW),
        ("hang-up", Outcome.UNREACHABLE),
        ("busy", Outcome.BUSY),
        ("redirect-inside", Outcome.WRONG),
        ("html", Outcome.WRONG),
        ("stale", Outcome.CLOCK),
        ("nothing-of-the-kind", Outcome.REFUSED),
    ],
)
async def test_a_peer_that_is_slow_or_lies(deed: str, outcome: Outcome) -> None:
    counted = Counted()
    async with MisbehavingPeer().running() as peer:
        await ask(counted, f"{peer.url}/{deed}", total_seconds=0.3)
    assert outcomes(counted) == {outcome}


async def test_dns_that_is_gone() -> None:
    counted = Counted()
    await ask(counted, "https://school.example.org/", resolver=DeadResolver())
    assert outcomes(counted) == {Outcome.NO_NAME}


async def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    file, server_side = make_certificate(tmp_path, host="localhost", days=-1)
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=server_side)
    counted = Counted()
    trusting = ssl.create_default_context(cafile=str(file))
    await ask(counted, f"https://localhost:{server.port}/", ssl_context=trusting)
    await server.close()
    assert outcomes(counted) == {Outcome.NO_CERTIFICATE}


async def test_a_clock_that_is_wrong_by_an_hour() -> None:
    """And one peer that lies about the time moves nothing."""
    counted = Counted()
    async with MisbehavingPeer().running() as peer:
        for hours in (1, 1, -5):
            await ask(counted, f"{peer.url}/ok", clock=lambda hours=hours: system_clock() - timedelta(hours=hours))
    (family,) = [one for one in counted.collect() if one.name == "nic_clock_behind_seconds"]
    assert family.samples[0].value == pytest.approx(3600, abs=5)
