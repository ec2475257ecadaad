"""More practices for the demo's library: what schools of the generated network tried, each labelled as synthetic.

The demo's schools bring their numbers, decide, review and publish them as they do their own.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from nic_node.demo.cast import MEMBERS, Cast, School
from nic_node.demo.corpus.generate import Corpus, CorpusPlan, CorpusRecord
from nic_node.demo.corpus.texts import SYNTHETIC
from nic_node.demo.corpus.truth import share_of
from nic_node.demo.school_work import add_measure, close, import_numbers
from nic_node.demo.sharing import review, wait_until_logged
from schemas.vocab import MEASURES

PLAN: Final = CorpusPlan(schools=60, records=1_000, seed=7, copied=0.0)
GRADES: Final = ["6-8"]
COUNTED: Final = (
    "exit-ticket-mastery",
    "course-failure",
    "belonging",
    "engagement",
    "math-benchmark",
    "family-contact",
)
"""Shares of students that the schools do not count in their own project: a school counts each once."""
MOST: Final = len(COUNTED) * len(MEMBERS)
STUDENTS: Final = (46, 58, 67, 74, 83, 95)


async def fill_library(cast: Cast, count: int) -> dict[str, Any]:
    """Publish so many, `MOST` at most, each school one after the other."""
    dealt = deal_practices(count)

    async def publish_all(name: str) -> None:
        for place, record in enumerate(dealt[name]):
            await _publish(cast, replace(cast.schools[name], measures={}, approved={}), record, STUDENTS[place])

    async with asyncio.TaskGroup() as group:
        for name in MEMBERS:
            group.create_task(publish_all(name))
    return {"practices": sum(map(len, dealt.values())), "label": SYNTHETIC}


def deal_practices(count: int) -> dict[str, list[CorpusRecord]]:
    """School -> practices of middle grades; it counts no measure twice, so that none can be set against another."""
    by_measure: dict[str, list[CorpusRecord]] = {measure: [] for measure in COUNTED}
    for record in Corpus(PLAN).records():
        if record.payload["problem"]["grade_bands"] == GRADES:
            by_measure.get(record.payload["aim"]["measure"], []).append(record)
    dealt = ((name, by_measure[measure][place]) for measure in COUNTED for place, name in enumerate(MEMBERS))
    found: dict[str, list[CorpusRecord]] = {name: [] for name in MEMBERS}
    for name, record in islice(dealt, count):
        found[name].append(record)
    return found


async def _publish(cast: Cast, school: School, record: CorpusRecord, students: int) -> None:
    payload = record.payload
    project = await school.lead.call("POST", "/projects", project_values(payload, cast.calendar.starts_on.isoformat()))
    school.project = project["id"]
    steps = {"steps": _steps(payload), "version": project["version"]}
    await school.lead.call("PUT", f"/projects/{school.project}/steps", steps)
    measure = payload["aim"]["measure"]
    added = await add_measure(school, measure, MEASURES[measure].label, group=("grade 7", students))
    await import_numbers(school, added, _weeks_csv(cast, record, students))
    told = {"aim_result": payload.get("aim_result", "not"), "lessons": payload["lessons"]}
    await close(cast, school, payload["decision"], **told)
    await review(school)
    await wait_until_logged(school)


def project_values(payload: dict[str, Any], starts_on: str) -> dict[str, Any]:
    """A published practice as the project that it came from."""
    problem, aim = payload["problem"], payload["aim"]
    return {
        "title": payload["title"],
        "problem_category": problem["category"],
        "problem_statement": problem["statement"],
        "grade_bands": problem["grade_bands"],
        "subject": problem["subject"],
        "aim_measure": aim["measure"],
        "aim_better": aim["better"],
        "aim_by_days": aim["by_days"],
        "idea_category": payload["idea"]["category"],
        "idea_summary": payload["idea"]["summary"],
        "adaptable": [part["what"] for part in payload["adaptable"]],
        "conditions": SYNTHETIC,
        "starts_on": starts_on,
        **{name: payload[name] for name in ("dose", "cost", "supports", "materials")},
    }


def _steps(payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [step | {"core": place in payload["core"]} for place, step in enumerate(payload["steps"])]


def _weeks_csv(cast: Cast, record: CorpusRecord, students: int) -> str:
    """How many of a group had it each week; from the first day on the true effect comes in evenly."""
    draw = random.Random(record.record_id)  # noqa: S311 - a seed that repeats is the point here
    weeks = cast.calendar.school_days()[::5]
    first = cast.calendar.starts_on
    lines = ["date,x,n"]
    for day in weeks:
        part = min(max((day - first) / (weeks[-1] - first), 0.0), 1.0)
        share = share_of(record.payload["aim"]["measure"], 0.0, part * record.truth.effect)
        lines.append(f"{day.isoformat()},{sum(draw.random() < share for _ in range(students))},{students}")
    return "\n".join(lines) + "\n"
