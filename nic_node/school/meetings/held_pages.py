"""A meeting while it is held: items with their time, notes, decisions and action items as they fall."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.accounts.actor import Actor, actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.actions.pages import add_line
from nic_node.school.editing import row_of, saved_meanwhile
from nic_node.school.meetings.agenda import propose_agenda, read_agenda, spoken
from nic_node.school.meetings.forms import (
    AttendanceForm,
    CarryForm,
    ClosingForm,
    DecisionForm,
    ItemForm,
    MeetingActionForm,
    NewItemForm,
    NotesForm,
)
from nic_node.school.meetings.hold import (
    decide,
    end_meeting,
    remove_decision,
    restore_decision,
    start_item,
    start_meeting,
)
from nic_node.school.meetings.plan import (
    NO_ITEM,
    add_item,
    carry_item,
    change_item,
    change_meeting,
    fill_agenda,
    merge_ticks,
    move_item,
    remove_item,
    restore_item,
    set_people,
)
from nic_node.school.meetings.read import meeting_of, next_meetings, view_meeting
from nic_node.school.meetings.tables import MeetingItem
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

Work = Callable[[AsyncSession, dict[str, Any]], Awaitable[object]]
CONFLICT = web.HTTPConflict.status_code
ITEM_LABELS = {"text": N_("What it is about"), "minutes": N_("Minutes"), "waits_because": N_("Why it waits")}


async def show_meeting(request: web.Request) -> web.Response:
    return await _meeting_page(request, blank_form())


async def take_start(request: web.Request) -> web.Response:
    async def start(session: AsyncSession, _data: dict[str, Any]) -> object:
        return await start_meeting(session, actor=actor_of(request), meeting_id=_id(request), now=now(request))

    return await _take(request, FormSchema(), start)


async def take_end(request: web.Request) -> web.Response:
    async def end(session: AsyncSession, _data: dict[str, Any]) -> object:
        return await end_meeting(session, actor=actor_of(request), meeting_id=_id(request), now=now(request))

    return await _take(request, FormSchema(), end)


async def take_closing(request: web.Request) -> web.Response:
    async def close(session: AsyncSession, data: dict[str, Any]) -> object:
        return await change_meeting(
            session,
            actor=actor_of(request),
            meeting_id=_id(request),
            values={"closing": data["closing"]},
            version=data["version"],
            today=school_day(request),
            now=now(request),
        )

    return await _take(request, ClosingForm(), close, N_("The closing reflection is kept."))


async def take_people(request: web.Request) -> web.Response:
    async def mark(session: AsyncSession, data: dict[str, Any]) -> None:
        view = await view_meeting(session, _id(request), school_day(request))
        await set_people(
            session,
            actor=actor_of(request),
            meeting_id=_id(request),
            expected=[one.person_id for one in view.people],
            came=merge_ticks(
                {one.person_id for one in view.people if one.came}, were=data["were"], ticked=data["came"]
            ),
            now=now(request),
        )

    return await _take(request, AttendanceForm(), mark, N_("Attendance is kept."))


async def take_item(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        lines = read_agenda(data["agenda_line"])
        if not lines:
            raise InvalidInput({"agenda_line": [N_("Say what it is about, with its minutes in front: 10 Field day.")]})
        return await add_item(
            session, actor=actor_of(request), meeting_id=_id(request), line=lines[0], now=now(request)
        )

    return await _take(request, NewItemForm(), add)


async def take_proposal(request: web.Request) -> web.Response:
    """An agenda that is still empty is filled from the work."""

    async def fill(session: AsyncSession, _data: dict[str, Any]) -> object:
        lines = spoken(await propose_agenda(session, school_day(request)), config(request).language)
        return await fill_agenda(
            session, actor=actor_of(request), meeting_id=_id(request), lines=lines, now=now(request)
        )

    return await _take(request, FormSchema(), fill)


async def take_notes(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        return await change_item(
            session,
            actor=actor_of(request),
            item_id=data["item_id"],
            values={"notes": data["notes"]},
            version=data["version"],
            now=now(request),
        )

    return await _take(request, NotesForm(), keep, N_("The notes are kept."))


async def take_decision(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        return await decide(
            session,
            actor=actor_of(request),
            meeting_id=_id(request),
            item_id=data["item_id"],
            text=data["decision"],
            now=now(request),
        )

    return await _take(request, DecisionForm(), keep)


async def take_action(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        serves = {"meeting_id": _id(request), "decision_id": data["decision_id"], "project_id": data["project_id"]}
        return await add_line(session, request, data["line"], serves)

    return await _take(request, MeetingActionForm(), add)


async def take_decision_act(request: web.Request) -> web.Response:
    """Take a decision back, or put it back."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    is_removal = request.match_info["act"] == "remove"
    verb = remove_decision if is_removal else restore_decision
    async with database(request).writing() as session:
        row = await verb(session, actor=actor_of(request), decision_id=_id(request), now=now(request))
    response = see_other(request, "meetings.show", id=row.meeting_id)
    undo = request.app.router["meetings.decision"].url_for(id=str(row.id), act="restore" if is_removal else "remove")
    return flash.say(
        response, N_("The decision is taken back.") if is_removal else N_("It is back."), undo_url=str(undo)
    )


async def edit_item(request: web.Request) -> web.Response:
    item = await _item(request)
    return await _item_page(request, blank_form({name: getattr(item, name) for name in (*ITEM_LABELS, "version")}))


async def take_edited_item(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> MeetingItem:
        values = {name: data[name] for name in ITEM_LABELS}
        return await change_item(
            session,
            actor=actor_of(request),
            item_id=_id(request),
            values=values,
            version=data["version"],
            now=now(request),
        )

    def done(item: MeetingItem) -> web.Response:
        return see_other(request, "meetings.show", id=item.meeting_id, anchor=f"item-{item.id}")

    return await take_form(request, ItemForm(), change, done, lambda form, status: _item_page(request, form, status))


async def take_item_act(request: web.Request) -> web.Response:
    """One press on an item: turn to it, move it, take it off or put it back."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    act, actor, moment = request.match_info["act"], actor_of(request), now(request)
    async with database(request).writing() as session:
        item = await _act_on_item(session, actor, _id(request), act, moment)
    response = see_other(request, "meetings.show", id=item.meeting_id, anchor=f"item-{item.id}")
    if act not in ("remove", "restore"):
        return response
    undo = request.app.router["meetings.item_act"].url_for(
        id=str(item.id), act="restore" if act == "remove" else "remove"
    )
    return flash.say(
        response, N_("Taken off the agenda.") if act == "remove" else N_("Back on the agenda."), undo_url=str(undo)
    )


async def _act_on_item(session: AsyncSession, actor: Actor, item_id: int, act: str, moment: Any) -> MeetingItem:
    if act == "start":
        return await start_item(session, actor=actor, item_id=item_id, now=moment)
    if act == "remove":
        return await remove_item(session, actor=actor, item_id=item_id, now=moment)
    if act == "restore":
        return await restore_item(session, actor=actor, item_id=item_id, now=moment)
    return await move_item(session, actor=actor, item_id=item_id, up=act == "up", now=moment)


async def take_carry(request: web.Request) -> web.Response:
    async def carry(session: AsyncSession, data: dict[str, Any]) -> MeetingItem:
        if data["meeting_id"] is None:
            raise InvalidInput({"meeting_id": [N_("Choose a meeting that is planned.")]})
        return await carry_item(
            session, actor=actor_of(request), item_id=_id(request), to_meeting_id=data["meeting_id"], now=now(request)
        )

    def done(item: MeetingItem) -> web.Response:
        return flash.say(see_other(request, "meetings.show", id=item.meeting_id), N_("It is on this agenda too."))

    return await take_form(request, CarryForm(), carry, done, lambda form, status: _item_page(request, form, status))


async def _take(request: web.Request, schema: FormSchema, work: Work, said: str = "") -> web.Response:
    """One way for all that happens on a meeting's page: back to it, at the item that it was about."""

    async def worked(session: AsyncSession, data: dict[str, Any]) -> Any:
        await work(session, data)
        return data.get("item_id")

    def done(item_id: int | None) -> web.Response:
        response = see_other(request, "meetings.show", id=_id(request), anchor=f"item-{item_id}" if item_id else None)
        return flash.say(response, said) if said else response

    return await take_form(request, schema, worked, done, lambda form, status: _meeting_page(request, form, status))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _item(request: web.Request) -> MeetingItem:
    async with database(request).reading() as session:
        return await row_of(session, MeetingItem, _id(request), missing=NO_ITEM)


async def _meeting_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        view = await view_meeting(session, _id(request), today)
    if status == CONFLICT and "version" in form.values:
        # Saving once more keeps what was typed.
        items = {one.item.id: one.item for one in view.items}
        form.values["version"] = items.get(form.data.get("item_id", 0), view.meeting).version
    values = {"form": form, "view": view, "clash": status == CONFLICT, "now": now(request)}
    return await render(request, "meetings/show.html", values, status=status)


async def _item_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    item = await _item(request)
    async with database(request).reading() as session:
        meeting = await meeting_of(session, item.meeting_id)
        ahead = [one for one in await next_meetings(session, school_day(request)) if one.id != meeting.id]
    language, zone = language_of(request), config(request).time_zone
    theirs: list[tuple[str, str]] = []
    if status == CONFLICT:
        theirs, form.values["version"] = saved_meanwhile(form.values, item, ITEM_LABELS), item.version
    values = {
        "form": form,
        "item": item,
        "meeting": meeting,
        "theirs": theirs,
        "ahead": [(one.id, f"{one.title}, {i18n.day(one.held_on, language, zone)}") for one in ahead],
    }
    return await render(request, "meetings/item.html", values, status=status)
