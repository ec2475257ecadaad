"""A plan from elsewhere: pasted or brought, looked at, put right, kept whole or not at all."""

import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.errors import InvalidInput
from nic_node.school.actions.tables import ActionItem
from nic_node.school.plan.pasted import read_plan_table
from nic_node.school.plan.tables import Goal
from tests.unit.school.conftest import Stage

PEOPLE = {1: "Ada Field", 2: "Jin Park"}
TABLE = """Goal,Action step,Person responsible,Due date,Baseline,Target,Horizon
Every ninth grader on track,,Ada Field,2027-05-28,70 %,90 %,year
,Tea at the gate,jin,11/15/2026,,,
,Call families,Nobody Known,someday,,,
Nobody falls behind,,,,,,two years
"""
SUPPORTED = """Goal\tStep\tOwner\tDue\tPD\tBudget\tResources\tHow much
Read more\tRead aloud\tjin\t2026-11-15\tCoursework <i>\t\t\t12 hours
\tTea at the gate\t\t\tCoursework <i>\tTitle I\t\t$400
\t\t\t2026-12-01\t\t\tSubstitutes\t
Write more\t\t\t\tA course\tTitle I\t\t$4,500
"""
BARS = "| Goal | Step |\n|------|:----:|\n| Read more | Read aloud |\n"


def test_a_table_is_read_with_what_it_could_not_tell() -> None:
    rows = read_plan_table(TABLE.encode(), PEOPLE)
    assert [(row.kind, row.owner_id, str(row.due)) for row in rows] == [
        ("annual", 1, "2027-05-28"),
        ("step", 2, "2026-11-15"),
        ("step", None, "None"),
        ("two-year", None, "None"),
    ]
    assert (rows[0].baseline, rows[0].target) == ("70 %", "90 %")
    assert rows[2].remark == (
        "Nobody here is called “Nobody Known”; it has no owner yet. “someday” is no date that can be read; it was left out."
    )
    assert read_plan_table(TABLE.replace(",", "\t").encode(), PEOPLE) == rows
    assert [row.text for row in read_plan_table(BARS.encode(), PEOPLE)] == ["Read more", "Read aloud"]


def test_what_a_goal_gets_is_read_once_from_the_lines_of_its_steps() -> None:
    read = read_plan_table(SUPPORTED.encode(), PEOPLE)
    assert [(row.kind, row.text, row.how_much, str(row.due)) for row in read] == [
        ("annual", "Read more", "", "None"),
        ("step", "Read aloud", "", "2026-11-15"),
        ("development", "Coursework <i>", "12 hours", "None"),
        ("step", "Tea at the gate", "", "None"),
        ("money", "Title I", "$400", "None"),
        ("time", "Substitutes", "", "2026-12-01"),
        ("annual", "Write more", "", "None"),
        ("money", "Title I", "$4,500", "None"),
        ("development", "A course", "", "None"),
    ]


async def test_supports_come_in_with_their_goal_and_are_no_news_of_their_own(stage: Stage) -> None:
    call = stage.browser.call
    await stage.browser.get("/plan")
    looked = await (await stage.browser.send("/plan/paste", {"text": SUPPORTED})).text()
    assert 'value="12 hours"' in looked
    assert 'value="Coursework &lt;i&gt;"' in looked
    read = await (await call("POST", "/plan/paste", {"text": SUPPORTED})).json()
    orphan = await call("POST", "/plan/paste/keep", {"rows": read["rows"][2:3]})
    assert "A support belongs under a goal." in str((await orphan.json())["fields"])
    kept = [await (await call("POST", "/plan/paste/keep", read)).json() for _twice in range(2)]
    assert kept[0] == {"goals": 2, "resting": 0, "steps": 2, "supports": 5, "there_already": 0}
    assert kept[1] == {"goals": 0, "resting": 0, "steps": 0, "supports": 0, "there_already": 9}
    supports = (await (await call("GET", "/plan")).json())["supports"]
    assert [(one["kind"], one["how_much"], one["ends_on"]) for one in supports] == [
        ("development", "12 hours", None),
        ("development", "", None),
        ("money", "$400", None),
        ("money", "$4,500", None),
        ("time", "", "2026-12-01"),
    ]
    told = (await (await call("GET", "/plan/changes")).json())["items"]
    assert [one["kind"] for one in told] == ["added", "added"]


def bomb() -> bytes:
    """A workbook of a few kilobytes that would unpack to 200 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Animal,Colour\nCat,grey\n", "The first line must name the columns"),
        (b"Goal\n", "The first line must name the columns"),
        (b"%PDF-1.7\x00\x01", "This is no text file"),
        ("Goal\nM\u00e1s lectura\n".encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04 no workbook at all", "workbook"),
        (b"Goal\n" + b"Read\nWrite\n" * 60, "These are 120 rows."),
        (b"Goal,Goal\nA,B\n", "must name each column once"),
    ],
)
def test_what_is_no_plan_says_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_plan_table(content, PEOPLE)
    assert says in str(refused.value.fields), refused.value.fields


def test_a_zip_bomb_is_not_unpacked() -> None:
    with pytest.raises(InvalidInput):
        read_plan_table(bomb(), PEOPLE)


async def test_a_plan_comes_in_whole_and_a_second_time_changes_nothing(stage: Stage) -> None:
    await stage.browser.get("/plan")
    looked = await (await stage.browser.send("/plan/paste", {"text": TABLE})).text()
    assert "nothing is kept yet" in looked
    assert "Nobody here is called “Nobody Known”" in looked
    assert await counts(stage) == (0, 0)
    read = await (await stage.browser.call("POST", "/plan/paste", {"text": TABLE})).json()
    rows = [{name: value for name, value in row.items() if name != "remark"} for row in read["rows"]]

    wrong = [*rows[:2], {**rows[1], "due": "1926-01-01"}]
    answer = await stage.browser.call("POST", "/plan/paste/keep", {"rows": wrong})
    assert (answer.status, (await answer.json())["fields"]) == (
        422,
        {"rows.2": ["This is years away; check the year."]},
    )
    orphan = await stage.browser.call("POST", "/plan/paste/keep", {"rows": rows[1:2]})
    assert "under a goal" in str((await orphan.json())["fields"])
    assert await counts(stage) == (0, 0)

    more = [{"kind": "annual", "text": f"Goal {number}"} for number in range(3)]
    # The fourth asks which one rests, as its preview proposes; nothing was kept.
    fourth = await stage.browser.call("POST", "/plan/paste/keep", {"rows": [*rows, *more]})
    assert "Which one rests?" in (await fourth.json())["fields"][f"rows.{len(rows) + 2}"][0]
    table = {"text": "Goal\n" + "\n".join(f"Goal {number}" for number in range(4))}
    proposed = (await (await stage.browser.call("POST", "/plan/paste", table)).json())["rows"]
    assert [row["kind"] for row in proposed] == ["annual"] * 3 + ["resting"]
    assert "this one rests, unless" in await (await stage.browser.send("/plan/paste", table)).text()
    assert await counts(stage) == (0, 0)
    more[2]["kind"] = "resting"
    kept = await (await stage.browser.call("POST", "/plan/paste/keep", {"rows": [*rows, *more]})).json()
    assert kept == {"goals": 5, "resting": 1, "steps": 2, "supports": 0, "there_already": 0}
    again = await (await stage.browser.call("POST", "/plan/paste/keep", {"rows": [*rows, *more]})).json()
    assert again == {"goals": 0, "resting": 0, "steps": 0, "supports": 0, "there_already": 7}
    assert await counts(stage) == (5, 2)


async def test_the_preview_is_kept_by_its_form_and_says_what_is_wrong(stage: Stage) -> None:
    await stage.browser.get("/plan")
    names = ("kind", "text", "indicator", "baseline", "target", "why", "how_much", "owner_id", "due")
    form: dict[str, Any] = dict.fromkeys(names, "") | {"kind": "annual", "text": "Read more", "due": "soon"}
    response = await stage.browser.send("/plan/paste/keep", form)
    page = await response.text()
    assert response.status == 422
    assert "Write a date as year-month-day." in page
    assert 'value="Read more"' in page
    response = await stage.browser.send("/plan/paste/keep", form | {"due": "2027-01-15"})
    assert response.status == 303
    assert await counts(stage) == (1, 0)
    assert (await stage.browser.send("/plan/paste", {"text": ""})).status == 422
    assert await counts(stage) == (1, 0)


async def counts(stage: Stage) -> tuple[int, int]:
    async with stage.database.reading() as session:
        goals = await session.scalar(select(func.count(Goal.id)))
        return goals or 0, await session.scalar(select(func.count(ActionItem.id))) or 0
