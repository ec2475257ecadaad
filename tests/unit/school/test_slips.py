"""Slips are refused beside their field, by page and API alike: a day of another century, an owner who left."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.accounts.tables import Person
from nic_node.school.cycles.tables import Cycle
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.tables import Project, ProjectStep
from tests.unit.accounts.stage import join
from tests.unit.school.conftest import Stage
from tests.unit.school.test_room_pages import rooms  # noqa: F401 - the world of all rooms

SLIPS = ("1926-01-01", "2126-01-01")
BY_PROGRAM: list[tuple[str, str, dict[str, Any], str]] = [
    # method, address, body with DAY where the day stands, the field
    ("POST", "/plan/goals", {"horizon": "annual", "title": "Read", "due": "DAY"}, "due"),
    ("POST", "/projects", {"title": "Bags", "starts_on": "DAY"}, "starts_on"),
    ("PUT", "/projects/{project}/steps", {"steps": [{"does": "Print", "due": "DAY"}], "version": 1}, "steps.0.due"),
    ("POST", "/projects/{project}/close",
     {"decision": "adopt", "closed_on": "DAY", "early_because": "Enough.", "version": 1}, "closed_on"),
    ("POST", "/projects/{project}/cycles", {"question": "Who?", "starts_on": "DAY"}, "starts_on"),
    ("POST", "/measures/{measure}/observations", {"period": "DAY", "value": 9}, "period"),
    ("POST", "/meetings", {"title": "Team", "held_on": "DAY", "minutes": 5}, "held_on"),
    ("POST", "/actions", {"text": "Print", "due": "DAY"}, "due"),
    ("POST", "/actions", {"line": "Print by DAY"}, "due"),
    ("POST", "/team/members", {"person_id": 2, "role": "coach", "since": "DAY"}, "since"),
    ("POST", "/team/days-off", {"label": "Snow", "starts_on": "DAY"}, "starts_on"),
    ("POST", "/communities/{community}/sessions", {"held_on": "DAY", "stage": "scan"}, "held_on"),
    ("POST", "/projects/{project}/inputs", {"put_on": "DAY", "hours": 1, "what": "Bags"}, "put_on"),
]  # fmt: skip
BY_PAGE: list[tuple[str, dict[str, str]]] = [
    ("/plan/goals/new", {"horizon": "annual", "title": "Read", "due": "DAY"}),
    ("/projects/new", {"title": "Bags", "starts_on": "DAY"}),
    ("/projects/{project}/steps", {"does": "Print", "due": "DAY", "version": "1"}),
    ("/projects/{project}/close", {"decision": "adopt", "closed_on": "DAY", "early_because": "No.", "version": "1"}),
    ("/cycles/new", {"project": "{project}", "question": "Who?", "starts_on": "DAY"}),
    ("/measures/{measure}/add", {"period": "DAY", "value": "9", "shape": "value"}),
    ("/meetings/new", {"title": "Team", "held_on": "DAY", "minutes": "5"}),
]
SAYS = ("check the year", "too long ago", "still to come", "before it started", "no such day")


@pytest.mark.parametrize("day", SLIPS)
async def test_a_slip_of_the_century_is_refused_beside_its_field(
    stage: Stage,
    rooms: dict[str, Any],  # noqa: F811 - the fixture
    day: str,
) -> None:
    ids = rooms | {"measure": await stage.add_measure()}

    async def counted() -> list[int | None]:
        async with stage.database.reading() as session:
            tables = (Goal, Project, ProjectStep, Cycle)
            return [await session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = await counted()
    version = (await (await stage.browser.call("GET", f"/projects/{ids['project']}")).json())["version"]
    for method, address, body, field in BY_PROGRAM:
        path, sent = address.format(**ids), json.loads(json.dumps(body).replace("DAY", day))
        answer = await stage.browser.call(method, path, sent | ({"version": version} if "version" in body else {}))
        said = (await answer.json()).get("fields", {})
        assert answer.status == 422, f"{method} {path}: {await answer.text()}"
        assert any(words in said[field][0] for words in SAYS), f"{path}: {said}"
    for address, fields in BY_PAGE:
        path = address.format(**ids)
        typed = {name: value.replace("DAY", day).format(**ids) for name, value in fields.items()}
        response = await stage.browser.send(path, typed | ({"version": str(version)} if "version" in typed else {}))
        text = await response.text()
        assert response.status == 422, path
        assert any(words in text for words in SAYS), path
        assert f'value="{day}"' in text, f"{path}: what was typed is lost"
    assert await counted() == before


OWNED: list[tuple[str, dict[str, Any], str]] = [
    ("/plan/goals", {"horizon": "annual", "title": "Read"}, "owner_id"),
    ("/projects", {"title": "Bags", "starts_on": "2026-10-20"}, "lead_id"),
    ("/measures", {"project_id": 1, "vocabulary": "attendance-rate", "cadence": "day"}, "owner_id"),
    ("/meetings", {"title": "Team", "held_on": "2026-10-27", "minutes": 5}, "facilitator_id"),
    ("/actions", {"text": "Print"}, "owner_id"),
    ("/team/members", {"role": "coach", "since": "2026-10-01"}, "person_id"),
    ("/coaching", {"is_coach": True, "goal": "Wait"}, "other_id"),
]
LISTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("/meetings", {"title": "Team", "held_on": "2026-10-27", "minutes": 5}, "people", "came"),
    ("/communities", {"name": "Math"}, "members", "members"),
    ("/plan/paste/keep", {}, "rows", "owner_id"),
]


async def test_who_left_or_never_came_gets_nothing_new_and_keeps_what_they_had(stage: Stage) -> None:
    jin = (await join(stage.database, stage.clock, "jin@school.example", "teacher", name="Jin Park")).id
    await stage.browser.get("/projects")
    goal = await (await stage.browser.call("POST", "/plan/goals", OWNED[0][1] | {"owner_id": jin})).json()
    project = await (await stage.browser.call("POST", "/projects", OWNED[1][1] | {"lead_id": jin})).json()
    async with stage.database.writing() as session:
        (await session.get_one(Person, jin)).active = False
    for who in (jin, 999):
        for path, body, field in OWNED:
            answer = await stage.browser.call("POST", path, body | {field: who})
            assert (answer.status, list((await answer.json())["fields"])) == (422, [field]), path
        for path, body, name, field in LISTED:
            listed = [{"kind": "annual", "text": "Write", "owner_id": who}] if name == "rows" else [who]
            answer = await stage.browser.call("POST", path, body | {name: listed})
            assert (answer.status, list((await answer.json())["fields"])) == (422, [field]), path
    # A form that is saved unread changes nothing, not even whose it is.
    for path in (f"/plan/goals/{goal['id']}", f"/projects/{project['id']}/edit"):
        page = await (await stage.browser.get(path)).text()
        assert re.search(rf'<option value="{jin}" selected[^>]*>Jin Park', page), path
