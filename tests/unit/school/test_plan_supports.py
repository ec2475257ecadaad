"""Supports of a goal on its page, in the plan, on paper and in the API; what changed since last time."""

import re
from typing import Any

import pytest

from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown

SUPPORT = {"kind": "coaching", "what": "A visit <a> week", "how_much": "$400", "starts_on": "", "ends_on": ""}


@pytest.fixture
async def goal(stage: Stage) -> int:
    await stage.browser.get("/plan")
    new = {"horizon": "annual", "title": "Read more", "target": "80 %"}
    made: dict[str, Any] = await (await stage.browser.call("POST", "/plan/goals", new)).json()
    return int(made["id"])


async def test_a_support_goes_from_the_goals_page_to_plan_and_papers(stage: Stage, goal: int) -> None:
    send, call = stage.browser.send, stage.browser.call
    assert "Which training, coaching, money or time" in await shown(stage, f"/plan/goals/{goal}")
    refused = await send(f"/plan/goals/{goal}/supports", SUPPORT | {"what": "", "ends_on": "soon"})
    assert refused.status == 422
    page = await refused.text()
    assert "Write a date as year-month-day." in page
    assert 'value="Read more"' in page
    assert (await send(f"/plan/goals/{goal}/supports", SUPPORT)).status == 303
    [support] = (await (await call("GET", "/plan")).json())["supports"]
    assert (support["goal_id"], support["kind"], support["how_much"]) == (goal, "coaching", "$400")
    address = f"/plan/supports/{support['id']}"

    # Two tabs: the second sees what the first kept, and may save again.
    assert (await send(address, SUPPORT | {"how_much": "$500", "version": "1"})).status == 303
    stale = await send(address, SUPPORT | {"how_much": "$600", "version": "1"})
    assert stale.status == 409
    assert "$500" in (page := await stale.text())
    assert 'value="$600"' in page
    assert (await call("PATCH", address, {"how_much": "$700", "version": 1})).status == 409
    assert (await call("PATCH", address, {"how_much": "$700", "version": 2})).status == 200
    assert (await call("PATCH", address, {"kind": "luck", "version": 3})).status == 422
    for where in ("/plan", f"/plan/goals/{goal}", "/papers/plan", "/papers/whole-plan"):
        assert "A visit &lt;a&gt; week" in await shown(stage, where)
    assert "$700" in await shown(stage, "/papers/whole-plan")
    assert '<mark class="word">visit</mark>' in await shown(stage, "/search?q=visit+week")
    families = await shown(stage, "/papers/plan?whom=families&language=es")
    assert "Acompañamiento a nuestros maestros" in families

    gone = await send(f"/bin/support/{support['id']}", {})
    assert gone.headers["Location"].endswith(f"/plan/goals/{goal}")
    assert "A visit" not in await shown(stage, "/papers/plan")
    [line] = (await (await call("GET", "/bin")).json())["items"]
    assert (await call("POST", f"/bin/{line['id']}/restore")).status == 200
    assert "A visit &lt;a&gt; week" in await shown(stage, "/plan")


async def test_the_plan_says_what_changed_since_last_time(stage: Stage, goal: int) -> None:
    change = {"target": "85 %", "owner_id": 1, "state": "active", "version": 1}
    assert (await stage.browser.call("PATCH", f"/plan/goals/{goal}", change)).status == 200
    answer = await (await stage.browser.call("GET", "/plan/changes")).json()
    kinds = [one["kind"] for one in answer["items"]]
    assert kinds == ["added", "target", "owner"]
    plan = await shown(stage, "/plan?since=2020-01-01")
    told = [re.sub(r"&.*", "", one["said"]) for one in answer["items"]]
    assert all(one in plan for one in told)
    later = await (await stage.browser.call("GET", "/plan/changes?since=2027-06-01")).json()
    assert (later["since"], later["items"]) == ("2027-06-01", [])
    staff, district = [await shown(stage, f"/papers/whole-plan?whom={whom}") for whom in ("staff", "district")]
    assert "looks after this goal now" in staff
    assert "The target is now 85 %, before it was 80 %: Read more" in district
    assert "looks after this goal" not in district
    assert "What changed since" not in await shown(stage, "/papers/plan")


async def test_supports_that_come_and_go_are_told(stage: Stage, goal: int) -> None:
    async def told(since: str) -> list[str]:
        items = (await (await stage.browser.call("GET", f"/plan/changes?since={since}")).json())["items"]
        return [one["kind"] for one in items if one["kind"].startswith("support")]

    body = {"kind": "time", "what": "A free period", "how_much": "", "starts_on": None, "ends_on": None}
    stage.clock.forward(minutes=5)
    made = await (await stage.browser.call("POST", f"/plan/goals/{goal}/supports", body)).json()
    today = stage.clock.now.date().isoformat()
    assert await told(today) == ["support"]
    stage.clock.forward(days=2)
    await stage.browser.sign_in("ada@school.example")
    later = stage.clock.now.date().isoformat()
    assert await told(later) == []
    await stage.browser.send(f"/bin/support/{made['id']}", {})
    assert (await told(later), await told(today)) == (["support-gone"], [])
    assert "A free period" not in await shown(stage, "/papers/whole-plan")  # since the last meeting it came and went
    [line] = (await (await stage.browser.call("GET", "/bin")).json())["items"]
    await stage.browser.call("POST", f"/bin/{line['id']}/restore")
    assert (await told(later), await told(today)) == ([], ["support"])
    families = await shown(stage, "/papers/whole-plan?whom=families&language=es")
    assert "A free period es nuevo para esta meta: Read more" in families


async def test_a_goal_goes_on_by_its_projects_and_measures(stage: Stage, goal: int) -> None:
    """Nobody reports: day and newest number of what runs, decision and result of what is closed."""
    call = stage.browser.call
    project = await (await call("GET", f"/projects/{stage.project_id}")).json()
    moved = {"goal_id": goal, "version": project["version"]}
    assert (await call("PATCH", f"/projects/{stage.project_id}", moved)).status == 200
    mine, of_goal = (
        await stage.add_measure(),
        await stage.add_measure(project_id=None, goal_id=goal, name="Whole school"),
    )
    for measure, value in ((mine, 91.5), (of_goal, 88)):
        number = {"period": "2026-09-21", "value": value}
        assert (await call("POST", f"/measures/{measure}/observations", number)).status == 201
    page = await shown(stage, "/plan")
    for said in ("Daily attendance", "91.5", "Whole school", "88"):
        assert said in page
    closing = {"decision": "adopt", "aim_result": "reached", "closed_on": "2026-10-28", "worked": "", "version": 2}
    assert (await call("POST", f"/projects/{stage.project_id}/close", closing)).status == 200
    page = await shown(stage, "/plan")
    assert ("aim reached" in page, "91.5" in page, "The one closed project reached its aim" in page) == (
        True,
        False,
        True,
    )
    [goes] = (await (await call("GET", "/plan/progress")).json())["items"]
    assert (goes["goal_id"], goes["running"], goes["closed"], goes["reached"]) == (goal, [], 1, 1)
    assert list(goes["numbers"]) == ["Whole school"]
