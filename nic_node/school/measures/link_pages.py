"""Links to one measure: made and closed by a member of the team, used by whoever has them, without an account."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import person_names
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.forms import EmptyForm, LinkForm, NumberForm, given_numbers
from nic_node.school.measures.links import close_link, link_actor, linked_measure, links_of, make_link
from nic_node.school.measures.number_pages import number_values, start_of_number
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.read import measure_of, observations_of
from nic_node.school.measures.tables import Measure, MeasureLink
from nic_node.school.qr import qr_code
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

BY_LINK = "measures.by_link"


async def show_links(request: web.Request) -> web.Response:
    return await _links_page(request, blank_form())


async def take_link(request: web.Request) -> web.Response:
    """The answer shows the link and its QR code, once."""
    form = await read_form(request, LinkForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                made = await make_link(
                    session,
                    actor=actor_of(request),
                    measure_id=int(request.match_info["id"]),
                    name=form.data["name"],
                    now=now(request),
                )
        except InvalidInput as error:
            form.refuse(error)
        else:
            address = link_address(request, made.token)
            return await _links_page(request, blank_form(), made=made.link, address=address)
    return await _links_page(request, form, status=422)


async def take_link_closing(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    measure_id = int(request.match_info["id"])
    async with database(request).writing() as session:
        await close_link(
            session,
            actor=actor_of(request),
            measure_id=measure_id,
            link_id=int(request.match_info["link_id"]),
            now=now(request),
        )
    return flash.say(see_other(request, "measures.links", id=measure_id), N_("The link is closed."))


async def show_number_by_link(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        measure, link = await linked_measure(session, request.match_info["token"], now=now(request))
        observations = await observations_of(session, measure.id)
    last = observations[-1] if observations else None
    start = start_of_number(measure, last, request.query.get("shape", ""), school_day(request))
    return await _by_link_page(request, blank_form(start), measure, link)


async def take_number_by_link(request: web.Request) -> web.Response:
    token = request.match_info["token"]
    form = await read_form(request, NumberForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        measure, link = await linked_measure(session, token, now=now(request))
        if form.ok:
            try:
                await add_observation(
                    session,
                    actor=link_actor(link),
                    measure_id=measure.id,
                    period=form.data["period"],
                    given=given_numbers(form.data),
                    note=form.data["note"],
                    now=now(request),
                    today=school_day(request),
                )
                link.last_used_at = now(request)
            except InvalidInput as error:
                form.refuse(error)
    if form.errors:
        return await _by_link_page(request, form, measure, link, status=422)
    return flash.say(see_other(request, BY_LINK, token=token), N_("The number is there. Thank you."))


def link_address(request: web.Request, token: str) -> str:
    """The whole address, as the QR code holds it."""
    return f"{config(request).public_url}{request.app.router[BY_LINK].url_for(token=token)}"


async def _links_page(
    request: web.Request, form: Form, *, made: MeasureLink | None = None, address: str = "", status: int = 200
) -> web.Response:
    async with database(request).reading() as session:
        measure = await measure_of(session, int(request.match_info["id"]))
        links = await links_of(session, measure.id, now=now(request))
        names = await person_names(session, {link.person_id for link in links if link.person_id})
    values: dict[str, Any] = {
        "form": form,
        "measure": measure,
        "links": links,
        "names": names,
        "made": made,
        "address": address,
        "qr": qr_code(address) if address else None,
    }
    return await render(request, "measures/links.html", values, status=status)


async def _by_link_page(
    request: web.Request, form: Form, measure: Measure, link: MeasureLink, *, status: int = 200
) -> web.Response:
    values = number_values(form, measure, None, school_day(request))
    return await render(
        request, "measures/by_link.html", {**values, "link": link, "token": request.match_info["token"]}, status=status
    )
