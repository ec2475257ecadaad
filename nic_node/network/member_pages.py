"""Members: the list with search, and one member with its history and what may be decided."""

from typing import Any

from aiohttp import web

from federation.errors import Untrusted
from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.words import STATE_WORDS
from nic_node.network.decide import decide
from nic_node.network.find import ORDERS, Wanted, list_members
from nic_node.network.forms import DecideForm, MembersQuery
from nic_node.network.members import approvals_of, count_members, member_of, moves_of
from nic_node.network.overview import STALE_AFTER
from nic_node.network.roles import ROLE_WORDS
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.transitions import Move
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, blank_form, load_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPROVED, REJECTED, REVOKED, STATES, SUSPENDED, By, moves_by
from schemas.vocab import MEMBERSHIP_REASONS

STATE_LABELS = {
    "applied": N_("Waiting"),
    "approved": N_("Member"),
    "suspended": N_("Suspended"),
    "revoked": N_("Revoked"),
    "left": N_("Left"),
    "expired": N_("Ended"),
    "rejected": N_("Rejected"),
    "withdrawn": N_("Withdrawn"),
}
ORDER_LABELS = {
    "oldest": N_("First application first"),
    "name": N_("Name, A to Z"),
    "newest": N_("Newest application first"),
    "ends": N_("Membership that ends soonest"),
    "unheard": N_("Not heard of for longest"),
}
MOVE_LABELS = {
    REJECTED: N_("Reject the application"),
    SUSPENDED: N_("Suspend: may read and retract, nothing new"),
    REVOKED: N_("Revoke: the membership ends"),
    APPROVED: N_("Reinstate"),
}
SAID = {
    REJECTED: N_("Rejected. The school reads the reason on its page."),
    SUSPENDED: N_("Suspended. From now on nothing that this school signs is taken."),
    REVOKED: N_("Revoked. From now on nothing that this school signs is taken."),
    APPROVED: N_("Reinstated."),
}


async def show_members(request: web.Request) -> web.Response:
    query = load_form(request.query, MembersQuery())
    asked = query.data if query.ok else MembersQuery().load({})
    state = asked["state"] if asked["state"] in STATES else None
    wanted = Wanted(state=state, words=asked["q"], order=asked["order"], after=asked["after"], before=asked["before"])
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        page = await list_members(session, network.id, wanted)
        counts = await count_members(session, network.id)
    values: dict[str, Any] = {
        "page": page,
        "counts": counts,
        "wanted": wanted,
        "orders": [(name, ORDER_LABELS[name]) for name in ORDERS],
        "state_labels": STATE_LABELS,
        "state_words": STATE_WORDS,
        "now": now(request),
        "stale_after": STALE_AFTER,
        **coordinator_shell(request, network, "network.members"),
    }
    return await render(request, "network/members.html", values)


async def show_member(request: web.Request) -> web.Response:
    return await render_member(request, None)


async def take_decision(request: web.Request) -> web.Response:
    form = await read_form(request, DecideForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await render_member(request, form, status=422)
    move = Move(to_state=form.data["to"], reason=form.data["reason"], note=form.data["note"], actor=actor_of(request))
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await decide(
                session,
                local_node(request),
                network_id=network.id,
                member_id=_member_id(request),
                move=move,
                version=form.data["version"],
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await render_member(request, form, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await render_member(request, form, status=409)
    except Untrusted as error:
        form.errors[""] = [error.detail]
        return await render_member(request, form, status=409)
    wake_worker(request)
    response = see_other(request, "network.member", id=network.id, member_id=_member_id(request))
    return flash.say(response, SAID[move.to_state])


async def render_member(
    request: web.Request, form: Form | None, *, roles: Form | None = None, status: int = 200
) -> web.Response:
    """A member's page; `form` and `roles` are what was typed and refused, in the one form or the other."""
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        member = await member_of(session, network.id, _member_id(request))
        moves = await moves_of(session, member.id)
        approvals = await approvals_of(session, member.id)
    if form is None:
        wish = request.query.get("to", "")
        reason = request.query.get("reason", "")
        start = {"to": wish if wish in MOVE_LABELS else "", "reason": reason if reason in MEMBERSHIP_REASONS else ""}
        form = blank_form(start)
    form.values["version"] = member.version
    if roles is None:
        roles = blank_form({"roles": list(member.roles)})
    roles.values["version"] = member.version
    possible = [to for to in MOVE_LABELS if to in moves_by(By.COORDINATOR, member.state)]
    values: dict[str, Any] = {
        "member": member,
        "moves": list(reversed(moves)),
        "approvals": approvals,
        "form": form,
        "roles": roles,
        "has_roles": member.state == APPROVED and not member.is_network,
        "role_words": ROLE_WORDS,
        "choices": [(to, MOVE_LABELS[to]) for to in possible],
        "reasons": [(entry.id, entry.label) for entry in MEMBERSHIP_REASONS.values()],
        "reason_entries": MEMBERSHIP_REASONS,
        "state_labels": STATE_LABELS,
        "state_words": STATE_WORDS,
        **coordinator_shell(request, network, "network.members"),
    }
    return await render(request, "network/member.html", values, status=status)


def _member_id(request: web.Request) -> int:
    return int(request.match_info["member_id"])
