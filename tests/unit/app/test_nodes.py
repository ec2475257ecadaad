"""Whole nodes in one process: two schools that share nothing, and forms that none of them takes without its token."""

import asyncio
import gc
import io
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession
from aiohttp.test_utils import TestClient, TestServer

from federation.jws import peek_jws
from federation.keys import thumbprint
from nic_node.accounts.passwords import TEST_COST
from nic_node.accounts.permissions import ROLES
from nic_node.accounts.set_up import create_setup_link
from nic_node.app.node import Node, open_node
from nic_node.app.routes import all_pages
from nic_node.app.serve import serve_nodes
from nic_node.config import read_config
from nic_node.today.reach import OFF, link_of
from nic_node.web.forms import read_form
from schemas.entity import ENTITY_STATEMENT_TYP
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES
from tests.architecture.reaching import reached
from tests.architecture.test_permissions import PARAMETER, sample

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PASSWORD = "kind regards to the fjord"


@asynccontextmanager
async def school(folder: Path, port: int, name: str) -> AsyncIterator[tuple[Node, TestClient]]:
    """A node set up through its one-time link, with its first person signed in."""
    config = read_config(folder, {"NIC_PORT": str(port)})
    async with open_node(config, password_cost=TEST_COST) as node, TestClient(TestServer(node.application)) as client:
        async with node.local.database.writing() as session:
            link = await create_setup_link(session, now=node.local.clock())
        page = await (await client.get(f"/setup/{link.token}")).text()
        values = {
            "csrf_token": TOKEN.search(page)[1],
            "school_name": name,
            "name": "Ada Field",
            "email": "ada@example.org",
            "password": PASSWORD,
        }
        answer = await client.post(f"/setup/{link.token}", data=values)
        assert answer.status == 200, await answer.text()
        yield node, client


@pytest.fixture(scope="module")
async def two_schools(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[tuple[Node, TestClient]]]:
    folder = tmp_path_factory.mktemp("district")
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(school(folder / "a", 9001, "Harbor View")),
            await stack.enter_async_context(school(folder / "b", 9002, "Cedar Flat")),
        ]


async def test_two_schools_in_one_process_share_nothing(two_schools: list[tuple[Node, TestClient]]) -> None:
    (first, here), (second, there) = two_schools
    assert first.local.entity_id != second.local.entity_id
    assert first.local.config.data != second.local.config.data
    assert first.local.operator_key != second.local.operator_key
    pages = [await (await client.get("/today")).text() for client in (here, there)]
    assert "Harbor View" in pages[0]
    assert "Cedar Flat" not in pages[0]
    assert "Cedar Flat" in pages[1]
    keys = [await published_keys(client) for client in (here, there)]
    assert all(len(kids) == 2 for kids in keys), "each publishes a key for its statements and one for its requests"
    assert keys[0].isdisjoint(keys[1])


async def published_keys(client: TestClient) -> set[str]:
    """Thumbprints of the keys in a node's entity configuration, whoever signed with them."""
    token = await (await client.get("/.well-known/openid-federation")).text()
    payload = peek_jws(token, typ=ENTITY_STATEMENT_TYP, max_bytes=ENTITY_STATEMENT_MAX_BYTES).payload
    found = [*payload["jwks"]["keys"], *payload["metadata"]["nic_node"]["jwks"]["keys"]]
    assert [thumbprint(key) for key in found] == [key["kid"] for key in found]
    return {key["kid"] for key in found}


class Lines(io.StringIO):
    """In the place of stdout: whoever waits for the next line gets it when it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: asyncio.Queue[str] = asyncio.Queue()
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self.written.put_nowait(line)
        return len(text)


async def next_line(lines: Lines, running: asyncio.Task[None]) -> str:
    waiting = asyncio.ensure_future(lines.written.get())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    assert waiting.done(), await running
    return waiting.result()


@pytest.fixture
def memory_as_before() -> Iterator[None]:
    """Serving settles the memory of its process for good, which here goes on."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("memory_as_before")
async def test_one_process_serves_two_folders_until_it_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    lines = Lines()
    monkeypatch.setattr(sys, "stdout", lines)
    running = asyncio.create_task(serve_nodes([read_config(folder, {"NIC_PORT": "0"}) for folder in folders]))
    said = [await next_line(lines, running) for _ in range(2 * len(folders))]
    addresses, links = said[::2], said[1::2]
    assert len(set(addresses)) == 2
    assert all(address in link for address, link in zip(addresses, links, strict=True))
    async with ClientSession() as browser:
        for address in addresses:
            async with browser.get(f"{address}/healthz") as answer:
                assert (answer.status, await answer.json()) == (200, {"status": "ok", "version": version("nic-node")})
        pages = [await (await browser.get(link.rsplit(" ", 1)[-1])).text() for link in links]
        assert all("School or network" in page for page in pages), "each has a one-time link of its own"
        settled = gc.get_freeze_count()
        assert settled > 10_000, "no answer waits for a look through all that stands"
        pasted = {"q": "🍎" * 10_000}
        async with browser.get(f"{addresses[0]}/learn", params=pasted, allow_redirects=False) as answer:
            assert answer.status == 303, "ten thousand letters reach the door that all pages have"
        assert gc.get_freeze_count() <= settled, "what answers make is thrown away again"
        os.kill(os.getpid(), signal.SIGTERM)
        await running
        with pytest.raises(ClientConnectionError):
            await browser.get(f"{addresses[1]}/healthz")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_a_session_of_one_school_opens_nothing_at_the_other(two_schools: list[tuple[Node, TestClient]]) -> None:
    (_, here), (second, _) = two_schools
    cookies = {
        name: cookie.value for name, cookie in here.session.cookie_jar.filter_cookies(here.make_url("/")).items()
    }
    async with TestClient(TestServer(second.application), cookies=cookies) as stranger:
        answer = await stranger.get("/today", headers={"Accept": "text/html"}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/today")


async def test_a_mail_program_ends_the_e_mails_with_one_click(two_schools: list[tuple[Node, TestClient]]) -> None:
    """RFC 8058: a bare POST to the link of the letter's head, without a session, a token or an Origin."""
    node, client = two_schools[0]
    headers = {"X-CSRF-Token": TOKEN.search(await (await client.get("/today/reach")).text())[1]}
    assert (await client.put("/api/v1/today/reach", json={"mail": "daily"}, headers=headers)).status == 200
    async with TestClient(TestServer(node.application)) as program:
        for link, status in (("1-wrong", 404), (link_of(node.local.operator_key, OFF, 1), 200)):
            program.session.cookie_jar.clear()
            answer = await program.post(f"/today/off/{link}", data={"List-Unsubscribe": "One-Click"})
            mail = (await (await client.get("/api/v1/today/reach")).json())["mail"]
            assert (answer.status, mail) == (status, "daily" if status == 404 else "")


async def test_a_directory_says_what_it_knows_of_the_school(two_schools: list[tuple[Node, TestClient]]) -> None:
    _, client = two_schools[0]
    token = TOKEN.search(await (await client.get("/profile")).text())[1]
    directory = {"text": "nces_id,enrollment,frpl_pct\n0042,412,0.71\n0043,90,0.2\n", "directory_id": "0042"}
    address, headers = "/api/v1/profile/directory", {"X-CSRF-Token": token}
    found = await (await client.post(address, json=directory, headers=headers)).json()
    assert (found["directory_id"], found["enrolment"], found["lunch_percent"]) == ("0042", 412, 71.0)
    unknown = await client.post(address, json=directory | {"directory_id": "42"}, headers=headers)
    assert unknown.status == 404
    assert (await (await client.get("/api/v1/profile")).json())["enrolment"] is None, "nothing was changed"


def posted_pages() -> list[str]:
    return sorted({route.path for route in all_pages() if route.method == "POST" and route.kind == "page"})


@pytest.mark.parametrize("path", posted_pages())
async def test_no_form_is_taken_without_its_token(two_schools: list[tuple[Node, TestClient]], path: str) -> None:
    """Even for whoever may do everything: 403, or 404 where there is nothing to change, and never done."""
    _, client = two_schools[0]
    address = PARAMETER.sub(sample, path)
    answer = await client.post(address, data={"x": "1"}, headers={"Accept": "text/html"}, allow_redirects=False)
    assert answer.status == 403 if path == address else answer.status in (403, 404, 409)


@pytest.mark.parametrize("path", posted_pages())
def test_every_form_is_read_by_the_one_function_that_checks_tokens(path: str) -> None:
    (handler,) = [route.handler for route in all_pages() if (route.method, route.path) == ("POST", path)]
    assert read_form in reached(handler)


async def test_every_page_without_a_parameter_opens(two_schools: list[tuple[Node, TestClient]]) -> None:
    _, client = two_schools[1]
    paths = {route.path for route in all_pages() if route.method == "GET" and "{" not in route.path}
    failed = {}
    for path in sorted(paths):
        answer = await client.get(path, headers={"Accept": "text/html"})
        if answer.status >= 500:
            failed[path] = answer.status
    assert not failed


async def test_the_first_person_may_do_what_a_principal_may(two_schools: list[tuple[Node, TestClient]]) -> None:
    _, client = two_schools[0]
    me = await (await client.get("/api/v1/accounts/me")).json()
    assert set(me["roles"]) == {"administrator", "principal"}
    assert set(me["roles"]) < set(ROLES)
