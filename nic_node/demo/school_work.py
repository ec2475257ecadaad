"""Step 3, and the same work at the schools that copy: a plan, a project, its numbers, a cycle, a decision."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nic_node.demo.cast import Cast, School, expect
from nic_node.demo.schools import attendance_csv
from nic_node.demo.students import Grade, student_days_csv, treated_grade, untreated_grade

KEPT = {"harbor": 0.35, "cedar": 0.5, "mill": 0.95}
"""What the change leaves of each student's absence: it works in two schools and not in the third."""
WINDOW = "absent-10pct-window"
PROJECT = {
    "title": "Same-day text, a call on the second day",
    "problem_category": "chronic-absence",
    "problem_statement": "Families hear of an absence days later, when the day is lost and the habit has begun.",
    "grade_bands": ["6-8"],
    "subject": "none",
    "aim_measure": WINDOW,
    "aim_better": "down",
    "aim_text": "Fewer than one in four students of grade 6 misses a tenth of the last 20 school days.",
    "aim_by_days": 45,
    "idea_category": "two-way-texting",
    "idea_summary": "When a student is absent, the family hears within an hour from a person they know, and answers.",
    "adaptable": ["Wording, language, and who signs the text"],
    "dose": {"weeks": 6, "sessions_a_week": 5, "minutes": 25},
    "cost": {"cost_band": "under-500", "staff_time_band": "1-3h"},
    "supports": ["material"],
    "conditions": "Current phone numbers, and one person who reads the replies.",
    "materials": [
        {
            "kind": "script",
            "title": "First-day text",
            "text": "Good morning. We missed your child today. Is there anything that would help for tomorrow?",
        }
    ],
}
STEPS: list[dict[str, Any]] = [
    {
        "who": "aide",
        "does": "Text each absent student's family by 9:15",
        "how_often": "daily",
        "minutes": 25,
        "core": True,
    },
    {"who": "aide", "does": "Ask one question: what would help?", "how_often": "in the same text", "core": True},
    {"who": "counsellor", "does": "Call on the second day in a row", "how_often": "daily", "minutes": 15, "core": True},
    {"who": "leader", "does": "Read the replies for help, every Friday", "how_often": "weekly", "minutes": 20},
]
LESSONS = {
    "worked": "One person whom families know, and a question that they can answer.",
    "would_change": "Collect phone numbers anew before the first week.",
    "watch_out": "A text without a reply is not a refusal; call all the same.",
}


async def plan_and_start(cast: Cast) -> dict[str, Any]:
    """School A: a two-year goal, an annual goal, a project with its steps."""
    school = cast.schools["harbor"]
    big = {"horizon": "two-year", "title": "Every student is here, every day that school is open"}
    await school.lead.call("POST", "/plan/goals", big)
    goal = await school.lead.call(
        "POST",
        "/plan/goals",
        {
            "horizon": "annual",
            "title": "Fewer students miss a tenth of their days",
            "indicator": "Students who missed 10 % or more of the last 20 school days",
            "baseline": "one in three",
            "target": "one in five",
        },
    )
    values = {**PROJECT, "goal_id": goal["id"], "starts_on": cast.calendar.starts_on.isoformat()}
    project = await school.lead.call("POST", "/projects", values)
    school.project = project["id"]
    steps = {"steps": STEPS, "version": project["version"]}
    written = await school.lead.call("PUT", f"/projects/{school.project}/steps", steps)
    expect(len(written["steps"]) == len(STEPS), "the steps are there")
    return {"project": school.project, "day": written["day"]}


async def bring_numbers(cast: Cast, school: School) -> dict[str, Any]:
    """Daily attendance from the real series, with its faults decided on; the outcome counted at the door."""
    assert school.about is not None
    daily = await add_measure(school, "attendance-rate", "Daily attendance", cadence="day")
    faults = await import_numbers(school, daily, attendance_csv(school.about, cast.calendar), others=FAULTS_DECIDED)
    treated = treated_grade(school.about, KEPT[school.key])
    untreated = untreated_grade(school.about)
    outcome, beside = await _outcome_measures(school, treated, untreated)
    for measure, grade in ((outcome, treated), (beside, untreated)):
        said = await import_numbers(school, measure, student_days_csv(grade, cast.calendar))
        expect("rows" in said["said"], "the file is counted at the door")
    school.measures = {"daily": daily, "outcome": outcome, "beside": beside}
    decided = await _decided(school, daily)
    expect(sum(decided.values()) == sum(faults["suspicious"].values()), "each fault is decided on, none swallowed")
    return {"faults": faults["suspicious"], "decided": decided, "kept": faults["kept"]}


async def bring_numbers_with_every_fault(cast: Cast) -> dict[str, Any]:
    """School A's own file has all three: blanks, a 0.00 where nobody counted, a day far from the others."""
    seen = await bring_numbers(cast, cast.schools["harbor"])
    expect(seen["faults"].keys() == FAULTS_DECIDED.keys(), "blanks, a 0.00 and a day far off are shown")
    return seen


async def _decided(school: School, measure: int) -> dict[str, int]:
    """The days that stand beside the chart without counting, by the reason that was chosen."""
    observations = await school.lead.call("GET", f"/measures/{measure}/observations")
    return dict(Counter(one["excluded_because"] for one in observations["items"] if one["excluded_because"]))


async def _outcome_measures(school: School, treated: Grade, untreated: Grade) -> tuple[int, int]:
    """The outcome and its comparison: copied with the practice where the project has one, else added here."""
    at_project = (await school.lead.call("GET", f"/measures?project={school.project}"))["items"]
    copied = {item["comparison_of"] is not None: item for item in at_project if item["vocabulary"] == WINDOW}
    if not copied:
        outcome = await add_measure(school, WINDOW, "Missed a tenth of the last 20 days", group=treated.group)
        name = "The same, grade 8"
        return outcome, await add_measure(school, WINDOW, name, group=untreated.group, comparison_of=outcome)
    for is_beside, grade in ((False, treated), (True, untreated)):
        item = copied[is_beside]
        name, size = grade.group
        values = {"group_name": name, "group_size": size, "version": item["version"]}
        await school.lead.call("PATCH", f"/measures/{item['id']}", values)
    return copied[False]["id"], copied[True]["id"]


FAULTS_DECIDED = {"blank": "closed", "zero": "closed", "unusual": "leave-out"}


async def add_measure(
    school: School,
    vocabulary: str,
    name: str,
    *,
    cadence: str = "week",
    group: tuple[str, int] | None = None,
    comparison_of: int | None = None,
) -> int:
    values: dict[str, Any] = {
        "project_id": school.project,
        "vocabulary": vocabulary,
        "name": name,
        "cadence": cadence,
    }
    if group is not None:
        values |= {"group_name": group[0], "group_size": group[1]}
    if comparison_of is not None:
        values["comparison_of"] = comparison_of
    return int((await school.lead.call("POST", "/measures", values))["id"])


async def import_numbers(
    school: School, measure: int, text: str, others: dict[str, str] | None = None
) -> dict[str, Any]:
    """Preview, decide on what looks wrong, confirm."""
    path = f"/measures/{measure}/imports"
    preview = await school.lead.call("POST", path, {"text": text, "file_name": "numbers.csv"})
    expect(preview["state"] == "waiting", "nothing is kept before it is confirmed")
    asked = {"seen": preview["seen"], "decisions": [], "others": others or {}}
    done = await school.lead.call("POST", f"{path}/{preview['id']}/confirm", asked)
    again = await school.lead.call("POST", path, {"text": text, "file_name": "numbers.csv"})
    expect(again["state"] == "nothing-changed", "the same file a second time changes nothing")
    shown = Counter(row["suspicion"] for row in preview["rows"] if row["suspicion"])
    expect(shown.total() == preview["counts"]["suspicious"], "every fault stands in its row of the preview")
    return {"said": done["said"], "suspicious": dict(shown), "kept": preview["counts"]["new"]}


async def look_at_chart(cast: Cast) -> dict[str, Any]:
    """The run chart of daily attendance: its median, and Anhøj's rules on it."""
    school = cast.schools["harbor"]
    chart = await school.lead.call("GET", f"/measures/{school.measures['daily']}/chart")
    expect(chart["n_useful"] > 20, "the chart has points enough for its rules")
    page = await school.lead.page(f"/projects/{school.project}")
    expect("<svg" in page and "Show the numbers" in page, "the project's page draws it with its numbers under it")
    return {name: chart[name] for name in ("n_useful", "longest_run", "crossings", "signal")}


async def run_cycle(cast: Cast, school: School) -> dict[str, Any]:
    """One inquiry cycle, pinned to the project: predicted, done, studied, decided."""
    start = cast.calendar.starts_on
    planned = {
        "question": "Do families answer a text that asks what would help?",
        "prediction": "Half of them, within the day",
        "scale": "grade 6, one homeroom",
        "starts_on": start.isoformat(),
        "ends_on": (start + timedelta(days=11)).isoformat(),
        "measure_id": school.measures["daily"],
    }
    cycle = await school.lead.call("POST", f"/projects/{school.project}/cycles", planned)
    noted = {
        "did": "Texted by 9:15 on nine of ten days.",
        "studied": "A third answered; those who did came back the next day.",
        "act": "adapt",
        "next_step": "Send it in the family's language.",
        "version": cycle["version"],
    }
    await school.lead.call("PATCH", f"/cycles/{cycle['id']}", noted)
    return {"cycle": cycle["number"]}


async def close(
    cast: Cast, school: School, decision: str, aim_result: str, lessons: Mapping[str, str] = LESSONS
) -> dict[str, Any]:
    """Close on or after day 45 with a decision."""
    project = await school.lead.call("GET", f"/projects/{school.project}")
    asked = {
        "decision": decision,
        "aim_result": aim_result,
        "closed_on": cast.calendar.today.isoformat(),
        "version": project["version"],
        **lessons,
    }
    closed = await school.lead.call("POST", f"/projects/{school.project}/close", asked)
    expect(closed["state"] == "closed", "the project is closed")
    return {"day": closed["day"], "decision": decision}
