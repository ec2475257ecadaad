"""The school's rooms as they are looked at: a meeting that was held, one that runs, action items of which one is late."""

from datetime import date, timedelta
from typing import Any, Protocol

NORMS = "We start on time.\nWe disagree with ideas, not people."
TEAM = {"title": "Leadership team", "begins_at": "15:15", "minutes": 45, "place": "Library", "norms": NORMS}


class Caller(Protocol):
    """Somebody who calls the API of their school, as `nic_node.demo.visitors.Visitor` does."""

    async def call(self, method: str, path: str, document: Any = None) -> Any: ...


async def set_rooms(lead: Caller, *, project: int, today: date) -> dict[str, Any]:
    """The rooms' ids by what they are, for `room_stops`."""
    await _visits(lead, project, today)
    await _causes(lead, project, today)
    await _drivers(lead, project)
    return {
        "project": project,
        **await _meetings(lead, project, today),
        **await _team(lead, today),
        **await _coaching(lead, today),
        **await _pulse(lead, today),
        **await _looking_back(lead, project, today),
        "community": await _community(lead, project, today),
        "file": await _beside(lead, project),
        "obstacle": await _obstacle(lead, project, today),
    }


async def _meetings(lead: Caller, project: int, today: date) -> dict[str, int]:
    late = f"October cost of breakfast bags by {today - timedelta(days=3)}"
    action = await lead.call("POST", "/actions", {"line": late, "project_id": project})
    bus = {"text": "Bus stop: who asks the city", "minutes": 15}
    held, meeting = [
        await lead.call("POST", "/meetings", {**TEAM, "held_on": str(day), "people": [1, 2], **more})
        for day, more in ((today - timedelta(days=7), {"agenda": [bus]}), (today, {"focus": "Who meets them?"}))
    ]
    for one in (held, meeting):
        await lead.call("POST", f"/meetings/{one['id']}/start")
    await lead.call("POST", f"/meetings/{held['id']}/end")
    item = next(one for one in meeting["items"] if one["topic"])
    words = {"text": "The table moves to the gym door", "item_id": item["id"]}
    decision = await lead.call("POST", f"/meetings/{meeting['id']}/decisions", words)
    asked = {"line": "Ask the custodian for a table by Friday", "meeting_id": meeting["id"]}
    await lead.call("POST", "/actions", asked | {"decision_id": decision["id"]})
    return {"action": action["id"], "held": held["id"], "meeting": meeting["id"], "item": item["id"]}


async def _team(lead: Caller, today: date) -> dict[str, int]:
    term = {"since": str(today - timedelta(days=300)), "until": str(today + timedelta(days=40))}
    words = {"person_id": 1, "role": "principal", "represents": ["math"], "disposition": "visionary", **term}
    member = await lead.call("POST", "/team/members", words)
    break_ = {"label": "Thanksgiving", "starts_on": str(today + timedelta(days=9))}
    await lead.call("POST", "/team/days-off", break_ | {"ends_on": str(today + timedelta(days=12))})
    await lead.call("PUT", "/team/norms", {"norms": NORMS, "version": None})
    fall = {"title": "Fall", "held_on": str(today), "practices": ["We stop what does not help.", "We meet on time."]}
    assessment = await lead.call("POST", "/self-assessments", fall)
    rated = [
        {"practice_id": one["id"], "rating": rating, "evidence": "The minutes say so."}
        for rating, one in enumerate(assessment["practices"])
    ]
    await lead.call("PUT", f"/self-assessments/{assessment['id']}/ratings", {"ratings": rated})
    return {"member": member["id"], "assessment": assessment["id"]}


async def _obstacle(lead: Caller, project: int, today: date) -> int:
    words = {
        "what": "The bus comes after breakfast is cleared.",
        "asks": "A bus ten minutes earlier.",
        "kind": "transport",
    }
    since = {"project_id": project, "since": str(today - timedelta(days=12))}
    return int((await lead.call("POST", "/obstacles", words | since))["id"])


async def _visits(lead: Caller, project: int, today: date) -> None:
    agreed = {"look_fors": ["Students are greeted by name", "Breakfast is out before 7:40"]}
    look_fors = (await lead.call("PUT", f"/projects/{project}/look-fors", agreed))["look_fors"]
    for ago, seen in enumerate((True, True, False)):
        marks = [{"look_for_id": one["id"], "seen": seen} for one in look_fors]
        visit = {"visited_on": str(today - timedelta(days=ago)), "place": "grade 6", "marks": marks}
        await lead.call("POST", f"/projects/{project}/visits", visit)


async def _community(lead: Caller, project: int, today: date) -> int:
    named = {"name": "Grade 6 math", "focus": "Students who can explain what they did.", "members": [1, 2]}
    at = f"/communities/{(await lead.call('POST', '/communities', named))['id']}"
    met = {"held_on": str(today), "stage": "hunch", "notes": "We think that they copy."}
    await lead.call("POST", f"{at}/sessions", met)
    await lead.call("POST", f"{at}/artefacts", {"title": "Exit ticket", "link": "https://example.org/ticket"})
    for idea in ("Explain first, then solve", "Two colours on the board"):
        community = await lead.call("POST", f"{at}/trials", {"idea": idea})
    await lead.call("POST", f"/communities/trials/{community['trials'][-1]['id']}/cycle", {"project_id": project})
    return int(community["id"])


async def _causes(lead: Caller, project: int, today: date) -> None:
    at = f"/projects/{project}/causes"
    first = await lead.call("POST", at, {"text": "Families don't know that a day counts", "branch": "home"})
    why = first["causes"][0]["id"]
    await lead.call("POST", at, {"text": "Nobody tells them in their language", "why_id": why})
    await lead.call("PUT", f"/causes/{why}/chosen", {"is_chosen": True})
    await lead.call(
        "PUT", f"{at}/process", {"steps": "The teacher marks.\nThe office calls at 2 p.m.", "version": None}
    )
    talk = {"with_whom": "families", "people": 3, "said": "We thought that the bus was the school's."}
    await lead.call("POST", f"{at}/talks", talk | {"held_on": str(today)})
    check = {"question": "Do we all call before noon?", "heard": "The office", "fists": [0, 1, 1, 6, 12, 9]}
    await lead.call("POST", f"{at}/consensus", check | {"held_on": str(today)})


async def _drivers(lead: Caller, project: int) -> None:
    at = f"/projects/{project}/drivers"
    drawn = [
        ("primary", "Families know on the same day", None, "A family that knows can act"),
        ("secondary", "Someone calls before noon", 1, "By evening nobody remembers why"),
        ("idea", "The homeroom teacher calls", 2, "Families know the voice"),
        ("primary", "The way to school is sure", None, ""),
    ]
    for level, words, under, because in drawn:
        row = {"level": level, "text": words, "because": because, "under_id": under}
        diagram = await lead.call("POST", at, row)
    idea = next(one for one in diagram["drivers"] if one["level"] == "idea")
    await lead.call("POST", f"/drivers/{idea['id']}/try")
    await lead.call("POST", f"{at}/versions")


async def _beside(lead: Caller, project: int) -> int:
    """A comment, a file, and something in the bin; the file's id."""
    at = f"/beside/project/{project}"
    await lead.call("POST", f"{at}/comments", {"text": "Who watches the bus lane on Monday?"})
    kept = await lead.call("POST", f"{at}/files", {"name": "Bus times.csv", "content": "YnVzLHRpbWUK"})
    slip = await lead.call("POST", "/actions", {"line": "Call the city, again by Friday"})
    await lead.call("DELETE", f"/bin/action/{slip['id']}")
    return int(kept["id"])


async def _coaching(lead: Caller, today: date) -> dict[str, int]:
    people = (await lead.call("GET", "/accounts/people"))["items"]
    teacher = next(one["id"] for one in people if "teacher" in one["roles"])
    words = {"is_coach": True, "other_id": teacher, "goal": "Waiting after a question, so that more students think."}
    cycle = await lead.call("POST", "/coaching", words)
    seen = {"teacher_action": "Asked, and waited three seconds.", "student_action": "Six hands instead of two."}
    step = {"next_step": "Wait five seconds on Thursday", "due": str(today + timedelta(days=2))}
    noted = await lead.call("POST", f"/coaching/{cycle['id']}/notes", seen | step)
    return {"coaching": cycle["id"], "coaching_note": noted["notes"][0]["id"]}


async def _pulse(lead: Caller, today: date) -> dict[str, Any]:
    days = {"opens_on": str(today), "closes_on": str(today + timedelta(days=14))}
    items = [{"construct": "efficacy", "text": "Together we can reach the students who find it hardest."}]
    asked = {"title": "November", "asked": 40, "items": items, **days}
    staff = await lead.call("POST", "/pulse", asked | {"audience": "staff"})
    families = await lead.call("POST", "/pulse", asked | {"audience": "families", "answered_by": "link"})
    students = await lead.call("POST", "/pulse", asked | {"audience": "students"})
    slips = (await lead.call("GET", f"/pulse/{students['id']}/slips"))["items"]
    return {
        "pulse": staff["id"],
        "pulse_link": families["link"].rsplit("/", 1)[-1],
        "pulse_families": families["id"],
        "pulse_students": students["id"],
        "pulse_slip": slips[0].rsplit("/", 1)[-1],
    }


async def _looking_back(lead: Caller, project: int, today: date) -> dict[str, int]:
    words = {"held_on": str(today), "works": "One person whom families know.", "better": "Phone numbers, earlier."}
    reflection = await lead.call("POST", "/reflection", words)
    stopped = {"text": "The paper log at the door", "hours_a_week": 2.5, "stopped_on": str(today)}
    await lead.call("POST", "/reflection/stops", stopped)
    at = f"/projects/{project}"
    await lead.call("PUT", f"{at}/budget", {"hours": 60.0, "dollars": 600.0, "version": None})
    spent = {"put_on": str(today), "what": "Breakfast bags", "hours": 38.0, "dollars": 412.5}
    await lead.call("POST", f"{at}/inputs", spent)
    await lead.call("PUT", "/return/staff", {"school_year": "2025-26", "staff": 42, "stayed": 36})
    await lead.call("PUT", "/handover", {"note": "The gym door sticks; ask the custodian.", "version": None})
    body = "We moved the breakfast table to the gym door. Three students told us that the line was too public."
    message = await lead.call("POST", "/communication", {"title": "Breakfast", "audience": "staff", "body": body})
    return {"reflection": reflection["id"], "message": message["id"]}
