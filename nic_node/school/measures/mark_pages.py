"""What a person decides about a chart's limits: begin them anew, freeze them, take that back."""

from datetime import date
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import person_names
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.forms import EmptyForm, MarkForm
from nic_node.school.measures.marks import MARK_KINDS, add_mark, marks_of, remove_mark
from nic_node.school.measures.read import measure_of
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other


async def show_limits(request: web.Request) -> web.Response:
    """With `day` in the address, as a chart proposes it: new limits from that day."""
    day = request.query.get("day", "")
    try:
        proposed: date | str = date.fromisoformat(day)
    except ValueError:
        proposed = ""
    return await _limits_page(request, blank_form({"kind": "split", "day": proposed}))


async def take_mark(request: web.Request) -> web.Response:
    form = await read_form(request, MarkForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                mark = await add_mark(
                    session,
                    actor=actor_of(request),
                    measure_id=int(request.match_info["id"]),
                    kind=form.data["kind"],
                    day=form.data["day"],
                    because=form.data["because"],
                    now=now(request),
                    today=school_day(request),
                )
            undo = request.app.router["measures.unmark"].url_for(id=str(mark.measure_id), mark_id=str(mark.id))
            response = see_other(request, "measures.show", id=mark.measure_id)
            return flash.say(response, N_("The limits are made so."), undo_url=str(undo))
        except InvalidInput as error:
            form.refuse(error)
    return await _limits_page(request, form, status=422)


async def take_mark_removal(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    measure_id = int(request.match_info["id"])
    async with database(request).writing() as session:
        binned = await remove_mark(
            session,
            actor=actor_of(request),
            measure_id=measure_id,
            mark_id=int(request.match_info["mark_id"]),
            now=now(request),
        )
    undo = request.app.router["bin.restore"].url_for(id=str(binned.id))
    response = see_other(request, "measures.show", id=measure_id)
    return flash.say(response, N_("The limits are as before."), undo_url=str(undo))


async def _limits_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        measure = await measure_of(session, int(request.match_info["id"]))
        marks = await marks_of(session, measure.id)
        names = await person_names(session, {mark.person_id for mark in marks if mark.person_id})
    values: dict[str, Any] = {
        "form": form,
        "measure": measure,
        "marks": marks,
        "names": names,
        "mark_kinds": MARK_KINDS,
        "today": school_day(request),
    }
    return await render(request, "measures/limits.html", values, status=status)
