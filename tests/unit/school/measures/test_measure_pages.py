"""Pages of measures: what a person sees and sends, also when it is wrong."""

import re

from sqlalchemy import update

from nic_node.school.projects.tables import Project
from tests.unit.accounts.stage import join
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import sent, shown


async def test_an_empty_room_teaches_and_offers_the_one_next_step(stage: Stage) -> None:
    text = await shown(stage, "/measures")
    assert "No measure yet" in text
    assert 'href="/measures/new"' in text


async def test_a_measure_is_added_opened_and_edited(stage: Stage) -> None:
    fields = {
        "belongs": f"project-{stage.project_id}",
        "vocabulary": "attendance-rate",
        "name": "Attendance of the 46",
        "cadence": "day",
        "group_size": "46",
        "baseline": "82",
        "target": "90",
        "owner_id": "1",
    }
    there, _ = await sent(stage, f"/measures/new?project={stage.project_id}", fields)
    text = await shown(stage, there)
    assert "Attendance of the 46" in text
    assert "No number yet" in text
    assert "82\u202f%" in text
    await sent(stage, there + "/edit", {**fields, "version": "1", "name": "Daily attendance"})
    assert "Daily attendance" in await shown(stage, "/measures")


async def test_nothing_typed_is_lost_where_a_measure_is_refused(stage: Stage) -> None:
    fields = {"vocabulary": "other", "name": "Our own", "definition": "Counted at the door", "group_size": "many"}
    _, text = await sent(stage, "/measures/new", fields, 422)
    assert "Our own" in text
    assert "Counted at the door" in text
    assert "Write a whole number." in text
    _, text = await sent(stage, "/measures/new", {**fields, "group_size": "46"}, 422)
    assert "Choose the project or the goal" in text
    assert "Say in a few words what is measured." in text


async def test_a_stale_edit_keeps_what_was_typed(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    fields = {"belongs": f"project-{stage.project_id}", "vocabulary": "attendance-rate", "cadence": "day"}
    await sent(stage, f"/measures/{measure_id}/edit", {**fields, "name": "First", "version": "1"})
    _, text = await sent(stage, f"/measures/{measure_id}/edit", {**fields, "name": "Second", "version": "1"}, 409)
    assert "Theirs stands below" in text
    assert "Second" in text


async def test_a_number_takes_one_field_and_can_be_undone(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week", group_size=61)
    text = await shown(stage, f"/measures/{measure_id}/add")
    assert "autofocus" in text
    assert re.search(r'name="n"[^>]*value="61"', text)
    assert re.search(r'name="period"[^>]*value="2026-10-27"', text)
    there, _ = await sent(
        stage, f"/measures/{measure_id}/add", {"shape": "exact", "x": "23", "n": "61", "period": "2026-10-27"}
    )
    text = await shown(stage, there)
    assert "37.7\u202f%" in text
    undo = re.search(r'action="([^"]+/remove\?version=1)"', text)
    assert undo
    assert (await stage.browser.send(undo.group(1))).status == 303
    assert "No number yet" in await shown(stage, there)


WRONG_NUMBERS = [
    ({"value": "101"}, "the most is 100"),
    ({"value": "-1"}, "the least is 0"),
    ({"value": "ninety"}, "Write a number, such as 93.5."),
    ({"value": ""}, "Write the number."),
    ({"value": "93", "period": "2027-01-01"}, "still to come"),
    ({"value": "93", "period": "tomorrow"}, "year-month-day"),
    ({"value": "93", "period": ""}, "Say which day."),
    ({"value": "93", "note": "n" * 401}, "within 400 characters"),
    ({"value": "93", "colour": "red"}, "is not a field of this form"),
    ({"value": "9\x003"}, "can&#39;t be kept"),
]


async def test_a_wrong_number_is_told_beside_its_field(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    for fields, sentence in WRONG_NUMBERS:
        usual = {"shape": "exact", "period": "2026-10-27", "note": "typed before"}
        _, text = await sent(stage, f"/measures/{measure_id}/add", {**usual, **fields}, 422)
        assert sentence in text
        assert fields.get("note", "typed before") in text


async def test_a_form_without_its_token_is_refused(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    for path in ("add", "import", "edit", "remove"):
        response = await stage.browser.client.post(
            f"/measures/{measure_id}/{path}", data={"value": "93"}, headers={"Accept": "text/html"}
        )
        assert response.status == 403, path


async def test_a_number_is_left_out_with_a_reason_and_shown_as_such(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    await sent(stage, f"/measures/{measure_id}/add", {"shape": "exact", "value": "9", "period": "2026-10-26"})
    await sent(stage, f"/measures/{measure_id}/add", {"shape": "exact", "value": "93", "period": "2026-10-27"})
    fields = {"shape": "exact", "value": "9", "version": "1", "left_out": "1"}
    _, text = await sent(stage, f"/measures/{measure_id}/observations/1", fields, 422)
    assert "Say why it is left out" in text
    await sent(stage, f"/measures/{measure_id}/observations/1", {**fields, "excluded_because": "Half the sheets"})
    text = await shown(stage, f"/measures/{measure_id}")
    assert "Half the sheets" in text
    assert "Left out, or far off" in text
    _, text = await sent(stage, f"/measures/{measure_id}/observations/1", fields | {"left_out": ""}, 409)
    assert "Theirs stands below" in text


async def test_a_chart_is_shown_another_way_and_its_limits_begin_anew_with_a_reason(stage: Stage) -> None:
    measure_id = await stage.add_measure(target=95)
    rows = "".join(f"2026-09-{day:02d},{(90 if day < 15 else 96) + day % 3}\n" for day in range(1, 29))
    preview, _ = await sent(
        stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": "date,percent\n" + rows}
    )
    seen = re.search(r'name="seen" value="(\w+)"', await shown(stage, preview))
    await sent(stage, preview, {"seen": seen.group(1) if seen else ""})
    page = f"/measures/{measure_id}"
    text = await shown(stage, page)
    assert "Median" in text
    assert "target 95" in text
    assert "Better than usual, and not by chance" in text
    assert "let the limits begin anew on September 15" in text
    other = re.search(r'href="([^"]+chart=i[^"]+)"', text)
    assert other
    assert "limits of usual variation" in await shown(stage, other.group(1).replace("&amp;", "&"))
    limits = f"{page}/limits"
    assert re.search(r'name="day"[^>]*value="2026-09-15"', await shown(stage, f"{limits}?day=2026-09-15"))
    assert "Limits of the chart" in await shown(stage, f"{limits}?day=soon")
    fields = {"kind": "split", "day": "2026-09-15", "because": ""}
    _, text = await sent(stage, limits, fields, 422)
    assert "Say why" in text
    _, text = await sent(stage, limits, {**fields, "because": "x", "day": "2027-09-15"}, 422)
    assert "still to come" in text
    there, _ = await sent(stage, limits, {**fields, "because": "The check-in began"})
    text = await shown(stage, there)
    assert "The check-in began" in text
    assert "limits anew" in text
    undo = re.search(r'action="([^"]+/limits/\d+/remove)"', text)
    assert undo
    assert (await stage.browser.send(undo.group(1))).status == 303
    text = await shown(stage, there)
    assert "The check-in began" not in text
    back = re.search(r'action="(/bin/\d+/restore)"', text)
    assert back
    assert (await stage.browser.send(back.group(1))).status == 303
    assert "The check-in began" in await shown(stage, there)


async def test_the_cycles_and_decisions_of_a_project_stand_on_its_chart(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    cycle = {"question": "Do they come?", "starts_on": "2026-09-16", "ends_on": "2026-09-18"}
    answer = await stage.browser.call("POST", f"/projects/{stage.project_id}/cycles", cycle)
    assert answer.status == 201, await answer.text()
    made = await answer.json()
    change = {"act": "adapt", "studied": "Some came", "did": "A table", "version": made["version"]}
    answer = await stage.browser.call("PATCH", f"/cycles/{made['id']}", change)
    assert answer.status == 200, await answer.text()
    for day in range(11, 22):
        await sent(
            stage,
            f"/measures/{measure_id}/add",
            {"shape": "exact", "value": str(90 + day % 4), "period": f"2026-09-{day}"},
        )
    text = await shown(stage, f"/measures/{measure_id}")
    for words in ("Before", "Project", "Cycle 1", "Cycle 1: adapted", "ch-adapted"):
        assert words in text, words


async def test_the_chart_wall_holds_all_charts_of_a_goal_with_those_of_its_projects(stage: Stage) -> None:
    goal = await stage.browser.call("POST", "/plan/goals", {"title": "More are present", "horizon": "annual"})
    assert goal.status == 201, await goal.text()
    goal_id = (await goal.json())["id"]
    async with stage.database.writing() as session:
        await session.execute(update(Project).values(goal_id=goal_id))
    outcome = await stage.add_measure(name="Attendance of all", project_id=None, goal_id=goal_id)
    await stage.add_measure(name="Attendance of the 46")
    await stage.add_measure(name="Check-ins held", vocabulary="sessions-held")
    await sent(stage, f"/measures/{outcome}/add", {"shape": "exact", "value": "93", "period": "2026-10-26"})
    text = await shown(stage, f"/measures/wall?goal={goal_id}")
    names = ["Attendance of all", "Attendance of the 46", "Check-ins held"]
    assert sorted(names, key=text.index) == names
    assert text.count("ch-small") == 1
    # Under the charts of a project stands which one: two may measure the same.
    assert text.count(f'href="/projects/{stage.project_id}"') == 2
    assert "Attendance of all" not in await shown(stage, f"/measures/wall?project={stage.project_id}")
    for wrong in ("", "?goal=99", "?goal=x"):
        await shown(stage, f"/measures/wall{wrong}", 404)


async def test_a_measure_worked_out_from_two_counts_has_nothing_to_enter(stage: Stage) -> None:
    own = {"vocabulary": "other", "kind": "process", "unit": "count", "better": "down", "cadence": "week"}
    parts = [await stage.add_measure(**own, name=name, label=name) for name in ("Tardies", "Student-days")]
    assert "Worked out from two counts" in await shown(stage, "/measures/new")
    fields = {
        "belongs": f"project-{stage.project_id}", "vocabulary": "tardies", "cadence": "week",
        "numerator_id": str(parts[0]), "denominator_id": str(parts[1]),
    }  # fmt: skip
    there, _ = await sent(stage, "/measures/new", fields)
    for part, x in zip(parts, ("12", "300"), strict=True):
        await sent(stage, f"/measures/{part}/add", {"shape": "exact", "x": x, "period": "2026-10-27"})
    text = await shown(stage, there)
    assert "12 in 300" in text
    assert "Worked out" in text
    assert "Add a number" not in text
    assert "Correct" not in text
    await shown(stage, f"{there}/add", 409)
    _, text = await sent(stage, "/measures/new", {**fields, "denominator_id": ""}, 422)
    assert "Choose two counts" in text


async def test_a_reader_sees_and_may_not_write(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    await join(stage.database, stage.clock, "rae@school.example", "reader")
    await stage.browser.get("/account")
    await stage.browser.send("/sign-out")
    await stage.browser.sign_in("rae@school.example")
    text = await shown(stage, f"/measures/{measure_id}")
    assert "Add a number" not in text
    await shown(stage, f"/measures/{measure_id}/add", 403)


async def test_what_is_not_here_is_a_page_that_says_so(stage: Stage) -> None:
    for path in ("/measures/999", "/measures/999/add", "/measures/999/import", "/measures/1/imports/7"):
        await shown(stage, path, 404)
