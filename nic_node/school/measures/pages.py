"""Measures: the list, one measure with its chart, and the forms that make and change one."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_to_choose
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.measures.belongs import home_key, homes, homes_with_measures, measures_of_homes
from nic_node.school.measures.chart import latest_of
from nic_node.school.measures.export import csv_of
from nic_node.school.measures.forms import (
    CHOICES,
    LABELS,
    MeasureForm,
    VersionForm,
    form_values,
    home_choices,
    measure_values,
)
from nic_node.school.measures.marks import marks_by_measure
from nic_node.school.measures.read import (
    list_measures,
    measure_of,
    numbers_of,
    observations_of,
)
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.write import CADENCES, add_measure, change_measure, remove_measure
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, load_form, read_form
from nic_node.web.language import words_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code
NEWEST_SHOWN = 20
OVER_SHOWN = 8


class OverQuery(FormSchema):
    over = fields.Integer(load_default=0, validate=validate.Range(1, 10_000))


async def show_measures(request: web.Request) -> web.Response:
    """What is worked on now; of what is over, a few homes a page: each line has a chart, and years have hundreds."""
    catalogue, _ = words_of(request)
    over = load_form(request.query, OverQuery()).data.get("over") or 0
    async with database(request).reading() as session:
        everything, used = await homes(session), await homes_with_measures(session)
        found = [home for home in everything if home.key in used]
        running, past = [home for home in found if home.is_open], [home for home in found if not home.is_open]
        pages = -(-len(past) // OVER_SHOWN)
        over = min(over, pages) if running else min(max(over, 1), pages)
        listed = past[(over - 1) * OVER_SHOWN : over * OVER_SHOWN] if over else running
        measures = await measures_of_homes(session, listed)
        observations = await numbers_of(session, measures)
        marks = await marks_by_measure(session, [measure.id for measure in measures])
    latest = {
        measure.id: latest_of(measure, observations[measure.id], marks[measure.id], catalogue) for measure in measures
    }
    ordered = sorted(listed, key=lambda home: home.kind != "project")
    values = {
        "groups": [(home, [one for one in measures if home_key(one) == home.key]) for home in ordered],
        "over": over,
        "pages": pages,
        "past": len(past),
        "latest": latest,
        "kinds": _labels("kind"),
        "can_add": bool(everything),
    }
    return await render(request, "measures/index.html", {**values, "cadences": CADENCES})


async def new_measure(request: web.Request) -> web.Response:
    start = {
        "cadence": "week",
        "belongs": "",
        "vocabulary": request.query.get("vocabulary", ""),
        "screen_ranges": "1",
    }
    for kind in ("project", "goal"):
        number = request.query.get(kind, "")
        if number.isascii() and number.isdigit():
            start["belongs"] = f"{kind}-{number}"
    return await _form_page(request, blank_form(start), None)


async def take_new_measure(request: web.Request) -> web.Response:
    form = await read_form(request, MeasureForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                measure = await add_measure(
                    session, actor=actor_of(request), values=measure_values(form.data), now=now(request)
                )
            response = see_other(request, "measures.show", id=measure.id)
            return flash.say(response, N_("The measure is there. Now its numbers."))
        except InvalidInput as error:
            form.refuse(error)
    return await _form_page(request, form, None, status=422)


async def edit_measure(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    return await _form_page(request, blank_form(form_values(measure)), measure)


async def take_measure(request: web.Request) -> web.Response:
    measure = await read_measure(request)
    form = await read_form(request, MeasureForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _form_page(request, form, measure, status=422)
    try:
        async with database(request).writing() as session:
            await change_measure(
                session,
                actor=actor_of(request),
                measure_id=measure.id,
                values=measure_values(form.data),
                version=form.data["version"] or 0,
                now=now(request),
            )
        return flash.say(see_other(request, "measures.show", id=measure.id), N_("The measure is saved."))
    except InvalidInput as error:
        form.refuse(error)
        return await _form_page(request, form, measure, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        measure = await read_measure(request)
        form.values["version"] = measure.version
        return await _form_page(request, form, measure, status=CONFLICT)


async def take_removal(request: web.Request) -> web.Response:
    form = await read_form(request, VersionForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await remove_measure(
            session,
            actor=actor_of(request),
            measure_id=int(request.match_info["id"]),
            version=form.data.get("version") or 0,
            now=now(request),
        )
    return flash.say(see_other(request, "measures.index"), N_("The measure is removed. The bin keeps it for 30 days."))


async def send_csv(request: web.Request) -> web.Response:
    measure_id = int(request.match_info["id"])
    async with database(request).reading() as session:
        await measure_of(session, measure_id)
        observations = await observations_of(session, measure_id)
    return web.Response(
        body=csv_of(observations).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="measure-{measure_id}.csv"',
            "Cache-Control": "no-store",
        },
    )


async def read_measure(request: web.Request) -> Measure:
    async with database(request).reading() as session:
        return await measure_of(session, int(request.match_info["id"]))


async def _form_page(request: web.Request, form: Form, measure: Measure | None, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        people = await people_to_choose(session, measure.owner_id if measure else None)
        found = await homes(session)
        compared = await _comparable(session, measure)
        counts = [(other.id, other.name) for other in await list_measures(session) if other.unit == "count"]
    theirs: list[tuple[str, str]] = []
    if measure is not None and status == CONFLICT:
        words: dict[str, list[tuple[Any, str]]] = {"owner_id": [*people], "comparison_of": [*compared]}
        words |= {"belongs": [(home.key, home.title) for home in found]}
        words |= {"numerator_id": [*counts], "denominator_id": [*counts]}
        theirs = saved_meanwhile(form.values, form_values(measure), LABELS, {**CHOICES, **words})
    values = {
        "form": form,
        "theirs": theirs,
        "measure": measure,
        "choices": CHOICES,
        "homes": home_choices(found, str(form.values.get("belongs", ""))),
        "people": people,
        "compared": compared,
        "counts": counts,
    }
    return await render(request, "measures/form.html", values, status=status)


async def _comparable(session: AsyncSession, measure: Measure | None) -> list[tuple[int, str]]:
    """Measures that a new one may compare with: those of projects that are no comparison themselves."""
    listed = await list_measures(session)
    own_id = measure.id if measure else None
    return [
        (other.id, other.name)
        for other in listed
        if other.project_id is not None and other.comparison_of is None and other.id != own_id
    ]


def _labels(name: str) -> dict[str, str]:
    return dict(CHOICES[name])
