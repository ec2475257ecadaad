"""The page of the mirror and its API, over a log that is really followed."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from nic_node.accounts.permissions import permissions_of
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.membership.local import LOCAL_NODE
from nic_node.mirror.routes import TEMPLATES, api_routes, page_routes
from nic_node.mirror.tables import MirrorSource
from nic_node.web import context
from nic_node.web.application import build_application
from nic_node.web.routes import page
from nic_node.web.visitor import Visitor
from schemas.canonical import sha256_hex
from schemas.ids import build_mirror_url
from tests.conftest import TestClock
from tests.fakes.forks import forked_files
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS, PRACTICE, entity_of
from tests.unit.accounts.stage import first_person

WEB_TEMPLATES = next((Path(context.__file__).parent / "templates").rglob("base.html")).parent
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TAGS = re.compile(r"<[^>]+>|\s+")


async def elsewhere(request: web.Request) -> web.Response:
    return web.Response(text="another room")


OTHERS = [
    page("GET", "/network", "network.index", elsewhere, "network.read"),
    page("GET", "/share/leave/{id}", "share.leave", elsewhere, "network.join"),
    page("GET", "/v1/evidence", "log.evidence", elsewhere, "practices.read"),
    page("GET", "/network/memberships/{id}", "membership.show", elsewhere, "network.read"),
]


@dataclass
class Browser:
    """A signed-in person; `roles` may change between requests."""

    client: TestClient[web.Request, web.Application]
    roles: list[str]
    token: str = field(default="")

    async def get(self, path: str) -> tuple[int, str]:
        response = await self.client.get(path, headers={"Accept": "text/html"})
        text = await response.text()
        found = TOKEN.search(text)
        self.token = found.group(1) if found else self.token
        return response.status, re.sub(r"\s+", " ", unescape(TAGS.sub(" ", text)))

    async def post(self, path: str, **fields: str) -> ClientResponse:
        return await self.client.post(
            path, data={"csrf_token": self.token, **fields}, allow_redirects=False, headers={"Accept": "text/html"}
        )

    async def call(self, method: str, path: str, **query: str) -> ClientResponse:
        return await self.client.request(method, f"/api/v1{path}", params=query, headers={"X-CSRF-Token": self.token})

    async def send(self, path: str, document: object) -> ClientResponse:
        return await self.client.post(f"/api/v1{path}", json=document, headers={"X-CSRF-Token": self.token})

    async def put(self, path: str, document: object) -> ClientResponse:
        return await self.client.put(f"/api/v1{path}", json=document, headers={"X-CSRF-Token": self.token})


@pytest.fixture
async def world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(sqlite_database, tmp_path, clock) as made:
        yield made


@pytest.fixture
async def browser(world: Mirroring, tmp_path: Path) -> AsyncIterator[Browser]:
    roles = ["administrator"]

    async def load_visitor(request: web.Request) -> Visitor:
        held = permissions_of(roles)
        return Visitor(person_id=1, name="Ada Field", roles=frozenset(roles), permissions=held, session_id=1)

    async def shell(request: web.Request) -> dict[str, object]:
        return {"school_name": "Harbor View Middle School"}

    def services(app: web.Application) -> None:
        app[LOCAL_NODE] = world.node
        app[context.DATABASE] = world.database
        app[context.CLOCK] = world.clock
        app[context.WAKE] = lambda: None
        app[context.SHELL] = shell
        app[context.LOAD_VISITOR] = load_visitor

    app = build_application(
        read_config(tmp_path, {}),
        pages=[*page_routes(), *OTHERS],
        operations=api_routes(),
        rooms={"web": WEB_TEMPLATES, "mirror": TEMPLATES},
        services=services,
    )
    async with TestClient(TestServer(app)) as client:
        yield Browser(client, roles)


async def refuse_two(world: Mirroring) -> None:
    world.log.publish("ada")
    world.log.append(world.log.record("eve").leaf)
    world.log.publish("ben", payload=PRACTICE | {"conditions": "Call 555-201-9834 first."})
    await world.pull()


async def test_everybody_reads_one_sentence(world: Mirroring, browser: Browser) -> None:
    await refuse_two(world)
    world.clock.forward(minutes=2)
    browser.roles[:] = ["teacher"]

    status, text = await browser.get("/log")

    assert status == 200
    assert "You see everything up to 2 minutes ago." in text
    assert "unwitnessed" in text
    assert "refused" not in text
    assert "Fetch now" not in text


@pytest.mark.parametrize(("seconds", "shown"), [(0.004, "under 0.01 s"), (0.25, "0.25 s")])
async def test_operators_see_how_long_an_answer_takes(
    world: Mirroring, browser: Browser, seconds: float, shown: str
) -> None:
    await world.pull()
    async with world.database.writing() as session:
        await session.execute(update(MirrorSource).values(seconds=seconds))

    _, text = await browser.get("/log")

    assert f" {shown} " in text


async def test_operators_see_what_was_refused_and_why(world: Mirroring, browser: Browser) -> None:
    await refuse_two(world)
    status, text = await browser.get("/log?after=abc")
    assert status == 200
    assert "15 of 15" in text
    assert "Entry #13" in text.replace("Entry  #", "Entry #")
    assert "No such pseudonym is registered." in text
    assert "pseudonym-unknown" in text
    assert "rule-text" in text
    assert "555-201-9834" not in text


async def test_a_withheld_blob_a_frozen_log_and_no_network_are_explained(world: Mirroring, browser: Browser) -> None:
    world.log.publish("ada")
    world.served.change_lines = lambda lines: lines[1:]
    await world.pull()
    assert "The content of one record is in the log and is not served." in (await browser.get("/log"))[1]

    world.served.lie().files["checkpoint"] = b"hello"
    world.served.statuses["checkpoint"] = 302
    await world.pull()
    assert "peer-redirected" in (await browser.get("/log"))[1]


async def copies_of(world: Mirroring, *names: str) -> list[str]:
    """Addresses of members' copies that are known from now on."""
    urls = [build_mirror_url(entity_of(name), sha256_hex(world.log.origin.encode())) for name in names]
    async with world.database.writing() as session:
        for name, url in zip(names, urls, strict=True):
            session.add(MirrorSource(log_id=1, url=url, entity=entity_of(name), failures=0))
    return urls


async def test_while_the_log_is_silent_everybody_reads_why_and_operators_who_serves_it(
    world: Mirroring, browser: Browser
) -> None:
    world.log.publish("ada")
    await world.pull()
    await copies_of(world, "ada", "ben")
    world.served.statuses["checkpoint"] = 503
    world.clock.forward(hours=5)
    assert (await world.pull()).trouble is None

    _, text = await browser.get("/log")
    assert "You see everything up to 5 hours ago." in text
    assert "The network’s own log last answered 5 hours ago. What you see comes from copies" in text
    for words in ("The log itself does not answer", "Asked again from", "ada.example", "None of them is trusted"):
        assert words in text, words
    (known,) = (await (await browser.call("GET", "/logs/sources")).json())["items"]
    assert [source["state"] for source in known["sources"]].count("answers") == 1
    assert (known["sources"][0]["is_log"], known["sources"][0]["trouble"]) == (True, "peer-busy")
    assert known["cosignatures"] == []

    browser.roles[:] = ["teacher"]
    _, text = await browser.get("/log")
    assert "last answered 5 hours ago" in text
    assert "ada.example" not in text
    (status,) = (await (await browser.call("GET", "/logs")).json())["items"]
    assert status["silence"]["copies"] == 1
    assert (await browser.call("GET", "/logs/sources")).status == 403


def flipped(note: bytes) -> bytes:
    return note[:-8] + bytes([note[-8] ^ 1]) + note[-7:]


LIES = {  # what the log itself shows -> whether it is asked again, and whether the log is frozen
    "a flipped bit": (lambda log: {"checkpoint": flipped(log.files["checkpoint"])}, True, "live"),
    "two histories": (lambda log: forked_files(log, len(log.entries) + 1), False, "frozen"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_log_that_lies_is_not_said_to_be_silent(world: Mirroring, browser: Browser, lie: str) -> None:
    """It answers, and what it shows is wrong: whoever runs the node calls the network, and not its machine's owner."""
    tell, is_asked_again, state = LIES[lie]
    world.log.publish("ada")
    await world.pull()
    world.served.lie().files.update(tell(world.log))
    assert (await world.pull()).trouble is not None

    _, text = await browser.get("/log")
    assert "shows what is wrong" in text
    assert "does not answer" not in text
    assert ("Asked again from" in text) is is_asked_again
    (known,) = (await (await browser.call("GET", "/logs/sources")).json())["items"]
    assert known["sources"][0]["state"] == "wrong"
    (status,) = (await (await browser.call("GET", "/logs")).json())["items"]
    assert (status["state"], status["silence"] is not None) == (state, True)


async def test_a_copy_that_was_stopped_is_asked_again_when_a_person_says_so(world: Mirroring, browser: Browser) -> None:
    await world.pull()
    (url,) = await copies_of(world, "ada")

    async def stop() -> None:
        async with world.database.writing() as session:
            row = await session.get_one(MirrorSource, (1, url))
            row.stopped_at, row.failures, row.trouble, row.trouble_detail = world.clock(), 1, "entry-wrong", "Entry 4."

    async def state() -> str:
        (known,) = (await (await browser.call("GET", "/logs/sources")).json())["items"]
        return known["sources"][1]["state"]

    await stop()
    _, text = await browser.get("/log")
    assert "What it showed was proven wrong: Entry 4. entry-wrong" in text
    at = f"/log/{world.membership_id}/sources/ask-again"
    assert (await browser.post(at, url="https://elsewhere.example")).status == 404
    assert (await browser.post(at, url=url)).status == 303
    assert await state() == "unasked"
    await stop()
    assert await state() == "stopped"
    answer = await browser.send(f"/logs/{world.membership_id}/sources/ask-again", {"url": url})
    assert (answer.status, await state()) == (204, "unasked")


async def test_before_the_first_copy(browser: Browser) -> None:
    _, text = await browser.get("/log")
    assert "The first copy of this network's practices is being fetched." in text
    assert "not fetched yet" in text


async def test_fetch_now_asks_the_worker(world: Mirroring, browser: Browser) -> None:
    await browser.get("/log")
    response = await browser.post(f"/log/{world.membership_id}/pull")
    assert (response.status, response.headers["Location"]) == (303, "/log")
    async with world.database.reading() as session:
        assert await session.scalar(select(Job.key).where(Job.kind == "mirror.pull")) == str(world.membership_id)
    assert (await browser.post("/log/99/pull")).status == 404
    browser.token = "wrong"
    assert (await browser.post(f"/log/{world.membership_id}/pull")).status == 403
    browser.roles[:] = ["teacher"]
    await browser.get("/log")
    assert (await browser.post(f"/log/{world.membership_id}/pull")).status == 403


async def test_refusals_come_in_pages(world: Mirroring, browser: Browser) -> None:
    world.log.append(*(world.log.record("eve").leaf for _ in range(60)))
    await world.pull()
    _, first = await browser.get("/log")
    _, second = await browser.get("/log?after=11")
    assert "#71" in first
    assert "#12 " not in first
    assert "#12 " in second
    assert "Next" in first


async def test_the_api_says_the_same(world: Mirroring, browser: Browser) -> None:
    await refuse_two(world)
    await browser.get("/log")
    logs = await (await browser.call("GET", "/logs")).json()
    refused = await (await browser.call("GET", "/logs/refusals", limit="1")).json()
    rest = await (await browser.call("GET", "/logs/refusals", after=str(refused["next"]))).json()
    assert logs["items"][0]["refusals"] == {"pseudonym-unknown": 1, "rule-text": 1}
    assert [one["code"] for one in refused["items"] + rest["items"]] == ["rule-text", "pseudonym-unknown"]

    proof = await (await browser.call("GET", "/logs/inclusion", record=world.log.record_id(12))).json()
    assert (proof["index"], proof["root"]) == (12, world.log.edge.root().hex())
    assert (await browser.call("POST", f"/logs/{world.membership_id}/pull")).status == 204


WRONG = (
    ("GET", "/logs/inclusion", {}, 422),
    ("GET", "/logs/inclusion", {"record": "nonsense"}, 404),
    ("GET", "/logs/inclusion", {"record": "x#1", "more": "1"}, 422),
    ("GET", "/logs/refusals", {"limit": "0"}, 422),
    ("GET", "/logs/refusals", {"after": "-1"}, 422),
    ("POST", "/logs/99/pull", {}, 404),
)


@pytest.mark.parametrize(("method", "path", "query", "status"), WRONG)
async def test_wrong_calls_are_answered_in_words(
    browser: Browser, method: str, path: str, query: dict[str, str], status: int
) -> None:
    await browser.get("/log")
    response = await browser.call(method, path, **query)
    assert response.status == status
    assert response.content_type == "application/problem+json"


async def test_who_may_not_operate_sees_no_refusals(browser: Browser) -> None:
    browser.roles[:] = ["reader"]
    await browser.get("/log")
    assert (await browser.call("GET", "/logs")).status == 200
    assert (await browser.call("GET", "/logs/refusals")).status == 403
    assert (await browser.call("POST", "/logs/1/pull")).status == 403


async def test_a_schools_own_rules(world: Mirroring, browser: Browser) -> None:
    await first_person(world.database, world.clock)
    world.log.publish("ada")
    await world.pull()
    path = f"/network/memberships/{world.membership_id}/rules"
    status, text = await browser.get(path)
    assert status == 200
    assert "stricter, never looser" in text
    assert "records which the same relays bring" in text
    assert entity_of(MEMBERS[0]) in text

    wrong = await browser.post(path, relays="https://stranger.example", min_issued="2", version="1")
    said = unescape(await wrong.text())
    assert wrong.status == 422
    assert "no other approved member" in said
    assert "never looser" in said
    assert "https://stranger.example</textarea>" in said
    done = await browser.post(path, relays=entity_of(MEMBERS[0]), min_issued="4", version="1")
    assert done.status == 303
    assert (await browser.post(path, relays="", min_issued="", version="1")).status == 409
    status, text = await browser.get(path)
    assert "1 record is kept and not shown" in text
    assert "Fewer than three relays" in text

    api = f"/memberships/{world.membership_id}/rules"
    told = await (await browser.call("GET", api)).json()
    assert told == {"relays": [entity_of(MEMBERS[0])], "min_issued": 4, "least": 3, "hidden": 1, "version": 2}
    changed = await browser.put(api, {"relays": [], "min_issued": None, "version": 2})
    assert (changed.status, (await changed.json())["hidden"]) == (200, 0)
    assert (await browser.put(api, {"relays": [], "min_issued": 2, "version": 3})).status == 422

    browser.roles[:] = ["reviewer"]
    assert "Save the rules" not in (await browser.get(path))[1]
    assert (await browser.post(path, relays="", min_issued="", version="3")).status == 403


async def test_a_fork_is_explained_and_somebody_decides(world: Mirroring, browser: Browser) -> None:
    await first_person(world.database, world.clock)
    await world.pull()
    world.served.lie().files = forked_files(world.log, 12, apart_from=9)
    await world.pull()
    _, text = await browser.get("/log")
    assert "What happened, and how it goes on" in text
    page = await (await browser.client.get("/log/forks/1", headers={"Accept": "text/html"})).text()
    status, text = await browser.get("/log/forks/1")
    assert status == 200
    for said in (
        "Its own key signed both",
        "The one that your node followed",
        "The other one",
        "names no new log yet",
        "Leave the",
    ):
        assert said in text, said
    assert page.count(world.log.origin) >= 2, "both notes are there to read"
    assert (await browser.get("/log/forks/9"))[0] == 404

    browser.roles[:] = ["teacher"]
    assert "An administrator or the principal decides." in (await browser.get("/log/forks/1"))[1]
    assert (await browser.post("/log/forks/1", choice="keep", version="1")).status == 403
    browser.roles[:] = ["principal"]
    none = await browser.post("/log/forks/1", note="Nobody answers.", version="1")
    assert none.status == 422
    assert "Nobody answers.</textarea>" in await none.text()
    early = await browser.post("/log/forks/1", choice="successor", version="1")
    assert early.status == 409
    assert "names no log that follows" in unescape(await early.text())
    assert (await browser.post("/log/forks/1", choice="keep", note="They restored.", version="1")).status == 303
    assert "They restored." in (await browser.get("/log/forks/1"))[1]
    assert "what was decided" in (await browser.get("/log"))[1]


async def test_a_fork_for_programs(world: Mirroring, browser: Browser) -> None:
    await first_person(world.database, world.clock)
    await world.pull()
    world.served.lie().files = forked_files(world.log, 14, apart_from=9)
    await world.pull()
    await browser.get("/log/forks/1")
    (one,) = (await (await browser.call("GET", "/logs/forks")).json())["items"]
    assert (one["first"]["size"], one["second"]["size"], one["choice"]) == (12, 14, "")
    assert (await browser.call("GET", "/logs/forks/9")).status == 404
    checked = await browser.send("/logs/evidence", {"forks": [one["evidence"]]})
    assert (await checked.json())["items"][0]["is_proven"]
    assert (await browser.send("/logs/evidence", {"forks": []})).status == 422
    decided = await browser.send("/logs/forks/1/resolution", {"choice": "keep", "version": one["version"]})
    assert (await decided.json())["choice"] == "keep"
    again = await browser.send("/logs/forks/1/resolution", {"choice": "keep", "version": one["version"]})
    assert (again.status, (await again.json())["code"]) == (409, "conflict")
