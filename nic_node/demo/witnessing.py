"""Members as witnesses and mirrors: their word makes entries final, their copies are read while the network is gone."""

from functools import partial
from typing import Any

from nic_node.demo.cast import MEMBERS, Cast, School, eventually, expect
from schemas.entity import TRUST_MARK_ROLES


async def make_witnesses(cast: Cast) -> dict[str, Any]:
    """The coordinator gives every member all roles, and each node learns of its own."""
    at = f"/networks/{cast.network['id']}/members"
    members = {member["entity"]: member for member in (await cast.host.lead.call("GET", at))["items"]}
    for name in MEMBERS:
        school = cast.schools[name]
        member = members[school.node.url]
        asked = {"roles": list(TRUST_MARK_ROLES), "if_version": member["version"]}
        await cast.host.lead.call("POST", f"{at}/{member['id']}/roles", asked)
        membership = await school.lead.call("POST", f"/memberships/{school.membership}/check")
        held = {role.rpartition("/")[2] for role in membership["roles"]}
        expect(held == set(TRUST_MARK_ROLES), f"{name} has the marks of all its roles")
    return {"witnesses": len(MEMBERS), "mirrors": len(MEMBERS)}


async def expect_confirmed(cast: Cast) -> dict[str, Any]:
    """At every member all that is there is final by its witnesses, and both others' copies are known."""
    for name in MEMBERS:
        await eventually(f"{name} has everything confirmed, and knows two copies", partial(_is_confirmed, cast, name))
    return {"quorum": len(MEMBERS) // 2 + 1}


async def _is_confirmed(cast: Cast, name: str) -> bool:
    lead = cast.schools[name].lead
    (log,) = (await lead.call("GET", "/logs"))["items"]
    (known,) = (await lead.call("GET", "/logs/sources"))["items"]
    is_final = log["witnessed"] and log["final_size"] == log["size"] == log["mirrored"]
    return is_final and len(known["cosignatures"]) == len(MEMBERS) and len(known["sources"]) == len(MEMBERS)


async def read_without_network(cast: Cast) -> dict[str, Any]:
    """The coordinator's server is off: members read on, each from another one's copy, and say so."""
    before = {name: await _titles(cast.schools[name]) for name in MEMBERS}
    await cast.host.node.stop()
    for name in MEMBERS:
        await eventually(f"{name} reads from a copy", partial(_reads_copy, cast.schools[name]))
        expect(await _titles(cast.schools[name]) == before[name], f"everything can be read on at {name}")
    await cast.host.node.start()
    return {"practices": len(before[MEMBERS[0]])}


async def _titles(school: School) -> set[str]:
    return {item["title"] for item in (await school.lead.call("GET", "/practices"))["items"]}


async def _reads_copy(school: School) -> bool:
    (log,) = (await school.lead.call("GET", "/logs"))["items"]
    return log["silence"] is not None and log["silence"]["copies"] > 0 and log["trouble"] is None
