"""The pages on which a network asks the one above it for another term, or to be let in again."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.again_pages import APPEAL, RENEWAL, SENT, STATE_FOR, AgainForm
from nic_node.membership.local import local_node
from nic_node.membership.policy_words import policy_terms
from nic_node.membership.refusals import READ_AGAIN
from nic_node.membership.today_terms import Accepted
from nic_node.network.above.again import appeal_above, renew_above, terms_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.pages import ROUTE
from nic_node.network.above.read import superior_of
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

AGREE = N_("Read charter and policy, then tick that this network accepts them.")
NOT_NOW = {
    RENEWAL: N_("Only a network that belongs under another one asks for another term there."),
    APPEAL: N_("Only where a network was revoked it appeals."),
}


async def show_above_renewal(request: web.Request) -> web.Response:
    return await _page(request, RENEWAL, blank_form())


async def show_above_appeal(request: web.Request) -> web.Response:
    return await _page(request, APPEAL, blank_form())


async def take_above_renewal(request: web.Request) -> web.Response:
    return await _take(request, RENEWAL)


async def take_above_appeal(request: web.Request) -> web.Response:
    return await _take(request, APPEAL)


async def _page(request: web.Request, kind: str, form: Form, *, status: int = 200) -> web.Response:
    superior_id = int(request.match_info["superior_id"])
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        superior = await superior_of(session, network.id, superior_id)
    back = see_other(request, ROUTE, id=network.id)
    if superior.state != STATE_FOR[kind]:
        return flash.say(back, NOT_NOW[kind], kind="error")
    try:
        terms = await terms_above(
            local_node(request), actor=actor_of(request), network_id=network.id, superior_id=superior_id
        )
    except InvalidInput as error:
        return flash.say(back, error.sentence, kind="error")
    values: dict[str, Any] = {
        "kind": kind,
        "superior": superior,
        "terms": terms,
        "policy_terms": policy_terms(terms.policy),
        "form": form,
        **coordinator_shell(request, network, "network.policy"),
    }
    return await render(request, "network/above_again.html", values, status=status)


async def _take(request: web.Request, kind: str) -> web.Response:
    form = await read_form(request, AgainForm(), max_bytes=FORM_BYTES)
    if form.ok and not form.data["accepted"]:
        form.errors["accepted"] = [AGREE]
    if not form.ok:
        return await _page(request, kind, form, status=422)
    network_id, superior_id = int(request.match_info["id"]), int(request.match_info["superior_id"])
    said: dict[str, Any] = {
        "actor": actor_of(request),
        "network_id": network_id,
        "superior_id": superior_id,
        "accepted": Accepted(policy_sha256=form.data["policy_sha256"], charter_sha256=form.data["charter_sha256"]),
        "now": now(request),
    }
    back = see_other(request, ROUTE, id=network_id)
    try:
        if kind == RENEWAL:
            await renew_above(local_node(request), **said)
        else:
            await appeal_above(local_node(request), text=form.data["text"], **said)
    except InvalidInput as error:
        if error.sentence == READ_AGAIN:
            form.values.pop("accepted", None)
        form.refuse(error)
        return await _page(request, kind, form, status=422)
    except Conflict:
        return flash.say(back, NOT_NOW[kind], kind="error")
    await check_superior(local_node(request), superior_id)
    return flash.say(back, SENT[kind])
