"""A district and its schools: what goes upward, that nothing else does, and that off is off at once."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.db.migrate import upgrade
from nic_node.district.ask import ask_school
from nic_node.district.schools import SEND
from nic_node.district.sharing import TELL
from nic_node.district.tables import DistrictSchool, Sharing
from nic_node.membership.keys import signer
from nic_node.peerhttp.answers import PeerRefused
from nic_node.publishing.roster import RosterEntry, keep_roster
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.projects.tables import Project
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.problem import problem_document
from tests.conftest import TestClock
from tests.unit.accounts.conftest import Browser
from tests.unit.accounts.stage import ADA
from tests.unit.app.test_suspension import listening
from tests.unit.network.people_stage import StagedNode

START = datetime(2026, 10, 27, 14, tzinfo=UTC)
TODAY = START.date()
CHILD = "Marisol Quintanilla"
ALL = ["plan", "projects", "obstacles"]
WORDS = {"what": "The late bus leaves at 3:30.", "asks": "A bus at 4:30.", "kind": "transport"}


@dataclass
class World:
    """`other` is a node that nobody named; browsers of each one's principal. The tests share it, in their order."""

    district: StagedNode
    school: StagedNode
    other: StagedNode
    superintendent: Browser
    principal: Browser
    obstacle: int = 0

    async def work(self) -> None:
        """Word goes out, the district looks in its turn, answers go back."""
        self.district.clock.forward(minutes=1)
        for node in (self.school, self.district, self.school, self.district):
            await node.work()

    async def share(self, shares: list[str]) -> None:
        chosen = {"entity": self.district.local.entity_id, "shares": shares}
        await done(self.principal, "PUT", "/district/shares", chosen)
        await self.work()

    async def copy(self) -> DistrictSchool | None:
        async with self.district.database.reading() as session:
            found = select(DistrictSchool).where(DistrictSchool.entity == self.school.local.entity_id)
            return await session.scalar(found)


async def done(browser: Browser, method: str, path: str, document: Any = None) -> Any:
    answer = await browser.call(method, path, document)
    text = await answer.text()
    assert answer.status < 300, f"{method} {path}: {text}"
    return await answer.json() if text else None


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    migrated, folder = tmp_path_factory.mktemp("migrated"), tmp_path_factory.mktemp("nodes")
    database = Database.connect(read_config(migrated, {}).database_url)
    await upgrade(database)
    await database.close()
    clock = TestClock(START)
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(listening(shutil.copytree(migrated, folder / name), clock))
            for name in ("district", "school", "other")
        ]
        made = World(*nodes, superintendent=await nodes[0].signed_in(), principal=await nodes[1].signed_in())
        await made.superintendent.get("/today")
        await made.principal.get("/today")
        await fill(made)
        yield made


async def fill(world: World) -> None:
    """A plan, a late project, one whose title names a child, an obstacle."""
    principal = world.principal
    goal = {"horizon": "annual", "title": "Every sixth grader\nreads every day"}
    await done(principal, "POST", "/plan/goals", goal)
    for title, ago in (("Breakfast check-in", 20), (f"Calls home with {CHILD}", 60)):
        project = {"title": title, "starts_on": str(TODAY - timedelta(days=ago))}
        made = await done(principal, "POST", "/projects", project)
        assert made["state"] == "active", made
    obstacle = {**WORDS, "project_id": made["id"], "since": str(TODAY - timedelta(days=9))}
    world.obstacle = (await done(principal, "POST", "/obstacles", obstacle))["id"]
    async with world.school.database.writing() as session:
        entries = [RosterEntry(CHILD, "PERSON", "student")]
        key = world.school.local.operator_key
        await keep_roster(session, operator_key=key, actor=ADA, entries=entries, today=TODAY, now=START)


async def name(world: World) -> None:
    await done(world.principal, "PUT", "/district", {"entity": world.district.local.entity_id})


async def test_from_the_first_word_to_the_answer_on_today(world: World) -> None:
    await refuse_what_is_no_district(world)
    await name(world)
    await world.work()
    assert await world.copy() is None, "naming a district shows it nothing"
    shown = await (await world.superintendent.get("/today")).text()
    assert "Our schools" not in shown, "the room opens when a school has named the node"

    await world.share(ALL)
    row = await world.copy()
    assert row is not None
    assert (row.state, set(ALL) <= set(row.shared or {})) == ("named", True)
    assert CHILD not in str(row.shared)
    assert "Calls home with ▒▒▒" in str(row.shared)
    preview = await done(world.principal, "GET", "/district/preview")
    assert preview == row.shared, "the preview is the very thing"

    await done(world.superintendent, "PUT", f"/schools/{row.id}/state", {"state": "ours"})
    page = unescape(await (await world.superintendent.get("/schools")).text())
    for said in ("Our schools", "The late bus leaves at 3:30.", "Breakfast check-in", "day 21 of 45", "days late"):
        assert said in page
    answer = {"answer": "taken", "note": "The bus office calls you by Friday.", "back": "one"}
    sent = await world.superintendent.send(f"/schools/{row.id}/obstacles/{world.obstacle}", answer)
    assert sent.status == 303
    await world.work()
    async with world.school.database.reading() as session:
        obstacle = await session.get_one(Obstacle, world.obstacle)
        assert (obstacle.answer, obstacle.state) == ("taken", "open")
        acts = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.actor_kind == "peer")))
        assert {"district.read", "obstacle.answered"} <= set(acts)
    today = unescape(await (await world.principal.get("/today")).text())
    assert "The bus office calls you by Friday." in today
    assert "on its way" not in await (await world.superintendent.get(f"/schools/{row.id}")).text()


async def test_what_is_off_is_refused_at_once_and_its_copy_goes(world: World) -> None:
    await name(world)
    await world.share(ALL)
    await world.share(["obstacles"])
    row = await world.copy()
    assert row is not None
    assert set(row.shared or {}) & set(ALL) == {"obstacles"}
    page = await world.principal.get("/district")
    assert page.status == 200
    assert (await world.principal.send("/district/stop")).status == 303
    assert await refusal(world.district, world.school) == 403, "before any word of it has travelled"
    await world.work()
    row = await world.copy()
    assert row is not None
    assert (row.shared, row.ended_at) == (None, world.district.clock())
    body = canonical_bytes({"v": 1, "answer": "taken"})
    assert await refusal(world.district, world.school, f"/v1/district/obstacles/{world.obstacle}", body) == 403


async def test_nobody_but_the_named_district_is_answered(world: World) -> None:
    await name(world)
    await world.share(ALL)
    assert await refusal(world.other, world.school) == 403
    unsigned = await world.principal.client.get("/v1/district/shared")
    assert unsigned.status == 403
    claimed = {
        "Signature-Input": f'nic=("@method");keyid="{world.district.local.entity_id}#x"',
        "Signature": "nic=:AA==:",
    }
    assert (await world.principal.client.get("/v1/district/shared", headers=claimed)).status == 401
    body = canonical_bytes({"v": 1, "answer": "removed"})
    assert await refusal(world.other, world.school, f"/v1/district/obstacles/{world.obstacle}", body) == 403
    # A school that says to have named a node that it did not name stays unknown there.
    lied = canonical_bytes({"v": 1, "entity": world.other.local.entity_id})
    answer = await world.superintendent.client.post("/v1/district/schools", data=lied)
    assert answer.status == 202
    await world.work()
    async with world.district.database.reading() as session:
        assert list(await session.scalars(select(DistrictSchool.entity))) == [world.school.local.entity_id]


async def test_a_district_with_new_keys_is_learned_and_another_key_is_not(world: World) -> None:
    await name(world)
    await world.share(["projects"])
    async with world.school.database.writing() as session:
        kept = (await session.scalars(select(Sharing))).one()
        kept.http_keys = {}
    assert await refusal(world.district, world.school) == 401
    await world.school.work()
    assert await refusal(world.district, world.school) is None
    async with world.school.database.writing() as session:
        kept = (await session.scalars(select(Sharing))).one()
        kept.http_keys, kept.pinned = {}, ["A" * 43]
    assert await refusal(world.district, world.school) == 401
    await world.school.work()
    assert await refusal(world.district, world.school) == 401, "a key that no pinned one vouches for is no key"
    assert "not signed by the key" in await (await world.principal.get("/district")).text()
    await name(world)


async def test_drafts_and_what_another_district_answered_stay_at_the_school(world: World) -> None:
    draft = await done(world.principal, "POST", "/projects", {"title": "Hush hush", "starts_on": str(TODAY)})
    async with world.school.database.writing() as session:
        (await session.get_one(Project, draft["id"])).state = "draft"
    await done(world.principal, "POST", "/obstacles", {**WORDS, "project_id": draft["id"]})
    await name(world)
    await world.share(["obstacles"])
    sent = canonical_bytes({"v": 1, "answer": "taken"})
    assert await refusal(world.district, world.school, f"/v1/district/obstacles/{world.obstacle}", sent) == 204
    shown = str(await done(world.principal, "GET", "/district/preview"))
    assert ("Hush hush" in shown, "taken" in shown) == (False, True)
    world.school.clock.forward(seconds=1)
    await done(world.principal, "PUT", "/district", {"entity": world.other.local.entity_id})
    shares = {"entity": world.other.local.entity_id, "shares": ["obstacles"]}
    await done(world.principal, "PUT", "/district/shares", shares)
    assert "taken" not in str(await done(world.principal, "GET", "/district/preview"))
    assert await refusal(world.district, world.school) == 403


async def test_what_the_school_removes_is_gone_at_the_district_in_its_next_turn(world: World) -> None:
    await name(world)
    await world.share(ALL)
    told = {**WORDS, "what": "The driver shouts at us.", "since": str(TODAY), "project_id": 1}
    obstacle = (await done(world.principal, "POST", "/obstacles", told))["id"]
    await world.work()
    assert "The driver shouts at us." in str((await world.copy()).shared)  # type: ignore[union-attr]
    removed = await world.principal.send(f"/bin/obstacle/{obstacle}")
    assert removed.status == 303
    await world.work()
    row = await world.copy()
    assert row is not None
    assert row.read_at == world.district.clock()
    assert "The driver shouts at us." not in str(row.shared)
    # What it has no copy of is no news to it.
    await done(world.principal, "POST", "/actions", {"text": "Ask the bus office"})
    async with world.school.database.reading() as session:
        assert await session.scalar(select(Job).where(Job.kind == TELL)) is None


async def test_only_the_school_itself_ends_its_copy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await name(world)
    await world.share(["projects"])
    client, said = world.district.local.client, problem_document(Code.NOT_ALLOWED, "It shares nothing.")
    for problem, is_kept in ((None, True), ({"error": "access_denied"}, True), ({**said, "status": 403}, False)):

        async def refuse(*_asked: object, problem: Any = problem, **_how: object) -> None:
            raise PeerRefused("Access denied.", status=403, problem=problem)

        monkeypatch.setattr(client, "get", refuse)
        await ask_school(world.district.local, world.school.local.entity_id)
        row = await world.copy()
        assert row is not None
        assert (row.shared is not None, row.ended_at is None, row.problem) == (
            is_kept,
            is_kept,
            "Access denied." if is_kept else "",
        )


async def test_more_than_a_district_reads_is_said_at_the_school(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await name(world)
    await world.share(ALL)
    before = (await world.copy()).shared  # type: ignore[union-attr]
    says = "What is shared is more than the 512 KB"
    assert says not in await (await world.principal.get("/district")).text()
    monkeypatch.setattr("nic_node.district.shared.SHARED_MAX_BYTES", 600)
    assert says in await (await world.principal.get("/district")).text()
    preview = await world.principal.call("GET", "/district/preview")
    assert (preview.status, says in (await preview.json())["detail"]) == (413, True)
    await ask_school(world.district.local, world.school.local.entity_id)
    row = await world.copy()
    assert row is not None
    assert (row.shared, says in row.problem) == (before, True)


async def test_wrong_words_in_the_district_s_name_are_not_all_followed(world: World) -> None:
    await name(world)
    await world.share(["projects"])
    claimed = {
        "Signature-Input": f'nic=("@method");keyid="{world.district.local.entity_id}#x"',
        "Signature": "nic=:AA==:",
    }
    for _often in range(61):
        answer = await world.principal.client.get("/v1/district/shared", headers=claimed)
    assert answer.status == 429
    assert await refusal(world.district, world.school) is None, "what is right passes all the same"


async def test_a_school_that_can_t_be_reached_keeps_its_last_copy_with_its_age(world: World) -> None:
    await name(world)
    await world.share(["projects", "obstacles"])
    row = await world.copy()
    assert row is not None
    await done(world.superintendent, "PUT", f"/schools/{row.id}/state", {"state": "ours"})
    await world.school.server.close()
    read_at = row.read_at
    world.district.clock.forward(hours=7)
    await world.district.work()
    row = await world.copy()
    assert row is not None
    assert (row.read_at, "projects" in (row.shared or {}), bool(row.problem)) == (read_at, True, True)
    page = unescape(await (await world.superintendent.get(f"/schools/{row.id}")).text())
    assert "this is an older copy" in page
    assert "not reached" in await (await world.superintendent.get("/schools")).text()
    said = {"answer": "removed"}
    await done(world.superintendent, "PUT", f"/schools/{row.id}/obstacles/{world.obstacle}", said)
    refused = await world.superintendent.send(f"/schools/{row.id}/refuse")
    assert refused.status == 303
    row = await world.copy()
    assert row is not None
    assert (row.state, row.shared) == ("refused", None)
    await world.district.work()
    async with world.district.database.reading() as session:
        assert await session.scalar(select(Job).where(Job.kind == SEND)) is None, "nothing travels there any more"


async def refuse_what_is_no_district(world: World) -> None:
    """In words, beside the field, with what was typed."""
    own = world.school.local.entity_id
    wrong = {"": "address", "http://10.0.0.1": "must", "http://127.0.0.1:9": "can't be reached", own: "your own node"}
    await world.principal.get("/district")
    for address, says in wrong.items():
        answer = await world.principal.send("/district/name", {"entity": address})
        text = unescape(await answer.text())
        assert answer.status == 422
        assert says in text
        assert f'value="{address}"' in text


async def refusal(
    asking: StagedNode, asked: StagedNode, path: str = "/v1/district/shared", body: bytes | None = None
) -> int | None:
    """The status with which a signed request is refused; None where it is answered."""
    async with asking.database.reading() as session:
        signed_by = await signer(asking.local, session)
    method, url = "GET" if body is None else "POST", asked.local.entity_id + path
    try:
        await asking.local.client.ask(method, url, body=body, content_type=(), max_bytes=300_000, signer=signed_by)
    except PeerRefused as error:
        return error.status
    return None
