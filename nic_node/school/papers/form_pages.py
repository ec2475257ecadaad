"""The district's own form, brought with placeholders and given back filled. It is not kept."""

import asyncio
import base64
import binascii
from typing import Any
from urllib.parse import quote

from aiohttp import web
from marshmallow import fields

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.known_names import known_names
from nic_node.school.papers.ask import AskedSchema, new_writer, year_asked
from nic_node.school.papers.district_form import PLACEHOLDERS, form_values
from nic_node.school.papers.placeholders import DOCX, XLSX, fill_form
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database
from nic_node.web.forms import Form, FormSchema, FormTooLarge, blank_form, read_form
from nic_node.web.routes import KIB, Call
from nic_node.web.templating import render

LARGEST_FORM = 2048 * KIB
TYPES = {
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TOO_LARGE = N_("A form may have 2 MB. Take large pictures out of it, and bring it again.")
WHOM = "district"


class BroughtForm(FormSchema):
    file = fields.String(load_default="")
    language = AskedSchema().fields["language"]
    year = AskedSchema().fields["year"]


class FormFileSchema(ApiSchema):
    """`content` in base64."""

    content = fields.String(required=True)
    language = AskedSchema().fields["language"]
    year = AskedSchema().fields["year"]


class FilledFormSchema(ApiSchema):
    kind = fields.String(metadata={"description": "docx or xlsx"})
    content = fields.String(metadata={"description": "In base64."})


async def show_form(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_form_file(request: web.Request) -> web.Response:
    try:
        form = await read_form(request, BroughtForm(), max_bytes=LARGEST_FORM)
    except FormTooLarge:
        form = blank_form()
        form.errors["file"] = [TOO_LARGE]
        return await _page(request, form, status=web.HTTPRequestEntityTooLarge.status_code)
    if not form.ok:
        return await _page(request, form, status=422)
    upload = form.files.get("file")
    try:
        content, kind = await _filled(request, upload.content if upload else b"", form.data)
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, status=422)
    stem = (upload.name if upload else "form").rsplit(".", 1)[0][:80]
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{stem}.{kind}', safe='')}"}
    return web.Response(body=content, content_type=TYPES[kind], headers={**headers, "Cache-Control": "no-store"})


async def post_form(call: Call) -> Any:
    try:
        content = base64.b64decode(call.body["content"], validate=True)
    except binascii.Error as error:
        raise InvalidInput({"content": [N_("Write the file in base64.")]}) from error
    filled, kind = await _filled(call.request, content, call.body)
    return {"kind": kind, "content": base64.b64encode(filled).decode()}


async def _filled(request: web.Request, content: bytes, asked: dict[str, Any]) -> tuple[bytes, str]:
    today = school_day(request)
    async with database(request).reading() as session:
        writer = new_writer(WHOM, asked["language"], await known_names(request, session))
        values = await form_values(session, writer, school_year=year_asked(asked["year"], today), today=today)
    return await asyncio.to_thread(fill_form, content, values)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        names = await known_names(request, session)
    values = {"form": form, "placeholders": PLACEHOLDERS, "names": names}
    return await render(request, "papers/form.html", values, status=status)
