"""Inviting, charter and policy, the school directory."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.policy_words import policy_terms
from nic_node.network.directory import count_directory
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.forms import (
    CHARTER_FIELDS,
    POLICY_NUMBERS,
    InviteForm,
    PolicyForm,
    policy_values,
)
from nic_node.network.invite import IssuedInvitation, create_invitation, list_invitations, revoke_invitation
from nic_node.network.policy import change_policy
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

DAYS = 14


async def show_invite(request: web.Request) -> web.Response:
    return await _invite_page(request, blank_form({"days": DAYS, "uses": 1}), None)


async def take_invite(request: web.Request) -> web.Response:
    """The answer shows the link, once."""
    form = await read_form(request, InviteForm(), max_bytes=FORM_BYTES)
    made = None
    if form.ok:
        try:
            async with database(request).writing() as session:
                network = await coordinated_network(request, session)
                made = await create_invitation(
                    session,
                    node=local_node(request),
                    network_id=network.id,
                    actor=actor_of(request),
                    now=now(request),
                    **form.data,
                )
        except InvalidInput as error:
            form.refuse(error)
    return await _invite_page(request, form, made)


async def _invite_page(request: web.Request, form: Form, made: IssuedInvitation | None) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        invitations = await list_invitations(session, network.id)
    values: dict[str, Any] = {
        "form": form,
        "made": made,
        "invitations": invitations,
        "now": now(request),
        **coordinator_shell(request, network, "network.invite"),
    }
    return await render(request, "network/invite.html", values, status=200 if form.ok else 422)


async def take_revocation(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await revoke_invitation(
            session,
            network_id=network.id,
            invitation_id=int(request.match_info["invitation_id"]),
            actor=actor_of(request),
            now=now(request),
        )
    response = see_other(request, "network.invite", id=network.id)
    return flash.say(response, N_("That link lets nobody apply any more."))


async def show_policy(request: web.Request) -> web.Response:
    return await _policy_page(request, None)


async def take_policy(request: web.Request) -> web.Response:
    form = await read_form(request, PolicyForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _policy_page(request, form, status=422)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await change_policy(
                session,
                network_id=network.id,
                policy=policy_values(form.data),
                charter={name: form.data[name] for name in ("name", *CHARTER_FIELDS)},
                version=form.data["version"],
                actor=actor_of(request),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _policy_page(request, form, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _policy_page(request, form, status=409)
    response = see_other(request, "network.policy", id=network.id)
    return flash.say(response, N_("Saved. It takes force with the next epoch; members see that it changed."))


async def _policy_page(request: web.Request, form: Form | None, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        policy = await current_policy(session, network.id)
        charter = await current_charter(session, network.id)
        directory = await count_directory(session, network.id)
    if form is None:
        start = {name: policy[name] for name in POLICY_NUMBERS}
        start |= {name: charter.get(name, "") for name in ("name", *CHARTER_FIELDS)}
        form = blank_form(start)
    form.values["version"] = network.version
    values: dict[str, Any] = {
        "form": form,
        "policy": policy,
        "policy_terms": policy_terms(policy),
        "charter": charter,
        "directory": directory,
        **coordinator_shell(request, network, "network.policy"),
    }
    return await render(request, "network/policy.html", values, status=status)
