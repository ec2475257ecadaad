"""The door to networks: those that this school belongs to, those that are run here, and founding one."""

from typing import Any

from aiohttp import web
from multidict import MultiDict

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput, NotAllowed
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.read import memberships
from nic_node.membership.terms import all_new_terms
from nic_node.membership.words import STATE_WORDS
from nic_node.network.coordinators import networks_coordinated_by
from nic_node.network.forms import CHARTER_FIELDS, POLICY_BYTES, FoundForm, SchoolsQuery, policy_values, shown_policy
from nic_node.network.found import Founding, found_network
from nic_node.network.overview import overview_of
from nic_node.network.propose import costs_of, propose
from nic_node.network.read import network_by_slug
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, blank_form, load_form, read_form
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor
from schemas.policy import POLICY_DEFAULTS

NOT_YOURS = N_("Your role does not include networks. An administrator of your school can change that.")


async def show_index(request: web.Request) -> web.Response:
    """For whoever may see memberships, and for coordinators, who may have no other role here."""
    who = visitor(request)
    if who is None or not {"network.read", "network.coordinate"} & who.permissions:
        raise NotAllowed(NOT_YOURS)
    async with database(request).reading() as session:
        held = await memberships(session) if "network.read" in who.permissions else []
        new_terms = {terms.membership_id for terms in await all_new_terms(session)} if held else set()
        run = [
            (network, await overview_of(session, network, now(request)))
            for network in await networks_coordinated_by(session, who.person_id)
        ]
    values = {
        "memberships": held,
        "words": STATE_WORDS,
        "new_terms": new_terms,
        "run": run,
        "may_join": "network.join" in who.permissions,
        "may_found": "network.found" in who.permissions,
    }
    return await render(request, "network/index.html", values)


async def show_found(request: web.Request) -> web.Response:
    """How many schools are sure? The numbers come from that, and each says what it costs."""
    asked = load_form(request.query, SchoolsQuery())
    schools = asked.data.get("schools") if asked.ok else None
    start: dict[str, Any] = shown_policy(POLICY_DEFAULTS)
    if schools is not None:
        proposal = propose(schools)
        start |= {"min_issued": proposal.min_issued, "context_k": proposal.context_k}
    return await _found_page(request, blank_form(start), schools, asked=asked)


async def take_found(request: web.Request) -> web.Response:
    form = await read_form(request, FoundForm(), max_bytes=POLICY_BYTES)
    schools = load_form(MultiDict({"schools": form.values.get("schools", "")}), SchoolsQuery()).data.get("schools")
    if form.ok:
        founding = Founding(
            slug=form.data["slug"],
            name=form.data["name"],
            charter={name: form.data[name] for name in CHARTER_FIELDS},
            policy=policy_values(form.data),
        )
        try:
            network = await found_network(
                local_node(request), actor=actor_of(request), founding=founding, now=now(request)
            )
            wake_worker(request)
            said = N_(
                "The network is founded. Invite the first schools; they see charter and policy before they apply."
            )
            return flash.say(see_other(request, "network.invite", id=network.id), said)
        except InvalidInput as error:
            form.refuse(error)
    return await _found_page(request, form, schools, status=422)


async def _found_page(
    request: web.Request, form: Form, schools: int | None, *, asked: Form | None = None, status: int = 200
) -> web.Response:
    proposal = None if schools is None else propose(schools)
    values = {
        "form": form,
        "asked": asked or blank_form(),
        "schools": schools,
        "proposal": proposal,
        "costs": [] if proposal is None else costs_of(proposal),
        "address": f"{local_node(request).entity_id}/net/",
    }
    return await render(request, "network/found.html", values, status=status)


async def show_invitation(request: web.Request) -> web.Response:
    """Where an invitation link leads in a browser: what stands behind its '#' never comes here."""
    async with database(request).reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
    return await render(request, "network/invitation.html", {"network": network})
