"""Coaching: one's own cycles, one of them with its notes; for leaders a count."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.accounts.people import people_of
from nic_node.i18n import N_
from nic_node.school.coaching.read import (
    CycleView,
    count_educators,
    note_of_pair,
    own_cycles,
    view_coaching,
)
from nic_node.school.coaching.sealed import NoteContent, open_content
from nic_node.school.coaching.tables import CoachingCycle, CoachingNote
from nic_node.school.coaching.write import (
    NOTE_FIELDS,
    begin_coaching,
    change_coaching,
    change_note,
    end_coaching,
    erase_coaching,
    settle_step,
    write_note,
)
from nic_node.school.editing import saved_meanwhile
from nic_node.school.plan.goals import active_goals
from nic_node.school.sealing_key import sealing_key
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
CONFLICT = web.HTTPConflict.status_code
GOAL_LABELS = {
    "goal": N_("What the educator wants to become better at"),
    "goal_id": N_("A goal of the plan that it serves"),
}
NOTE_LABELS = {
    "on": N_("Of"),
    "teacher_action": N_("What the teacher did"),
    "student_action": N_("What the students did"),
    "feedback": N_("Feedback"),
    "next_step": N_("Next step"),
    "due": N_("By"),
}


class BeginForm(FormSchema):
    side = fields.String(load_default="coach")
    other_id = fields.Integer(load_default=None)
    goal = fields.String(load_default="")
    goal_id = fields.Integer(load_default=None)


class GoalOfCoachingForm(FormSchema):
    goal = fields.String(load_default="")
    goal_id = fields.Integer(load_default=None)
    version = fields.Integer(load_default=0)


class NoteForm(FormSchema):
    on = fields.Date(load_default=None, error_messages=DATE)
    teacher_action = fields.String(load_default="")
    student_action = fields.String(load_default="")
    feedback = fields.String(load_default="")
    next_step = fields.String(load_default="")
    due = fields.Date(load_default=None, error_messages=DATE)
    version = fields.Integer(load_default=0)


async def show_coaching(request: web.Request) -> web.Response:
    return await _index_page(request, blank_form())


async def take_beginning(request: web.Request) -> web.Response:
    async def begin(session: AsyncSession, data: dict[str, Any]) -> CoachingCycle:
        is_coach = data.pop("side") == "coach"
        return await begin_coaching(
            session,
            sealing_key(request),
            actor=actor_of(request),
            is_coach=is_coach,
            today=school_day(request),
            now=now(request),
            **data,
        )

    def done(row: CoachingCycle) -> web.Response:
        return see_other(request, "coaching.show", id=row.id)

    return await take_form(request, BeginForm(), begin, done, lambda form, status: _index_page(request, form, status))


async def show_cycle(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_goal(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> object:
        return await change_coaching(
            session, sealing_key(request), actor=actor_of(request), cycle_id=_id(request), now=now(request), **data
        )

    return await _take(request, GoalOfCoachingForm(), change)


async def take_note(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> object:
        return await write_note(
            session,
            sealing_key(request),
            actor=actor_of(request),
            cycle_id=_id(request),
            values=data,
            today=school_day(request),
            now=now(request),
        )

    return await _take(request, NoteForm(), write)


async def take_end(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await end_coaching(
            session,
            sealing_key(request),
            actor=actor_of(request),
            cycle_id=_id(request),
            is_open=request.match_info["act"] == "open",
            today=school_day(request),
            now=now(request),
        )
    return see_other(request, "coaching.show", id=_id(request))


async def take_erasure(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await erase_coaching(
            session, sealing_key(request), actor=actor_of(request), cycle_id=_id(request), now=now(request)
        )
    return flash.say(see_other(request, "coaching.index"), N_("It is erased, for both of you."))


async def take_step(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        row = await settle_step(
            session,
            sealing_key(request),
            actor=actor_of(request),
            note_id=_id(request),
            done=request.match_info["state"] == "done",
            today=school_day(request),
            now=now(request),
        )
    return see_other(request, "coaching.show", id=row.cycle_id)


async def edit_note(request: web.Request) -> web.Response:
    row, content = await _note(request)
    start = {name: getattr(content, name) for name in NOTE_FIELDS}
    return await _note_page(request, blank_form({**start, "version": row.version}))


async def take_edited_note(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> CoachingNote:
        version = data.pop("version")
        return await change_note(
            session,
            sealing_key(request),
            actor=actor_of(request),
            note_id=_id(request),
            values=data,
            version=version,
            today=school_day(request),
            now=now(request),
        )

    def done(row: CoachingNote) -> web.Response:
        return see_other(request, "coaching.show", id=row.cycle_id)

    return await take_form(request, NoteForm(), change, done, lambda form, status: _note_page(request, form, status))


async def show_count(request: web.Request) -> web.Response:
    """For leaders: how many, from three on, and nothing else."""
    async with database(request).reading() as session:
        count = await count_educators(
            session, sealing_key(request), asked_by=own_id(request), today=school_day(request)
        )
    return await render(request, "coaching/count.html", {"count": count})


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _take(request: web.Request, schema: FormSchema, work: Any) -> web.Response:
    return await take_form(
        request,
        schema,
        work,
        lambda _made: see_other(request, "coaching.show", id=_id(request)),
        lambda form, status: _page(request, form, status),
    )


async def _index_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        cycles = await own_cycles(session, sealing_key(request), own_id(request))
        people = [one for one in await people_of(session) if one.id != own_id(request) and one.may("coaching.own")]
        goals = await active_goals(session)
    values = {
        "form": form,
        "cycles": cycles,
        "me": own_id(request),
        "people": [(person.id, person.name) for person in people],
        "goals": [(goal.id, goal.title) for goal in goals],
    }
    return await render(request, "coaching/index.html", values, status=status)


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        view: CycleView = await view_coaching(session, sealing_key(request), _id(request), own_id(request))
        goals = {goal.id: goal.title for goal in await active_goals(session)}
    theirs: list[tuple[str, str]] = []
    if status == CONFLICT and "goal" in form.values:
        form.values["version"] = view.version
        theirs = saved_meanwhile(form.values, view.content, GOAL_LABELS, {"goal_id": goals.items()})
    values = {
        "form": form,
        "view": view,
        "theirs": theirs,
        "me": own_id(request),
        "goals": list(goals.items()),
        "serves": goals.get(view.content.goal_id or 0, ""),
        "today": school_day(request),
    }
    return await render(request, "coaching/show.html", values, status=status)


async def _note(request: web.Request) -> tuple[CoachingNote, NoteContent]:
    async with database(request).reading() as session:
        row = await note_of_pair(session, sealing_key(request), _id(request), own_id(request))
    return row, open_content(sealing_key(request), row.sealed, NoteContent)


async def _note_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    row, content = await _note(request)
    theirs: list[tuple[str, str]] = []
    if status == CONFLICT:
        theirs, form.values["version"] = saved_meanwhile(form.values, content, NOTE_LABELS), row.version
    values = {"form": form, "note": row, "theirs": theirs}
    return await render(request, "coaching/note.html", values, status=status)
