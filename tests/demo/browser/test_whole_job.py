"""The whole job by hand: from the one-time link to a practice that a second person signed, and to the network.

Twice: on a phone, and at a desk with JavaScript switched off. The tests follow one another on one node each.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser

from nic_node.demo.cast import LEADS, Cast, email_of
from tests.demo.browser.looking import faults_of
from tests.demo.browser.newcomer import (
    EMAIL,
    NAME,
    PASSWORD,
    SECOND_EMAIL,
    SECOND_NAME,
    Newcomer,
    newcomer_at,
)
from tests.demo.browser.people import DESK, HEIGHTS, PHONE, someone

WAYS = {
    "phone": ("Alder Creek Middle School", PHONE, True),
    "desk-without-scripts": ("Birch Hill Middle School", DESK, False),
}


@pytest.fixture(scope="module", params=WAYS)
async def newcomer(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Newcomer]:
    school, width, scripts = WAYS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    async with newcomer_at(chromium, folder, school=school, width=width, scripts=scripts) as arrived:
        yield arrived


def path_of_link(newcomer: Newcomer) -> str:
    assert newcomer.node.setup_url is not None
    return newcomer.node.setup_url.removeprefix(newcomer.node.url)


async def looks_well(newcomer: Newcomer) -> None:
    """Axe and the layout of what the page shows now, where axe can run: mostly what a form was answered with."""
    if newcomer.scripts:
        assert await faults_of(newcomer.person.page) == []
        await newcomer.person.page.set_viewport_size({"width": newcomer.width, "height": HEIGHTS[newcomer.width]})


async def test_a_first_visit_asks_for_little_and_loses_nothing(newcomer: Newcomer):
    person = newcomer.person
    await person.open(path_of_link(newcomer))
    if newcomer.scripts:
        assert await faults_of(person.page) == []
        await person.page.set_viewport_size({"width": PHONE, "height": 844})
    await person.fill("School or network", newcomer.school)
    await person.fill("Your name", NAME)
    await person.fill("E-mail address", EMAIL)
    await person.fill("Password", "too short")
    await person.press("Begin")
    await person.sees("At least 12 characters")
    await looks_well(newcomer)
    assert await person.page.get_by_label("School or network").input_value() == newcomer.school
    await person.fill("Password", PASSWORD)
    await person.press("Begin")
    await person.sees(", Ida", newcomer.school, "Nothing is planned yet")


async def test_sample_data_comes_and_goes(newcomer: Newcomer):
    person = newcomer.person
    await person.press("Load sample data")
    await person.sees("You are looking at sample data", "Sample: daily attendance of the 46 students")
    await looks_well(newcomer)
    await person.press("Remove the sample data")
    await person.sees("without a trace", "Nothing is planned yet")


async def test_the_link_works_once(newcomer: Newcomer):
    async with someone(newcomer.browser, newcomer.node.url) as stranger:
        answer = await stranger.page.goto(newcomer.node.url + path_of_link(newcomer))
        assert answer is not None
        assert answer.status >= 400
        await stranger.sees("This node is set up already")


async def test_signing_out_and_in_again(newcomer: Newcomer):
    person = newcomer.person
    await person.page.locator("details.menu summary").click()
    await person.press("Sign out")
    await person.open("/plan", status=200)
    await person.sees("Sign in")
    await person.fill("E-mail address", EMAIL)
    await person.fill("Password", "not the password at all")
    await person.press("Sign in")
    assert await person.page.get_by_label("E-mail address").input_value() == EMAIL
    await person.fill("Password", PASSWORD)
    await person.press("Sign in")
    await person.sees("Begin with the one goal for two years")


async def test_a_plan_with_its_goals(newcomer: Newcomer):
    person = newcomer.person
    await person.follow("Write the two-year goal")
    await person.press("Save the goal")
    await person.sees("One thing to put right")
    await looks_well(newcomer)
    await person.fill("The goal", "Every student is here on nine days out of ten")
    await person.press("Save the goal")
    await person.sees("Now a goal for this year")
    await person.follow("Add a goal")
    await person.fill("The goal", "In grade 6, absence is down by a third")
    await person.fill("Leading indicator", "Students who missed three days or more by October")
    await person.press("Save the goal")
    await person.sees("In grade 6, absence is down by a third", "No project serves this goal yet")


async def test_a_project_begins_with_a_name_and_a_day(newcomer: Newcomer):
    person = newcomer.person
    await person.follow("Start a 45-day project")
    await person.fill("What it is called", "Greeters at the door")
    await person.fill("First day", newcomer.starts_on.isoformat())
    await person.choose("Kind of problem", "Chronic absence")
    await person.fill("In one or two sentences", "Omar Lund says that families hear of an absence days later.")
    await person.pick("Grades 6 to 8", within="Grades")
    await person.choose("Measured by", "Attendance rate")
    await person.choose("Better is", "up")
    await person.choose("Kind of idea", "Mentoring")
    await person.fill("What you do differently", "Two adults greet every student by name at the door.")
    await person.press("Save the project")
    await person.sees("Greeters at the door", "How will you know that it helps?")
    newcomer.project = person.path
    await person.open(newcomer.project + "/steps")
    await person.page.locator("#f-does-0").fill("Greet every student by name")
    await person.pick("Core: it would be another idea without this")
    await person.press("Save the steps")
    await person.sees("Greet every student by name")


async def test_a_measure_for_it(newcomer: Newcomer):
    person = newcomer.person
    await person.follow("Add a measure")
    await person.choose("What is measured", "Attendance rate")
    await person.fill("Name here", "Daily attendance")
    await person.page.locator("#f-cadence").select_option("day")
    await person.press("Add the measure")
    await person.sees("No number yet")
    newcomer.measure = person.path


GOOD_ROWS = 50
HEADER = "date,percent present"


def rows_of(newcomer: Newcomer) -> list[str]:
    """School days around the start: about 88 before it, about 93 after."""
    days = (newcomer.starts_on + timedelta(days=number) for number in range(-35, 40))
    school_days = [day for day in days if day.weekday() < 5]
    return [
        f"{day.isoformat()},{(88 if day < newcomer.starts_on else 93) + number % 4 - 1.5}"
        for number, day in enumerate(school_days)
    ]


async def bring(newcomer: Newcomer, name: str, content: bytes) -> None:
    person = newcomer.person
    await person.open(newcomer.measure + "/import")
    await person.bring("A CSV or XLSX file", name, content)
    await person.press("Look at it first")


BAD_FILES = {
    "wrong-header.csv": (b"when,how much\n2026-10-01,91\n", "The first line must name a column for the date"),
    "latin-1.csv": ("date,percent,note\n2026-10-01,91,Señora\n".encode("latin-1"), "not UTF-8"),
    "empty.csv": (b"", "There is nothing in it"),
    "only-a-header.csv": (b"date,percent\n", "no row below it"),
    "workbook.csv": (b"PK\x03\x04" + bytes(200), "This workbook can't be read"),
}


@pytest.mark.parametrize("name", BAD_FILES)
async def test_a_file_that_cannot_be_read_says_why(newcomer: Newcomer, name: str):
    content, sentence = BAD_FILES[name]
    await bring(newcomer, name, content)
    await newcomer.person.sees(sentence)


async def test_pasted_rows_are_not_lost_when_they_cannot_be_read(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.measure + "/import")
    await person.fill("Or paste rows", "when,how much\n2026-10-01,91")
    await person.press("Look at it first")
    await person.sees("The first line must name a column for the date")
    assert (await person.page.get_by_label("Or paste rows").input_value()).strip() == "when,how much\n2026-10-01,91"


async def test_each_bad_row_is_told_beside_its_line_and_the_odd_one_is_decided_on(newcomer: Newcomer):
    person = newcomer.person
    rows = rows_of(newcomer)
    bad = [
        "2026-13-45,91",
        f"{newcomer.starts_on + timedelta(days=41)},101",
        f"{newcomer.starts_on + timedelta(days=42)},-3",
        rows[0],
        f"{newcomer.starts_on + timedelta(days=43)},=SUM(A1:A2)",
    ]
    zero = f"{newcomer.starts_on + timedelta(days=44)},0.00"
    await bring(newcomer, "numbers.csv", "\n".join([HEADER, *rows, *bad, zero]).encode())
    first = len(rows) + 2
    await person.sees(f"Line {first}: there is no date", f"Line {first + 1}:", f"Line {first + 2}:")
    await person.sees(f"Line {first + 3}: this day stands in line 2 already", f"Line {first + 4}: a formula stands")
    await looks_well(newcomer)
    await person.press("Keep")
    await person.sees("Daily attendance")
    assert "/imports/" in person.path, "the 0.00 is not decided on, so nothing is kept"
    await person.pick("Closed day")
    await person.press("Keep")
    await person.sees("How it runs", "in a row", "Median", "Show the numbers")
    await person.sees("Left out, or far off")


async def test_the_chart_has_words_and_a_table_under_it(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.project)
    chart = person.page.locator("svg.ch[role=img]:visible").first
    assert await chart.locator("title, desc").count() == 2
    await person.page.get_by_text("Show the numbers").first.click()
    assert await person.page.locator("details[open] table tbody tr").count() > 40


async def test_a_number_by_hand_and_the_file_to_download(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.measure + "/add")
    await person.fill("Percent", "140")
    await person.press("Save the number")
    await person.sees("One thing to put right")
    assert await person.page.get_by_label("Percent").first.input_value() == "140"
    await person.open(newcomer.measure)
    async with person.page.expect_download() as download:
        await person.page.get_by_role("link", name="Download CSV").first.click()
    assert (await download.value).suggested_filename.endswith(".csv")


async def test_a_cycle_predicts_first_and_studies_later(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.project)
    await person.follow("Plan a cycle")
    await person.fill("What do you want to find out?", "Do they come by the front door?")
    await person.fill("What do you expect to see?", "8 of 10 do")
    await person.fill("From", newcomer.starts_on.isoformat())
    await person.press("Save the cycle")
    await person.sees("8 of 10 do")
    await person.follow("Note on cycle 1")
    await person.fill("What did you see, against what you expected?", "7 of 10 did.")
    await person.pick("Adapt: change it and try again")
    await person.press("Save the cycle")
    await person.sees("Adapt", "7 of 10 did.")


async def test_closing_asks_for_a_decision(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.project + "/close")
    await person.fill("What worked", "Students came in smiling.")
    await person.press("Close the project")
    await person.sees("to put right")
    await looks_well(newcomer)
    assert await person.page.get_by_label("What worked").input_value() == "Students came in smiling."
    await person.pick("Adopt")
    await person.press("Close the project")
    await person.sees("What came of it", "adopted", "Students came in smiling.")


async def test_joining_a_network_by_its_link(newcomer: Newcomer, cast: Cast):
    person = newcomer.person
    await person.open("/profile")
    await person.choose("Level", "Middle school")
    await person.fill("Students enrolled", "412")
    await person.page.locator("#f-low_grade").select_option("6")
    await person.page.locator("#f-high_grade").select_option("8")
    await person.fill("Free or reduced-price lunch", "71")
    await person.fill("English learners", "12")
    await person.fill("Students with disabilities", "18")
    await person.press("Save")
    await person.open("/network/join")
    await person.fill("Invitation link", "not a link")
    await person.press("See the network")
    await person.sees("One thing to put right", "not a link")
    await person.fill("Invitation link", str(cast.network["link"]))
    await person.press("See the network")
    await person.sees("North Coast Improvement Network", "Charter", "Policy")
    await looks_well(newcomer)
    await person.fill("E-mail", EMAIL)
    await person.pick("Our school accepts this charter and this policy.")
    await person.press("Apply")
    await person.sees("The code you were given")
    await looks_well(newcomer)
    newcomer.membership = person.path


async def test_the_coordinator_decides_with_the_checks_side_by_side(newcomer: Newcomer, cast: Cast):
    async with someone(newcomer.browser, cast.host.node.url, width=DESK, scripts=newcomer.scripts) as coordinator:
        await coordinator.sign_in(email_of(LEADS["coordinator"]))
        applications = f"/network/{cast.network['id']}/applications"
        await coordinator.open(applications)
        await coordinator.sees("Checks, side by side", newcomer.school, "Lakeshore")
        column = coordinator.page.locator(".checks article").filter(has_text=newcomer.school)
        await column.get_by_text("Settle a check").click()
        await column.get_by_role("button", name="Draw the code to give").click()
        code = (await coordinator.page.locator(".checks .note .big").text_content() or "").strip()
        await newcomer.person.fill("Code", code)
        await newcomer.person.press("Send the code")
        await newcomer.person.sees("The code is right")
        await coordinator.open(applications)
        for settle in ("I know who runs this host", "I looked the school up"):
            await column.get_by_text("Settle a check").click()
            await column.get_by_role("button", name=settle).click()
        await column.get_by_role("button", name="Approve").click()
        await coordinator.page.wait_for_load_state("domcontentloaded")
        assert await column.count() == 0, "whoever is approved does not wait any more"
        await coordinator.open(f"/network/{cast.network['id']}/members")
        await coordinator.sees(newcomer.school)
        await coordinator.open(f"/network/{cast.network['id']}/epochs")
        await coordinator.sees("Epoch 1", "Who has a credential")


async def test_the_school_learns_that_it_is_in_and_sees_the_library(newcomer: Newcomer):
    person = newcomer.person
    await person.open(newcomer.membership)
    await person.press("Ask the network now")
    for _ in range(40):
        await person.open("/learn?q=absent")
        if await person.page.get_by_role("link", name="Same-day text").count():
            break
        await person.page.wait_for_timeout(500)
    await person.sees("Same-day text, a call on the second day", "practice")
    await person.open("/learn?like=1")
    await person.sees("Same-day text, a call on the second day", "English learners")


async def test_a_practice_is_read_and_started_in_one_act(newcomer: Newcomer):
    person = newcomer.person
    await person.follow("Same-day text, a call on the second day")
    await person.sees("What it is and how to do it", "Who tried it, and then", "In a school like yours")
    await person.press("Start this in our school")
    assert person.path.startswith("/projects/")
    await person.sees("Same-day text, a call on the second day", "Copied from a practice", "Text each absent student")
    link = person.page.get_by_role("link", name="practice on this problem" if newcomer.scripts else "What schools like")
    await link.click()
    await person.sees("1 practice", "Same-day text, a call on the second day")


async def test_what_would_leave_is_shown_and_a_second_person_signs(newcomer: Newcomer):
    person = newcomer.person
    await person.open("/share")
    await person.press("See what would leave")
    await person.sees("What would leave", "Nothing has left yet", "Greeters at the door")
    newcomer.draft = person.path.split("?")[0].split("#")[0]
    await person.open("/share/roster")
    await person.fill("Paste names", "Castellanos, Lucia\nNgo, Minh")
    await person.press("Keep these names")
    await person.open(newcomer.draft)
    await person.press("Send to a second person")
    link = await invite_second_person(newcomer)
    async with someone(newcomer.browser, newcomer.node.url, width=newcomer.width, scripts=newcomer.scripts) as second:
        await second.open(link)
        await second.fill("Your name", SECOND_NAME)
        await second.fill("Password", PASSWORD)
        await second.press("Come in")
        await second.open(newcomer.draft + "/review")
        await second.sees("Review before publishing", "You decide what leaves", "Omar Lund")
        await second.press("Agree with")
        await second.press("Program")
        await second.sees("none open")
        await second.pick("No")
        await second.fill("To approve, type", "nobody can be named")
        await second.press("Approve and publish")
        await second.sees("On its way")
        await second.sees_not("Omar Lund says")


async def invite_second_person(newcomer: Newcomer) -> str:
    person = newcomer.person
    await person.open("/people")
    await person.fill("Name", SECOND_NAME)
    await person.fill("E-mail address", SECOND_EMAIL)
    await person.pick("Reviewer")
    await person.press("Make an invitation link")
    link = await person.page.get_by_label("The link").input_value()
    return "/invitation/" + link.rsplit("/", 1)[-1]
