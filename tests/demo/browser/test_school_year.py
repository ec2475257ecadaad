"""One improvement year of a school, through all its rooms, as its people do it: nothing is typed twice.

The clock is moved by the test: from the first week of school to the day on which 'did it hold?' is asked.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

from aiohttp import web
from playwright.async_api import Browser

from bench.list_page import EMAIL, PASSWORD, set_up
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.config import read_config
from tests.conftest import TestClock
from tests.demo.browser.people import DESK, PHONE, Person, someone
from tests.unit.accounts.stage import join

FIRST = date(2026, 9, 8)
TEACHER = "tea@alder.example"
IDEA = "Call home on the same day"
TRIAL = "Do families pick up before noon?"
SPRING = datetime(2027, 5, 20, 15, 0, tzinfo=UTC)


@asynccontextmanager
async def school(folder: Path, clock: TestClock) -> AsyncIterator[str]:
    """A node with Ada, who leads the school, and Tea, who teaches."""
    with socket(AF_INET, SOCK_STREAM) as door:
        door.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{door.getsockname()[1]}"
        config = read_config(folder, {"NIC_PUBLIC_URL": base, "NIC_ALLOW_INSECURE_LOOPBACK": "1"})
        async with open_node(config, clock=clock, password_cost=TEST_COST) as opened:
            await set_up(opened.local, titles=())
            await join(opened.local.database, clock, TEACHER, "teacher", name="Tea Cher")
            runner = web.AppRunner(opened.application, access_log=None, handle_signals=False)
            await runner.setup()
            await web.SockSite(runner, door).start()
            try:
                yield base
            finally:
                await runner.cleanup()


async def test_a_year_of_a_school_runs_through_its_rooms(chromium: Browser, tmp_path: Path) -> None:
    clock = TestClock(datetime(2026, 9, 8, 15, 0, tzinfo=UTC))
    async with (
        school(tmp_path, clock) as base,
        someone(chromium, base, width=DESK) as ada,
        someone(chromium, base, width=PHONE) as tea,
    ):
        await arrive(ada, EMAIL)
        await arrive(tea, TEACHER)
        await team_and_assessment(ada)
        await plan(ada)
        await idea_becomes_project(tea, ada)
        project = ada.path.removesuffix("/edit")
        await aim_and_measure(ada, project)
        await visit_feeds_the_measure(tea, project)
        await idea_becomes_cycle(tea, project)
        await cycle_on_the_chart(tea, project)
        await hours_and_money(ada, project)
        await meeting_to_action(ada, tea)
        await coaching_stays_private(ada, tea)
        clock.forward(days=46)
        await arrive(ada, EMAIL)
        await close(ada, project)
        await closing_feeds_the_rooms(ada, project)
        await pulse(ada)
        clock.forward(days=45)
        await arrive(ada, EMAIL)
        await did_it_hold(ada, project)
        await hand_over(ada)
        clock.now = SPRING
        await arrive(ada, EMAIL)
        await next_year_starts_from_the_handover(ada)


async def arrive(person: Person, email: str) -> None:
    await person.sign_in(email, PASSWORD)
    await person.page.wait_for_url("**/today")


async def team_and_assessment(ada: Person) -> None:
    await ada.open("/team/members/new")
    await ada.choose("Who", "Ada Field")
    await ada.fill("Since", str(FIRST))
    await ada.press("Save")
    await ada.sees("Ada Field")
    await ada.open("/self-assessment/new")
    await ada.fill("Its name", "Fall")
    await ada.fill("What is rated", "We look at attendance every week.")
    await ada.press("Begin")
    await ada.pick("Starting")
    await ada.fill("What have you seen?", "Two meetings of six.")
    await ada.press("Keep my ratings")
    await ada.sees("We look at attendance every week.")


async def plan(ada: Person) -> None:
    for horizon, title in (("two-year", "Every student comes every day"), ("annual", "Chronic absence under 15 %")):
        await ada.open(f"/plan/goals/new?horizon={horizon}")
        await ada.fill("The goal", title)
        await ada.press("Save the goal")
    await ada.sees("Every student comes every day", "Chronic absence under 15 %")
    await ada.sees("From the self-assessment", "We look at attendance every week.", "Make it a goal")


async def idea_becomes_project(tea: Person, ada: Person) -> None:
    await tea.open("/communities/new")
    await tea.fill("Name", "Grade 6")
    await tea.press("Save")
    await tea.fill("I recommend that we try", IDEA)
    await tea.press("Recommend")
    await ada.open("/communities")
    await ada.follow("Grade 6")
    await ada.press("Make it a project")
    await ada.page.wait_for_url("**/projects/*/edit")
    assert await ada.page.get_by_label("What it is called").input_value() == IDEA


async def aim_and_measure(ada: Person, project: str) -> None:
    await ada.choose("The goal it serves", "Chronic absence under 15 %")
    await ada.fill("How much, for whom, by when", "From 22 % to 15 % of grade 6 by October 23.")
    await ada.press("Save the project")
    await ada.open(f"/measures/new?project={project.rsplit('/', 1)[1]}")
    await ada.choose("What is measured", "Attendance rate")
    await ada.press("Add the measure")
    await ada.open(project)
    await ada.follow("Add a number")
    await ada.page.locator("input[name=value]").fill("80")
    await ada.press("Save the number")
    await ada.sees("80")
    await ada.open(f"{project}/visits")
    await ada.fill("What to look for", "The call is made before noon")
    await ada.press("Agree on these")


async def visit_feeds_the_measure(tea: Person, project: str) -> None:
    await tea.open(f"{project}/visits")
    await tea.pick("Seen", within="The call is made before noon")
    await tea.press("Keep the visit")
    await tea.open("/measures")
    await tea.follow("Look-fors seen")
    await tea.sees("from classroom visits")


async def idea_becomes_cycle(tea: Person, project: str) -> None:
    """In one act, with its words."""
    await tea.open("/communities/1")
    await tea.fill("I recommend that we try", TRIAL)
    await tea.press("Recommend")
    await tea.page.get_by_label("As the next cycle of").select_option(value=project.rsplit("/", 1)[1])
    await tea.press("Try it")
    await tea.page.wait_for_url("**/cycles/1")
    assert await tea.page.get_by_label("What do you want to find out?").input_value() == TRIAL
    await tea.open("/communities/1")
    await tea.sees(f"cycle 1 of {IDEA}")


async def cycle_on_the_chart(tea: Person, project: str) -> None:
    await tea.open("/cycles/1")
    await tea.fill("What do you expect to see?", "Six of eight")
    await tea.choose("Seen in", "Attendance rate")
    await tea.fill("What happened?", "Eight calls")
    await tea.fill("What did you see", "Seven of eight")
    await tea.pick("Adapt")
    await tea.press("Save the cycle")
    await tea.open("/measures/1")
    await tea.sees("Cycle 1")
    await tea.open(f"/cycles/new?project={project.rsplit('/', 1)[1]}")
    assert await tea.page.get_by_label("What do you want to find out?").input_value() == TRIAL


async def hours_and_money(ada: Person, project: str) -> None:
    await ada.open(project)
    await ada.follow("Note some")
    await ada.fill("Staff hours", "6")
    await ada.fill("Dollars", "40")
    await ada.press("Note it")
    await ada.open("/return")
    await ada.sees(IDEA, "running")


async def meeting_to_action(ada: Person, tea: Person) -> None:
    await ada.open("/meetings/new")
    await ada.fill("Which meeting", "Leadership team")
    await ada.fill("For", "45")
    await ada.press("Plan it")
    await ada.press("Start the meeting")
    meeting = ada.path
    await ada.fill("Decision", "We call before noon, not in the evening")
    await ada.page.keyboard.press("Enter")
    await ada.sees("We call before noon")
    await ada.fill("What, @who, by when", "Ask the bus company @Tea by Friday")
    await ada.page.keyboard.press("Enter")
    await ada.sees("Ask the bus company")
    await ada.press("End the meeting")
    await ada.open(f"{meeting}/minutes")
    await ada.sees("We call before noon", "Ask the bus company")
    await tea.open("/today")
    await tea.sees("Ask the bus company", "Colleagues wrote to you")
    await tea.open("/notices")
    await tea.sees("Ada Field gives you an action item")


async def coaching_stays_private(ada: Person, tea: Person) -> None:
    await ada.open("/coaching")
    await ada.choose("With", "Tea Cher")
    await ada.fill("What the educator wants to become better at", "Calls that families like")
    await ada.press("Begin")
    await ada.fill("Next step", "Begin with something good")
    await ada.press("Keep the note")
    await tea.open("/today")
    await tea.sees("Begin with something good")
    for path in ("/actions?show=all", "/search?q=something+good", "/search?q=families+like", "/audit"):
        await ada.open(path)
        await ada.sees_not("Begin with something good", "Calls that families like")


async def close(ada: Person, project: str) -> None:
    await ada.open(f"{project}/close")
    await ada.pick("Adopt")
    await ada.pick("partly reached")
    await ada.fill("What worked", "Families pick up before noon.")
    await ada.press("Close the project")
    await ada.sees("What came of it")


async def closing_feeds_the_rooms(ada: Person, project: str) -> None:
    """Goal, plan, reflection, return and Share have it, and nobody types it again."""
    await ada.open("/plan")
    await ada.sees(IDEA, "Chronic absence under 15 %", "aim partly reached")
    await ada.open("/reflection/new")
    assert "Families pick up before noon." in await ada.page.get_by_label("What works?").input_value()
    await ada.press("Keep it")
    for path in ("/return", "/share", "/search?q=pick+noon"):
        await ada.open(path)
        await ada.sees(IDEA)
    await ada.open("/return")
    await ada.sees("adopted", "$40")


async def pulse(ada: Person) -> None:
    await ada.open("/pulse/new")
    await ada.fill("Name", "Fall")
    await ada.pick("Staff")
    await ada.fill("How many people that is", "12")
    await ada.press("Ask")
    await ada.open("/today")
    await ada.sees("Two minutes, without a name")


async def did_it_hold(ada: Person, project: str) -> None:
    await ada.open("/today")
    await ada.sees("Did it hold?")
    await ada.open(f"{project}/advice")
    await ada.pick("yes")
    await ada.press("Say so")
    await ada.open("/today")
    await ada.sees_not("Did it hold?")


async def next_year_starts_from_the_handover(ada: Person) -> None:
    await ada.open("/handover")
    await ada.follow("Begin 2027–28 from this")
    await ada.sees("Tea knows the families.", IDEA, "Chronic absence under 15 %")
    await ada.press("Begin 2027–28")
    await ada.sees("Plan 2027–28", "Chronic absence under 15 %", "Tea knows the families.")


async def hand_over(ada: Person) -> None:
    await ada.open("/handover")
    await ada.sees(IDEA, "Families pick up before noon.")
    await ada.fill("Whom to ask", "Tea knows the families.")
    await ada.press("Keep it")
    await ada.open("/handover")
    await ada.sees("Tea knows the families.")
