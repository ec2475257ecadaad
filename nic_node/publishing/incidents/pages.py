"""'This should not have left', the list of incidents, and one with its steps."""

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.drafts import NO_DRAFT
from nic_node.publishing.incidents.checklist import KINDS
from nic_node.publishing.incidents.read import incident_of, incident_of_release, incidents
from nic_node.publishing.incidents.report import LONGEST_NOTE, close_incident, open_incident, tick_step
from nic_node.publishing.pages import verify_may_reword
from nic_node.publishing.read import LEFT, sharing_of_draft
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Route, page
from nic_node.web.templating import render, see_other

READ, DRAFT, REVIEW = "share.read", "share.draft", "share.review"


class IncidentForm(FormSchema):
    kind = fields.String(
        required=True,
        validate=validate.OneOf(list(KINDS)),
        error_messages={"required": N_("Choose what is wrong.")},
    )
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class StepForm(FormSchema):
    step = fields.String(required=True, validate=validate.Length(max=20))
    done = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    version = fields.Integer(required=True)


class CloseForm(FormSchema):
    version = fields.Integer(required=True)


def incident_pages() -> list[Route]:
    one = "/share/incidents/{id}"
    return [
        page("GET", "/share/incidents", "share.incidents", show_incidents, READ),
        page("GET", one, "share.incident", show_incident, READ),
        page("POST", one + "/steps", "share.incident_step", take_step, READ),
        page("POST", one + "/close", "share.incident_close", take_close, REVIEW),
        page("GET", "/share/{id}/incident", "share.open_incident", show_opening, DRAFT),
        page("POST", "/share/{id}/incident", "share.open_incident", take_opening, DRAFT),
    ]


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def show_incidents(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        found = await incidents(session, local_node(request))
    return await render(request, "publishing/incidents.html", {"incidents": found, "kinds": KINDS})


async def show_incident(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        found = await incident_of(session, local_node(request), _id(request))
    return await render(request, "publishing/incident.html", {"one": found, "kinds": KINDS})


async def show_opening(request: web.Request) -> web.Response:
    return await _opening_page(request, blank_form({"kind": "names-someone"}))


async def _opening_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        sharing = await sharing_of_draft(session, _id(request))
        if sharing is None or sharing.release_id is None or sharing.placed not in LEFT:
            raise NotFound(NO_DRAFT)
        existing = await incident_of_release(session, sharing.release_id)
    if existing is not None:
        return see_other(request, "share.incident", id=existing)
    values = {"sharing": sharing, "form": form, "kinds": list(KINDS.items())}
    return await render(request, "publishing/open_incident.html", values, status=status)


async def take_opening(request: web.Request) -> web.Response:
    form = await read_form(request, IncidentForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                row = await open_incident(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    draft_id=_id(request),
                    kind=form.data["kind"],
                    note=form.data["note"],
                    now=now(request),
                )
                incident_id = row.id
            wake_worker(request)
            said = N_("It is being taken back at once. These are the steps that only people can take.")
            return flash.say(see_other(request, "share.incident", id=incident_id), said)
        except InvalidInput as error:
            form.refuse(error)
    return await _opening_page(request, form, status=422)


async def take_step(request: web.Request) -> web.Response:
    """A step is ticked by whoever drafts or reviews; a privacy officer reads only."""
    form = await read_form(request, StepForm(), max_bytes=FORM_BYTES)
    verify_may_reword(request)
    if not form.ok:
        raise InvalidInput(form.errors)
    async with database(request).writing() as session:
        await tick_step(
            session,
            actor=actor_of(request),
            incident_id=_id(request),
            step=form.data["step"],
            done=form.data["done"] == "yes",
            version=form.data["version"],
            now=now(request),
        )
    return see_other(request, "share.incident", id=_id(request), anchor="steps")


async def take_close(request: web.Request) -> web.Response:
    form = await read_form(request, CloseForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    async with database(request).writing() as session:
        given = {"incident_id": _id(request), "version": form.data["version"], "now": now(request)}
        await close_incident(session, actor=actor_of(request), **given)
    return flash.say(see_other(request, "share.incidents"), N_("The incident is closed. Its record stays."))
