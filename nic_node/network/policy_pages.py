"""Changing charter and policy: what it would change for members is shown first; every version stays readable."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.policy_words import policy_terms
from nic_node.network.directory import count_directory
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.forms import CHARTER_FIELDS, POLICY_BYTES, PolicyForm, policy_values, shown_policy
from nic_node.network.in_force import terms_in_force
from nic_node.network.policy import Draft, change_policy, draft_terms
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.tables import Network
from nic_node.network.versions import members_on_earlier_terms, versions_of
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.templating import render, see_other

ROUTE = "network.policy"
LOOK = "look"
NOTHING_NEW = N_("Nothing differs from today’s charter and policy; there is nothing to save.")
SAVED_FOR_NEXT = N_("Saved. It takes force with the next epoch; members see what changes for them.")
SAVED_AT_ONCE = N_("Saved. It is in force; members see what changes for them.")


async def show_policy(request: web.Request) -> web.Response:
    return await _page(request, None)


async def take_policy(request: web.Request) -> web.Response:
    """With step 'look', say what it would change; else save it as the next version."""
    form = await read_form(request, PolicyForm(), max_bytes=POLICY_BYTES)
    if not form.ok:
        return await _page(request, form, status=422)
    asked = {
        "policy": policy_values(form.data),
        "charter": {name: form.data[name] for name in ("name", *CHARTER_FIELDS)},
    }
    try:
        if form.data["step"] == LOOK:
            return await _look(request, form, asked)
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            version = network.version
            network = await change_policy(
                session,
                network_id=network.id,
                version=form.data["version"],
                actor=actor_of(request),
                now=now(request),
                **asked,
            )
            announced = (await terms_in_force(session, network)).epoch is not None
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _page(request, form, status=409)
    response = see_other(request, ROUTE, id=network.id)
    if network.version == version:
        return flash.say(response, NOTHING_NEW, kind="warning")
    return flash.say(response, SAVED_FOR_NEXT if announced else SAVED_AT_ONCE)


async def _look(request: web.Request, form: Form, asked: dict[str, Any]) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        draft = await draft_terms(session, network, **asked)
    return await _page(request, form, draft=draft)


async def _page(
    request: web.Request, form: Form | None, *, draft: Draft | None = None, status: int = 200
) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        shown = await _documents(session, network)
    if form is None:
        start = shown_policy(shown["policy"])
        start |= {name: shown["charter"].get(name, "") for name in ("name", *CHARTER_FIELDS)}
        form = blank_form(start)
    form.values["version"] = network.version
    values: dict[str, Any] = {"form": form, "draft": draft, **shown, **coordinator_shell(request, network, ROUTE)}
    return await render(request, "network/policy.html", values, status=status)


async def _documents(session: AsyncSession, network: Network) -> dict[str, Any]:
    policy = await current_policy(session, network.id)
    return {
        "policy": policy,
        "policy_terms": (today := policy_terms(policy)),
        "in_force": (in_force := await terms_in_force(session, network)),
        "differs_till_then": [term for term in policy_terms(in_force.policy) if term not in today],
        "charter": await current_charter(session, network.id),
        "versions": [*await versions_of(session, network, "policy"), *await versions_of(session, network, "charter")],
        "on_earlier": await members_on_earlier_terms(session, network),
        "directory": await count_directory(session, network.id),
    }
