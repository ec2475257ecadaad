"""A whole node on each database: its tables come from the migrations, it is set up, signed in to, and works."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from nic_node.accounts.passwords import TEST_COST
from nic_node.accounts.set_up import create_setup_link
from nic_node.app.node import Node, open_node
from nic_node.config import read_config
from nic_node.db.jobs import Job
from tests.conftest import BACKENDS, new_database

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SET_UP = {
    "school_name": "Harbor View",
    "name": "Ada Field",
    "email": "ada@example.org",
    "password": "kind regards to the fjord",
}


@pytest.fixture(params=BACKENDS)
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Node]:
    settings = {"NIC_PORT": "9003"}
    if request.param == "postgresql":
        settings["DATABASE_URL"] = new_database(request.getfixturevalue("postgres_cluster"))
    async with open_node(read_config(tmp_path, settings), password_cost=TEST_COST) as opened:
        yield opened


async def send(client: TestClient, path: str, values: dict[str, str]) -> str:
    """Open a page, send its form, follow where it leads."""
    page = await (await client.get(path)).text()
    found = TOKEN.search(page)
    assert found is not None, page
    answer = await client.post(path, data={"csrf_token": found[1], **values}, headers={"Accept": "text/html"})
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def test_set_up_sign_in_a_page_and_a_job(node: Node) -> None:
    local = node.local
    async with local.database.writing() as session:
        link = await create_setup_link(session, now=local.clock())
    async with TestClient(TestServer(node.application)) as first:
        await send(first, f"/setup/{link.token}", SET_UP)
    async with TestClient(TestServer(node.application)) as client:
        assert (await client.get("/healthz")).status == 200
        await send(client, "/sign-in", {"email": SET_UP["email"], "password": SET_UP["password"], "next": ""})
        assert "Harbor View" in await (await client.get("/today")).text()
        await send(client, "/plan/goals/new", {"horizon": "two-year", "title": "Every student is here"})
        assert "Every student is here" in await (await client.get("/plan")).text()
    assert await due(node) > 0
    await node.worker.run_due()
    assert await due(node) == 0


async def due(node: Node) -> int:
    now = node.local.clock()
    async with node.local.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Job).where(Job.run_at <= now)) or 0
