"""Coaching as JSON, for the pair alone; for leaders a count."""

from typing import Any

from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.school.coaching.read import CycleView, count_educators, own_cycles, view_coaching
from nic_node.school.coaching.write import (
    begin_coaching,
    change_coaching,
    change_note,
    end_coaching,
    erase_coaching,
    settle_step,
    write_note,
)
from nic_node.school.sealing_key import sealing_key
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class CoachingGoalSchema(ApiSchema):
    goal = fields.String(required=True)
    goal_id = fields.Integer(strict=True, allow_none=True, load_default=None)


class ChangedCoachingSchema(CoachingGoalSchema):
    version = fields.Integer(strict=True, required=True)


class NewCoachingSchema(CoachingGoalSchema):
    is_coach = fields.Boolean(required=True, metadata={"description": "Whether one is the coach oneself."})
    other_id = fields.Integer(strict=True, required=True)


class CoachingNoteValuesSchema(ApiSchema):
    on = fields.Date()
    teacher_action = fields.String()
    student_action = fields.String()
    feedback = fields.String()
    next_step = fields.String()
    due = fields.Date(allow_none=True)


class ChangedCoachingNoteSchema(CoachingNoteValuesSchema):
    version = fields.Integer(strict=True, required=True)


class CoachingNoteSchema(ChangedCoachingNoteSchema):
    id = fields.Integer()
    by = fields.Integer()
    done_on = fields.Date(allow_none=True)


class CoachingSchema(ChangedCoachingSchema):
    id = fields.Integer()
    is_open = fields.Boolean()
    coach_id = fields.Integer()
    educator_id = fields.Integer()
    started_on = fields.Date()
    ended_on = fields.Date(allow_none=True)
    notes = fields.List(fields.Nested(CoachingNoteSchema))


class OwnCoachingSchema(ApiSchema):
    items = fields.List(fields.Nested(CoachingSchema))


class OpenCoachingSchema(ApiSchema):
    is_open = fields.Boolean(required=True)


class StepDoneSchema(ApiSchema):
    done = fields.Boolean(required=True)


class CoachingCountSchema(ApiSchema):
    educators = fields.Integer(
        allow_none=True,
        metadata={"description": "In threes, as the month began, without one's own; null for fewer than three."},
    )


def api_routes() -> list[Api]:
    at = "/coaching"
    operation = api_of("coaching", at, read="coaching.own", write="coaching.own", answer=CoachingSchema())
    new = {"body": NewCoachingSchema(), "status": 201}
    count = {"answer": CoachingCountSchema(), "permit": "coaching.count"}
    note, values = "/notes/{id}", CoachingNoteValuesSchema()
    return [
        operation("GET", "", "list", read_own, "One's own cycles, without notes.", answer=OwnCoachingSchema()),
        operation("POST", "", "begin", post_cycle, "Begin one.", **new),
        operation("GET", "/count", "count", read_count, "How many educators, from three on.", **count),
        operation("GET", "/{id}", "show", read_cycle, "One of one's own with its notes."),
        operation("PATCH", "/{id}", "change", patch_cycle, "Reword its goal.", body=ChangedCoachingSchema()),
        operation("POST", "/{id}/open", "open", post_open, "End it, or open it again.", body=OpenCoachingSchema()),
        operation("DELETE", "/{id}", "erase", delete_cycle, "Erase it, for both.", answer=None),
        operation("POST", "/{id}/notes", "write", post_note, "Write a note.", body=values, status=201),
        operation("PATCH", note, "change-note", patch_note, "Change one.", body=ChangedCoachingNoteSchema()),
        operation("POST", f"{note}/step", "step", post_step, "The next step is done.", body=StepDoneSchema()),
    ]


def _document(view: CycleView) -> dict[str, Any]:
    content = view.content
    return {
        "id": view.id,
        "version": view.version,
        "is_open": view.is_open,
        **{name: getattr(content, name) for name in ("coach_id", "educator_id", "goal", "goal_id")},
        "started_on": content.started_on,
        "ended_on": content.ended_on,
        "notes": [
            {name: getattr(note.content, name) for name in CoachingNoteSchema().fields if hasattr(note.content, name)}
            | {"id": note.id, "version": note.version}
            for note in view.notes
        ],
    }


async def _described(session: AsyncSession, cycle_id: int, call: Call) -> dict[str, Any]:
    return _document(await view_coaching(session, sealing_key(call.request), cycle_id, own_id(call.request)))


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def read_own(call: Call) -> Any:
    async with database(call.request).reading() as session:
        cycles = await own_cycles(session, sealing_key(call.request), own_id(call.request))
    return {"items": [_document(view) for view in cycles]}


async def read_count(call: Call) -> Any:
    async with database(call.request).reading() as session:
        count = await count_educators(
            session, sealing_key(call.request), asked_by=own_id(call.request), today=school_day(call.request)
        )
        return {"educators": count}


async def read_cycle(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id(), call)


async def post_cycle(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        row = await begin_coaching(
            session, sealing_key(request), today=school_day(request), **call.body, **_in_whose_name(call)
        )
        return await _described(session, row.id, call)


async def patch_cycle(call: Call) -> Any:
    async with database(call.request).writing() as session:
        key = sealing_key(call.request)
        await change_coaching(session, key, cycle_id=call.path_id(), **call.body, **_in_whose_name(call))
        return await _described(session, call.path_id(), call)


async def post_open(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await end_coaching(
            session,
            sealing_key(request),
            cycle_id=call.path_id(),
            today=school_day(request),
            **call.body,
            **_in_whose_name(call),
        )
        return await _described(session, call.path_id(), call)


async def delete_cycle(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await erase_coaching(session, sealing_key(call.request), cycle_id=call.path_id(), **_in_whose_name(call))


async def post_note(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await write_note(
            session,
            sealing_key(request),
            cycle_id=call.path_id(),
            values=call.body,
            today=school_day(request),
            **_in_whose_name(call),
        )
        return await _described(session, call.path_id(), call)


async def patch_note(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        row = await change_note(
            session,
            sealing_key(request),
            note_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(request),
            **_in_whose_name(call),
        )
        return await _described(session, row.cycle_id, call)


async def post_step(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        row = await settle_step(
            session,
            sealing_key(request),
            note_id=call.path_id(),
            today=school_day(request),
            **call.body,
            **_in_whose_name(call),
        )
        return await _described(session, row.cycle_id, call)
