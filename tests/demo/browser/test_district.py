"""A school and its district, as their people do it: the school chooses, the district answers, the school switches off."""

from pathlib import Path

from playwright.async_api import Browser

from nic_node.accounts.audit import audit_entries
from nic_node.school.plan.goals import add_goal
from nic_node.school.projects.write import open_project
from tests.conftest import TestClock
from tests.demo.browser.looking import faults_of
from tests.demo.browser.people import DESK, PHONE, Person, someone
from tests.unit.accounts.stage import ADA, PASSWORD
from tests.unit.app.test_suspension import listening
from tests.unit.network.people_stage import StagedNode

LATE_BUS = "The late bus leaves before tutoring ends."


async def test_an_obstacle_goes_to_the_district_and_its_answer_comes_back(
    chromium: Browser, tmp_path: Path, clock: TestClock
) -> None:
    async with listening(tmp_path / "school", clock) as school, listening(tmp_path / "district", clock) as district:
        await begin(school)
        at_school, at_district = school.local.entity_id, district.local.entity_id
        async with (
            someone(chromium, at_school, width=DESK) as principal,
            someone(chromium, at_district, width=PHONE) as superintendent,
        ):
            for person in (principal, superintendent):
                await person.sign_in("ada@school.example", PASSWORD)
                await person.page.wait_for_url("**/today")
            await write_it_down(principal)
            await choose_what_it_sees(principal, at_district)
            await travel(school, district)
            await answer_on_monday(superintendent)
            await travel(school, district)
            await principal.open("/today")
            await principal.sees("The district answers", "Two buses at 4:30 from Monday on.")
            await principal.open("/district")
            await principal.press("Stop sharing")
            await principal.sees("Off. Your node refuses the district")
            await travel(school, district)
            await superintendent.open("/schools/1")
            await superintendent.sees("It shares nothing with you since")
            assert await faults_of(superintendent.page) == []
            assert LATE_BUS not in await superintendent.text()
            assert principal.taken_complaints() + superintendent.taken_complaints() == []
        async with school.database.reading() as session:
            acts = [entry.action for entry in await audit_entries(session, after=None, limit=50)]
        wanted = ("district.named", "district.shared", "district.read", "obstacle.answered", "district.stopped")
        assert set(wanted) <= set(acts)


async def begin(school: StagedNode) -> None:
    now, today = school.clock(), school.clock().date()
    async with school.database.writing() as session:
        goal = await add_goal(
            session,
            actor=ADA,
            school_year="2026-27",
            horizon="annual",
            values={"title": "Every student reads"},
            now=now,
            today=now.date(),
        )
        values = {"title": "Tutoring after school", "starts_on": today, "goal_id": goal.id}
        await open_project(session, actor=ADA, values=values, now=now, today=now.date())


async def travel(*nodes: StagedNode) -> None:
    nodes[0].clock.forward(minutes=1)
    for _twice in range(2):
        for node in nodes:
            await node.work()


async def write_it_down(principal: Person) -> None:
    await principal.open("/projects/1")
    await principal.follow("Write it down")
    await principal.fill("What stands in the way", LATE_BUS)
    await principal.press("Keep it")
    await principal.sees("Say what you ask of the district")
    await principal.fill("What you ask of the district", "A bus at 4:30 on two days a week.")
    await principal.choose("It is about", "Transport")
    await principal.press("Keep it")
    await principal.sees(LATE_BUS, "in the way of “Tutoring after school”")
    assert await faults_of(principal.page) == []


async def choose_what_it_sees(principal: Person, district: str) -> None:
    await principal.open("/district")
    assert await faults_of(principal.page) == []
    await principal.fill("Address of the district's node", district)
    await principal.press("Look it up")
    await principal.sees("It sees nothing until you choose what.", "Not shared")
    for words in ("The plan on one page", "Projects", "Obstacles to remove"):
        await principal.pick(words, within="What it sees")
    await principal.press("Let the district see these")
    await principal.sees("The district sees this, and nothing else.", "Every student reads")
    assert await faults_of(principal.page) == []


async def answer_on_monday(superintendent: Person) -> None:
    await superintendent.open("/schools")
    await superintendent.sees("A school says that you are its district")
    assert await faults_of(superintendent.page) == []
    await superintendent.press("It is ours")
    await superintendent.open("/today")
    await superintendent.sees("Our schools wait for you", "One obstacle is unanswered, in one school.")
    await superintendent.open("/schools")
    await superintendent.sees(LATE_BUS, "Tutoring after school", "Every student reads")
    await superintendent.page.locator("summary", has_text="Answer").first.click()
    await superintendent.fill("A note to the school", "Two buses at 4:30 from Monday on.")
    assert await faults_of(superintendent.page) == []
    await superintendent.press("We take this on")
    await superintendent.sees("The school is told")
    await superintendent.open("/schools/1")
    assert await faults_of(superintendent.page) == []
