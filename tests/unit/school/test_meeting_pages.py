"""Pages of meetings and action items: one meeting from its agenda to its minutes, as its people see it."""

import re
from datetime import timedelta
from typing import Any

from nic_node.accounts.tables import Person
from tests.unit.accounts.stage import join
from tests.unit.school.conftest import STUDENT, Stage
from tests.unit.school.measures.pages import sent, shown

PLANNED = {"title": "Leadership team", "held_on": "2026-10-27", "begins_at": "15:15", "minutes": "45", "people": "1"}


async def planned(stage: Stage, agenda: str = "5 Welcome, norms\n15 Bus stop") -> str:
    there, _ = await sent(stage, "/meetings/new", {**PLANNED, "agenda": agenda})
    return there


async def of_meeting(stage: Stage, there: str) -> dict[str, Any]:
    found: dict[str, Any] = await (await stage.browser.call("GET", there)).json()
    return found


async def test_an_empty_room_teaches_and_the_next_meeting_starts_from_the_last(stage: Stage) -> None:
    assert "Plan the first meeting" in await shown(stage, "/meetings")
    there = await planned(stage)
    text = await shown(stage, there)
    assert "3:15\u202fPM" in text
    assert "Bus stop" in text
    assert "take 20 minutes" not in text
    start = await shown(stage, "/meetings/new")
    assert 'value="15:15"' in start
    assert "5 Welcome, norms" in start
    assert "Bus stop" not in start


async def test_a_meeting_is_held_on_one_page(stage: Stage) -> None:
    there = await planned(stage)
    await sent(stage, there, {}, 405)
    await stage.browser.send(f"{there}/start")
    meeting = await of_meeting(stage, there)
    _, bus = meeting["items"]
    await stage.browser.send(f"/meetings/items/{bus['id']}/start")
    text = await shown(stage, there)
    assert f'data-minutes="{bus["minutes"]}"' in text
    decided = {"item_id": str(bus["id"]), "decision": "Ada asks the city"}
    await stage.browser.send(f"{there}/decisions", decided)
    assert "Make it an action item" in await shown(stage, there)
    decision = (await of_meeting(stage, there))["decisions"][0]
    acted = {"decision_id": str(decision["id"]), "item_id": str(bus["id"]), "line": "Ask the city @Ada by Friday"}
    await stage.browser.send(f"{there}/actions", acted)
    text = await shown(stage, there)
    assert "→ Ask the city: Ada Field, due Oct 30" in text
    assert "Make it an action item" not in text
    await stage.browser.send(f"{there}/people", {"came": "1"})
    assert "1 of 1" in await shown(stage, there)
    await stage.browser.send(f"{there}/end")
    minutes = await shown(stage, f"{there}/minutes")
    for said in ("Ada asks the city", "Ask the city", "Ada Field", "Send them"):
        assert said in minutes
    added = await stage.browser.call("POST", f"{there}/decisions", {"text": f"Ask {STUDENT}'s family"})
    assert added.status == 200
    held = await stage.browser.send(f"{there}/minutes", {"to": "expected"})
    assert held.status == 409
    assert f"These minutes name students: “{STUDENT}”" in await held.text()
    await stage.browser.call("POST", f"/meetings/decisions/{(await added.json())['id']}/remove")
    location, _ = await sent(stage, f"{there}/minutes", {"to": "expected"})
    assert "Sent Oct 27" in await shown(stage, location)


async def test_what_two_write_at_once_is_shown_side_by_side_and_kept(stage: Stage) -> None:
    there = await planned(stage)
    bus = (await of_meeting(stage, there))["items"][1]
    typed = {"item_id": str(bus["id"]), "version": str(bus["version"])}
    await stage.browser.send(f"{there}/notes", {**typed, "notes": "Hers: the city says no."})
    response = await stage.browser.send(f"{there}/notes", {**typed, "notes": "His: ask again."})
    text = await response.text()
    assert response.status == 409
    assert "Saved meanwhile:" in text
    assert "Hers: the city says no." in text
    assert "His: ask again.</textarea>" in text
    version = re.search(rf'name="item_id" value="{bus["id"]}"><input type="hidden" name="version" value="(\d+)"', text)
    assert version is not None
    again = {**typed, "version": version.group(1), "notes": "Hers and his."}
    assert (await stage.browser.send(f"{there}/notes", again)).status == 303
    assert (await of_meeting(stage, there))["items"][1]["notes"] == "Hers and his."


async def test_a_meeting_form_that_comes_back_has_what_was_typed(stage: Stage) -> None:
    wrong = {**PLANNED, "title": "", "minutes": "soon", "agenda": "15 Bus stop"}
    _, text = await sent(stage, "/meetings/new", wrong, 422)
    assert "Write a whole number of minutes." in text
    assert "15 Bus stop" in text
    there = await planned(stage)
    response = await stage.browser.send(f"{there}/actions", {"item_id": "", "line": "Print by 2/30"})
    text = await response.text()
    assert response.status == 422
    assert "There is no such day" in text
    edited = {**PLANNED, "title": "The team", "version": "1"}
    await sent(stage, f"{there}/edit", edited)
    _, text = await sent(stage, f"{there}/edit", {**edited, "title": "Ours"}, 409)
    assert "Saved meanwhile:" in text
    assert ">The team</dd>" in text
    assert 'value="Ours"' in text


async def test_pasted_minutes_are_looked_at_before_they_are_kept(stage: Stage) -> None:
    there = await planned(stage)
    _, text = await sent(stage, f"{there}/paste", {"text": "Decided: move it\nAda to print the form\nTea"}, 200)
    assert "nothing is kept yet" in text
    assert 'value="print the form @Ada"' in text
    assert (await of_meeting(stage, there))["decisions"] == []
    kept = {"kind": ["decision", "action", "skip"], "words": ["move it", "print the form @Ada", "Tea"]}
    response = await stage.browser.send(f"{there}/pasted", kept)
    assert response.status == 303
    meeting = await of_meeting(stage, there)
    assert [one["text"] for one in meeting["decisions"]] == ["move it"]
    assert [(one["text"], one["owner_id"]) for one in meeting["actions"]] == [("print the form", 1)]


async def test_an_action_item_is_one_line_to_add_and_one_press_to_settle(stage: Stage) -> None:
    assert "Nothing is open." in await shown(stage, "/actions")
    back = {"back": f"/projects/{stage.project_id}", "project_id": str(stage.project_id)}
    there, _ = await sent(stage, "/actions", {"line": "Count the bags by Oct 20", **back})
    assert there == back["back"]
    text = await shown(stage, "/actions?show=all")
    assert "5 school days late" in text
    assert "One is late." in text
    response = await stage.browser.send("/actions/1/done", {"back": "//elsewhere.example"})
    assert response.headers["Location"] == "/"
    assert "done Oct 27" in await shown(stage, "/actions?show=done")
    _, text = await sent(stage, "/actions", {"line": " by Friday"}, 422)
    assert "Write what is to be done." in text


async def test_an_owner_who_left_is_named(stage: Stage) -> None:
    tea = await join(stage.database, stage.clock, "tea@school.example", "teacher", name="Tea Cher")
    await sent(stage, "/actions", {"line": "Buy tea @Tea"})
    async with stage.database.writing() as session:
        person = await session.get(Person, tea.id)
        assert person is not None
        person.active = False
    text = await shown(stage, "/actions?show=all")
    assert "has left: choose another" in text
    # A form that is sent back unread changes nothing.
    fields = {"text": "Buy tea", "owner_id": str(tea.id), "due": str(stage.clock().date() + timedelta(days=1))}
    await sent(stage, "/actions/1", {**fields, "version": "1"})
    item = await (await stage.browser.call("GET", "/actions/1")).json()
    assert (item["owner_id"], item["due"]) == (tea.id, "2026-10-28")
