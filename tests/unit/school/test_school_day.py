"""'Today' is the school's day: where it is tomorrow in Greenwich already, and where it is still yesterday there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.school.conftest import Stage

EDGES = {
    "Pacific/Honolulu": (datetime(2026, 10, 28, 9, 59, tzinfo=UTC), date(2026, 10, 27)),
    "Pacific/Auckland": (datetime(2026, 10, 27, 11, 1, tzinfo=UTC), date(2026, 10, 28)),
}
"""A minute before midnight and a minute after it; in Greenwich it is the other day."""
YEARS = timedelta(days=3 * 366)
CLOSING = {"decision": "adopt", "aim_result": None, "worked": "", "would_change": "", "watch_out": "", "version": 1}


@pytest.fixture(params=EDGES)
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def today(zone: str, stage: Stage) -> date:
    stage.clock.now, day = EDGES[zone]
    await stage.browser.sign_in("ada@school.example")
    return day


async def answered(stage: Stage, path: str, body: dict[str, Any]) -> tuple[int, list[str]]:
    """The status, and the fields that were refused."""
    answer = await stage.browser.call("POST", path, body)
    return answer.status, sorted((await answer.json()).get("fields", {})) if answer.status == 422 else []


async def test_a_number_of_today_is_taken_and_one_of_tomorrow_is_not(stage: Stage, today: date) -> None:
    measure = await stage.add_measure()
    tomorrow = today + timedelta(days=1)
    numbers, marks = f"/measures/{measure}/observations", f"/measures/{measure}/marks"
    assert await answered(stage, numbers, {"period": str(tomorrow), "value": 93}) == (422, ["period"])
    assert (await answered(stage, numbers, {"period": str(today), "value": 93}))[0] == 201
    split = {"kind": "split", "because": "The new timetable began."}
    assert await answered(stage, marks, {"day": str(tomorrow), **split}) == (422, ["day"])
    assert (await answered(stage, marks, {"day": str(today), **split}))[0] == 201
    text = f"date,percent\n{today - timedelta(days=1)},91\n{tomorrow},92\n"
    answer = await stage.browser.call("POST", f"/measures/{measure}/imports", {"text": text})
    read = await answer.json()
    assert ([row["period"] for row in read["rows"]], [fault["line"] for fault in read["faults"]]) == (
        [str(today - timedelta(days=1))],
        [3],
    )


Body = Callable[[date], dict[str, Any]]
PLANNED: list[tuple[str, str, Body]] = [
    ("/plan/goals", "due", lambda day: {"title": "Known by name", "horizon": "annual", "due": str(day)}),
    ("/projects", "starts_on", lambda day: {"title": "Greet at the door", "starts_on": str(day)}),
    ("/projects/{project}/cycles", "starts_on", lambda day: {"question": "Who is greeted?", "starts_on": str(day)}),
    ("/projects/{project}/close", "closed_on", lambda day: {**CLOSING, "closed_on": str(day)}),
]


@pytest.mark.parametrize(("path", "field", "body"), PLANNED, ids=[path for path, _field, _body in PLANNED])
async def test_three_years_ahead_are_counted_from_the_schools_day(
    stage: Stage, today: date, path: str, field: str, body: Body
) -> None:
    path = path.format(project=stage.project_id)
    assert await answered(stage, path, body(today + YEARS + timedelta(days=1))) == (422, [field])
    assert (await answered(stage, path, body(today + YEARS)))[0] in (200, 201)
