"""Steps 1 and 2: a coordinator founds a network; three schools apply and are approved, a fourth waits."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from federation.entities import build_configuration_url, verify_entity_configuration
from federation.keys import thumbprint
from nic_node.demo.cast import (
    APPLICANT,
    COORDINATOR,
    LEADS,
    MEMBERS,
    REVIEWERS,
    Cast,
    School,
    email_of,
    eventually,
    expect,
    invite_reviewer,
    run_nic,
    set_up,
)
from nic_node.demo.processes import NodeProcess
from nic_node.demo.schools import demo_schools
from nic_node.demo.visitors import Visitor
from schemas.membership import read_invitation

NETWORK_NAME = "North Coast Improvement Network"
SLUG = "north-coast"
POLICY = {
    # A school term in a minute: the same numbers as anywhere, only smaller. No code path knows of the demo.
    "context_k": 3,
    "min_issued": 3,
    "issue_seconds": 8,
    "register_slots": 7,
    "active_seconds": 14 * 24 * 3600,
}
CHARTER = {
    "purpose": "Fewer students who miss a tenth of their school days, by learning from each other what helps.",
    "aim": "In two years, chronic absence is down by a third in every member school.",
    "contact": "coordinator@example.org",
}


DRIVERS = [
    {
        "name": "Families hear of an absence at once",
        "ideas": ["attendance-outreach", "two-way-texting", "home-visits"],
        "measures": ["absent-10pct-window", "family-contact"],
    },
    {"name": "Somebody expects each student", "ideas": ["mentoring", "check-in-check-out"], "measures": ["belonging"]},
    {"name": "The way to school works", "ideas": ["transport-support"], "measures": ["tardies"]},
]


async def start_nodes(cast: Cast) -> dict[str, Any]:
    """Start five processes at once, and set each up through its one-time link."""
    names = [COORDINATOR, *MEMBERS, APPLICANT]
    nodes = [NodeProcess(name=name, data=cast.folder / name) for name in names]
    for node in nodes:
        cast.stack.push_async_callback(node.stop)
    await asyncio.gather(*(node.start() for node in nodes))
    about = {school.key: school for school in demo_schools()}
    for node in nodes:
        lead = await cast.stack.enter_async_context(Visitor(node.url))
        school = School(key=node.name, node=node, lead=lead, about=about.get(node.name))
        if node.name in REVIEWERS:
            school.reviewer = await cast.stack.enter_async_context(Visitor(node.url))
        if node.name == COORDINATOR:
            cast.coordinator = school
        else:
            cast.schools[node.name] = school
    titles = {key: school.name for key, school in about.items()} | {COORDINATOR: NETWORK_NAME}
    await asyncio.gather(*(set_up(school, titles[school.key]) for school in cast.everybody))
    return {"nodes": len(nodes)}


async def found_network(cast: Cast) -> dict[str, Any]:
    """Found it with a charter and a policy, and make a link that pins its key."""
    lead = cast.host.lead
    asked = {
        "slug": SLUG,
        "name": NETWORK_NAME,
        "charter": CHARTER,
        "policy": POLICY | {"slot_seconds": cast.slot_seconds},
    }
    cast.network = await lead.call("POST", "/networks", asked)
    await lead.make_token()
    at = f"/networks/{cast.network['id']}/theory"
    drawn = {"version": (await lead.call("GET", at))["version"], "drivers": DRIVERS}
    await lead.call("PUT", at, drawn)
    link = await lead.call(
        "POST", f"/networks/{cast.network['id']}/invitations", {"days": 7, "uses": 10, "note": "demo"}
    )
    cast.network["link"] = link["link"]
    pinned = await _expect_pinned(cast)
    return {"network": cast.network["entity"], "pinned": pinned}


async def _expect_pinned(cast: Cast) -> str:
    """The link names the network, and the key that its entity configuration is signed with.

    Raises:
        Untrusted: the configuration is signed by another key, or not at all.
    """
    invitation = read_invitation(cast.network["link"])
    expect(invitation["network"] == cast.network["entity"], "the invitation names the network")
    path = build_configuration_url(cast.network["entity"]).removeprefix(cast.host.node.url)
    token = await cast.host.lead.page(path)
    pinned: str = invitation["jkt"]
    stated = verify_entity_configuration(token, now=datetime.now(UTC), pinned={pinned}, allow_insecure_loopback=True)
    expect(thumbprint(stated.keys[pinned]) == pinned, "the invitation pins the key that signs for the network")
    return pinned


async def apply_to_network(cast: Cast) -> dict[str, Any]:
    """Four schools describe themselves and apply through the link."""
    await asyncio.gather(*(_apply(cast, school) for school in cast.schools.values()))
    await asyncio.gather(*(invite_reviewer(cast.schools[name]) for name in MEMBERS))
    waiting = await cast.host.lead.call("GET", f"/networks/{cast.network['id']}/applications")
    expect(len(waiting["items"]) == len(cast.schools), "all four applications wait")
    return {"applied": len(waiting["items"])}


async def _apply(cast: Cast, school: School) -> None:
    about = school.about
    assert about is not None
    profile = await school.lead.call("GET", "/profile")
    values = {
        "level": "middle",
        "low_grade": "6",
        "high_grade": "8",
        "enrolment": about.enrolment,
        "locale": about.locale,
        "lunch_percent": about.lunch_percent,
        "english_learners_percent": about.english_learners_percent,
        "disabilities_percent": about.disabilities_percent,
        "stage": "fair",
        "version": profile["version"],
    }
    await school.lead.call("PATCH", "/profile", values)
    offer = await school.lead.call("POST", "/memberships/offer", {"invitation": cast.network["link"]})
    contact = {"name": LEADS[school.key], "email": email_of(LEADS[school.key]), "role": "principal"}
    asked = {
        "invitation": cast.network["link"],
        "policy_sha256": offer["policy_sha256"],
        "charter_sha256": offer["charter_sha256"],
        "contact": contact,
    }
    school.membership = (await school.lead.call("POST", "/memberships", asked))["id"]


async def approve_members(cast: Cast) -> dict[str, Any]:
    """The coordinator vets three: one on the page, two from the command line; the fourth stays 'applied'."""
    by_entity = await _vetted(cast)
    first, *others = MEMBERS
    member = by_entity[cast.schools[first].node.url]
    page = f"/network/{cast.network['id']}/applications"
    values = {"version": member["version"], "note": "Known to us for years."}
    await cast.host.lead.submit(f"{page}/{member['id']}/approval", values, on=page)
    # At once, as most of a command's time is its start.
    ids = [str(by_entity[cast.schools[name].node.url]["id"]) for name in others]
    await asyncio.gather(*(run_nic(cast.host.node, "network", "approve", member_id) for member_id in ids))
    for name in MEMBERS:
        await eventually(f"{name} knows that it is approved", partial(_is_approved, cast.schools[name]))
    last = await cast.schools[APPLICANT].lead.call("GET", f"/memberships/{cast.schools[APPLICANT].membership}")
    expect(last["state"] == "applied", "the fourth school still waits")
    return {"approved": len(MEMBERS), "waiting": 1}


async def _vetted(cast: Cast) -> dict[str, Any]:
    """Give each member-to-be its code out of band, confirm it there, settle what needs a person."""
    lead, at = cast.host.lead, f"/networks/{cast.network['id']}"
    for application in (await lead.call("GET", f"{at}/applications"))["items"]:
        school = next(one for one in cast.schools.values() if one.node.url == application["entity"])
        if school.key == APPLICANT:
            continue
        code = (await lead.call("POST", f"{at}/members/{application['id']}/code"))["code"]
        await school.lead.call("POST", f"/memberships/{school.membership}/confirmation", {"code": code})
        for check in ("host", "directory"):
            await lead.call("POST", f"{at}/members/{application['id']}/settle", {"check": check})
    items = (await lead.call("GET", f"{at}/applications"))["items"]
    return {item["entity"]: item for item in items}


async def _is_approved(school: School) -> bool:
    await school.lead.call("POST", f"/memberships/{school.membership}/check")
    membership = await school.lead.call("GET", f"/memberships/{school.membership}")
    return bool(membership["state"] == "approved")
