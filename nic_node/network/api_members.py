"""Applications and members as JSON: the same acts as on the coordinator's pages."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_schemas as schemas
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve, decide
from nic_node.network.find import MemberPage, Wanted, list_members
from nic_node.network.members import approvals_by_member, approvals_of, member_of, moves_of, waiting_members
from nic_node.network.roles import give_roles
from nic_node.network.shell import coordinated_network
from nic_node.network.tables import Member, Network, Transition
from nic_node.network.together import Pick, approve_together, take_back_approval
from nic_node.network.transitions import Move
from nic_node.network.vet import ask_host, reopen_check, settle_check, vettings_of
from nic_node.network.vetting import Check, Vetting
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, ApiHandler, Call

COORDINATE = "network.coordinate"
MEMBER_FIELDS = tuple(schemas.MemberSchema().fields)


def member_api_routes() -> list[Api]:
    member = "/networks/{id}/members/{member_id}"
    shown = schemas.ApplicationSchema()
    return [
        _route("GET", "/networks/{id}/applications", "applications", get_applications, _SAYS[0], None, _APPLICATIONS),
        _route(
            "POST",
            "/networks/{id}/approvals",
            "approve_together",
            post_together,
            _SAYS[7],
            schemas.TogetherSchema(),
            schemas.ApprovalOutcomesSchema(),
        ),
        _route("DELETE", f"{member}/approval", "take_back_approval", delete_approval, _SAYS[8], None, _MEMBER),
        _route("POST", f"{member}/settle/undo", "reopen", post_reopening, _SAYS[9], schemas.ReopenSchema(), shown),
        Api(
            method="GET",
            path="/networks/{id}/members",
            name="api.networks.members",
            handler=get_members,
            permit=COORDINATE,
            tag="network",
            summary="Members in any state, searched by name, address, district and directory id, and sorted.",
            query=schemas.MembersQuery(),
            answer=schemas.MembersSchema(),
        ),
        _route("GET", member, "member", get_member, _SAYS[1], None, schemas.MemberWithMovesSchema()),
        _route("POST", f"{member}/check", "check", post_check, _SAYS[2], None, shown),
        _route("POST", f"{member}/code", "code", post_code, _SAYS[3], None, schemas.CodeSchema()),
        _route("POST", f"{member}/settle", "settle", post_settle, _SAYS[4], schemas.SettleSchema(), shown),
        _route(
            "POST", f"{member}/approval", "approve", post_approval, _SAYS[5], schemas.MemberApprovalSchema(), _MEMBER
        ),
        _route("POST", f"{member}/transitions", "transition", post_move, _SAYS[6], schemas.TransitionSchema(), _MEMBER),
        _route("POST", f"{member}/roles", "roles", post_roles, _SAYS[10], schemas.RolesSchema(), _MEMBER),
    ]


_APPLICATIONS = schemas.ApplicationsSchema()
_MEMBER = schemas.MemberSchema()
_SAYS = (
    "Schools that wait for a decision, each with its checks, the oldest first.",
    "One member with every move of its membership.",
    "Ask the applicant's host for its keys now.",
    "A new one-time code, to be given through the school's published contact.",
    "Settle a check that only a person can: host or directory.",
    "Approve an application; with as many coordinators as the policy asks for, the school is a member.",
    "Reject, suspend, reinstate or revoke, with a reason that the school reads; a stale version is 409.",
    "Approve several applications; each is decided alone, and the answer says what became of it.",
    "Take your own approval back while the school waits for another coordinator's.",
    "Undo a settlement: the check speaks for itself again.",
    "Give and withdraw roles: publisher, witness, mirror; a stale version is 409.",
)


def _route(method: str, path: str, name: str, handler: ApiHandler, summary: str, body: Any, answer: Any) -> Api:
    return Api(
        method=method,
        path=path,
        name=f"api.networks.{name}",
        handler=handler,
        permit=COORDINATE,
        tag="network",
        summary=summary,
        body=body,
        answer=answer,
    )


async def get_applications(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        waiting = await waiting_members(session, network.id)
        vettings = await vettings_of(session, network, waiting)
        approvals = await approvals_by_member(session, [member.id for member in waiting])
    items = [_application(member, vettings[member.id], len(approvals[member.id])) for member in waiting]
    return {"items": items}


async def get_members(call: Call) -> MemberPage:
    query = call.query
    wanted = Wanted(
        state=query["state"],
        words=query["q"],
        order=query["order"],
        after=query["after"],
        before=query["before"],
        limit=query["limit"],
    )
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return await list_members(session, network.id, wanted)


async def get_member(call: Call) -> Any:
    async with database(call.request).reading() as session:
        _, member = await _network_and_member(call, session)
        moves = await moves_of(session, member.id)
    return {**_member(member), "moves": [_move(move) for move in moves]}


async def post_check(call: Call) -> Any:
    async with database(call.request).reading() as session:
        _, member = await _network_and_member(call, session)
    await ask_host(local_node(call.request), member.id)
    return await _shown(call)


async def post_code(call: Call) -> Any:
    async with database(call.request).writing() as session:
        code = await give_code(
            session,
            node=local_node(call.request),
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            actor=actor_of(call.request),
            now=now(call.request),
        )
    return {"code": code}


async def post_settle(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await settle_check(
            session,
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            check=call.body["check"],
            note=call.body["note"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
    return await _shown(call)


async def post_approval(call: Call) -> Any:
    async with database(call.request).writing() as session:
        member = await approve(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            actor=actor_of(call.request),
            version=call.body["version"],
            note=call.body["note"],
            now=now(call.request),
        )
    wake_worker(call.request)
    return member


async def post_together(call: Call) -> Any:
    outcomes = await approve_together(
        local_node(call.request),
        network_id=call.path_id(),
        picks=[Pick(**one) for one in call.body["schools"]],
        actor=actor_of(call.request),
        now=now(call.request),
    )
    wake_worker(call.request)
    return {"items": outcomes}


async def delete_approval(call: Call) -> Member:
    async with database(call.request).writing() as session:
        return await take_back_approval(
            session,
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            actor=actor_of(call.request),
            now=now(call.request),
        )


async def post_reopening(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await reopen_check(
            session,
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            check=call.body["check"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
    return await _shown(call)


async def post_move(call: Call) -> Any:
    body = call.body
    move = Move(to_state=body["to_state"], reason=body["reason"], note=body["note"], actor=actor_of(call.request))
    async with database(call.request).writing() as session:
        member = await decide(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            move=move,
            version=body["if_version"],
            now=now(call.request),
        )
    wake_worker(call.request)
    return member


async def post_roles(call: Call) -> Member:
    return await give_roles(
        local_node(call.request),
        network_id=call.path_id(),
        member_id=call.path_id("member_id"),
        roles=call.body["roles"],
        version=call.body["if_version"],
        actor=actor_of(call.request),
        now=now(call.request),
    )


async def _network_and_member(call: Call, session: AsyncSession) -> tuple[Network, Member]:
    network = await coordinated_network(call.request, session)
    return network, await member_of(session, network.id, call.path_id("member_id"))


async def _shown(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        network, member = await _network_and_member(call, session)
        vettings = await vettings_of(session, network, [member])
        approvals = await approvals_of(session, member.id)
    return _application(member, vettings[member.id], len(approvals))


def _application(member: Member, vetting: Vetting, approvals: int) -> dict[str, Any]:
    return {
        **_member(member),
        "checks": [_check(check) for check in vetting.checks],
        "passes": vetting.passes,
        "approvals": approvals,
    }


def _member(member: Member) -> dict[str, Any]:
    return {name: getattr(member, name) for name in MEMBER_FIELDS}


def _check(check: Check) -> dict[str, Any]:
    return {"name": check.name, "state": check.state, "text": check.text, "note": check.note % check.values}


def _move(move: Transition) -> dict[str, Any]:
    return {
        "number": move.number,
        "at": move.at,
        "by": move.actor_name,
        "from_state": move.from_state,
        "to_state": move.to_state,
        "reason": move.reason,
        "note": move.note,
    }
