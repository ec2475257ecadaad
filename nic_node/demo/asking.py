"""B asks A about the practice, A answers, and neither learns who the other is."""

from typing import Any
from urllib.parse import quote

from nic_node.demo.cast import Cast, School, eventually, expect
from nic_node.demo.sharing import approval_of, bring_roster

QUESTION = "Did families mind a text every day?"
ANSWER = "A few asked us to stop. Most said that being asked, not told, was new."


async def ask(cast: Cast) -> dict[str, Any]:
    """From the practice's page; it passes the same second person, and leaves while the school works on."""
    school, about = cast.schools["cedar"], cast.schools["harbor"].record
    await bring_roster(school)
    page = await school.lead.page(f"/learn/practices/{quote(about, safe='/:')}")
    expect("Ask" in page, "the practice's page offers to ask")
    made = await school.lead.call("POST", "/questions", {"about": about, "text": QUESTION})
    return {"state": await _review(school, made["id"])}


async def answer(cast: Cast) -> dict[str, Any]:
    """A's node finds the question in its own mirror and tells its people; they answer as they would share."""
    school = cast.schools["harbor"]

    async def look() -> Any:
        asked = (await school.lead.call("GET", "/today"))["asked"]
        return next((one for one in asked if one["text"] == QUESTION), None)

    found = await eventually("Today tells of the question", look)
    cast.question = found["record"]
    made = await school.lead.call("POST", "/questions/answers", {"question": cast.question, "text": ANSWER})
    return {"question": cast.question, "state": await _review(school, made["id"])}


async def read_thread(cast: Cast) -> dict[str, Any]:
    """The answer stands under the practice where B reads it, and its key says that the author gave it."""
    school, about = cast.schools["cedar"], cast.schools["harbor"].record

    async def look() -> Any:
        asked = (await school.lead.call("GET", f"/questions?about={quote(about, safe='')}"))["items"]
        return next((one["answers"] for one in asked if one["answers"]), None)

    (said,) = await eventually("the answer reaches the school that asked", look)
    expect((said["text"], said["by"]) == (ANSWER, "author"), "the school that shared it answers")
    return {"by": said["by"]}


async def _review(school: School, draft: int) -> str:
    """The author can't approve; a second person can."""
    at = f"/publishing/drafts/{draft}"
    sent = await school.lead.call("POST", f"{at}/review")
    expect(not sent["findings"], "there is nothing in it to be decided")
    await school.lead.call("POST", f"{at}/approval", approval_of(sent["sha256"]), status=403)
    assert school.reviewer is not None
    approved = await school.reviewer.call("POST", f"{at}/approval", approval_of(sent["sha256"]))
    return str(approved["state"])
