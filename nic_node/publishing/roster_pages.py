"""The roster's page: fill it by paste or file; what is in it is never shown again."""

import asyncio

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.membership.local import local_node
from nic_node.publishing.forms import RosterForm
from nic_node.publishing.oneroster import read_names
from nic_node.publishing.roster import RosterEntry, days_old, keep_roster, read_roster, roster_age
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.templating import render, see_other

ROSTER_BYTES = 20 * 1024 * 1024  # a OneRoster export holds much that is not read


async def show_roster(request: web.Request) -> web.Response:
    return await _roster_page(request, blank_form())


async def take_roster(request: web.Request) -> web.Response:
    form = await read_form(request, RosterForm(), max_bytes=ROSTER_BYTES)
    if form.ok:
        try:
            entries = await asyncio.to_thread(_entries_of, form)
            async with database(request).writing() as session:
                age = await keep_roster(
                    session,
                    operator_key=local_node(request).operator_key,
                    actor=actor_of(request),
                    entries=entries,
                    today=school_day(request),
                    now=now(request),
                )
            return flash.say(see_other(request, "share.roster"), f"{age.entries} names are kept, sealed.")
        except InvalidInput as error:
            form.refuse(error)
    return await _roster_page(request, form, status=422)


def _entries_of(form: Form) -> list[RosterEntry]:
    """Of the file, if one came, else of what was pasted."""
    upload = form.files.get("file")
    return read_names(upload.content) if upload is not None and upload.content else read_roster(form.data["text"])


async def _roster_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        age = await roster_age(session, today=today)
    values = {"form": form, "roster": age, "roster_days": days_old(age, today)}
    return await render(request, "publishing/roster.html", values, status=status)
