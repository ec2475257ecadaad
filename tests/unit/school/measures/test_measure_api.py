"""Measures as JSON: the same acts as on the pages, with problems in words."""

from typing import Any

import pytest

from nic_node.school.measures.routes import api_routes
from nic_node.web.api import openapi_document
from tests.stores.measures_stage import student_days
from tests.unit.school.conftest import Stage

WEEK = "date,percent\n2026-10-19,93.1\n2026-10-20,94\n2026-10-21,92.5\n2026-10-22,93.3\n2026-10-23,91.9\n"
ODD = WEEK + "2026-10-24,\n2026-10-26,0.00\n2026-10-27,101\n"


async def call(stage: Stage, method: str, path: str, body: object = None, status: int = 200) -> Any:
    answer = await stage.browser.call(method, path, body)
    text = await answer.text()
    assert answer.status == status, text
    return await answer.json() if text else None


async def test_measures_are_listed_read_changed_and_removed(stage: Stage) -> None:
    measure_id = await stage.add_measure(group_size=46, target=90)
    listed = await call(stage, "GET", f"/measures?project={stage.project_id}")
    assert [item["id"] for item in listed["items"]] == [measure_id]
    assert (await call(stage, "GET", "/measures?goal=1"))["items"] == []
    one = await call(stage, "GET", f"/measures/{measure_id}")
    assert (one["unit"], one["better"], one["window"], one["version"]) == ("mean", "up", "day", 1)
    changed = await call(stage, "PATCH", f"/measures/{measure_id}", {"name": "Present", "version": 1})
    assert (changed["name"], changed["group_size"], changed["version"]) == ("Present", 46, 2)
    await call(stage, "PATCH", f"/measures/{measure_id}", {"name": "Again", "version": 1}, 409)
    await call(stage, "DELETE", f"/measures/{measure_id}?version=1", status=409)
    await call(stage, "DELETE", f"/measures/{measure_id}?version=2", status=204)
    await call(stage, "GET", f"/measures/{measure_id}", status=404)


async def test_numbers_are_added_corrected_left_out_and_removed(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week")
    path = f"/measures/{measure_id}/observations"
    number = await call(stage, "POST", path, {"period": "2026-10-23", "x": 23, "n": 61}, 201)
    assert number["value"] == pytest.approx(100 * 23 / 61)
    one = f"{path}/{number['id']}"
    assert (await call(stage, "PATCH", one, {"x": 22, "n": 61, "version": 1}))["x"] == 22
    left = await call(stage, "PATCH", one, {"excluded_because": "Half the sheets", "version": 2})
    assert (left["x"], left["excluded_because"]) == (22, "Half the sheets")
    chart = await call(stage, "GET", f"/measures/{measure_id}/chart")
    assert (chart["says"], chart["median"]) == ("No numbers yet.", None)
    await call(stage, "DELETE", f"{one}?version=2", status=409)
    await call(stage, "DELETE", f"{one}?version=3", status=204)
    assert (await call(stage, "GET", path))["items"] == []


async def test_a_chart_is_read_another_way_and_its_limits_are_split_and_frozen(stage: Stage) -> None:
    measure_id = await stage.add_measure(target=95, chart_kind="i")
    days = [f"2026-09-{day:02d}" for day in range(1, 29)]
    values = [90 + place % 3 for place in range(14)] + [96 + place % 3 for place in range(14)]
    rows = "date,percent\n" + "".join(f"{day},{value}\n" for day, value in zip(days, values, strict=True))
    preview = await call(stage, "POST", f"/measures/{measure_id}/imports", {"text": rows})
    confirm = {"seen": preview["seen"], "others": {"unusual": "keep"}}
    await call(stage, "POST", f"/measures/{measure_id}/imports/{preview['id']}/confirm", confirm)
    path = f"/measures/{measure_id}/chart"
    chart = await call(stage, "GET", path)
    assert (chart["kind"], chart["signal"], chart["tag"]) == ("i", True, "Shift up")
    assert (chart["rebase_on"], chart["icons"]) == (
        "2026-09-15",
        {"variation": "improving", "side": "high", "assurance": "hit-or-miss"},
    )
    run = await call(stage, "GET", f"{path}?chart=run&rules=ihi")
    assert (run["kind"], run["rules"], run["crossings_min"], run["ucl"][0]) == ("run", "ihi", None, None)
    assert (await call(stage, "GET", f"{path}?chart=p"))["kind"] == "i", "these are no shares"
    marks = f"/measures/{measure_id}/marks"
    mark = {"kind": "split", "day": "2026-09-15", "because": "The check-in began"}
    split = await call(stage, "POST", marks, mark, 201)
    assert (await call(stage, "GET", path))["center"] == [pytest.approx(12733 / 140, abs=0.1)] * 14 + [
        pytest.approx(97, abs=0.1)
    ] * 14
    await call(stage, "POST", marks, mark, 422)
    await call(stage, "POST", marks, {**mark, "day": "2026-09-16", "because": " "}, 422)
    await call(stage, "POST", marks, {"kind": "freeze", "day": "2026-09-16", "because": "Only two days"}, 201)
    assert (await call(stage, "GET", path))["center"][-1] == 96.5
    assert [item["because"] for item in (await call(stage, "GET", marks))["items"]] == [
        "The check-in began",
        "Only two days",
    ]
    await call(stage, "DELETE", f"{marks}/{split['id']}", status=204)
    await call(stage, "DELETE", f"{marks}/{split['id']}", status=404)
    await call(stage, "PATCH", f"/measures/{measure_id}", {"chart_kind": "c", "version": 1}, 422)


async def test_what_a_measure_adds_up_to_is_told_with_its_design_and_what_would_raise_it(stage: Stage) -> None:
    values = {"vocabulary": "absent-10pct-window", "cadence": "week"}
    measure_id = await stage.add_measure(**values, class_count=3)
    path = f"/measures/{measure_id}"
    bare = await call(stage, "GET", f"{path}/effect")
    assert (bare["design"], bare["effect"], bare["interrupted"], bare["tier"]) == (None, None, None, 4)
    other_id = await stage.add_measure(**values, name="Grade 8", comparison_of=measure_id)
    for week, (x, other) in enumerate([(26, 24), (27, 25), (20, 24), (15, 26), (14, 25), (13, 24)]):
        day = f"2026-{'09' if week < 3 else '10'}-{(4, 11, 18, 2, 9, 16)[week]:02d}"
        await call(stage, "POST", f"{path}/observations", {"period": day, "x": x, "n": 61}, 201)
        await call(stage, "POST", f"/measures/{other_id}/observations", {"period": day, "x": other, "n": 58}, 201)
    told = await call(stage, "GET", f"{path}/effect")
    assert (told["design"], told["season"], told["direction"], told["n"]) == (
        "comparison-group", "ruled-out", "cannot-tell", 61,
    )  # fmt: skip
    assert 0.2 < told["effect"] < 0.7
    assert told["ci"][0] < told["effect"] < told["ci"][1]
    assert 8 < told["improvement_index"] < 26
    assert told["baseline_gap"] < 0.25
    assert any("more students" in wish for wish in told["would_raise"])
    plain = await call(stage, "GET", path)
    without = await call(stage, "PATCH", path, {"class_count": None, "version": plain["version"]})
    assert without["class_count"] is None
    uncorrected = await call(stage, "GET", f"{path}/effect")
    assert uncorrected["ci"][1] - uncorrected["ci"][0] < told["ci"][1] - told["ci"][0]
    text = await (await stage.browser.get(path)).text()
    for words in ("What it adds up to", "The group without the change: from 42", "tier 4 at most", "comparison group"):
        assert words in text, words
    goal = await stage.browser.call("POST", "/plan/goals", {"title": "More are present", "horizon": "annual"})
    of_goal = await stage.add_measure(project_id=None, goal_id=(await goal.json())["id"])
    await call(stage, "GET", f"/measures/{of_goal}/effect", status=409)


async def test_a_share_has_a_chart_of_its_counts(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week", chart_kind="p")
    path = f"/measures/{measure_id}/observations"
    await call(stage, "POST", path, {"period": "2026-10-09", "value": 30}, 201)
    bare = await call(stage, "GET", f"/measures/{measure_id}/chart")
    assert bare["kind"] == "i"
    assert "these numbers have none" in bare["says"]
    for day, x in (("2026-10-16", 20), ("2026-10-23", 22)):
        await call(stage, "POST", path, {"period": day, "x": x, "n": 60}, 201)
    chart = await call(stage, "GET", f"/measures/{measure_id}/chart")
    assert (chart["kind"], chart["median"]) == ("p", pytest.approx(35))
    assert chart["values"][0] is None
    assert "1 of the numbers have no counts" in chart["says"]


async def test_a_file_is_previewed_confirmed_and_taken_back(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    path = f"/measures/{measure_id}/imports"
    preview = await call(stage, "POST", path, {"text": ODD, "file_name": "october.csv"})
    assert preview["counts"] == {"new": 7, "changed": 0, "same": 0, "bad": 1, "suspicious": 2}
    assert [(row["line"], row["suspicion"], row["decisions"]) for row in preview["rows"] if row["suspicion"]] == [
        (7, "blank", ["leave-out", "closed"]),
        (8, "zero", ["keep", "leave-out", "closed"]),
    ]
    assert preview["faults"] == [{"line": 9, "words": "Line 9: 101 can't be right: the most is 100. Correct it."}]
    confirm = f"{path}/{preview['id']}/confirm"
    problem = await call(stage, "POST", confirm, {"seen": preview["seen"]}, 422)
    assert set(problem["fields"]) == {"decision-7", "decision-8"}
    body = {
        "seen": preview["seen"],
        "decisions": [{"line": 8, "decision": "leave-out"}],
        "others": {"blank": "closed"},
    }
    done = await call(stage, "POST", confirm, body)
    assert (done["state"], done["kept"], done["file_name"]) == ("done", 7, "october.csv")
    assert done["said"] == "Read 8 rows, wrote 7 of them."
    await call(stage, "POST", confirm, body, 409)
    assert [item["id"] for item in (await call(stage, "GET", path))["items"]] == [done["id"]]
    again = await call(stage, "POST", path, {"text": WEEK})
    assert (again["id"], again["state"]) == (None, "nothing-changed")
    undone = await call(stage, "POST", f"{path}/{done['id']}/undo", {})
    assert undone == {"id": done["id"], "state": "undone", "kept": 0}


async def test_a_file_that_waits_is_forgotten(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="attendance-rate", cadence="day")
    preview = await call(stage, "POST", f"/measures/{measure_id}/imports", {"text": WEEK})
    path = f"/measures/{measure_id}/imports/{preview['id']}"
    assert (await stage.browser.call("DELETE", path)).status == 204
    assert (await stage.browser.call("POST", f"{path}/confirm", {"seen": preview["seen"]})).status == 404


async def test_students_are_counted_by_the_given_recipe(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week")
    recipe = {"columns": {"mark": "status"}, "who": {"grade": ["7"]}, "every": "week"}
    preview = await call(stage, "POST", f"/measures/{measure_id}/imports", {"text": student_days(), "recipe": recipe})
    assert (preview["counted"], preview["said"]) == (True, "Read 900 rows, kept 6 numbers.")
    assert next((row["period"], row["x"], row["n"]) for row in preview["rows"]) == ("2026-10-02", 10, 30)
    path = f"/measures/{measure_id}/imports/{preview['id']}/confirm"
    assert (await call(stage, "POST", path, {"seen": preview["seen"]}))["said"] == preview["said"]


WRONG: list[tuple[str, object, int]] = [
    ("", {"project_id": 1, "vocabulary": "attendance-rate", "colour": "red"}, 422),
    ("", {"project_id": 1, "vocabulary": "happiness"}, 422),
    ("", {"project_id": "1", "vocabulary": "attendance-rate"}, 422),
    ("", {}, 422),
    ("/1/observations", {"period": "2026-10-27"}, 422),
    ("/1/observations", {"period": "tomorrow", "value": 93}, 422),
    ("/1/observations", {"period": "2026-10-27", "value": "93\x00"}, 422),
    ("/1/observations", {"period": "2026-10-27", "value": 93, "n": 2.5}, 422),
    ("/1/observations", {"period": "2026-10-27", "value": True}, 422),
    ("/7/observations", {"period": "2026-10-27", "value": 93}, 404),
    ("/1/imports", {"text": ""}, 422),
    ("/1/imports", {"text": "date,percent\n2026-10-27,9\x003\n"}, 422),
    ("/1/imports", {"text": WEEK, "columns": {"colour": "date"}}, 422),
    ("/1/imports", {"text": WEEK, "recipe": {"columns": {"student": 3}}}, 422),
    ("/1/imports", {"text": student_days(), "layout": "students"}, 422),
    ("/1/imports", {"workbook": "no base64"}, 422),
    ("/1/imports", {}, 422),
    ("/7/imports", {"text": WEEK}, 404),
    ("/1/imports/3/confirm", {"seen": "x"}, 404),
    ("/1/imports/3/undo", {}, 404),
]


async def test_what_is_wrong_is_a_problem_in_words(stage: Stage) -> None:
    await stage.add_measure()
    for path, body, status in WRONG:
        problem = await call(stage, "POST", f"/measures{path}", body, status)
        assert problem["detail"] or problem["fields"], path


async def test_a_call_without_the_token_is_refused(stage: Stage) -> None:
    answer = await stage.browser.client.post("/api/v1/measures", json={})
    assert answer.status == 403


def test_every_operation_is_described_under_measures() -> None:
    document = openapi_document(api_routes(), "0")
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 22
    assert {tuple(operation["tags"]) for operation in operations} == {("measures",)}
