"""Step 4, and the same at the schools that replicate: preview, a second person, and out it goes."""

from functools import partial
from typing import Any

from nic_node.demo.cast import LEADS, MEMBERS, REVIEWERS, Cast, School, eventually, expect

CONFIRMATION = "nobody can be named"


async def open_epoch(cast: Cast) -> dict[str, Any]:
    """The coordinator announces the first epoch; the nodes get their credentials and pseudonyms by themselves."""
    announced = await cast.host.lead.call("POST", f"/networks/{cast.network['id']}/epochs", {})
    return {"epoch": announced.get("epoch") or announced.get("number")}


async def wait_for_epoch(cast: Cast) -> dict[str, Any]:
    """Every member's node sees the epoch open with its own pseudonym in it."""
    for name in MEMBERS:
        school = cast.schools[name]
        await eventually(f"the epoch is open at {name}", partial(_is_open, school))
    epochs = await cast.host.lead.call("GET", f"/networks/{cast.network['id']}/epochs")
    # On a machine that is too busy for its short windows an epoch may be void; the network announces it again.
    (epoch,) = [epoch for epoch in epochs["items"] if epoch["phase"] == "open"]
    expect(epoch["issued"] == epoch["registered"] == 3, "three credentials, three pseudonyms, none unaccounted for")
    return {"issued": epoch["issued"], "registered": epoch["registered"]}


async def _is_open(school: School) -> bool:
    epochs = (await school.lead.call("GET", "/publishing/epochs"))["items"]
    return any(epoch["ready"] for epoch in epochs)


async def bring_roster(school: School) -> None:
    """Names that must not leave, as an office exports them."""
    names = [LEADS[school.key], REVIEWERS[school.key], "Castellanos, Lucia", "Ngo, Tran Minh"]
    await school.lead.call("PUT", "/publishing/roster", {"text": "\n".join(names)})


async def preview_and_review(cast: Cast, school: School) -> dict[str, Any]:
    """The author previews; the author can't approve; a second person decides each finding and signs the bytes."""
    await bring_roster(school)
    preview = await school.lead.call("GET", f"/publishing/projects/{school.project}/preview")
    expect(preview["rung"] == "measured", f"the numbers pass the printer at {school.key}")
    return await review(school)


async def review(school: School) -> dict[str, Any]:
    """Draft, findings, a second person's decisions and approval, at whatever rung the numbers allow."""
    draft = await school.lead.call("POST", "/publishing/drafts", {"project_id": school.project})
    school.draft = draft["id"]
    at = f"/publishing/drafts/{school.draft}"
    await school.lead.call("POST", f"{at}/review")
    await school.lead.call("POST", f"{at}/approval", approval_of(draft["sha256"]), status=403)
    reviewer = school.reviewer
    assert reviewer is not None
    seen = await reviewer.call("GET", at)
    decisions = [
        {"finding": finding["key"], "choice": finding["choices"][0]["value"]}
        for finding in seen["findings"]
        if finding["open"]
    ]
    if decisions:
        await reviewer.call("POST", f"{at}/decisions", {"decisions": decisions})
    seen = await reviewer.call("GET", at)
    await reviewer.call("POST", f"{at}/approval", approval_of("0" * 64), status=409)
    approved = await reviewer.call("POST", f"{at}/approval", approval_of(seen["sha256"]))
    school.approved = seen["record"]
    return {"findings": len(seen["findings"]), "rung": seen["rung"], "state": approved["state"]}


def approval_of(sha256: str) -> dict[str, Any]:
    return {"sha256": sha256, "names_anyone": False, "confirmation": CONFIRMATION}


async def wait_until_logged(school: School) -> dict[str, Any]:
    """Queued, on its way, in the log: the school's own mirror finds it there."""

    async def look() -> str | None:
        draft = await school.lead.call("GET", f"/publishing/drafts/{school.draft}")
        return draft.get("record_id") if draft["state"] in ("in-the-log", "final") else None

    school.record = await eventually(f"what {school.key} publishes is in the log", look)
    return {"record": school.record}
