"""No role but the pair reads coaching: in pages, API, audit log, search, export, or the database's file.

The table is every role by every route of the room, with the pair's own ids; what a role may open at all is tried for
the words too. Of a survey nobody finds out by subtraction what one more person answered: whatever a role can read is
the same before and after, and so is the export.
"""

import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from nic_node.accounts.passwords import TEST_COST
from nic_node.accounts.permissions import ROLES
from nic_node.app.node import open_node
from nic_node.app.routes import all_pages
from nic_node.config import read_config
from nic_node.keyring import passphrase
from nic_node.operations.export import export_node
from nic_node.school.coaching import routes as coaching
from nic_node.school.pulse.tables import PulseCount
from nic_node.web.routes import Api, Route
from tests.conftest import TestClock
from tests.unit.accounts.conftest import Browser
from tests.unit.accounts.stage import first_person, join

NOW = datetime(2026, 10, 27, 12, tzinfo=UTC)
CANARY = "zebra"
GOAL = {"goal": "Zebragoal waits", "goal_id": None}
NOTE = {"teacher_action": "Zebrateacher", "student_action": "Zebrastudent", "feedback": "Zebrapraise"}
STEP = {"next_step": "Zebrastep", "due": "2026-10-30"}
PAIR = {"cora@school.example": "Cora Quill", "edwin@school.example": "Edwin Moss"}
WIDEST = ("administrator", "principal", "privacy-officer")
"""Roles that open the most: they are sent through every page without a number in its address."""
BODIES: dict[str, dict[str, Any]] = {
    "begin": {**GOAL, "is_coach": True, "other_id": 1},
    "change": {**GOAL, "version": 1},
    "open": {"is_open": False},
    "write": NOTE,
    "change-note": {**NOTE, "version": 1},
    "step": {"done": True},
}


@dataclass
class World:
    """A node with somebody of each role, and the two whose coaching it is about."""

    browsers: dict[str, Browser]
    pair: dict[str, Browser]
    cycle: int
    note: int
    folder: Path
    node: Any

    async def content(self) -> Any:
        answer = await self.pair["cora@school.example"].call("GET", f"/coaching/{self.cycle}")
        return await answer.json()


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("coaching")
    clock = TestClock(NOW)
    async with open_node(read_config(folder, {}), clock=clock, password_cost=TEST_COST) as node:
        database = node.local.database
        await first_person(database, clock)
        for role in ROLES:
            await join(database, clock, f"{role}@school.example", role, name=f"Some {role.title()}")
        for email, name in PAIR.items():
            await join(database, clock, email, "coach" if email.startswith("cora") else "teacher", name=name)
        server = TestServer(node.application)
        clients = [TestClient(server) for _ in range(len(ROLES) + len(PAIR))]
        await server.start_server()
        browsers = {role: Browser(clients[number]) for number, role in enumerate(ROLES)}
        pair = {email: Browser(clients[len(ROLES) + number]) for number, email in enumerate(PAIR)}
        for role, browser in browsers.items():
            await browser.sign_in(f"{role}@school.example")
        for email, browser in pair.items():
            await browser.sign_in(email)
            await browser.get("/today")
        cora, edwin = pair.values()
        begun = {**GOAL, "is_coach": True, "other_id": len(ROLES) + 3}
        cycle = (await (await cora.call("POST", "/coaching", begun)).json())["id"]
        noted = await (await edwin.call("POST", f"/coaching/{cycle}/notes", {**NOTE, **STEP})).json()
        yield World(browsers, pair, cycle, noted["notes"][0]["id"], folder, node)
        for client in clients:
            await client.close()


def address(world: World, door: Route | Api) -> str:
    number = world.note if "/notes/{id}" in door.path else world.cycle
    return re.sub(r"\{\w+:(\w+)[^}]*\}", r"\1", door.path.replace("{id}", str(number)))


async def test_the_pair_reads_it(world: World) -> None:
    for browser in world.pair.values():
        page = await (await browser.get(f"/coaching/{world.cycle}")).text()
        assert all(words in page for words in (GOAL["goal"] or "", *NOTE.values(), "Zebrastep"))
        assert "Zebrastep" in await (await browser.get("/today")).text()


@pytest.mark.parametrize("role", ROLES)
async def test_no_other_role_gets_in_by_any_door_of_the_room(world: World, role: str) -> None:
    before, browser = await world.content(), world.browsers[role]
    for door in coaching.page_routes():
        path = address(world, door)
        response = await (
            browser.get(path) if door.method == "GET" else browser.send(path, {"goal": "x", "version": "1"})
        )
        text = (await response.text()).casefold()
        assert CANARY not in text
        assert "edwin moss" not in text or path == "/coaching", "only as somebody whom one could ask"
        if "{id}" in door.path:
            assert response.status in (403, 404), f"{door.method} {path}"
    for operation in coaching.api_routes():
        body = BODIES.get(operation.name.removeprefix("api.coaching.")) if operation.body else None
        if operation.name.endswith(".begin"):
            continue
        response = await browser.call(operation.method, address(world, operation), body)
        assert CANARY not in (await response.text()).casefold()
        if "{id}" in operation.path:
            assert response.status in (403, 404), f"{operation.method} {operation.path}"
    assert await world.content() == before


@pytest.mark.parametrize("role", WIDEST)
async def test_no_page_or_search_that_a_leader_opens_has_a_word_of_it(world: World, role: str) -> None:
    browser = world.browsers[role]
    plain = [door.path for door in all_pages() if door.method == "GET" and door.kind == "page" and "{" not in door.path]
    assert len(plain) > 40
    # Searched for another word of the goal, as a search field says its own word back.
    for path in (*plain, "/learn?q=waits", "/audit?by=1", "/audit?by=11"):
        assert CANARY not in (await (await browser.get(path)).text()).casefold(), path
    for path in ("/accounts/audit?limit=100", "/today", "/coaching", "/coaching/count"):
        text = await (await browser.call("GET", path)).text()
        assert CANARY not in text.casefold(), path
    audit = await (await world.browsers["administrator"].call("GET", "/accounts/audit?limit=100")).json()
    told = [entry for entry in audit["items"] if entry["subject"] == "coaching"]
    assert {(entry["actor_id"], entry["before"], entry["after"]) for entry in told} == {(None, None, None)}


async def test_neither_the_export_nor_the_file_of_the_database_has_a_word_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)
    local, file = world.node.local, world.folder / "school.zip"
    await export_node(local.config, local.database, file=file, passphrase="four words or rather more", now=NOW)
    with zipfile.ZipFile(file) as archive:
        readable = {name: archive.read(name).decode("utf-8", "replace").casefold() for name in archive.namelist()}
    assert "rows/coaching_notes.jsonl" in readable
    assert [name for name, text in readable.items() if CANARY in text] == []
    rows = [json.loads(line) for line in readable["rows/coaching_cycles.jsonl"].splitlines()]
    assert [sorted(row) for row in rows] == [["coach_tag", "educator_tag", "id", "is_open", "sealed", "version"]]
    files = [path for path in world.folder.iterdir() if ".sqlite3" in path.name]
    assert files
    assert [path.name for path in files if CANARY.encode() in path.read_bytes().lower()] == []


TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
SURVEY = {"title": "Fall", "audience": "staff", "asked": 11, "opens_on": "2026-10-27", "closes_on": "2026-11-06"}
OBSERVED = ("/pulse", "/pulse/{id}", "/pulse/{id}/answer", "/plan", "/today", "/audit", "/search?q=reach", "/notices")
OBSERVED_BY_PROGRAMS = ("/pulse", "/pulse/{id}", "/today", "/accounts/audit?limit=100", "/search?q=reach", "/notices")


async def readable(browsers: dict[str, Browser], survey: int) -> dict[tuple[str, str], tuple[int, str]]:
    """(role, address) -> what it shows of a survey and beside it."""
    found = {}
    for role, browser in browsers.items():
        for path in OBSERVED:
            page = await browser.get(path.format(id=survey))
            found[role, path] = (page.status, TOKEN.sub("", await page.text()))
        for path in OBSERVED_BY_PROGRAMS:
            answer = await browser.call("GET", path.format(id=survey))
            found[role, f"api {path}"] = (answer.status, await answer.text())
    return found


async def exported_pulse(world: World, number: int) -> dict[str, bytes]:
    local, file = world.node.local, world.folder / f"pulse-{number}.zip"
    await export_node(local.config, local.database, file=file, passphrase="four words or rather more", now=NOW)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist() if "pulse" in name}


async def test_of_a_survey_no_difference_of_two_looks_is_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)
    items = [{"construct": "efficacy", "text": "We reach them."}, {"construct": "climate", "text": "We say it."}]
    survey = await (await world.browsers["principal"].call("POST", "/pulse", SURVEY | {"items": items})).json()
    first, second = [one["id"] for one in survey["questions"]]
    at = f"/pulse/{survey['id']}"

    async def answer(browser: Browser, *values: tuple[int, int]) -> None:
        body = {"answers": [{"item_id": item, "value": value} for item, value in values]}
        assert (await browser.call("POST", f"{at}/answers", body)).status == 200

    answering = [*world.pair.values(), *(world.browsers[role] for role in ("teacher", "coach", "reader"))]
    watching = {role: one for role, one in world.browsers.items() if role not in ("teacher", "coach", "reader")}
    for browser in answering[:3]:
        await answer(browser, (first, 4), (second, 2))
    out = await exported_pulse(world, 1)
    before = await readable(watching, survey["id"])
    await answer(answering[3], (first, 1))
    await answer(answering[4], (first, 5), (second, 5))
    after = await readable(watching, survey["id"])
    assert [where for where, seen in before.items() if after[where] != seen] == []
    assert out == await exported_pulse(world, 2)
    assert "rows/pulse_surveys.jsonl" in out
    assert "rows/pulse_counts.jsonl" not in out
    closed = await (await world.browsers["principal"].call("POST", f"{at}/close", {})).json()
    # Five answered the first question, four the second.
    assert [one["mean"] for one in closed["results"]] == [3.6, None]
    kept = await exported_pulse(world, 3)
    assert [json.loads(line)["mean"] for line in kept["rows/pulse_items.jsonl"].splitlines()] == [3.6, None]
    async with world.node.local.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PulseCount)) == 0
