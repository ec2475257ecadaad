"""A network's theory and syntheses: coordinators draw and write beside live numbers, everybody reads."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.commons.theory_pages import theory_values
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.network.read import network_by_slug
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.theory.read import quarter_of, syntheses_of, theory_of
from nic_node.network.theory.tables import TEXT_LENGTH, TITLE_LENGTH, Synthesis
from nic_node.network.theory.write import change_drivers, write_synthesis
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import KIB, Route, page
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import PUBLIC
from schemas.policy import DRIVERS_MAX
from schemas.vocab import IDEAS, MEASURES

COORDINATE: Final = "network.coordinate"
FORM_BYTES: Final = 64 * KIB
NAME_LENGTH: Final = 120
SAVED = N_("Saved as a new version of the charter; members see what changes.")
WRITTEN = N_("Written. Everybody who knows the network’s address can read it.")


def _choices(known: Mapping[str, Any]) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.OneOf(list(known))), load_default=list)


DriversForm: type[FormSchema] = type(
    "DriversForm",
    (FormSchema,),
    {
        "LISTS": tuple(f"{name}_{place}" for name in ("ideas", "measures") for place in range(DRIVERS_MAX)),
        "version": fields.Integer(required=True),
        **{
            f"name_{place}": fields.String(load_default="", validate=validate.Length(max=NAME_LENGTH))
            for place in range(DRIVERS_MAX)
        },
        **{f"ideas_{place}": _choices(IDEAS) for place in range(DRIVERS_MAX)},
        **{f"measures_{place}": _choices(MEASURES) for place in range(DRIVERS_MAX)},
    },
)


class SynthesisForm(FormSchema):
    quarter = fields.String(required=True)
    title = fields.String(required=True, validate=validate.Length(1, TITLE_LENGTH))
    text = fields.String(required=True, validate=validate.Length(1, TEXT_LENGTH))
    version = fields.Integer(load_default=None, allow_none=True)


def page_routes() -> list[Route]:
    one = "/network/{id}"
    return [
        page("GET", one + "/theory", "network.theory", show_theory, COORDINATE),
        page("POST", one + "/theory", "network.theory", take_drivers, COORDINATE, FORM_BYTES),
        page("GET", one + "/syntheses", "network.syntheses", show_syntheses, COORDINATE),
        page("POST", one + "/syntheses", "network.syntheses", take_synthesis, COORDINATE, FORM_BYTES),
        page("GET", "/net/{slug}/syntheses", "network.public_syntheses", show_public, PUBLIC),
    ]


# The driver diagram ---------------------------------------------------------------------------------------------------


async def show_theory(request: web.Request) -> web.Response:
    return await _theory_page(request, None)


async def take_drivers(request: web.Request) -> web.Response:
    form = await read_form(request, DriversForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _theory_page(request, form, 422)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await change_drivers(
                session,
                network_id=network.id,
                drivers=_drivers(form.data),
                version=form.data["version"],
                actor=actor_of(request),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _theory_page(request, form, 422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _theory_page(request, form, 409)
    return flash.say(see_other(request, "network.theory", id=network.id), SAVED)


def _drivers(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row without a name is no driver."""
    return [
        {"name": name, "ideas": data[f"ideas_{place}"], "measures": data[f"measures_{place}"]}
        for place in range(DRIVERS_MAX)
        if (name := data[f"name_{place}"].strip())
    ]


async def _theory_page(request: web.Request, form: Form | None, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        theory = await theory_of(session, network.id)
    if form is None:
        form = blank_form(
            {
                name: value
                for place, driver in enumerate(theory.drivers)
                for name, value in (
                    (f"name_{place}", driver.name),
                    (f"ideas_{place}", [idea.idea for idea in driver.ideas]),
                    (f"measures_{place}", list(driver.measures)),
                )
            }
        )
    form.values["version"] = network.version
    values = {
        "form": form,
        "rows": range(min(len(theory.drivers) + 1, DRIVERS_MAX)) if form.ok else range(DRIVERS_MAX),
        "ideas": [(entry.id, entry.label) for entry in IDEAS.values()],
        "measures": [(entry.id, entry.label) for entry in MEASURES.values()],
        "one": theory_values(theory, i18n.translations(language_of(request))),
        **coordinator_shell(request, network, "network.theory"),
    }
    return await render(request, "network/theory/edit.html", values, status=status)


# Syntheses ------------------------------------------------------------------------------------------------------------


async def show_syntheses(request: web.Request) -> web.Response:
    return await _syntheses_page(request, None)


async def take_synthesis(request: web.Request) -> web.Response:
    form = await read_form(request, SynthesisForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _syntheses_page(request, form, 422)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await write_synthesis(
                session, network_id=network.id, actor=actor_of(request), now=now(request), **form.data
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _syntheses_page(request, form, 422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _syntheses_page(request, form, 409)
    return flash.say(see_other(request, "network.syntheses", id=network.id), WRITTEN)


async def _syntheses_page(request: web.Request, form: Form | None, status: int = 200) -> web.Response:
    quarter = request.query.get("quarter") or quarter_of(school_day(request))
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        theory = await theory_of(session, network.id)
        written = await syntheses_of(session, network.id)
    if form is not None:
        quarter = str(form.values.get("quarter", ""))
    before = next((one for one in written if one.quarter == quarter), None)
    if form is None:
        form = blank_form(
            {"quarter": quarter, "title": before.title if before else "", "text": before.text if before else ""}
        )
    form.values["version"] = before.version if before else ""
    values = {
        "form": form,
        "written": [synthesis_values(one) for one in written],
        "one": theory_values(theory, i18n.translations(language_of(request))),
        **coordinator_shell(request, network, "network.syntheses"),
    }
    return await render(request, "network/theory/syntheses.html", values, status=status)


def synthesis_values(one: Synthesis) -> dict[str, Any]:
    ideas = [idea for driver in one.numbers["drivers"] for idea in driver["ideas"]]
    return {
        "quarter": one.quarter,
        "title": one.title,
        "lines": [line for line in one.text.split("\n") if line],
        "charter_version": one.charter_version,
        "written_at": one.written_at,
        "results": sum({idea["idea"]: idea["results"] for idea in ideas}.values()),
        "ideas": len({idea["idea"] for idea in ideas}),
    }


async def show_public(request: web.Request) -> web.Response:
    """For members and everybody else."""
    async with database(request).reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        written = [synthesis_values(one) for one in await syntheses_of(session, network.id)]
    return await render(request, "network/theory/public.html", {"network": network, "written": written})
