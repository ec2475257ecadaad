"""The roster's page: fill it by paste or file; what is in it is never shown again."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.forms import RosterForm
from nic_node.publishing.roster import days_old, keep_roster, read_roster, roster_age
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.templating import render, see_other

ROSTER_BYTES = 2 * 1024 * 1024


async def show_roster(request: web.Request) -> web.Response:
    return await _roster_page(request, blank_form())


async def take_roster(request: web.Request) -> web.Response:
    form = await read_form(request, RosterForm(), max_bytes=ROSTER_BYTES)
    if form.ok:
        try:
            entries = read_roster(_text_of(form))
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


def _text_of(form: Form) -> str:
    """The file, if one came, else what was pasted."""
    upload = form.files.get("file")
    if upload is None or not upload.content:
        return str(form.data["text"])
    try:
        return upload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = N_("This file is not text in UTF-8. Save it as CSV (UTF-8) and bring it again.")
        raise InvalidInput({"file": [said]}) from error


async def _roster_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        age = await roster_age(session, today=today)
    values = {"form": form, "roster": age, "roster_days": days_old(age, today)}
    return await render(request, "publishing/roster.html", values, status=status)
