"""The page of 50 projects as a signed-in person gets it, against bare aiohttp and Jinja with the same titles.

Ours reads session, person, school and projects from SQLite and renders the whole shell; the other has its rows in
memory and renders a list.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path

from aiohttp import ClientSession, web
from jinja2 import Environment

from bench.pairs import Result, compare
from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import TEST_COST, Passwords
from nic_node.accounts.set_up import complete_setup, create_setup_link
from nic_node.accounts.sign_in import sign_in
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.membership.local import LocalNode
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.write import open_project

N = 10
TITLES = [f"Calls home, round {number}" for number in range(1, 51)]
EMAIL, PASSWORD = "ada@alder.example", "seven green kites"  # invented
BARE = "<!doctype html><title>Projects</title><ul>{% for title in titles %}<li><a href='/x'>{{ title }}</a>{% endfor %}"


def run() -> Result:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        ours = runner.run(stack.enter_async_context(our_page(Path(folder))))
        bare = runner.run(stack.enter_async_context(bare_page()))
        result = compare(
            "list-page", lambda: runner.run(fetch(*ours)), lambda: runner.run(fetch(*bare)), n=N, clock="cpu", pairs=9
        )
        runner.run(stack.aclose())
    return result


async def fetch(client: ClientSession, url: str) -> None:
    for _ in range(N):
        async with client.get(url, allow_redirects=False) as response:
            assert response.status == 200
            assert TITLES[-1] in await response.text()


@asynccontextmanager
async def our_page(folder: Path) -> AsyncIterator[tuple[ClientSession, str]]:
    async with open_node(read_config(folder, {}), password_cost=TEST_COST) as opened:
        token = await set_up(opened.local)
        async with (
            served_application(opened.application) as url,
            ClientSession(cookies={"nic_session": token}) as client,
        ):
            yield client, f"{url}/projects"


@asynccontextmanager
async def bare_page() -> AsyncIterator[tuple[ClientSession, str]]:
    template = Environment(autoescape=True).from_string(BARE)

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=template.render(titles=TITLES), content_type="text/html")

    application = web.Application()
    application.router.add_get("/projects", show)
    async with served_application(application) as url, ClientSession() as client:
        yield client, f"{url}/projects"


@asynccontextmanager
async def served_application(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def set_up(node: LocalNode, titles: Sequence[str] = TITLES) -> str:
    """A school with one person and the projects; answers the session's token."""
    passwords = Passwords(TEST_COST)
    now = node.clock()
    async with node.database.writing() as session:
        link = await create_setup_link(session, now=now)
    password_hash = await passwords.new_hash(PASSWORD, email=EMAIL)
    async with node.database.writing() as session:
        person = await complete_setup(
            session,
            token=link.token,
            name="Ada Field",
            email=EMAIL,
            school_name="Alder School",
            password_hash=password_hash,
            after_setup=set_school_name,
            now=now,
        )
        actor = Actor(person_id=person.id, name=person.name, kind="person")
        for title in titles:
            await open_project(
                session, actor=actor, values={"title": title, "starts_on": date(2026, 9, 8)}, now=now, today=now.date()
            )
    opened = await sign_in(
        node.database, passwords, email=EMAIL, password=PASSWORD, address="127.0.0.1", user_agent="bench", now=now
    )
    return opened.token
