"""A plan from elsewhere: pasted or brought as a file, put right in a preview, then kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web
from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.plan.goals import active_goals
from nic_node.school.plan.pages import DATE, this_year
from nic_node.school.plan.pasted import (
    KINDS,
    PASTE_BYTES,
    SUPPORTS,
    PlanRow,
    keep_plan_rows,
    let_rest,
    names_here,
    read_plan_table,
)
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import UNREADABLE, Form, FormSchema, FormTooLarge, blank_form, read_form
from nic_node.web.templating import render, see_other

WORDS = ("kind", "text", "indicator", "baseline", "target", "why", "how_much")
TOO_LARGE = N_(
    "This is more than a plan: up to 256 KB. Bring the sheet with the goals and steps alone. Nothing was kept."
)

KEPT = N_(
    "Came in: goals {goals} ({resting} at rest), steps {steps}, supports {supports}. Here already: {there_already}."
)


class PasteForm(FormSchema):
    text = fields.String(load_default="")
    file = fields.String(load_default="")


class RowsForm(FormSchema):
    """Each row's parts under one name, in the order of the rows; an empty cell is kept in its place."""

    LISTS = (*WORDS, "owner_id", "due")

    kind = fields.List(fields.String(), load_default=list)
    text = fields.List(fields.String(), load_default=list)
    indicator = fields.List(fields.String(), load_default=list)
    baseline = fields.List(fields.String(), load_default=list)
    target = fields.List(fields.String(), load_default=list)
    why = fields.List(fields.String(), load_default=list)
    how_much = fields.List(fields.String(), load_default=list)
    owner_id = fields.List(fields.String(), load_default=list)
    due = fields.List(fields.String(), load_default=list)


async def show_paste(request: web.Request) -> web.Response:
    return await _page(request, blank_form(), ())


async def take_paste(request: web.Request) -> web.Response:
    """A preview of what was brought; nothing is kept yet."""
    try:
        form = await read_form(request, PasteForm(), max_bytes=PASTE_BYTES)
    except FormTooLarge as error:
        form = blank_form(error.typed)
        form.errors["file"] = [TOO_LARGE]
        return await _page(request, form, (), status=web.HTTPRequestEntityTooLarge.status_code)
    upload = form.files.get("file")
    content = upload.content if upload is not None and upload.content else form.values.get("text", "").encode()
    async with database(request).reading() as session:
        people, running = await names_here(session), len(await active_goals(session))
    try:
        rows = let_rest(await asyncio.to_thread(read_plan_table, content, people), running)
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, (), status=422)
    return await _page(request, form, rows)


async def take_rows(request: web.Request) -> web.Response:
    form = await read_form(request, RowsForm(), max_bytes=PASTE_BYTES)
    rows, wrong = _rows(form)
    if not form.ok or wrong:
        form.errors |= wrong
        return await _page(request, form, rows, status=422)
    try:
        async with database(request).writing() as session:
            kept = await keep_plan_rows(
                session,
                actor=actor_of(request),
                school_year=this_year(request),
                rows=rows,
                today=school_day(request),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, rows, status=422)
    return flash.say(see_other(request, "plan.show"), KEPT, **asdict(kept))


def _rows(form: Form) -> tuple[list[PlanRow], dict[str, list[str]]]:
    """The rows, and what is wrong: 'rows.N' for a date that can't be read, '' where rows are not whole."""
    lists = [form.values.get(name, []) for name in RowsForm.LISTS]
    if len({len(cells) for cells in lists}) != 1:
        return [], {"": [UNREADABLE]}
    rows: list[PlanRow] = []
    wrong: dict[str, list[str]] = {}
    for at, cells in enumerate(zip(*lists, strict=True)):
        said: dict[str, Any] = dict(zip(RowsForm.LISTS, cells, strict=True))
        try:
            said["due"] = date.fromisoformat(said["due"]) if said["due"] else None
        except ValueError:
            wrong[f"rows.{at}"] = [DATE["invalid"]]
            said["due"] = None
        said["owner_id"] = int(said["owner_id"]) if said["owner_id"].isdecimal() else None
        rows.append(PlanRow(**said))
    return rows, wrong


async def _page(request: web.Request, form: Form, rows: Sequence[PlanRow], *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        people = await names_here(session)
    owners = sorted(people.items(), key=lambda one: one[1].casefold())
    values = {"form": form, "rows": rows, "kinds": list(KINDS.items()), "owners": owners, "supports": SUPPORTS}
    return await render(request, "plan/paste.html", values, status=status)
