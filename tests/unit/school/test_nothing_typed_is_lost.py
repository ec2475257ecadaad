"""What was typed is still there: after somebody else was faster with the same form, and where it is far too much."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from nic_node.accounts.tables import AuditEntry
from nic_node.errors import Stale
from nic_node.school.measures.tables import Measure
from nic_node.school.plan.paste_pages import WORDS
from nic_node.school.plan.tables import Goal
from tests.unit.school.conftest import Stage
from tests.unit.school.test_room_pages import rooms  # noqa: F401 - the world of all rooms

OF_PROJECT = {"title": "Breakfast bags", "starts_on": "2026-09-14", "aim_by_days": "45"}
OF_MEASURE = {"belongs": "project-1", "vocabulary": "attendance-rate", "cadence": "day"}
OF_MEETING = {"title": "Leadership team", "held_on": "2026-10-27", "minutes": "45"}
OF_GOAL = {"horizon": "annual", "state": "active"}
OF_NOTE = {"on": "2026-10-27"}
FORMS: list[tuple[str, dict[str, str], dict[str, str], dict[str, str], str]] = [
    # the form's path, what both send, the first, the second, and what the second is told of the first
    ("/plan/edit", {}, {"vision": "All read.", "beliefs": "Hers"}, {"vision": "All read.", "beliefs": "His"}, "Hers"),
    ("/plan/goals/{goal}", OF_GOAL, {"title": "Hers", "owner_id": "2"}, {"title": "His"}, "Tea Cher"),
    ("/projects/{project}/edit", OF_PROJECT, {"conditions": "Hers", "lead_id": "2"}, {"conditions": "His"}, "Tea Cher"),
    ("/projects/{project}/midway", {}, {"note": "Hers"}, {"note": "His"}, "Hers"),
    ("/projects/{project}/steps", {}, {"does": "Hers"}, {"does": "His"}, "Hers"),
    ("/measures/{measure}/edit", OF_MEASURE, {"name": "Hers", "owner_id": "2"}, {"name": "His"}, "Tea Cher"),
    ("/measures/{measure}/observations/{number}", {"shape": "value"}, {"value": "93", "note": "Hers"},
     {"value": "88", "note": "His"}, "93"),
    ("/meetings/{meeting}/edit", OF_MEETING, {"place": "Hers", "norms": "Ears"}, {"place": "His"}, "Ears"),
    ("/meetings/items/{item}", {"minutes": "5"}, {"text": "Hers"}, {"text": "His"}, "Hers"),
    ("/actions/{action}", {}, {"text": "Hers", "owner_id": "2"}, {"text": "His"}, "Tea Cher"),
    ("/team/members/{member}", {"since": "2026-08-01"}, {"role": "coach"}, {"role": "other"}, "Coach"),
    ("/team/norms", {}, {"norms": "Hers"}, {"norms": "His"}, "Hers"),
    ("/communities/{community}/edit", {"name": "Grade 6 math"}, {"members": "2"}, {"members": "1", "focus": "His"},
     "Tea Cher"),
    ("/coaching/{coaching}/goal", {}, {"goal": "Hers"}, {"goal": "His"}, "Hers"),
    ("/coaching/notes/{coaching_note}", OF_NOTE, {"feedback": "Hers", "due": "2026-11-09"}, {"feedback": "His"},
     "2026-11-09"),
    ("/messages/{message}/edit", {"audience": "staff"}, {"title": "Hers", "body": "A"}, {"title": "His", "body": "B"},
     "Hers"),
    ("/profile", {"name": "Rivermouth School"}, {"enrolment": "412"}, {"enrolment": "409"}, "412"),
    ("/projects/{project}/budget", {}, {"of_hours": "41.5"}, {"of_hours": "17"}, "41.5"),
    ("/projects/{project}/why/process", {}, {"steps": "Hers"}, {"steps": "His"}, "Hers"),
    ("/reflection/{reflection}", {"held_on": "2026-10-27"}, {"works": "Hers"}, {"works": "His"}, "Hers"),
    ("/handover", {}, {"note": "Hers"}, {"note": "His"}, "Hers"),
    ("/self-assessment/{assessment}/answers", {}, {"vision": "Hers"}, {"vision": "His"}, "Hers"),
]  # fmt: skip
SHOWN_AT = {"goal": "", "process": "", "norms": "", "budget": "/projects/{project}/inputs", "answers": ""}
"""Where a form that has no page of its own is shown: the path without its end, if nothing is said."""


def version_in(text: str, path: str) -> str:
    """The version that the form for this path holds."""
    form = text.split(f'action="{path}"', 1)[1].split("</form>", 1)[0]
    found = re.search(r'name="version" value="(\d*)"', form)
    assert found, path
    return found.group(1)


async def post(stage: Stage, path: str, fields: Mapping[str, Any]) -> tuple[int, str]:
    """A form of any size, with lists for what comes more than once."""
    body = urlencode({"csrf_token": stage.browser._token, **fields}, doseq=True).encode()
    headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await stage.browser.client.post(path, data=BytesIO(body), headers=headers, allow_redirects=False)
    return answer.status, await answer.text()


async def text_of(stage: Stage, path: str) -> str:
    return await (await stage.browser.get(path)).text()


@pytest.fixture
async def ids(stage: Stage, rooms: dict[str, Any]) -> dict[str, Any]:  # noqa: F811 - the fixture
    async def made(path: str, body: dict[str, Any]) -> int:
        answer = await stage.browser.call("POST", path, body)
        assert answer.status == 201, await answer.text()
        return (await answer.json())["id"]

    goal = await made("/plan/goals", {"horizon": "annual", "title": "Everybody is here"})
    measure = await stage.add_measure()
    number = await made(f"/measures/{measure}/observations", {"period": "2026-10-20", "value": 91})
    return rooms | {"goal": goal, "measure": measure, "number": number}


async def test_whoever_is_slower_loses_nothing_in_any_form(stage: Stage, ids: dict[str, Any]) -> None:
    for form, both, first, second, theirs in FORMS:
        path, end = form.format(**ids), form.rsplit("/", 1)[1]
        shown_at = (SHOWN_AT[end] or form.rsplit("/", 1)[0]).format(**ids) if end in SHOWN_AT else path
        version = version_in(await text_of(stage, shown_at), path)
        stage.clock.now += timedelta(minutes=1)
        sent = await stage.browser.send(path, {**both, **first, "version": version})
        assert sent.status == 303, f"{path}: {await sent.text()}"
        refused = await stage.browser.send(path, {**both, **second, "version": version})
        text = await refused.text()
        assert refused.status == 409, path
        told = "".join(re.findall(r'class="note warn".*?</div>', text, re.DOTALL))
        assert theirs in told, f"{path}: {told}"
        assert "Theirs stands below, yours is still in the form: save again to keep it." in text, path
        for typed in second.values():
            assert re.search(rf'(value="{typed}"|>\s*{typed}</textarea>)', text), f"{path}: {typed} is lost"
        again = await stage.browser.send(path, {**both, **second, "version": version_in(text, path)})
        assert again.status == 303, f"{path}: {await again.text()}"


BY_PROGRAM: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "/profile", {"enrolment": 409}),
    ("PUT", "/plan", {"vision": "His"}),
    ("PATCH", "/plan/goals/{goal}", {"state": "active", "title": "His"}),
    ("PATCH", "/projects/{project}", {"title": "His"}),
    ("PUT", "/projects/{project}/steps", {"steps": [{"does": "His"}]}),
    ("POST", "/projects/{project}/midway", {"note": "His"}),
    ("POST", "/projects/{project}/close",
     {"decision": "adopt", "closed_on": "2026-10-27", "early_because": "Enough."}),
    ("PUT", "/projects/{project}/budget", {"hours": 17, "dollars": 0}),
    ("PUT", "/projects/{project}/causes/process", {"steps": "His"}),
    ("PATCH", "/measures/{measure}", {"name": "His"}),
    ("PATCH", "/measures/{measure}/observations/{number}", {"value": 88}),
    ("PATCH", "/meetings/{meeting}", {"place": "His"}),
    ("PATCH", "/meetings/items/{item}", {"text": "His"}),
    ("PATCH", "/actions/{action}", {"text": "His"}),
    ("PATCH", "/team/members/{member}", {"role": "other"}),
    ("PUT", "/team/norms", {"norms": "His"}),
    ("PATCH", "/self-assessments/{assessment}", {"vision": "His"}),
    ("PATCH", "/communities/{community}", {"members": [1], "focus": "His"}),
    ("PATCH", "/coaching/{coaching}", {"goal": "His"}),
    ("PATCH", "/coaching/notes/{coaching_note}", {"feedback": "His"}),
    ("PATCH", "/reflection/{reflection}", {"works": "His"}),
    ("PUT", "/handover", {"note": "His"}),
    ("PATCH", "/communication/{message}", {"title": "His"}),
]  # fmt: skip


async def test_a_program_that_read_another_version_changes_nothing(stage: Stage, ids: dict[str, Any]) -> None:
    kept = select(func.count()).select_from(AuditEntry)
    async with stage.database.reading() as session:
        before = await session.scalar(kept)
    for method, at, body in BY_PROGRAM:
        answer = await stage.browser.call(method, at.format(**ids), body | {"version": 999})
        said = await answer.json()
        # A program has no form in which "yours" still stands, and nothing to "save again".
        told = (answer.status, said["code"], said["detail"])
        assert told == (409, "stale-version", Stale.FOR_PROGRAMS), at
    async with stage.database.reading() as session:
        assert await session.scalar(kept) == before


async def test_two_who_tick_who_is_here_lose_no_tick(stage: Stage, ids: dict[str, Any]) -> None:
    there = f"/meetings/{ids['meeting']}"

    async def ticked(path: str, **fields: Any) -> list[tuple[int, bool]]:
        assert (await post(stage, path, fields))[0] == 303
        answer = await (await stage.browser.call("GET", there)).json()
        return sorted((one["person_id"], one["came"]) for one in answer["people"])

    assert 'name="were" value="0"' in await text_of(stage, there)
    await ticked(f"{there}/people", came=["1"], were=["0"])
    assert await ticked(f"{there}/people", came=["2"], were=["0"]) == [(1, True), (2, True)]
    assert await ticked(f"{there}/people", came=["1"], were=["0", "1", "2"]) == [(1, True), (2, False)]
    by_program = {"expected": [1, 2], "came": [1, 2], "were": [1]}
    told = await (await stage.browser.call("PUT", f"{there}/people", by_program)).json()
    assert sum(one["came"] for one in told["people"]) == 2
    await ticked(f"{there}/people", came=["1"], were=["0", "1", "2"])
    same = OF_MEETING | {"version": version_in(await text_of(stage, f"{there}/edit"), f"{there}/edit")}
    await ticked(f"{there}/edit", people=["1", "2", "3"], were=["0", "1", "2"], **same)
    same["version"] = version_in(await text_of(stage, f"{there}/edit"), f"{there}/edit")
    assert await ticked(f"{there}/edit", people=["1"], were=["0", "1", "2"], **same) == [(1, True), (3, False)]


async def test_two_megabytes_are_refused_in_words_and_given_back(stage: Stage) -> None:
    await stage.browser.get("/projects")
    meeting = await (await stage.browser.call("POST", "/meetings", OF_MEETING | {"minutes": 45})).json()
    item, paste = {"item_id": "1", "version": "1"}, "Zebra " * 350_000
    for path, fields in (
        (f"/projects/{stage.project_id}/edit", OF_PROJECT | {"version": "1", "conditions": paste}),
        (f"/projects/{stage.project_id}/midway", {"version": "1", "note": paste}),
        ("/plan/goals/new", OF_GOAL | {"title": "Read", "why": paste}),
        ("/plan/paste", {"text": "Goal\n" + paste}),
        ("/plan/paste/keep", dict.fromkeys((*WORDS, "owner_id", "due"), "")
         | {"kind": "annual", "text": paste}),
        (f"/meetings/{meeting['id']}/paste", {"text": paste}),
        (f"/meetings/{meeting['id']}/notes", item | {"notes": paste}),
        ("/measures/new", OF_MEASURE | {"definition": paste}),
    ):  # fmt: skip
        status, text = await post(stage, path, fields)
        assert status in (413, 422), path
        assert re.search(r"this form takes \d+|more than a plan: up to", text), path
        assert text.count("Zebra") >= 350_000 or path.endswith("/notes"), f"{path}: what was typed is lost"
    body = BytesIO(json.dumps({"title": "Read", "horizon": "annual", "why": paste}).encode())
    headers = {"X-CSRF-Token": stage.browser._token, "Content-Type": "application/json"}
    refused = await stage.browser.client.post("/api/v1/plan/goals", data=body, headers=headers)
    assert (refused.status, "Send less at once" in await refused.text()) == (413, True)
    async with stage.database.reading() as session:
        counts = [await session.scalar(select(func.count()).select_from(table)) for table in (Goal, Measure)]
    assert counts == [0, 0]
