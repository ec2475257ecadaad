"""The bin, and the button that removes something."""

from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of, own_id
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.bin.read import bin_lines
from nic_node.school.bin.removable import REMOVABLE, Removable
from nic_node.school.bin.remove import ALL, remove, restore
from nic_node.school.subjects import SUBJECTS
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES, Handler
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor


def permissions_here(request: web.Request) -> frozenset[str]:
    who = visitor(request)
    return frozenset() if who is None else frozenset(who.permissions)


AT_REST = N_("It is back, at rest: three other goals are active by now. Choose on its page which one rests instead.")


async def show_bin(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        lines = await bin_lines(
            session, person_id=own_id(request), permissions=permissions_here(request), now=now(request)
        )
    return await render(request, "bin/show.html", {"lines": lines})


def take_removal_of(kind: str) -> Handler:
    """The form of one kind of REMOVABLE."""
    removable = REMOVABLE[kind]

    async def take_removal(request: web.Request) -> web.Response:
        await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
        row_id = int(request.match_info["id"])
        async with database(request).writing() as session:
            row = await session.get(removable.table, row_id)
            going_back = _back(request, removable, row)
            binned = await remove(
                session,
                actor=actor_of(request),
                kind=kind,
                row_id=row_id,
                may_all=ALL in permissions_here(request),
                now=now(request),
            )
        undo = request.app.router["bin.restore"].url_for(id=str(binned.id))
        response = web.Response(status=303, headers={"Location": going_back})
        return flash.say(response, N_("Removed. It can be put back for 30 days."), undo_url=str(undo))

    return take_removal


async def take_restore(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    try:
        async with database(request).writing() as session:
            back_again = await restore(
                session,
                actor=actor_of(request),
                binned_id=int(request.match_info["id"]),
                permissions=permissions_here(request),
                now=now(request),
            )
    except Conflict as error:
        return flash.say(see_other(request, "bin.show"), error.sentence, kind="error")
    kind = back_again.kind
    route = SUBJECTS[kind].route if kind in SUBJECTS else "bin.show"
    back = see_other(request, route, id=back_again.id) if kind in SUBJECTS else see_other(request, route)
    return flash.say(back, AT_REST if back_again.rests else N_("It is back."))


def _back(request: web.Request, removable: Removable, row: Any) -> str:
    """Where one stands once it is gone."""
    router = request.app.router
    if row is not None and hasattr(row, "subject_kind"):
        return str(router[SUBJECTS[row.subject_kind].route].url_for(id=str(row.subject_id)))
    if row is None or removable.back_id is None:
        return str(router[removable.back if removable.back_id is None else "bin.show"].url_for())
    return str(router[removable.back].url_for(id=str(getattr(row, removable.back_id.key))))
