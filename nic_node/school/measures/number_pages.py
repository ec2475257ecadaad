"""One number: add it on a phone in two taps, correct it, leave it out, remove it."""

from datetime import date
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.measures.derived import WORKED_OUT, is_derived
from nic_node.school.measures.forms import (
    NUMBER_LABELS,
    CorrectionForm,
    EmptyForm,
    NumberForm,
    VersionForm,
    given_numbers,
)
from nic_node.school.measures.numbers import NUMBER_FIELDS, PARTS, sign_of
from nic_node.school.measures.observe import add_observation, change_observation, remove_observation
from nic_node.school.measures.pages import read_measure
from nic_node.school.measures.read import observation_of, observations_of
from nic_node.school.measures.tables import Measure, Observation, Observed
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code


async def new_number(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    if is_derived(measure):
        raise Conflict(WORKED_OUT)
    async with database(request).reading() as session:
        observations = await observations_of(session, measure.id)
    last = observations[-1] if observations else None
    start = start_of_number(measure, last, request.query.get("shape", ""), school_day(request))
    return await _number_page(request, blank_form(start), measure)


async def take_new_number(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    form = await read_form(request, NumberForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                observation = await add_observation(
                    session,
                    actor=actor_of(request),
                    measure_id=measure.id,
                    period=form.data["period"],
                    given=given_numbers(form.data),
                    note=form.data["note"],
                    now=now(request),
                    today=school_day(request),
                )
            undo = request.app.router["measures.remove_number"].url_for(
                id=str(measure.id), observation_id=str(observation.id)
            )
            response = see_other(request, "measures.show", id=measure.id)
            return flash.say(response, N_("The number is there."), undo_url=f"{undo}?version={observation.version}")
        except InvalidInput as error:
            form.refuse(error)
    return await _number_page(request, form, measure, status=422)


async def edit_number(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    observation = await _read_observation(request, measure)
    return await _number_page(request, blank_form(_start_of_correction(measure, observation)), measure, observation)


async def take_number(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    observation = await _read_observation(request, measure)
    form = await read_form(request, CorrectionForm(), max_bytes=FORM_BYTES)
    form.values["period"] = observation.period
    if not form.ok:
        return await _number_page(request, form, measure, observation, status=422)
    given = given_numbers(form.data)
    reason = form.data["excluded_because"] if form.data["left_out"] else ""
    if form.data["left_out"] and not reason:
        form.errors["excluded_because"] = [N_("Say why it is left out, such as 'Half the sheets are missing'.")]
        return await _number_page(request, form, measure, observation, status=422)
    try:
        async with database(request).writing() as session:
            await change_observation(
                session,
                actor=actor_of(request),
                measure_id=measure.id,
                observation_id=observation.id,
                given=given if any(number is not None for number in given.values()) else None,
                note=form.data["note"],
                excluded_because=reason,
                version=form.data["version"] or 0,
                now=now(request),
            )
        return flash.say(see_other(request, "measures.show", id=measure.id), N_("The number is saved."))
    except InvalidInput as error:
        form.refuse(error)
        return await _number_page(request, form, measure, observation, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        observation = await _read_observation(request, measure)
        form.values["version"] = observation.version
        return await _number_page(request, form, measure, observation, status=CONFLICT)


async def take_number_removal(request: web.Request) -> web.Response:
    """The version comes with the button, or with the 'Undo' of a number that was just added."""
    measure_id = int(request.match_info["id"])
    in_query = request.query.get("version", "")
    schema = EmptyForm() if in_query else VersionForm()
    form = await read_form(request, schema, max_bytes=FORM_BYTES)
    told = int(in_query) if in_query.isascii() and in_query.isdigit() and len(in_query) < 10 else None
    async with database(request).writing() as session:
        await remove_observation(
            session,
            actor=actor_of(request),
            measure_id=measure_id,
            observation_id=int(request.match_info["observation_id"]),
            version=told or form.data.get("version") or 0,
            now=now(request),
        )
    return flash.say(
        see_other(request, "measures.show", id=measure_id), N_("The number is removed. The bin keeps it for 30 days.")
    )


async def _read_observation(request: web.Request, measure: Measure) -> Observation:
    async with database(request).reading() as session:
        return await observation_of(session, measure.id, int(request.match_info["observation_id"]))


async def _number_page(
    request: web.Request, form: Form, measure: Measure, observation: Observation | None = None, *, status: int = 200
) -> web.Response:
    values = number_values(form, measure, observation, school_day(request))
    if observation is not None and status == CONFLICT:
        there = _start_of_correction(measure, observation)
        # What the page does not ask for was not typed: it is worked out from what is shown.
        labels = {name: label for name, label in NUMBER_LABELS.items() if name in form.values}
        values["theirs"] = saved_meanwhile(form.values, there, labels)
    return await render(request, "measures/number.html", values, status=status)


def _start_of_correction(measure: Measure, observation: Observation) -> dict[str, Any]:
    start = {name: getattr(observation, name) for name in (*NUMBER_FIELDS, "period", "note", "version")}
    start["shape"] = "exact" if observation.x is not None or measure.unit in ("mean", "minutes") else "value"
    start["excluded_because"] = observation.excluded_because
    start["left_out"] = "1" if observation.excluded_because else ""
    return {name: f"{value:g}" if isinstance(value, float) else value for name, value in start.items()}


def start_of_number(measure: Measure, last: Observed | None, shape: str, today: date) -> dict[str, Any]:
    """What the form starts from: as the last number was written, for today."""
    return {
        "shape": shape if shape in ("exact", "value") else _usual_shape(measure, last),
        "period": today,
        "n": (last.n if last is not None else None) or measure.group_size or "",
    }


def number_values(form: Form, measure: Measure, observation: Observation | None, today: date) -> dict[str, Any]:
    """What measures/number_fields.html needs."""
    return {
        "form": form,
        "measure": measure,
        "observation": observation,
        "parts": PARTS[measure.unit],
        "sign": sign_of(measure.unit, measure.vocabulary),
        "shape": form.values.get("shape", "exact"),
        "today": today,
    }


def _usual_shape(measure: Measure, last: Observed | None) -> str:
    """As the last number was written; at first how many of how many, where the group's size is known."""
    if measure.unit not in ("proportion", "rate"):
        return "exact"
    if last is not None:
        return "exact" if last.x is not None else "value"
    return "exact" if measure.group_size or measure.unit == "rate" else "value"
