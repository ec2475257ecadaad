"""The file of signed withdrawals: a page that says what it is and what losing it means, and the download."""

from typing import Any, Final

from aiohttp import web
from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.publishing.withdrawals import export_withdrawals, own_withdrawals, read_file
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, page
from nic_node.web.templating import render

PERMIT: Final = "share.draft"
FILE_NAME: Final = "withdrawals.json"


class WithdrawalSchema(ApiSchema):
    network = fields.String()
    record_id = fields.String()
    title = fields.String()
    shared_on = fields.String()
    leaf = fields.String(metadata={"description": "POST {network}/v1/retractions takes it from anybody."})


class WithdrawalsSchema(ApiSchema):
    items = fields.List(fields.Nested(WithdrawalSchema()))


def withdrawals_pages() -> list[Route]:
    return [
        page("GET", "/share/withdrawals", "share.withdrawals", show_withdrawals, PERMIT),
        page("POST", "/share/withdrawals", "share.withdrawals", take_export, PERMIT),
    ]


def withdrawals_api() -> list[Api]:
    return [
        Api(
            method="POST",
            path="/publishing/withdrawals",
            name="api.publishing.withdrawals",
            handler=export,
            permit=PERMIT,
            tag="publishing",
            summary="Signed withdrawals of what this school shared, to be kept elsewhere; noted in the audit log",
            answer=WithdrawalsSchema(),
        )
    ]


async def show_withdrawals(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        withdrawals = await own_withdrawals(session, local_node(request))
    return await render(request, "publishing/withdrawals.html", {"withdrawals": withdrawals})


async def take_export(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        body = await export_withdrawals(
            session, local_node(request), actor=actor_of(request), now=now(request), today=school_day(request)
        )
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type="application/json", headers=headers)


async def export(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        body = await export_withdrawals(
            session,
            local_node(call.request),
            actor=actor_of(call.request),
            now=now(call.request),
            today=school_day(call.request),
        )
    return {"items": read_file(body)}
