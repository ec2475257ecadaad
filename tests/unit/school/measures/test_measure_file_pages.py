"""Pages on which a file of numbers is read: looked at, decided on, kept and taken back, also when it is wrong."""

import base64
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from aiohttp import FormData
from sqlalchemy import func, select

from nic_node.school.measures.tables import Observation
from tests.stores.measures_stage import series, student_days
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import ODD, WEEK, sent, shown
from tests.unit.school.measures.test_files import workbook


async def test_pasted_rows_are_looked_at_decided_on_kept_and_taken_back(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    preview, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": ODD})
    text = await shown(stage, preview)
    assert "2 numbers to decide on" in text
    assert "most likely nothing was sent that day" in text
    seen = re.search(r'name="seen" value="(\w+)"', text)
    assert seen
    fields = {"seen": seen.group(1), "decision-7": "closed"}
    _, text = await sent(stage, preview, fields, 422)
    assert "Decide on this one" in text
    assert re.search(r'name="decision-7" value="closed" checked', text)
    there, _ = await sent(stage, preview, {**fields, "decision-8": "leave-out"})
    text = await shown(stage, there)
    assert "7 new, 0 changed, 0 here already." in text
    assert "Closed day" in text
    undo = re.search(r'action="([^"]+/undo)"', text)
    assert undo
    await stage.browser.send(undo.group(1))
    text = await shown(stage, there)
    assert "No number yet" in text
    assert "taken back" in text


async def test_the_same_rows_again_say_that_nothing_changed(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    for expected in (f"/measures/{measure_id}/imports/1", f"/measures/{measure_id}"):
        there, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": WEEK})
        assert there == expected
        if "/imports/" in there:
            seen = re.search(r'name="seen" value="(\w+)"', await shown(stage, there))
            await sent(stage, there, {"seen": seen.group(1) if seen else ""})
    assert "Nothing changed: all 5 rows are here already." in await shown(stage, f"/measures/{measure_id}")


async def test_a_changed_number_since_the_preview_asks_to_look_again(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    preview, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": WEEK})
    _, text = await sent(stage, preview, {"seen": "0" * 32}, 409)
    assert "Look at it again, then confirm" in text
    seen = re.search(r'name="seen" value="(\w+)"', text)
    assert seen
    await sent(stage, preview, {"seen": seen.group(1)})


async def test_a_file_can_be_forgotten(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    preview, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": WEEK})
    await shown(stage, preview)
    assert (await stage.browser.send(preview + "/discard", {"seen": "x"})).status == 303
    await shown(stage, preview, 404)


async def test_what_was_pasted_stays_where_a_file_is_refused(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    _, text = await sent(
        stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": "when,much\n2026-10-19,93\n"}, 422
    )
    assert "when,much" in text
    assert "column for the date" in text
    _, text = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": ""}, 422)
    assert "nothing in it" in text


async def test_a_file_of_fifty_megabytes_is_refused_in_one_sentence(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    form = FormData()
    form.add_field("file", BytesIO(b"date,percent\n" + b"2026-10-19,93\n" * 3_700_000), filename="year.csv")
    form.add_field("column_note", "remarks of the day")
    response = await stage.browser.client.post(
        f"/measures/{measure_id}/import",
        data=form,
        headers={"Accept": "text/html"},
    )
    assert response.status == 413
    text = await response.text()
    assert "larger than 16 MB" in text
    assert "remarks of the day" in text, "what else was typed is still there"


async def test_rows_of_students_are_nowhere_afterwards(stage: Stage, capfd: Any, caplog: Any) -> None:
    canary = "Zyxwvut-Canary"
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week")
    good = student_days(more=canary)
    bad = good + f"S000,7,2026-09-01,absent,{canary}\n{canary},7,no day,absent,{canary}\n"
    for text in (good.replace("student,", "kid,"), good.replace("absent", canary), bad, good):
        await shown(stage, f"/measures/{measure_id}/import")
        response = await stage.browser.send(f"/measures/{measure_id}/import", {"layout": "students", "text": text})
        assert response.status in (303, 422)
    lines = [line.split(",") for line in good.splitlines()]
    body = {"workbook": base64.b64encode(workbook(lines)).decode(), "layout": "students"}
    answer = await stage.browser.call("POST", f"/measures/{measure_id}/imports", body)
    assert (answer.status, canary in await answer.text()) == (200, False)
    preview = f"/measures/{measure_id}/imports/{(await answer.json())['id']}"
    text = await shown(stage, preview)
    assert "Read 900 rows, kept 6 numbers." in text
    assert canary not in text
    await stage.browser.send(preview, {"seen": re.search(r'name="seen" value="(\w+)"', text).group(1)})  # type: ignore[union-attr]
    async with stage.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Observation)) == 3
    written = b"".join(path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    out = capfd.readouterr()
    assert len(written) > 4096
    assert canary.encode() not in written
    assert canary not in out.out + out.err + caplog.text


async def test_a_year_of_real_attendance_shows_as_a_chart_with_its_numbers(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    preview, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": series("zero_day")})
    text = await shown(stage, preview)
    lines = re.findall(r'name="(decision-\d+)" value="keep"', text)
    seen = re.search(r'name="seen" value="(\w+)"', text)
    assert seen
    fields = {"seen": seen.group(1), "all-blank": "closed", "all-zero": "closed"} | dict.fromkeys(lines, "leave-out")
    there, _ = await sent(stage, preview, fields)
    text = await shown(stage, there)
    assert "<svg" in text
    assert "Show the numbers" in text
    assert text.count("<caption") == 2
    cells = re.findall(r'<td class="([^"]*)"><a class="link" href="[^"]+/observations/', text)
    assert set(cells) == {"r no-print"}, "paper corrects nothing"
    csv = await stage.browser.get(there + "/numbers.csv")
    assert csv.content_type == "text/csv"
    assert len((await csv.text()).splitlines()) == 185


async def test_many_days_with_nothing_on_them_are_decided_on_together(stage: Stage) -> None:
    """New York's file of a year has eleven days with 0: vacations, and days on which nothing was sent."""
    measure_id = await stage.add_measure()
    days = [date(2026, 9, 1) + timedelta(n) for n in range(28)]
    values = ["0" if n % 7 == 3 else "" if n % 7 == 5 else f"{90 + n % 4}" for n in range(28)]
    rows = "date,percent\n" + "".join(f"{day},{value}\n" for day, value in zip(days, values, strict=True))
    preview, _ = await sent(stage, f"/measures/{measure_id}/import", {"layout": "auto", "text": rows})
    text = await shown(stage, preview)
    assert re.findall(r'name="decision-', text) == []
    assert "4 days with 0" in text
    assert "4 days without a number" in text
    assert "Sep 4, Sep 11, Sep 18, Sep 25" in text
    seen = re.search(r'name="seen" value="(\w+)"', text)
    assert seen

    refused = await stage.browser.send(preview, {"seen": seen.group(1), "all-blank": "closed"})
    text = await refused.text()
    assert (refused.status, text.count("Decide on these days.")) == (422, 2), "in the summary and beside the question"
    assert "One thing to put right" in text

    await sent(stage, preview, {"seen": seen.group(1), "all-blank": "closed", "all-zero": "leave-out"})
    async with stage.database.reading() as session:
        kept = (await session.scalars(select(Observation).order_by(Observation.period))).all()
    assert [each.excluded_because for each in kept][3:6] == ["Left out", "", "Closed day"]


async def test_a_plain_file_is_plain_also_where_students_were_counted_before(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week")
    path = f"/measures/{measure_id}/import"
    first, _ = await sent(stage, path, {"layout": "auto", "text": student_days()})
    seen = re.search(r'name="seen" value="(\w+)"', await shown(stage, first))
    assert seen
    await sent(stage, first, {"seen": seen.group(1)})
    text = await shown(stage, path)
    kept = dict(re.findall(r'name="(\w+_column|absent_marks|present_marks)"[^>]*value="([^"]*)"', text))
    assert (kept["student_column"], kept["mark_column"]) == ("student", "status")
    fields = {"layout": "auto", "text": "date,x,n\n2026-10-23,20,61\n", **kept}
    there, _ = await sent(stage, path, fields)
    assert "/imports/" in there
