"""Meetings as JSON: the same verbs as the pages."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_of
from nic_node.school.known_names import known_names
from nic_node.school.meetings.agenda import AgendaLine, propose_agenda, spoken
from nic_node.school.meetings.api_schemas import (
    AgendaLineSchema,
    AgendaProposalSchema,
    AttendanceSchema,
    CarryItemSchema,
    ChangedDecisionSchema,
    ChangedItemSchema,
    ChangedMeetingSchema,
    DecisionValuesSchema,
    KeepPastedSchema,
    MeetingDecisionSchema,
    MeetingItemSchema,
    MeetingSchema,
    MeetingsSchema,
    MoveItemSchema,
    NewMeetingSchema,
    PastedKeptSchema,
    PastedPreviewSchema,
    PastedSchema,
    SendMinutesSchema,
    SentMinutesSchema,
)
from nic_node.school.meetings.forms import PASTE_BYTES
from nic_node.school.meetings.hold import (
    change_decision,
    decide,
    end_meeting,
    remove_decision,
    restore_decision,
    start_item,
    start_meeting,
)
from nic_node.school.meetings.minutes import send_minutes
from nic_node.school.meetings.pasted import PastedLine, keep_pasted, read_pasted
from nic_node.school.meetings.plan import (
    add_item,
    carry_item,
    change_item,
    change_meeting,
    fill_agenda,
    merge_ticks,
    move_item,
    plan_meeting,
    remove_item,
    restore_item,
    set_people,
)
from nic_node.school.meetings.read import meetings_after, view_meeting
from nic_node.school.meetings.tables import Meeting
from nic_node.school.today import school_day
from nic_node.web.api import PageQuery
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.routes import Api, Call, api_of

operation = api_of("meetings", "/meetings", read="meetings.read", write="meetings.write", answer=MeetingSchema())


def api_routes() -> list[Api]:
    return [*_of_meetings(), *_of_items(), *_of_decisions(), *_of_minutes()]


def _of_meetings() -> list[Api]:
    listed = {"query": PageQuery(), "answer": MeetingsSchema()}
    return [
        operation("GET", "", "list", read_meetings, "Meetings, by id.", **listed),
        operation("POST", "", "plan", post_meeting, "Plan one.", body=NewMeetingSchema(), status=201),
        operation("GET", "/agenda", "agenda", read_proposal, "A proposed agenda.", answer=AgendaProposalSchema()),
        operation("GET", "/{id}", "show", read_meeting, "One with all that came of it."),
        operation("PATCH", "/{id}", "change", patch_meeting, "Change one.", body=ChangedMeetingSchema()),
        operation("POST", "/{id}/start", "start", post_start, "Start it, and its first item."),
        operation("POST", "/{id}/end", "end", post_end, "End it."),
        operation("PUT", "/{id}/people", "people", put_people, "Who is expected, who came.", body=AttendanceSchema()),
    ]


def _of_items() -> list[Api]:
    def act(act: str, summary: str, handler: Any, **rest: Any) -> Api:
        return operation(
            "POST", f"/items/{{id}}/{act}", f"item-{act}", handler, summary, answer=MeetingItemSchema(), **rest
        )

    item = {"answer": MeetingItemSchema()}
    return [
        operation("POST", "/{id}/items", "item", post_item, "Add to the agenda.", body=AgendaLineSchema(), **item),
        operation("POST", "/{id}/proposal", "fill", post_proposal, "Fill an agenda that is still empty."),
        operation("PATCH", "/items/{id}", "change-item", patch_item, "Change one.", body=ChangedItemSchema(), **item),
        act("start", "Turn to an item.", post_item_start),
        act("move", "Up or down.", post_item_move, body=MoveItemSchema()),
        act("remove", "Take it off the agenda.", post_item_remove),
        act("restore", "Put it back.", post_item_restore),
        act("carry", "Put it on another agenda too.", post_item_carry, body=CarryItemSchema()),
    ]


def _of_decisions() -> list[Api]:
    made, at = {"answer": MeetingDecisionSchema()}, "/decisions/{id}"
    words = {"body": ChangedDecisionSchema(), **made}
    return [
        operation("POST", "/{id}/decisions", "decide", post_decision, "Decide.", body=DecisionValuesSchema(), **made),
        operation("PATCH", at, "reword", patch_decision, "Reword a decision.", **words),
        operation("POST", f"{at}/remove", "decision-remove", post_decision_remove, "Take a decision back.", **made),
        operation("POST", f"{at}/restore", "decision-restore", post_decision_restore, "Put it back.", **made),
    ]


def _of_minutes() -> list[Api]:
    read = {"body": PastedSchema(), "answer": PastedPreviewSchema(), "max_bytes": PASTE_BYTES}
    kept = {"body": KeepPastedSchema(), "answer": PastedKeptSchema(), "max_bytes": PASTE_BYTES}
    return [
        operation(
            "POST",
            "/{id}/minutes",
            "minutes",
            post_minutes,
            "Send.",
            body=SendMinutesSchema(),
            answer=SentMinutesSchema(),
        ),
        operation("POST", "/{id}/pasted", "paste", post_pasted, "Read minutes from elsewhere.", **read),
        operation("POST", "/{id}/pasted/keep", "keep-pasted", post_kept, "Keep what was read.", **kept),
    ]


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def _described(session: AsyncSession, meeting_id: int, call: Call) -> dict[str, Any]:
    view = await view_meeting(session, meeting_id, school_day(call.request))
    columns = {column.key: getattr(view.meeting, column.key) for column in Meeting.__mapper__.column_attrs}
    return {
        **columns,
        "items": [_item(one.item) | {"times": one.times} for one in view.items],
        "decisions": [*(one for item in view.items for one in item.decisions), *view.loose],
        "actions": [line.item for line in view.actions],
        "people": view.people,
    }


def _item(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MeetingItemSchema().fields if hasattr(row, name)}


async def read_meetings(call: Call) -> Any:
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        found = await meetings_after(session, call.query["after"] or 0, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


async def read_meeting(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id(), call)


async def read_proposal(call: Call) -> Any:
    async with database(call.request).reading() as session:
        lines = await propose_agenda(session, school_day(call.request))
        return {"agenda": spoken(lines, config(call.request).language)}


async def post_meeting(call: Call) -> Any:
    values = dict(call.body)
    agenda, people = values.pop("agenda", None), values.pop("people", [])
    today = school_day(call.request)
    async with database(call.request).writing() as session:
        lines = (
            spoken(await propose_agenda(session, today), config(call.request).language)
            if agenda is None
            else [AgendaLine(**line) for line in agenda]
        )
        meeting = await plan_meeting(
            session, values=values, agenda=lines, people=people, today=today, **_in_whose_name(call)
        )
        return await _described(session, meeting.id, call)


async def patch_meeting(call: Call) -> Any:
    values = dict(call.body)
    version = values.pop("version")
    async with database(call.request).writing() as session:
        await change_meeting(
            session,
            meeting_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(call.request),
            **_in_whose_name(call),
        )
        return await _described(session, call.path_id(), call)


async def post_start(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await start_meeting(session, meeting_id=call.path_id(), **_in_whose_name(call))
        return await _described(session, call.path_id(), call)


async def post_end(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await end_meeting(session, meeting_id=call.path_id(), **_in_whose_name(call))
        return await _described(session, call.path_id(), call)


async def put_people(call: Call) -> Any:
    body, meeting_id = call.body, call.path_id()
    async with database(call.request).writing() as session:
        view = await view_meeting(session, meeting_id, school_day(call.request))
        there = {one.person_id for one in view.people if one.came}
        came = merge_ticks(there, were=body["were"], ticked=body["came"])
        await set_people(session, meeting_id=meeting_id, expected=body["expected"], came=came, **_in_whose_name(call))
        return await _described(session, call.path_id(), call)


async def post_item(call: Call) -> Any:
    async with database(call.request).writing() as session:
        line = AgendaLine(**call.body)
        return await add_item(session, meeting_id=call.path_id(), line=line, **_in_whose_name(call))


async def post_proposal(call: Call) -> Any:
    async with database(call.request).writing() as session:
        lines = spoken(await propose_agenda(session, school_day(call.request)), config(call.request).language)
        await fill_agenda(session, meeting_id=call.path_id(), lines=lines, **_in_whose_name(call))
        return await _described(session, call.path_id(), call)


async def patch_item(call: Call) -> Any:
    values = dict(call.body)
    version = values.pop("version")
    async with database(call.request).writing() as session:
        return await change_item(
            session, item_id=call.path_id(), values=values, version=version, **_in_whose_name(call)
        )


async def post_item_start(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await start_item(session, item_id=call.path_id(), **_in_whose_name(call))


async def post_item_move(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await move_item(session, item_id=call.path_id(), **call.body, **_in_whose_name(call))


async def post_item_remove(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await remove_item(session, item_id=call.path_id(), **_in_whose_name(call))


async def post_item_restore(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await restore_item(session, item_id=call.path_id(), **_in_whose_name(call))


async def post_item_carry(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await carry_item(session, item_id=call.path_id(), **call.body, **_in_whose_name(call))


async def post_decision(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await decide(session, meeting_id=call.path_id(), **call.body, **_in_whose_name(call))


async def patch_decision(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await change_decision(session, decision_id=call.path_id(), **call.body, **_in_whose_name(call))


async def post_decision_remove(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await remove_decision(session, decision_id=call.path_id(), **_in_whose_name(call))


async def post_decision_restore(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await restore_decision(session, decision_id=call.path_id(), **_in_whose_name(call))


async def post_minutes(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        sent = await send_minutes(
            session,
            config(request),
            meeting_id=call.path_id(),
            names=await known_names(request, session),
            today=school_day(request),
            **call.body,
            **_in_whose_name(call),
        )
    wake_worker(request)
    return {"sent": sent}


async def post_pasted(call: Call) -> Any:
    async with database(call.request).reading() as session:
        names = {person.id: person.name for person in await people_of(session)}
    return {"lines": read_pasted(call.body["text"], names)}


async def post_kept(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await keep_pasted(
            session,
            meeting_id=call.path_id(),
            lines=[PastedLine(**line) for line in call.body["lines"]],
            people={person.id: person.name for person in await people_of(session)},
            today=school_day(call.request),
            **_in_whose_name(call),
        )
