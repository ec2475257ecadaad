"""Inviting, charter and policy, the school directory."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.forms import InviteForm
from nic_node.network.invite import IssuedInvitation, create_invitation, list_invitations, revoke_invitation
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
