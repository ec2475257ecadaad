"""Several school years: last year's plan is looked at, rolled over from a page once, and stays to be read."""

from typing import Any

from nic_node.school.plan.goals import add_goal, change_goal, write_plan
from nic_node.school.profile.name import set_school_name
from tests.unit.accounts.stage import ADA
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown

LAST, THIS = "2025-26", "2026-27"


async def test_a_year_is_rolled_over_from_its_page(stage: Stage) -> None:
    by: dict[str, Any] = {"actor": ADA, "now": stage.clock()}
    today = stage.clock().date()
    assert "There is no plan yet from which a year could go on" in await shown(stage, "/plan/roll-over")
    async with stage.database.writing() as session:
        await set_school_name(session, school_name="Rivermouth School", **by)
        await write_plan(session, school_year=LAST, vision="Known by name", beliefs="", version=None, **by)
        on, done = [
            await add_goal(session, school_year=LAST, horizon="annual", values={"title": title}, today=today, **by)
            for title in ("Read <more>", "Write more")
        ]
        await change_goal(session, goal_id=done.id, values={}, state="reached", version=1, today=today, **by)
    assert "Go on from an earlier year" in await shown(stage, "/plan")
    preview = await shown(stage, "/plan/roll-over")
    assert "From 2025–26 into 2026–27" in preview
    assert "Read &lt;more&gt;" in preview
    assert "Write more" in preview[preview.index("Stays in 2025–26") :]
    asked = await (await stage.browser.call("GET", "/plan/roll-over")).json()
    assert (asked["from_year"], asked["to_year"], [goal["id"] for goal in asked["goes_on"]]) == (LAST, THIS, [on.id])

    # What the year hands over is where the new one starts: it is read before anything is moved.
    note = {"note": "Ask Tea <about> families", "school_year": LAST, "version": ""}
    assert (await stage.browser.send("/handover", note)).headers["Location"].endswith(f"/handover?year={LAST}")
    handover = await shown(stage, f"/handover?year={LAST}")
    assert "Begin 2026–27 from this" in handover
    assert "Begin" not in await shown(stage, "/handover")
    for page in (handover, await shown(stage, "/plan/roll-over")):
        assert "Ask Tea &lt;about&gt; families" in page
    read = await (await stage.browser.call("GET", f"/handover?year={LAST}")).json()
    assert (read["note"], read["version"]) == ("Ask Tea <about> families", 1)

    form = {"to_year": THIS, "goals": str(on.id)}
    assert (await stage.browser.send("/plan/roll-over", form)).status == 303
    again = await stage.browser.send("/plan/roll-over", form)
    assert again.status == 409
    assert "so nothing was changed" in await again.text()
    twice = await stage.browser.call("POST", "/plan/roll-over", {"to_year": THIS, "goals": [on.id]})
    assert twice.status == 409
    plan_page = await shown(stage, "/plan")
    assert ("Read &lt;more&gt;" in plan_page, "Ask Tea &lt;about&gt; families" in plan_page) == (True, True)
    last = await shown(stage, f"/plan?year={LAST}")
    assert "Goes on in the next year" in last
    assert "Reached" in last
    assert "Edit vision" not in last
    plan = await (await stage.browser.call("GET", f"/plan?year={LAST}")).json()
    assert [goal["state"] for goal in plan["goals"]] == ["carried", "reached"]
    for paper in ("plan", "whole-plan"):
        assert "Read &lt;more&gt;" in await shown(stage, f"/papers/{paper}?year={LAST}")
