"""Papers for staff, families and the district, in English and Spanish: no small cell, nothing untranslated."""

import json
import re
from datetime import date, timedelta
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest

from nic_node import i18n
from nic_node.school.known_names import KnownNames
from nic_node.school.measures.observe import add_observation
from nic_node.school.papers import ask
from nic_node.school.papers.paper import Writer
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.close import close_project
from nic_node.school.projects.write import open_project
from tests.unit.accounts.stage import ADA
from tests.unit.school.conftest import STUDENT, Stage
from tests.unit.school.measures.pages import shown

STARTED, CLOSED = date(2026, 9, 7), date(2026, 10, 21)
EDITIONS = [(whom, language) for whom in ("staff", "families", "district") for language in ("en", "es")]
NEWCOMERS = ("37.4", "41.6", "37", "42")
"""What seven newcomers were before and after: in no paper, at no precision."""


@pytest.fixture
async def papers(stage: Stage) -> dict[str, str]:
    """Kind of paper -> its address, in a world with a group of seven, and with one that would leave seven."""
    async with stage.database.writing() as session:
        await set_school_name(session, actor=ADA, school_name="Rivermouth School", now=stage.clock())
    call = stage.browser.call
    await stage.browser.get("/projects")
    await call("PUT", "/plan", {"vision": "Every student is known.", "beliefs": "", "version": None})
    goal = {"title": "Every ninth grader on track", "indicator": "On track after six weeks", "baseline": "70 %"}
    await call("POST", "/plan/goals", {"horizon": "two-year", "title": "Nobody falls behind"})
    made = await (await call("POST", "/plan/goals", {"horizon": "annual", "target": "90 %", **goal})).json()
    for support in (
        {"kind": "development", "what": "Reading in science", "how_much": "12 hours", "starts_on": "2026-09-01"},
        {"kind": "coaching", "what": "A visit a week", "ends_on": "2027-06-01"},
        {"kind": "money", "what": "Tea", "how_much": "400 dollars"},
        {"kind": "time", "what": f"Thursdays at 3 for 3 students of grade 9 and {STUDENT}"},
    ):
        assert (await call("POST", f"/plan/goals/{made['id']}/supports", support)).status == 201
    tea = await closed(stage, made["id"], "Tea at the gate", "grade 9", 60, (70.2, 69.8, 90.1, 89.9))
    await closed(stage, made["id"], "Help for newcomers", "newcomers", 7, (37.4, 37.4, 41.6, 41.6))
    # 60 ninth graders, 53 of them here: the seven newcomers would be the rest.
    await closed(stage, made["id"], "A second teacher", "grade 9 without newcomers", 53, (74.5, 74.5, 96.3, 96.3))
    meeting = await (
        await call("POST", "/meetings", {"title": "Team", "held_on": "2026-10-27", "people": [1], "minutes": 45})
    ).json()
    asks = {"text": f"{STUDENT} gets a seat"}
    assert (await call("POST", f"/meetings/{meeting['id']}/decisions", asks)).status == 200
    where = {"plan": "plan", "whole-plan": "whole-plan", "project": f"projects/{tea}", "board": "board"}
    return where | {"handover": "handover", "minutes": f"minutes/{meeting['id']}", "small": f"projects/{tea + 1}"}


async def closed(stage: Stage, goal_id: int, title: str, group: str, size: int, values: tuple[float, ...]) -> int:
    async with stage.database.writing() as session:
        about = {"title": title, "starts_on": STARTED, "aim_measure": "on-track-9", "goal_id": goal_id}
        about |= {"problem_statement": "Only 3 students of grade 9 asked for help.", "idea_summary": "Tea, and a talk."}
        project_id = (
            await open_project(session, actor=ADA, values=about, now=stage.clock(), today=stage.clock().date())
        ).id
    measure = await stage.add_measure(
        project_id=project_id, vocabulary="on-track-9", name="On track", group_name=group, group_size=size,
        cadence="week",
    )  # fmt: skip
    async with stage.database.writing() as session:
        for day, value in zip((-14, -7, 30, 37), values, strict=True):
            period, given = STARTED + timedelta(days=day), {"value": value}
            await add_observation(
                session,
                actor=ADA,
                measure_id=measure,
                period=period,
                given=given,
                now=stage.clock(),
                today=stage.clock().date(),
            )
        said = {"aim_result": "reached", "worked": "A fixed person.", "would_change": "Sooner.", "watch_out": "Rain."}
        decided: dict[str, Any] = {"decision": "adopt", "closed_on": CLOSED, "early_because": "", "version": 1}
        await close_project(
            session, actor=ADA, project_id=project_id, now=stage.clock(), today=stage.clock().date(), **decided, **said
        )
    return project_id


class Listening(NullTranslations):
    """A catalogue that remembers what it did not have."""

    def __init__(self, catalogue: NullTranslations) -> None:
        super().__init__()
        self.catalogue, self.missing = catalogue, set[str]()

    def gettext(self, message: str) -> str:
        said = self.catalogue.gettext(message)
        # 'Plan' is the same in both languages, and a sentence may be nothing but what somebody wrote.
        if said == message and message not in ("Plan", "{title}", ""):
            self.missing.add(message)
        return said


async def test_no_paper_tells_of_a_small_group_and_all_of_spanish_is_spanish(
    stage: Stage, papers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spanish = Listening(i18n.translations("es"))

    def listen(whom: str, language: str, names: KnownNames) -> Writer:
        catalogue = spanish if language == "es" else NullTranslations()
        return Writer(audience=whom, language=language, catalogue=catalogue, names=names)  # type: ignore[arg-type]

    monkeypatch.setattr(ask, "new_writer", listen)
    for where in papers.values():
        for whom, language in EDITIONS:
            address = f"/papers/{where}?whom={whom}&language={language}"
            page = await (await stage.browser.get(address)).text()
            answer = await stage.browser.call("GET", address)
            document = await answer.json()
            assert answer.status == 200, document
            words = json.dumps(document, ensure_ascii=False)
            for told in (re.sub(r"<[^>]+>", " ", page[page.index("<article") :]), words):
                assert not [number for number in (*NEWCOMERS, "96") if re.search(rf"\b{number}\b", told)], address
                assert "3 students" not in told
                assert "Kiona" not in told
            assert not re.search(r'd="[^"]*\b(37\.4|41\.6)', page)
            assert (document["language"], document["audience"]) == (language, whom)
            assert "Ada Field" not in words or whom == "staff"
    assert spanish.missing == set()


async def test_a_paper_says_what_moved_and_that_something_is_held_back(stage: Stage, papers: dict[str, str]) -> None:
    async def read(kind: str, query: str) -> str:
        return re.sub(r"[ \n]+", " ", await (await stage.browser.get(f"/papers/{papers[kind]}?{query}")).text())

    board = await read("board", "whom=district")
    assert "On track: from 70\u202f% to 90\u202f%" in board
    assert board.count("too small a group to show") == 2
    assert "is held back on this paper" in board
    plan = await read("plan", "whom=families&language=es")
    assert "Nuestra gran meta para dos años" in plan
    assert "On track: de 70\u202f% a 90\u202f%" in plan
    assert '<article class="paper" lang="es">' in plan
    assert "No names of students are known here" not in plan
    report = await read("project", "whom=staff")
    assert "<svg" in report
    assert "▒▒▒ of grade 9 asked for help" in report
    small = await read("small", "whom=district")
    assert "<svg" not in small[small.index("<article") :]
    assert "Some measures count too few people" in small
    assert "$0" not in await read("board", "whom=families")


async def test_families_read_what_was_written_for_them(stage: Stage, papers: dict[str, str]) -> None:
    things = (await (await stage.browser.call("GET", "/papers/words")).json())["items"]
    assert [one["about"] for one in things] == ["vision", "goal", "goal", "project", "project", "project"]
    goal = next(one for one in things if one["title"] == "Every ninth grader on track")
    text = {"about": "goal", "about_id": goal["about_id"], "text": "Que cada estudiante avance"}
    kept = await stage.browser.call("PUT", "/papers/words", {"language": "es", "texts": [text]})
    assert kept.status == 200
    for whom, language, title in (
        ("families", "es", "Que cada estudiante avance"),
        ("families", "en", "Every ninth grader on track"),
        ("staff", "es", "Every ninth grader on track"),
    ):
        assert f">{title}</h3>" in await shown(stage, f"/papers/plan?whom={whom}&language={language}")
    few = {**text, "text": "Ayudamos a tres estudiantes"}
    named = {**text, "text": f"Que {STUDENT} avance"}
    for wrong, says in (
        (few, "This stands for few"),
        (named, "or names one"),
        ({**text, "about_id": 99}, "no longer here"),
    ):
        refused = await stage.browser.call("PUT", "/papers/words", {"language": "es", "texts": [text, wrong]})
        assert says in (await refused.json())["fields"]["texts.1"][0]
    form = {"language": "es", "about": "goal", "about_id": str(goal["about_id"]), "text": few["text"]}
    page = await stage.browser.send("/papers/words", form)
    assert page.status == 422
    assert "This stands for few people" in await page.text()
    assert (await stage.browser.send("/papers/words", form | {"text": ""})).status == 303
    assert "Every ninth grader on track</h3>" in await shown(stage, "/papers/plan?whom=families&language=es")


async def test_what_is_not_there_is_said(stage: Stage, papers: dict[str, str]) -> None:
    assert (await stage.browser.get("/papers/projects/999")).status == 404
    assert "There is no plan for this school year yet." in await shown(stage, "/papers/plan?year=1926-27")
    answer = await stage.browser.call("GET", "/papers/plan?whom=press")
    assert answer.status == 422
    assert "whom" in (await answer.json())["fields"]
    assert (await stage.browser.get("/papers/plan?whom=press")).status == 200
    assert (await stage.browser.get("/papers")).status == 200


def test_every_sentence_of_the_catalogue_has_its_holes() -> None:
    source = (Path(i18n.LOCALES) / "es" / "LC_MESSAGES" / "nic.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', source, re.MULTILINE)
    assert len(pairs) > 150
    holes = re.compile(r"\{\w+\}")
    assert [one for one, other in pairs if sorted(holes.findall(one)) != sorted(holes.findall(other))] == []
