"""What counts as like our school: each person may move the weights; they are kept for that person alone."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import person_id_of
from nic_node.commons.my_school import USUAL, set_weights, weights_of
from nic_node.errors import InvalidInput
from nic_node.evidence.similarity import SIMILARITY_WEIGHTS
from nic_node.i18n import N_
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.problems import status_and_code
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, api_of, page
from nic_node.web.templating import render, see_other

READ = "practices.read"
PARTS = 100
LABELS: Mapping[str, tuple[str, str]] = {
    "lunch": (N_("Free or reduced-price lunch"), N_("The share of students who get it.")),
    "english_learners": (N_("English learners"), N_("The share of students who learn English.")),
    "disabilities": (N_("Students with disabilities"), N_("Their share.")),
    "locale": (N_("Place"), N_("City, suburb, town or rural; related kinds count half.")),
    "enrolment": (N_("Size"), N_("How many students the school has.")),
    "baseline": (N_("Start of the outcome"), N_("Where their students began, on a practice’s own page.")),
}
KEPT = N_("Schools are compared by your weights now. Nobody else sees them.")
USUAL_AGAIN = N_("Schools are compared as usual again.")


def _part() -> fields.Float:
    return fields.Float(required=True, allow_nan=False, validate=validate.Range(0, PARTS))


class WeightsForm(FormSchema):
    lunch = _part()
    english_learners = _part()
    disabilities = _part()
    locale = _part()
    enrolment = _part()
    baseline = _part()


class UsualForm(FormSchema):
    pass


class WeightsSchema(ApiSchema):
    """Parts, 0 to 100; only their shares of each other matter."""

    lunch = _part()
    english_learners = _part()
    disabilities = _part()
    locale = _part()
    enrolment = _part()
    baseline = _part()


def likeness_pages() -> list[Route]:
    return [
        page("GET", "/learn/likeness", "learn.likeness", show_weights, READ),
        page("POST", "/learn/likeness", "learn.set_likeness", take_weights, READ),
        page("POST", "/learn/likeness/usual", "learn.usual_likeness", take_usual, READ),
    ]


def likeness_operations() -> list[Api]:
    operation = api_of("search", "/practices/likeness", read=READ, write=READ, answer=WeightsSchema())
    return [
        operation("GET", "", "likeness", read_weights, "What counts for you as like our school"),
        operation(
            "PUT", "", "set_likeness", put_weights, "Let it count otherwise, for you alone", body=WeightsSchema()
        ),
        operation(
            "DELETE", "", "usual_likeness", delete_weights, "Let it count as usual again", answer=None, status=204
        ),
    ]


async def show_weights(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        weights = await weights_of(session, person_id_of(request))
    return await _page(request, blank_form({name: _said(weight) for name, weight in weights.items()}), weights)


async def _page(request: web.Request, form: Form, weights: Mapping[str, float]) -> web.Response:
    values = {
        "form": form,
        "labels": LABELS,
        "usual": {name: _said(weight) for name, weight in USUAL},
        "is_usual": dict(weights) == SIMILARITY_WEIGHTS,
    }
    status = 200 if form.ok else status_and_code(InvalidInput({}))[0]
    return await render(request, "commons/likeness.html", values, status=status)


async def take_weights(request: web.Request) -> web.Response:
    form = await read_form(request, WeightsForm(), max_bytes=FORM_BYTES)
    person_id = person_id_of(request)
    if form.ok:
        try:
            async with database(request).writing() as session:
                await set_weights(session, person_id=person_id, weights=_weights(form.data))
        except InvalidInput as error:
            form.refuse(error)
        else:
            return flash.say(see_other(request, "learn.index", query={"sort": "similar"}), KEPT)
    async with database(request).reading() as session:
        return await _page(request, form, await weights_of(session, person_id))


async def take_usual(request: web.Request) -> web.Response:
    await read_form(request, UsualForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await set_weights(session, person_id=person_id_of(request), weights=None)
    return flash.say(see_other(request, "learn.likeness"), USUAL_AGAIN)


async def read_weights(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {
            name: weight * PARTS for name, weight in (await weights_of(session, person_id_of(call.request))).items()
        }


async def put_weights(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await set_weights(session, person_id=person_id_of(call.request), weights=_weights(call.body))
    return await read_weights(call)


async def delete_weights(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await set_weights(session, person_id=person_id_of(call.request), weights=None)


def _weights(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: parts[name] / PARTS for name in SIMILARITY_WEIGHTS}


def _said(weight: float) -> str:
    return f"{weight * PARTS:.4g}"
