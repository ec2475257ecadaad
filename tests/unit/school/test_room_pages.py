"""Every room's pages in one world: each opens, and a form that is wrong comes back with what was typed and why."""

import io
import re
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import delete, func, select

from nic_node.school.actions.tables import ActionItem
from nic_node.school.advice.tables import FollowUp
from nic_node.school.measures.tables import MeasureMark, Observation
from nic_node.school.meetings.tables import Meeting
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.tables import Project
from nic_node.school.search.find import find_own_work
from nic_node.school.search.sources import KINDS
from tests.demo.browser.room_stage import set_rooms
from tests.demo.browser.room_stops import ROOM_STOPS
from tests.unit.accounts.stage import ADA, join
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown

OF_APP = ("app.", "today.")


class Lead:
    """The first person, as `set_rooms` wants somebody who calls the API."""

    def __init__(self, stage: Stage) -> None:
        self.browser = stage.browser

    async def call(self, method: str, path: str, document: Any = None) -> Any:
        answer = await self.browser.call(method, path, document)
        text = await answer.text()
        assert answer.status < 300, f"{method} {path}: {text}"
        return await answer.json() if text else None


@pytest.fixture
async def rooms(stage: Stage) -> dict[str, Any]:
    await join(stage.database, stage.clock, "tea@school.example", "teacher", name="Tea Cher")
    await join(stage.database, stage.clock, "jin@school.example", "ilt-member", name="Jin Park")
    async with stage.database.writing() as session:
        await set_school_name(session, actor=ADA, school_name="Rivermouth School", now=stage.clock())
    await stage.browser.get("/projects")
    return await set_rooms(Lead(stage), project=stage.project_id, today=stage.clock().date())


WRONG: list[tuple[str, dict[str, str], str, str]] = [
    # page and form, what is sent, what is said, what still stands in the form
    ("/team/members/new", {"role": "king", "since": "2026-08-01"}, "Choose a role of the list.", 'value="2026-08-01"'),
    ("/team/norms", {"norms": "x" * 1001, "version": "1"}, "1,000 characters", "x" * 1001),
    ("/team/days-off", {"label": "", "starts_on": "2026-11-26"}, "Say what it is", 'value="2026-11-26"'),
    ("/team/meetings", {"first": "2026-11-01"}, "Say from which day", 'value="2026-11-01"'),
    ("/self-assessment/new", {"title": "", "practices": "We meet."}, "Give it a name", "We meet."),
    ("/projects/{project}/visits", {"visited_on": "2026-10-26", "note": "Loud"}, "at least one thing", 'value="Loud"'),
    ("/profile", {"name": "R", "asian_percent": "120", "version": "1"}, "from 0 to 100", 'value="120"'),
    ("/projects/{project}/drivers", {"text": "Sleep", "level": "idea"}, "ideas under either", 'value="Sleep"'),
    ("/projects/{project}/why", {"text": "", "branch": "home"}, "Say what makes it happen.", ""),
    ("/projects/{project}/why/process", {"steps": "x" * 2001, "version": "1"}, "2,000 characters", "x" * 2001),
    ("/projects/{project}/why/talks", {"with_whom": "staff", "said": "Tired"}, "Say with how many", "Tired"),
    ("/projects/{project}/why/consensus", {"question": "All?"}, "one hand at least", 'value="All?"'),
    ("/projects/{project}/look-fors", {"look_fors": ""}, "in a line of its own", ""),
    ("/obstacles/new", {"what": "No bus", "of": "goal-99"}, "Choose the goal or the project", "No bus"),
    ("/obstacles/new", {"what": "Three students miss the bus", "kind": "other"}, "stands for few people", "Three"),
    ("/obstacles/{obstacle}", {"what": "x" * 301, "version": "1"}, "within 300 characters", "x" * 301),
    ("/communities/new", {"name": "", "focus": "Maps"}, "Give it a name", "Maps"),
    ("/communities/{community}/sessions", {"stage": "nap", "notes": "Zzz"}, "Choose a stage", "Zzz"),
    ("/communities/{community}/artefacts", {"title": "T", "link": "ftp:x"}, "web address", 'value="ftp:x"'),
    ("/coaching", {"goal": "Wait longer", "side": "coach"}, "Choose somebody else here.", 'value="Wait longer"'),
    ("/coaching/{coaching}/notes", {"due": "1926-01-01", "feedback": "Good"}, "check the year", "Good"),
    ("/pulse/new", {"title": "Fall", "audience": "staff", "asked": "4"}, "Ask 5 people or more", 'value="Fall"'),
    ("/reflection/new", {"held_on": "2026-10-27"}, "Answer at least one", 'value="2026-10-27"'),
    ("/reflection/stops", {"text": "Bus lists", "hours_a_week": "many"}, "Write a number of hours", 'value="many"'),
    ("/projects/{project}/inputs", {"what": "Bags", "put_on": "2026-10-27"}, "hours or dollars", 'value="Bags"'),
    ("/projects/{project}/budget", {"of_hours": "-3", "version": "1"}, "0 or more", 'value="-3"'),
    ("/return/staff", {"school_year": "2026", "staff": "9", "stayed": "3"}, "as 2026-27", 'value="2026"'),
    ("/handover", {"note": "x" * 4001, "version": "1"}, "4,000 characters", "x" * 4001),
    ("/messages/new", {"title": "Tea", "audience": "staff"}, "Write what you want", 'value="Tea"'),
    ("/projects/{project}/advice", {"code": "no-measure"}, "Say in a sentence why", ""),
    ("/projects/{project}/extend", {"to": "2026-11-11", "version": "1"}, "what the additional days", "2026-11-11"),
    ("/plan/roll-over", {"goals": "x"}, "Choose the goals again.", ""),
    ("/pulse/{pulse}/answer", {}, "Answer at least one question.", ""),
]


RIGHT: list[tuple[str, dict[str, str]]] = [
    ("/team/members/new", {"person_id": "2", "role": "coach", "since": "2026-08-01", "represents": "math"}),
    ("/team/members/{member}", {"role": "other", "since": "2026-08-01", "version": "1"}),
    ("/team/norms", {"norms": "We listen.", "version": "1"}),
    ("/team/days-off", {"label": "Staff day", "starts_on": "2026-11-06"}),
    ("/team/days-off/1/remove", {}),
    ("/team/meetings", {"first": "2026-11-02", "last": "2026-11-30", "every": "2"}),
    ("/self-assessment/new", {"title": "Winter", "held_on": "2026-10-27", "practices": "We meet."}),
    ("/self-assessment/{assessment}/ratings", {"rating_1": "3", "evidence_1": "Seen.", "rating_2": "0"}),
    ("/self-assessment/{assessment}/answers", {"vision": "All read.", "version": "1"}),
    ("/profile", {"name": "Rivermouth School", "title_one": "true", "asian_percent": "20", "version": "1"}),
    ("/projects/{project}/drivers", {"text": "Buses", "level": "secondary", "under_id": "4"}),
    ("/projects/{project}/drivers/versions", {}),
    ("/bin/driver/5", {}),
    ("/drivers/3/try", {}),
    ("/projects/{project}/why", {"text": "Late buses", "branch": "place"}),
    ("/causes/3/choose", {}),
    ("/bin/cause/3", {}),
    ("/projects/{project}/why/process", {"steps": "Anew", "version": "1"}),
    ("/projects/{project}/why/talks", {"with_whom": "staff", "people": "4", "said": "Tired", "held_on": "2026-10-27"}),
    ("/projects/{project}/why/consensus", {"question": "All?", "fist_5": "20", "held_on": "2026-10-27"}),
    ("/projects/{project}/look-fors", {"look_fors": "Students are greeted by name"}),
    ("/projects/{project}/visits", {"visited_on": "2026-10-26", "seen_1": "true"}),
    ("/obstacles/new", {"what": "No bus", "asks": "A bus", "kind": "transport", "of": "project-1"}),
    ("/obstacles/{obstacle}", {"what": "No bus", "asks": "One", "kind": "time", "of": "project-1", "version": "1"}),
    ("/obstacles/{obstacle}/removed", {}),
    ("/obstacles/{obstacle}/open", {}),
    ("/bin/obstacle/{obstacle}", {}),
    ("/visits/1/remove", {}),
    ("/communities/{community}/edit", {"name": "Grade 7 math", "members": "1", "version": "1"}),
    ("/communities/{community}/sessions", {"stage": "scan", "held_on": "2026-10-26"}),
    ("/communities/{community}/artefacts", {"title": "Poster"}),
    ("/communities/{community}/trials", {"idea": "Waiting longer"}),
    ("/communities/trials/2/project", {}),
    ("/communities/trials/3/cycle", {"project_id": "1", "community_id": "1"}),
    ("/coaching", {"goal": "Wait longer", "side": "educator", "other_id": "2"}),
    ("/coaching/{coaching}/goal", {"goal": "Wait five seconds", "version": "1"}),
    ("/coaching/{coaching}/notes", {"feedback": "Good", "on": "2026-10-27"}),
    ("/coaching/notes/{coaching_note}", {"feedback": "Better", "on": "2026-10-27", "version": "1"}),
    ("/coaching/notes/{coaching_note}/done", {}),
    ("/coaching/{coaching}/end", {}),
    ("/coaching/{coaching}/erase", {}),
    ("/reflection/new", {"held_on": "2026-10-27", "works": "Tea."}),
    ("/reflection/{reflection}", {"held_on": "2026-10-27", "works": "Tea.", "version": "1"}),
    ("/reflection/stops", {"text": "Bus lists", "hours_a_week": "1.5", "stopped_on": "2026-10-27"}),
    ("/reflection/stops/1/remove", {}),
    ("/projects/{project}/inputs", {"hours": "2", "put_on": "2026-10-27"}),
    ("/inputs/1/remove", {}),
    ("/projects/{project}/budget", {"of_hours": "30", "version": "1"}),
    ("/return/staff", {"school_year": "2024-25", "staff": "40", "stayed": "30"}),
    ("/handover", {"note": "Ask Jin.", "version": "1"}),
    ("/messages/new", {"title": "Tea", "audience": "staff", "body": "Tea is at ten."}),
    ("/messages/{message}/edit", {"title": "Tea", "audience": "staff", "body": "At ten.", "version": "1"}),
    ("/messages/{message}/send", {}),
    ("/projects/{project}/advice", {"code": "problem-missing", "note": "It stands in the plan."}),
    ("/projects/{project}/advice/heed", {"code": "problem-missing"}),
    ("/projects/{project}/extend", {"to": "2026-11-11", "because": "Grade 7 begins now.", "version": "1"}),
    ("/pulse/new", {"title": "May", "audience": "students", "asked": "90", "opens_on": "2026-12-27",
                    "closes_on": "2027-01-03", "answered_by": "link", "own": "I like math."}),
    ("/pulse/{pulse}/answer", {"item_1": "4"}),
    ("/pulse/{pulse}/close", {}),
]  # fmt: skip


async def test_every_room_opens_and_every_wrong_form_comes_back_whole(stage: Stage, rooms: dict[str, Any]) -> None:
    seen = type("Seen", (), {"stage": type("Rooms", (), {"rooms": rooms})})
    for name, stop in ROOM_STOPS.items():
        for address in (stop.address, *stop.also):
            if not name.startswith(OF_APP):
                await shown(stage, address if isinstance(address, str) else address(seen))  # type: ignore[arg-type]
    for path, fields, why, typed in WRONG:
        response = await stage.browser.send(path.format(**rooms), dict(fields))
        text = await response.text()
        assert response.status == 422, f"{path}: {response.status}"
        assert why in text, path
        assert typed in text, path
    for path, fields in RIGHT:
        response = await stage.browser.send(path.format(**rooms), dict(fields))
        assert response.status == 303, f"{path}: {response.status} {(await response.text())[:2000]}"
    async with stage.database.reading() as session:
        counts = [await session.scalar(select(func.count()).select_from(table)) for table in (Meeting, ActionItem)]
    assert counts == [5, 2]


async def test_whoever_has_the_link_answers_without_an_account(stage: Stage, rooms: dict[str, Any]) -> None:
    path = f"/pulse/answer/{rooms['pulse_link']}"
    text = await shown(stage, path)
    item = text.split('name="item_')[1].split('"')[0]
    response = await stage.browser.send(path, {f"item_{item}": "4"})
    assert "Nobody can tell which answers were yours." in await response.text()
    cookie = response.headers.getall("Set-Cookie")[0]
    assert cookie.startswith("nic_answered=yes; HttpOnly; Max-Age=")
    assert f"Path={path};" in cookie
    # Whoever has the link holds one answer a device, and is told so before and after.
    assert "One answer from each device" in text
    assert "Somebody has answered on this device." in await shown(stage, path)
    response = await stage.browser.send(path, {f"item_{item}": "4"})
    assert response.status == 409
    assert "Somebody has answered on this device." in await response.text()
    await shown(stage, "/pulse/answer/no-such-link", status=404)


async def test_a_slip_answers_once_whatever_the_device(stage: Stage, rooms: dict[str, Any]) -> None:
    at = f"/pulse/{rooms['pulse_students']}"
    assert "There are 40 one-time links" in await shown(stage, at)
    sheet = await shown(stage, f"{at}/slips")
    assert sheet.count('class="qr"') == 40
    drawn = re.findall(r"<svg[^>]*class=\"qr\"[^>]*>", sheet)
    assert all("viewBox" in one and "width=" not in one for one in drawn), "a code with a size of its own is cut off"
    assert "Page 1 of" not in sheet
    lines = (await shown(stage, f"{at}/slips.csv")).split()
    assert (lines[0], len(set(lines))) == ("link", 41)
    assert all(line in sheet for line in lines[1:])
    path = f"/pulse/answer/{rooms['pulse_slip']}"
    text = await shown(stage, path)
    assert "Your link is good for one answer." in text
    item = text.split('name="item_')[1].split('"')[0]
    for status, says in ((200, "Thank you."), (409, "This link was used already")):
        response = await stage.browser.send(path, {f"item_{item}": "4"})
        assert (response.status, says in await response.text()) == (status, True)
        assert "nic_answered" not in str(response.headers)
        assert "Your link is good for one answer." in await shown(stage, path)
    await shown(stage, f"/pulse/{rooms['pulse_families']}/slips", status=404)


async def test_a_search_finds_what_each_room_holds_but_never_coaching_or_pulse(
    stage: Stage, rooms: dict[str, Any]
) -> None:
    async def search(query: str, **permissions: Any) -> list[tuple[str, str]]:
        async with stage.database.reading() as session:
            allowed = permissions.get("may", {permit for _label, permit in KINDS.values()})
            asks = {"person_id": permissions.get("person_id", 1), "permissions": allowed}
            found = await find_own_work(session, query, **asks, zone="UTC")
        return [(hit.kind, hit.title) for hit in found.hits]

    measure_id, now = await stage.add_measure(), stage.clock()
    assert set(await search("GÝM door")) == {
        ("meeting", "Leadership team"),
        ("message", "Breakfast"),
        ("handover", "2026-27"),
    }
    assert await search("𝐌𝐀𝐓𝐇") == await search("math")
    assert await search("oor gym") == await search("gym xylophone") == await search(" - ") == []
    assert await search("gym", may={"projects.read"}) == []
    assert ("community", "Grade 6 math") in await search("math")
    assert await search("custodian table") == [("action", "Ask the custodian for a table")]
    for secret in (
        *("waiting after a question", "six hands", "five seconds", "together reach students", "efficacy"),
        "thought that the bus was",  # a talk, for the team only
    ):
        assert await search(secret) == []
    async with stage.database.writing() as session:
        session.add(
            FollowUp(project_id=rooms["project"], day=90, held="yes", note="Held", created_at=now, updated_at=now)
        )
        (await session.get_one(Project, rooms["project"])).extended_because = "Influenza"
        number = {"period": now.date(), "value": 9.0, "note": "Blizzard", "entered_at": now}
        session.add(Observation(measure_id=measure_id, **number))
        mark = {"kind": "split", "day": now.date(), "because": "Timetable", "created_at": now}
        session.add(MeasureMark(measure_id=measure_id, **mark))
    for words, kind in (
        *(("blizzard", "measure"), ("timetable", "measure"), ("held", "project"), ("influenza", "project")),
        *(("office calls 2", "project"), ("call before noon office", "project"), ("greeted by name", "visit")),
        *(("stop what does not help", "assessment"), ("minutes say so", "assessment")),
    ):
        assert [found for found, _title in await search(words)] == [kind], words
        assert await search(words, may={permit for _label, permit in KINDS.values()} - {KINDS[kind][1]}) == [], words
    assert ("meeting", "Leadership team") in await search("who asks the city")
    # Whoever has yet to rate does not see what the others have seen; who does not rate reads what the team found.
    assert await search("minutes say so", may={"assessment.read", "assessment.write"}, person_id=3) == []
    assert await search("minutes say so", may={"assessment.read"}, person_id=3) == [("assessment", "Fall")]
    page = await shown(stage, "/search?q=gym+d")
    assert '<mark class="word">gym</mark> <mark class="word">door</mark>' in page
    assert f"/meetings/{rooms['meeting']}" in page
    await shown(stage, f"/search?q={'x' * 201}", status=422)
    answer = await (await stage.browser.call("GET", "/search?q=gym&kind=meeting")).json()
    assert (answer["total"], answer["counts"]) == (1, {"meeting": 1, "message": 1, "handover": 1})


async def test_sample_data_is_for_a_school_that_has_planned_nothing(stage: Stage) -> None:
    await stage.browser.get("/projects")
    refused = await stage.browser.call("POST", "/plan/sample", {})
    assert (refused.status, "own work has begun" in await refused.text()) == (409, True)
    async with stage.database.writing() as session:
        await session.execute(delete(Project))
    answers = [await stage.browser.call(method, "/plan/sample", {}) for method in ("POST", "DELETE")]
    said = [await answer.json() for answer in answers]
    assert said == [{"is_loaded": True, "may_load": False}, {"is_loaded": False, "may_load": True}]


async def test_the_team_of_an_earlier_year_is_read_and_not_changed(stage: Stage, rooms: dict[str, Any]) -> None:
    term = {"person_id": "3", "role": "coach", "since": "2025-08-01", "until": "2026-06-30"}
    assert (await stage.browser.send("/team/members/new", term)).status == 303
    page = await shown(stage, "/team?year=2025-26")
    assert ("Leadership team 2025–26" in page, "Jin Park" in page, "Add somebody" in page) == (True, True, False)
    # A year that is over asks for nothing, and says first how one comes back.
    assert ("None yet." in page, "carried out without them" in page) == (False, False)
    assert page.index('aria-label="Other years"') < page.index("Who is not represented")
    now = await shown(stage, "/team")
    assert ("Jin Park" in now, "carried out without them" in now) == (False, True)
    members = (await (await stage.browser.call("GET", "/team?year=2025-26")).json())["members"]
    assert 3 in {member["person_id"] for member in members}
    this = await shown(stage, "/team?year=1990-91")
    assert ("Leadership team 2026–27" in this, "Add somebody" in this) == (True, True)


async def test_a_directory_fills_the_profile_and_says_what_no_school_has(stage: Stage, rooms: dict[str, Any]) -> None:
    rows = [f"{number},300,0.{number}" for number in range(10, 40)]
    await shown(stage, "/profile")
    for number, share, said in ((77, "0.71", 'value="71.0"'), (78, "3.26", "this looks like another column")):
        form = FormData({"csrf_token": stage.browser._token, "version": "1", "directory_id": str(number)})
        file = "\n".join(["nces_id,enroll,frpl_pct", *rows, f"{number},412,{share}"]).encode()
        form.add_field("file", io.BytesIO(file), filename="state.csv")
        answer = await stage.browser.client.post("/profile/directory", data=form, headers={"Accept": "text/html"})
        text = await answer.text()
        assert (answer.status, said in text, 'value="412"' in text) == (200, True, True), said
