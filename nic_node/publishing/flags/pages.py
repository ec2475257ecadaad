"""Flag it: which record, what is wrong with it, what happens then."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.mirror.read import LivingRecord
from nic_node.publishing.flags.raise_flag import NO_CODE, flaggable_record, raise_flag, standing_flag, take_flag_back
from nic_node.publishing.withdraw import may_send
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.vocab import FLAG_CODES

RAISED = N_("Flagged. It leaves in one of the next slots: what was chosen is seen, and never who flagged.")
TAKEN_BACK = N_("Your flag is taken back.")
LONGEST_TITLE = 120


class FlagForm(FormSchema):
    code = fields.String(
        required=True,
        validate=validate.OneOf(list(FLAG_CODES), error=NO_CODE),
        error_messages={"required": NO_CODE},
    )


async def show_flag(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        record = await flaggable_record(session, local_node(request), record_of(request), now=now(request))
        flag = await standing_flag(session, local_node(request), record.record_id)
        has_slots = await may_send(session, record.network, now(request))
    values: dict[str, Any] = {
        "record": record,
        "title": (record.payload.get("title") or record.payload.get("text", ""))[:LONGEST_TITLE],
        "flag": flag,
        "said": FLAG_CODES[flag.code].label if flag is not None else "",
        "has_slots": has_slots,
        "form": form,
        "back": _page_of(request, record),
        "codes": [{"value": entry.id, "label": entry.label, "hint": entry.definition} for entry in FLAG_CODES.values()],
    }
    return await render(request, "publishing/flags/flag.html", values, status=status)


def _page_of(request: web.Request, record: LivingRecord) -> str:
    """Where the record is read."""
    if record.kind in {"practice", "replication"}:
        return str(request.app.router["learn.show"].url_for(record=record.record_id))
    return str(request.app.router["learn.index"].url_for())


async def take_flag(request: web.Request) -> web.Response:
    form = await read_form(request, FlagForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                await raise_flag(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    record_id=record_of(request),
                    code=form.data["code"],
                    now=now(request),
                )
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors["code"] = [error.sentence]
    if not form.ok:
        return await _page(request, form, status=422)
    wake_worker(request)
    return flash.say(see_other(request, "share.flag", record=record_of(request)), RAISED)


async def take_unflag(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        flag = await standing_flag(session, local_node(request), record_of(request))
        await take_flag_back(
            session, local_node(request), actor=actor_of(request), flag_id=flag.id if flag else 0, now=now(request)
        )
    wake_worker(request)
    return flash.say(see_other(request, "share.flag", record=record_of(request)), TAKEN_BACK)


def record_of(request: web.Request) -> str:
    return request.match_info["record"]
