"""Measures and their numbers as JSON; importing files stands in import_api.py."""

from typing import Any

from marshmallow import Schema

from nic_node.accounts.actor import actor_of
from nic_node.school.measures import api_schemas as shapes
from nic_node.school.measures.chart import chart_document, measure_chart
from nic_node.school.measures.home_effect import home_effect
from nic_node.school.measures.import_api import import_routes
from nic_node.school.measures.link_api import link_routes
from nic_node.school.measures.marks import add_mark, marks_of, remove_mark
from nic_node.school.measures.numbers import NUMBER_FIELDS
from nic_node.school.measures.observe import add_observation, change_observation, remove_observation
from nic_node.school.measures.read import (
    list_measures,
    measure_of,
    measures_of_goal,
    measures_of_project,
    observation_of,
    observations_of,
)
from nic_node.school.measures.show import chosen_way
from nic_node.school.measures.write import add_measure, change_measure, remove_measure
from nic_node.school.today import school_day
from nic_node.web.context import database, now
from nic_node.web.language import words_of
from nic_node.web.routes import Api, ApiHandler, Call

ONE = "/measures/{id}"
MARKS = ONE + "/marks"
NUMBERS = ONE + "/observations"
NUMBER = NUMBERS + "/{observation_id}"


def api_routes() -> list[Api]:
    values, changed = shapes.MeasureValuesSchema(), shapes.ChangedMeasureSchema()
    measure, number = shapes.MeasureSchema(), shapes.ObservationSchema()
    new_number, changed_number = shapes.NewObservationSchema(), shapes.ChangedObservationSchema()
    version = shapes.VersionQuery()
    return [
        _read(
            "/measures",
            "index",
            list_all,
            "Measures, all or of one project or goal.",
            shapes.MeasuresSchema(),
            shapes.MeasuresQuery(),
        ),
        _write("POST", "/measures", "new", add, "Add a measure to a project or a goal.", values, measure, status=201),
        _read(ONE, "show", read, "One measure.", measure),
        _write("PATCH", ONE, "change", change, "Change a measure; a stale version is 409.", changed, measure),
        _remove(ONE, "remove", remove, "Remove a measure that has no numbers.", version),
        _read(ONE + "/chart", "chart", read_chart, "What its chart shows.", shapes.ChartSchema(), shapes.ChartQuery()),
        _read(ONE + "/effect", "effect", read_effect, "What it adds up to, of a project.", shapes.HomeEffectSchema()),
        _read(MARKS, "marks", read_marks, "Where its limits were split or frozen.", shapes.ChartMarksSchema()),
        _write(
            "POST",
            MARKS,
            "mark",
            mark_limits,
            "Split or freeze its limits, with the reason.",
            shapes.NewChartMarkSchema(),
            shapes.ChartMarkSchema(),
            status=201,
        ),
        _remove(MARKS + "/{mark_id}", "unmark", unmark_limits, "Take a split or a freeze back.", None),
        _read(NUMBERS, "observations", read_numbers, "Its numbers in time order.", shapes.ObservationsSchema()),
        _write(
            "POST", NUMBERS, "add", add_number, "Add the number of a day or period.", new_number, number, status=201
        ),
        _write("PATCH", NUMBER, "correct", change_number, "Correct a number or leave it out.", changed_number, number),
        _remove(NUMBER, "remove_number", remove_number, "Remove a number; a stale version is 409.", version),
        *import_routes(),
        *link_routes(),
    ]


async def list_all(call: Call) -> Any:
    project, goal = call.query["project"], call.query["goal"]
    async with database(call.request).reading() as session:
        if project is not None:
            return {"items": await measures_of_project(session, project)}
        if goal is not None:
            return {"items": await measures_of_goal(session, goal)}
        return {"items": await list_measures(session)}


async def add(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await add_measure(session, actor=actor_of(request), values=call.body, now=now(request))


async def read(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await measure_of(session, call.path_id())


async def change(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        return await change_measure(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            values=values,
            version=version,
            now=now(request),
        )


async def remove(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await remove_measure(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            version=call.query["version"],
            now=now(request),
        )


async def read_chart(call: Call) -> Any:
    catalogue, language = words_of(call.request)
    async with database(call.request).reading() as session:
        kind, rules = chosen_way(await measure_of(session, call.path_id()), call.query)
        shown = await measure_chart(
            session, call.path_id(), catalogue=catalogue, language=language, kind=kind, rules=rules
        )
    return chart_document(shown)


async def read_effect(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return (await home_effect(session, call.path_id(), today=school_day(call.request))).document()


async def read_marks(call: Call) -> Any:
    async with database(call.request).reading() as session:
        await measure_of(session, call.path_id())
        return {"items": await marks_of(session, call.path_id())}


async def mark_limits(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await add_mark(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            now=now(request),
            today=school_day(request),
            **call.body,
        )


async def unmark_limits(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await remove_mark(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            mark_id=call.path_id("mark_id"),
            now=now(request),
        )


async def read_numbers(call: Call) -> Any:
    async with database(call.request).reading() as session:
        await measure_of(session, call.path_id())
        return {"items": await observations_of(session, call.path_id())}


async def add_number(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await add_observation(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            period=call.body["period"],
            given=_given(call),
            note=call.body["note"],
            now=now(request),
            today=school_day(request),
        )


async def change_number(call: Call) -> Any:
    request = call.request
    given = _given(call)
    async with database(request).writing() as session:
        had = await observation_of(session, call.path_id(), call.path_id("observation_id"))
        note, reason = call.body["note"], call.body["excluded_because"]
        return await change_observation(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            observation_id=had.id,
            given=given if any(number is not None for number in given.values()) else None,
            note=had.note if note is None else note,
            excluded_because=had.excluded_because if reason is None else reason,
            version=call.body["version"],
            now=now(request),
        )


async def remove_number(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await remove_observation(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            observation_id=call.path_id("observation_id"),
            version=call.query["version"],
            now=now(request),
        )


def _given(call: Call) -> dict[str, Any]:
    return {name: call.body.get(name) for name in NUMBER_FIELDS}


def _read(path: str, name: str, handler: ApiHandler, summary: str, answer: Schema, query: Schema | None = None) -> Api:
    return Api(
        method="GET",
        path=path,
        name=f"api.measures.{name}",
        handler=handler,
        permit="measures.read",
        tag="measures",
        summary=summary,
        query=query,
        answer=answer,
    )


def _write(
    method: str,
    path: str,
    name: str,
    handler: ApiHandler,
    summary: str,
    body: Schema,
    answer: Schema,
    *,
    status: int = 200,
) -> Api:
    return Api(
        method=method,
        path=path,
        name=f"api.measures.{name}",
        handler=handler,
        permit="measures.write",
        tag="measures",
        summary=summary,
        body=body,
        answer=answer,
        status=status,
    )


def _remove(path: str, name: str, handler: ApiHandler, summary: str, query: Schema | None) -> Api:
    return Api(
        method="DELETE",
        path=path,
        name=f"api.measures.{name}",
        handler=handler,
        permit="measures.write",
        tag="measures",
        summary=summary,
        query=query,
    )
