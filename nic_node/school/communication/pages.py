"""Messages: the list, writing one, and one to read, print or send."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.communication.plain import GRADE, read_plainly
from nic_node.school.communication.tables import Message
from nic_node.school.communication.write import (
    AUDIENCES,
    change_message,
    message_of,
    messages,
    send_message,
    start_of_message,
    write_message,
)
from nic_node.school.editing import saved_meanwhile
from nic_node.school.known_names import known_names
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code
LABELS = {"title": N_("Title"), "audience": N_("For"), "body": N_("What you want to say")}


class MessageForm(FormSchema):
    title = fields.String(load_default="")
    audience = fields.String(load_default="")
    body = fields.String(load_default="")
    version = fields.Integer(load_default=0)


async def show_messages(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        found = await messages(session)
    return await render(request, "communication/index.html", {"found": found, "audiences": AUDIENCES})


async def new_message(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        body = await start_of_message(session, school_day(request))
    return await _form_page(request, blank_form({"audience": "staff", "body": body}), None)


async def take_new_message(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> Message:
        return await write_message(
            session, actor=actor_of(request), values=data, today=school_day(request), now=now(request)
        )

    return await take_form(
        request, MessageForm(), write, _shown(request), lambda form, status: _form_page(request, form, None, status)
    )


async def show_message(request: web.Request) -> web.Response:
    return await _page(request, "")


async def edit_message(request: web.Request) -> web.Response:
    row = await _read(request)
    start = {name: getattr(row, name) for name in ("title", "audience", "body", "version")}
    return await _form_page(request, blank_form(start), row)


async def take_message(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> Message:
        version = data.pop("version")
        return await change_message(
            session,
            actor=actor_of(request),
            message_id=int(request.match_info["id"]),
            values=data,
            version=version,
            now=now(request),
        )

    async def again(form: Form, status: int) -> web.Response:
        row = await _read(request)
        if status == CONFLICT:
            form.values["version"] = row.version
        return await _form_page(request, form, row, status)

    return await take_form(request, MessageForm(), change, _shown(request), again)


async def take_sending(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    try:
        async with database(request).writing() as session:
            sent = await send_message(
                session,
                config(request),
                actor=actor_of(request),
                message_id=int(request.match_info["id"]),
                names=await known_names(request, session),
                now=now(request),
            )
    except Conflict as error:
        return await _page(request, error.sentence, status=CONFLICT)
    wake_worker(request)
    said = N_("It goes to one person.") if sent == 1 else N_("It goes to {sent} people.")
    return flash.say(see_other(request, "communication.show", id=request.match_info["id"]), said, sent=sent)


def _shown(request: web.Request) -> Any:
    return lambda row: flash.say(see_other(request, "communication.show", id=row.id), N_("It is kept."))


async def _read(request: web.Request) -> Message:
    async with database(request).reading() as session:
        return await message_of(session, int(request.match_info["id"]))


async def _page(request: web.Request, refused: str, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        row = await message_of(session, int(request.match_info["id"]))
        names = await known_names(request, session)
    values = {"row": row, "reading": read_plainly(f"{row.title}\n{row.body}", names), "refused": refused}
    values |= {"grade": GRADE, "audiences": AUDIENCES, "names": names}
    return await render(request, "communication/show.html", values, status=status)


async def _form_page(request: web.Request, form: Form, row: Message | None, status: int = 200) -> web.Response:
    values: dict[str, Any] = {"form": form, "row": row, "audiences": list(AUDIENCES.items())}
    is_late = row is not None and status == CONFLICT
    values["theirs"] = saved_meanwhile(form.values, row, LABELS, {"audience": AUDIENCES.items()}) if is_late else []
    return await render(request, "communication/form.html", values, status=status)
