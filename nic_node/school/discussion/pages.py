"""Comments and files: a part of the page that they stand beside, and a page of their own without a script."""

from typing import Any
from urllib.parse import quote

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.accounts.people import people_of
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.school.discussion.read import beside
from nic_node.school.discussion.write import (
    MOST_BYTES,
    TOO_LARGE,
    add_comment,
    attach_file,
    read_attachment,
)
from nic_node.school.subjects import NO_SUBJECT, SUBJECTS
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, FormTooLarge, blank_form, read_form
from nic_node.web.routes import KIB
from nic_node.web.taking import take_form
from nic_node.web.templating import is_fragment_wanted, render, see_other
from nic_node.web.visitor import visitor

UPLOAD_BYTES = MOST_BYTES + 64 * KIB


class CommentForm(FormSchema):
    text = fields.String(load_default="")


async def show_beside(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_comment(request: web.Request) -> web.Response:
    kind, subject_id = subject_of(request)

    async def write(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_comment(
            session, actor=actor_of(request), kind=kind, subject_id=subject_id, text=data["text"], now=now(request)
        )

    def done(_made: object) -> web.Response:
        wake_worker(request)
        return _back(request, kind, subject_id)

    return await take_form(request, CommentForm(), write, done, lambda form, status: _page(request, form, status))


async def take_file(request: web.Request) -> web.Response:
    kind, subject_id = subject_of(request)
    try:
        form = await read_form(request, FormSchema(), max_bytes=UPLOAD_BYTES)
        upload = form.files.get("file")
        async with database(request).writing() as session:
            await attach_file(
                session,
                actor=actor_of(request),
                kind=kind,
                subject_id=subject_id,
                name=upload.name if upload else "",
                content=upload.content if upload else b"",
                now=now(request),
            )
    except FormTooLarge:
        return await _page(request, Form(errors={"file": [TOO_LARGE]}), 413)
    except InvalidInput as error:
        return await _page(request, Form(errors=error.fields), 422)
    except Conflict as error:
        return await _page(request, Form(errors={"file": [error.sentence]}), 409)
    return flash.say(_back(request, kind, subject_id), N_("The file is attached."))


async def send_file(request: web.Request) -> web.Response:
    """Always saved, never shown: a browser opens nothing that somebody attached on this node's address."""
    async with database(request).reading() as session:
        row, content = await read_attachment(session, int(request.match_info["id"]))
    _verify_may_read(request, row.subject_kind)
    return web.Response(
        body=content,
        headers={
            "Content-Type": row.media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
            "Cache-Control": "no-store",
        },
    )


def subject_of(request: web.Request) -> tuple[str, int]:
    """(kind, id) of the address. Raises NotFound, also for what this person may not see."""
    kind = request.match_info["kind"]
    _verify_may_read(request, kind)
    return kind, int(request.match_info["id"])


def _verify_may_read(request: web.Request, kind: str) -> None:
    who = visitor(request)
    if kind not in SUBJECTS or who is None or SUBJECTS[kind].read not in who.permissions:
        raise NotFound(NO_SUBJECT)


def _back(request: web.Request, kind: str, subject_id: int) -> web.Response:
    return see_other(request, SUBJECTS[kind].route, id=subject_id, anchor="beside")


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    kind, subject_id = subject_of(request)
    async with database(request).reading() as session:
        shown = await beside(session, kind, subject_id)
        people = [person for person in await people_of(session) if person.joined]
    others = [person.name for person in people if person.id != own_id(request)]
    values = {
        "form": form,
        "beside": shown,
        "label": SUBJECTS[kind].label,
        "back": request.app.router[SUBJECTS[kind].route].url_for(id=str(subject_id)),
        "example": (others or [person.name for person in people])[0],
    }
    template = "discussion/inside.html" if is_fragment_wanted(request) else "discussion/show.html"
    return await render(request, template, values, status=status)
