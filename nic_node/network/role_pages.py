"""Roles of a member, on its page."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.forms import RolesForm
from nic_node.network.member_pages import render_member
from nic_node.network.roles import give_roles
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import see_other

SAID = N_("The roles are kept. What is withdrawn ends at once; a new witness is named by the next epoch.")


async def take_roles(request: web.Request) -> web.Response:
    form = await read_form(request, RolesForm(), max_bytes=FORM_BYTES)
    network_id, member_id = int(request.match_info["id"]), int(request.match_info["member_id"])
    async with database(request).reading() as session:
        await verify_coordinator(session, network_id, actor_of(request))
    if not form.ok:
        return await render_member(request, None, roles=form, status=422)
    try:
        await give_roles(
            local_node(request),
            network_id=network_id,
            member_id=member_id,
            roles=form.data["roles"],
            version=form.data["version"],
            actor=actor_of(request),
            now=now(request),
        )
    except InvalidInput as error:
        form.refuse(error)
        return await render_member(request, None, roles=form, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await render_member(request, None, roles=form, status=409)
    return flash.say(see_other(request, "network.member", id=network_id, member_id=member_id), SAID)
