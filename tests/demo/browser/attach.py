"""The cast of a demo that runs already (`make demo`): its people sign in again, and everything is found by looking."""

import json
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from nic_node.demo.calendar import calendar_of
from nic_node.demo.cast import COORDINATOR, REVIEWERS, Cast, School, email_of
from nic_node.demo.processes import NodeProcess
from nic_node.demo.schools import demo_schools
from nic_node.demo.story import SCHOOLS_ZONE
from nic_node.demo.visitors import PASSWORD, Visitor

WHERE = "demo.json"


async def attach(folder: Path, stack: AsyncExitStack) -> Cast:
    """A cast for the running nodes that folder/demo.json names; they are left running."""
    cast = Cast(folder=folder, calendar=calendar_of(datetime.now(SCHOOLS_ZONE).date()), stack=stack)
    about = {school.key: school for school in demo_schools()}
    for node in json.loads((folder / WHERE).read_text())["nodes"]:
        process = NodeProcess(name=node["name"], data=folder / node["name"], url=node["url"])
        lead = await _back(stack, node["url"], node["user"])
        school = School(key=node["name"], node=process, lead=lead, about=about.get(node["name"]))
        if node["name"] in REVIEWERS:
            school.reviewer = await _back(stack, node["url"], email_of(REVIEWERS[node["name"]]))
        if node["name"] == COORDINATOR:
            cast.coordinator = school
            cast.network = (await lead.call("GET", "/networks"))["items"][0]
        else:
            cast.schools[node["name"]] = school
            await _look_around(school)
    asked = await cast.schools["harbor"].lead.call("GET", "/questions/asked")
    cast.question = asked["items"][0]["record"]
    at = f"/networks/{cast.network['id']}/invitations"
    cast.network["link"] = (await cast.host.lead.call("POST", at, {"days": 7, "uses": 10, "note": "demo"}))["link"]
    return cast


async def _back(stack: AsyncExitStack, url: str, email: str) -> Visitor:
    visitor = await stack.enter_async_context(Visitor(url))
    await visitor.submit("/sign-in", {"email": email, "password": PASSWORD, "next": ""})
    await visitor.make_token()
    return visitor


async def _look_around(school: School) -> None:
    """What the school made in the story: the first of each."""
    memberships = await _items(school, "/memberships")
    school.membership = memberships[0]["id"] if memberships else 0
    projects = await _items(school, "/projects")
    if not projects:
        return
    school.project = min(project["id"] for project in projects)
    measures = [one["id"] for one in await _items(school, "/measures") if one["project_id"] == school.project]
    school.measures = dict(zip(("daily", "outcome", "beside"), sorted(measures), strict=False))
    school.draft = min(draft["id"] for draft in await _items(school, "/publishing") if draft["kind"] == "project")
    draft = await school.lead.call("GET", f"/publishing/drafts/{school.draft}")
    school.record = draft.get("record_id") or ""


async def _items(school: School, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await school.lead.call("GET", path))["items"]
    return found
