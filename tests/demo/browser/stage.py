"""What the story passes by and pages need to be seen: a project under way, a file waiting, a draft in review."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nic_node.demo.cast import Cast, School
from nic_node.demo.school_work import PROJECT, STEPS
from nic_node.demo.schools import attendance_csv
from tests.demo.browser.room_stage import set_rooms

DAYS_UNDER_WAY = 23
RUNNING = {
    **PROJECT,
    "title": "Daily breakfast check-in for students who missed 3+ days",
    "problem_statement": "Students who missed three days or more by mid-September are met by nobody in particular.",
    "aim_measure": "attendance-rate",
    "aim_better": "up",
    "aim_text": "The 46 students who missed three days or more are present on 90 % of days, up from 82 %.",
    "idea_category": "mentoring",
    "idea_summary": "An adult who knows their name greets them at breakfast, every morning.",
    "materials": [],
}
TELLING = {
    **PROJECT,
    "title": "Advisory homework start",
    "problem_category": "course-failure",
    "problem_statement": (
        "In advisory, Mr. Castellanos and colleagues at our school gave the first ten minutes to starting homework, "
        "beginning January 12. The only Tagalog-speaking family in grade 7 asked for the list at home."
    ),
    "aim_text": "",
    "materials": [],
}
SUPPORT = {"kind": "coaching", "what": "A visit to each advisory", "how_much": "1 hour a week", "ends_on": "2027-06-11"}
CYCLES = [
    {
        "question": "Do they come if the table stands by the door?",
        "prediction": "6 of 8 come",
        "scale": "8 students",
        "did": "A table by the line, five mornings.",
        "studied": "3 of 8 came. The line was too public.",
        "act": "adapt",
        "next_step": "Move the table out of the line.",
    },
    {"question": "Does it hold with all of grade 6?", "prediction": "85 % present", "scale": "grade 6"},
]
FILE_WITH_QUESTIONS = "date,percent present\n{one},0.00\n{two},91.5\n{three},31.0\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Ids at the node of school A ('harbor'), and links that work once."""

    goal: int
    support: int
    running: int
    measure: int
    observation: int
    waiting_import: int
    cycle: int
    draft: int
    note: int
    text_to_reword: str
    invitation: str
    reset: str
    applicant: int
    rooms: dict[str, Any]


async def set_stage(cast: Cast) -> Stage:
    school = cast.schools["harbor"]
    goal = (await school.lead.call("GET", "/plan"))["goals"][-1]["id"]
    running = await _project_under_way(cast, school, goal)
    measure, waiting = await _measure_with_a_file_waiting(cast, school, running)
    cycle = await _cycles(cast, school, running, measure)
    observations = await school.lead.call("GET", f"/measures/{measure}/observations")
    draft = await _draft_in_review(cast, school)
    seen = await school.lead.call("GET", f"/publishing/drafts/{draft}")
    applications = await cast.host.lead.call("GET", f"/networks/{cast.network['id']}/applications")
    return Stage(
        goal=goal,
        support=(await school.lead.call("POST", f"/plan/goals/{goal}/supports", SUPPORT))["id"],
        running=running,
        measure=measure,
        observation=observations["items"][-1]["id"],
        waiting_import=waiting,
        cycle=cycle,
        draft=draft,
        note=(await school.lead.call("POST", "/questions", {"text": "Who has tried walking clubs?"}))["id"],
        text_to_reword=seen["findings"][0]["paths"][0],
        invitation=await _invitation(school),
        reset=await _reset(school),
        applicant=applications["items"][0]["id"],
        rooms={
            **await set_rooms(school.lead, project=running, today=cast.calendar.today),
            "measure_link": await _link_to(school, measure),
        },
    )


async def _link_to(school: School, measure: int) -> str:
    made = await school.lead.call("POST", f"/measures/{measure}/links", {"name": "Front office"})
    return str(made["address"]).rsplit("/", 1)[-1]


async def _project_under_way(cast: Cast, school: School, goal: int) -> int:
    starts_on = cast.calendar.today - timedelta(days=DAYS_UNDER_WAY)
    values = {**RUNNING, "goal_id": goal, "starts_on": starts_on.isoformat()}
    project = await school.lead.call("POST", "/projects", values)
    steps = {"steps": STEPS, "version": project["version"]}
    written = await school.lead.call("PUT", f"/projects/{project['id']}/steps", steps)
    await school.lead.call("POST", f"/projects/steps/{written['steps'][0]['id']}/mark", {"done": True})
    return int(project["id"])


async def _measure_with_a_file_waiting(cast: Cast, school: School, project: int) -> tuple[int, int]:
    assert school.about is not None
    asked = {
        "project_id": project,
        "vocabulary": "attendance-rate",
        "name": "Daily attendance of the 46 students",
        "cadence": "day",
    }
    measure = int((await school.lead.call("POST", "/measures", asked))["id"])
    at = f"/measures/{measure}/imports"
    text = attendance_csv(school.about, cast.calendar)
    preview = await school.lead.call("POST", at, {"text": text, "file_name": "attendance.csv"})
    decided = {"blank": "closed", "zero": "closed", "unusual": "leave-out"}
    await school.lead.call(
        "POST", f"{at}/{preview['id']}/confirm", {"seen": preview["seen"], "decisions": [], "others": decided}
    )
    days = [cast.calendar.starts_on - timedelta(days=number) for number in (5 * 7 + 7, 5 * 7 + 6, 5 * 7 + 5)]
    odd = FILE_WITH_QUESTIONS.format(one=days[0], two=days[1], three=days[2])
    waiting = await school.lead.call("POST", at, {"text": odd, "file_name": "three-days.csv"})
    return measure, int(waiting["id"])


async def _cycles(cast: Cast, school: School, project: int, measure: int) -> int:
    start = cast.calendar.today - timedelta(days=DAYS_UNDER_WAY)
    last = 0
    for number, told in enumerate(CYCLES):
        planned: dict[str, Any] = {name: told[name] for name in ("question", "prediction", "scale")}
        planned["starts_on"] = (start + timedelta(days=11 * number)).isoformat()
        planned["ends_on"] = (start + timedelta(days=11 * number + 9)).isoformat()
        planned["measure_id"] = measure
        cycle = await school.lead.call("POST", f"/projects/{project}/cycles", planned)
        noted = {name: told[name] for name in ("did", "studied", "act", "next_step") if name in told}
        if noted:
            await school.lead.call("PATCH", f"/cycles/{cycle['id']}", noted | {"version": cycle["version"]})
        last = int(cycle["id"])
    return last


async def _draft_in_review(cast: Cast, school: School) -> int:
    """A closed project whose words name people, as far as the second person's desk."""
    project = await school.lead.call("POST", "/projects", {**TELLING, "starts_on": cast.calendar.starts_on.isoformat()})
    steps = await school.lead.call(
        "PUT", f"/projects/{project['id']}/steps", {"steps": STEPS, "version": project["version"]}
    )
    closing = {
        "decision": "adapt",
        "worked": "Ten quiet minutes. Most began.",
        "closed_on": cast.calendar.today.isoformat(),
        "version": steps["version"],
    }
    await school.lead.call("POST", f"/projects/{project['id']}/close", closing)
    draft = await school.lead.call("POST", "/publishing/drafts", {"project_id": project["id"]})
    await school.lead.call("POST", f"/publishing/drafts/{draft['id']}/review")
    return int(draft["id"])


async def _invitation(school: School) -> str:
    asked = {"name": "Nora Lindqvist", "email": "nora.lindqvist@example.org", "roles": ["teacher"]}
    answer = await school.lead.call("POST", "/accounts/people", asked)
    return "/invitation/" + str(answer["link"]).rsplit("/", 1)[-1]


async def _reset(school: School) -> str:
    page = await school.lead.submit("/people/2/reset-link", {}, on="/people/2")
    found = re.search(r"/reset/[\w-]+", page)
    assert found is not None
    return found.group(0)
