"""What the district sees: which node it is, what is shared, and the very thing as it would see it now."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.district.read import SeenSchool, seen_school
from nic_node.district.shared import TOO_LARGE, Upward, build_shared
from nic_node.district.sharing import (
    SHARE_WORDS,
    choose_shares,
    look_up_district,
    name_district,
    sharing_of,
    stop_sharing,
)
from nic_node.district.tables import OURS, DistrictSchool
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.school.known_names import known_names
from nic_node.school.obstacles.write import KINDS
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other
from schemas.district import SHARES

REFUSED = web.HTTPUnprocessableEntity.status_code


class DistrictForm(FormSchema):
    entity = fields.String(load_default="")


class SharesForm(FormSchema):
    LISTS = ("shares",)

    entity = fields.String(load_default="")
    shares = fields.List(fields.String(), load_default=list)


async def show_district(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_name(request: web.Request) -> web.Response:
    form = await read_form(request, DistrictForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _page(request, form, status=REFUSED)
    try:
        # Before the transaction: the other node may take seconds to answer.
        found = await look_up_district(local_node(request), form.data["entity"])
        async with database(request).writing() as session:
            await name_district(session, actor=actor_of(request), district=found, now=now(request))
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, status=REFUSED)
    wake_worker(request)
    return flash.say(see_other(request, "district.show"), N_("It is named. It sees nothing until you choose what."))


async def take_shares(request: web.Request) -> web.Response:
    async def choose(session: AsyncSession, data: dict[str, Any]) -> object:
        return await choose_shares(session, actor=actor_of(request), now=now(request), **data)

    def done(_row: object) -> web.Response:
        wake_worker(request)
        return flash.say(see_other(request, "district.show"), N_("The district sees this, and nothing else."))

    return await take_form(
        request, SharesForm(), choose, done, lambda form, status: _page(request, form, status=status)
    )


async def take_stop(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await stop_sharing(session, actor=actor_of(request), now=now(request))
    wake_worker(request)
    said = N_("Off. Your node refuses the district from now on, and asks it to drop its copy.")
    return flash.say(see_other(request, "district.show"), said)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    node, today = local_node(request), school_day(request)
    async with database(request).reading() as session:
        row = await sharing_of(session)
        names = await known_names(request, session)
        upward = await build_shared(node, session, names, row, shares=SHARES) if row else None
    values = {
        "form": form,
        "row": row,
        "share_words": SHARE_WORDS,
        "kinds": KINDS,
        "names": names,
        "upward": upward,
        "too_large": TOO_LARGE if row and upward and upward.is_too_large(row.shares) else "",
        "seen": _as_seen(upward, node.entity_id, today) if upward else None,
    }
    return await render(request, "district/sees.html", values, status=status)


def _as_seen(upward: Upward, entity: str, today: Any) -> SeenSchool:
    """What the district's own page is drawn from."""
    row = DistrictSchool(
        id=0, entity=entity, name=upward.document["name"], state=OURS, shared=upward.document, problem=""
    )
    return seen_school(row, {}, today)
