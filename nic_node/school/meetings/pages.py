"""Meetings: the list, planning one, its minutes, and minutes that were written elsewhere."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_of, people_to_choose
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import CHANGED_MEANWHILE, saved_meanwhile
from nic_node.school.known_names import known_names
from nic_node.school.meetings.agenda import agenda_text, problem_in_focus, propose_agenda, read_agenda, spoken
from nic_node.school.meetings.forms import NOBODY, PASTE_BYTES, MeetingForm, PasteForm, SendForm
from nic_node.school.meetings.minutes import names_in_minutes, send_minutes
from nic_node.school.meetings.pasted import KINDS, PastedLine, keep_pasted, read_pasted
from nic_node.school.meetings.plan import (
    MEETING_FIELDS,
    change_meeting,
    count_items,
    merge_ticks,
    plan_meeting,
    set_people,
)
from nic_node.school.meetings.read import (
    count_decisions,
    meeting_of,
    next_meetings,
    past_meetings,
    view_meeting,
)
from nic_node.school.meetings.series import start_of_next
from nic_node.school.meetings.tables import Meeting
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

LABELS = {
    "title": N_("Which meeting"),
    "held_on": N_("Day"),
    "begins_at": N_("From"),
    "minutes": N_("For"),
    "place": N_("Where"),
    "purpose": N_("Purpose"),
    "focus": N_("Problem of practice in focus"),
    "norms": N_("Norms"),
    "facilitator_id": N_("Facilitates"),
    "recorder_id": N_("Records"),
}


async def show_meetings(request: web.Request) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        ahead, past = await next_meetings(session, today), await past_meetings(session, today)
        ids = [meeting.id for meeting in (*ahead, *past)]
        values = {
            "ahead": ahead,
            "past": past,
            "items": await count_items(session, ids),
            "decisions": await count_decisions(session, ids),
        }
    return await render(request, "meetings/index.html", values)


async def new_meeting(request: web.Request) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        proposed = spoken(await propose_agenda(session, today), config(request).language)
        copied, people = await start_of_next(session, today)
        copied["focus"] = await problem_in_focus(session, proposed)
    start = {"held_on": today, "agenda": agenda_text(proposed), "people": [str(one) for one in people], **copied}
    return await _form_page(request, blank_form(start), None)


async def take_new_meeting(request: web.Request) -> web.Response:
    async def plan(session: AsyncSession, data: dict[str, Any]) -> Meeting:
        today = school_day(request)
        return await plan_meeting(
            session,
            actor=actor_of(request),
            values={name: data.get(name) for name in MEETING_FIELDS},
            agenda=read_agenda(data["agenda"], spoken(await propose_agenda(session, today), config(request).language)),
            people=data["people"],
            today=today,
            now=now(request),
        )

    def done(meeting: Meeting) -> web.Response:
        return flash.say(see_other(request, "meetings.show", id=meeting.id), N_("The meeting is planned."))

    return await take_form(
        request, MeetingForm(), plan, done, lambda form, status: _form_page(request, form, None, status)
    )


async def edit_meeting(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        view = await view_meeting(session, int(request.match_info["id"]), school_day(request))
    start = {name: getattr(view.meeting, name) for name in (*MEETING_FIELDS, "version")}
    return await _form_page(
        request, blank_form(start | {"people": [str(one.person_id) for one in view.people]}), view.meeting
    )


async def take_meeting(request: web.Request) -> web.Response:
    meeting_id = int(request.match_info["id"])

    async def change(session: AsyncSession, data: dict[str, Any]) -> None:
        actor, moment = actor_of(request), now(request)
        values = {name: data[name] for name in MEETING_FIELDS if name in data}
        await change_meeting(
            session,
            actor=actor,
            meeting_id=meeting_id,
            values=values,
            version=data["version"],
            today=school_day(request),
            now=moment,
        )
        there = (await view_meeting(session, meeting_id, school_day(request))).people
        await set_people(
            session,
            actor=actor,
            meeting_id=meeting_id,
            expected=merge_ticks({one.person_id for one in there}, were=data["were"], ticked=data["people"]),
            came=[one.person_id for one in there if one.came],
            now=moment,
        )

    def done(_made: None) -> web.Response:
        return flash.say(see_other(request, "meetings.show", id=meeting_id), N_("The meeting is saved."))

    async def again(form: Form, status: int) -> web.Response:
        async with database(request).reading() as session:
            meeting = await meeting_of(session, meeting_id)
        if CHANGED_MEANWHILE in form.errors.get("", ()):
            form.values["version"] = meeting.version
        return await _form_page(request, form, meeting, status)

    return await take_form(request, MeetingForm(), change, done, again)


async def show_minutes(request: web.Request) -> web.Response:
    return await _minutes_page(request, blank_form({"to": "expected"}))


async def take_minutes(request: web.Request) -> web.Response:
    async def send(session: AsyncSession, data: dict[str, Any]) -> int:
        return await send_minutes(
            session,
            config(request),
            actor=actor_of(request),
            meeting_id=int(request.match_info["id"]),
            to=data["to"],
            names=await known_names(request, session),
            today=school_day(request),
            now=now(request),
        )

    def done(count: int) -> web.Response:
        wake_worker(request)
        said = N_("The minutes go to one person.") if count == 1 else N_("The minutes go to {count} people.")
        return flash.say(see_other(request, "meetings.minutes", id=request.match_info["id"]), said, count=count)

    return await take_form(request, SendForm(), send, done, lambda form, status: _minutes_page(request, form, status))


async def show_paste(request: web.Request) -> web.Response:
    return await _paste_page(request, blank_form())


async def take_paste(request: web.Request) -> web.Response:
    """A preview of what was pasted; nothing is kept yet."""
    form = await read_form(request, PasteForm(), max_bytes=PASTE_BYTES)
    if not form.ok:
        return await _paste_page(request, form, status=422)
    async with database(request).reading() as session:
        names = {person.id: person.name for person in await people_of(session)}
    try:
        lines = read_pasted(form.values.get("text", ""), names)
    except InvalidInput as error:
        form.refuse(error)
        return await _paste_page(request, form, status=422)
    return await _paste_page(request, form, lines)


async def take_pasted(request: web.Request) -> web.Response:
    """What the preview showed, as its person left it."""

    async def keep(session: AsyncSession, data: dict[str, Any]) -> dict[str, int]:
        return await keep_pasted(
            session,
            actor=actor_of(request),
            meeting_id=int(request.match_info["id"]),
            lines=list(map(PastedLine, data["kind"], data["words"])),
            people={person.id: person.name for person in await people_of(session)},
            today=school_day(request),
            now=now(request),
        )

    def done(counts: dict[str, Any]) -> web.Response:
        said = N_("Kept: decisions {decision}, action items {action}, notes {note}.")
        return flash.say(see_other(request, "meetings.show", id=request.match_info["id"]), said, **counts)

    async def again(form: Form, status: int) -> web.Response:
        lines = list(map(PastedLine, form.values.get("kind", ()), form.values.get("words", ())))
        return await _paste_page(request, form, lines, status)

    return await take_form(request, PasteForm(), keep, done, again, max_bytes=PASTE_BYTES)


async def _form_page(request: web.Request, form: Form, meeting: Meeting | None, status: int = 200) -> web.Response:
    theirs: list[tuple[str, str]] = []
    async with database(request).reading() as session:
        there = (await view_meeting(session, meeting.id, school_day(request))).people if meeting else ()
        expected = [one.person_id for one in there]
        leading = (meeting.facilitator_id, meeting.recorder_id) if meeting else ()
        people = await people_to_choose(session, *leading, *expected)
    were = form.values.get("were") or [NOBODY, *map(str, expected)]
    if meeting is not None and CHANGED_MEANWHILE in form.errors.get("", ()):
        theirs = saved_meanwhile(form.values, meeting, LABELS, dict.fromkeys(("facilitator_id", "recorder_id"), people))
    values = {
        "form": form,
        "meeting": meeting,
        "theirs": theirs,
        "people": people,
        "were": were,
    }
    return await render(request, "meetings/form.html", values, status=status)


async def _minutes_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        view = await view_meeting(session, int(request.match_info["id"]), school_day(request))
        names = await known_names(request, session)
    values = {"form": form, "view": view, "names": names, "named": names_in_minutes(view, names)}
    return await render(request, "meetings/minutes.html", values, status=status)


async def _paste_page(
    request: web.Request, form: Form, lines: Sequence[PastedLine] = (), status: int = 200
) -> web.Response:
    async with database(request).reading() as session:
        meeting = await meeting_of(session, int(request.match_info["id"]))
    values = {"form": form, "meeting": meeting, "lines": lines, "kinds": list(KINDS.items())}
    return await render(request, "meetings/paste.html", values, status=status)
