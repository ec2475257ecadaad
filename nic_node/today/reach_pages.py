"""How to reach somebody: their e-mail and calendar; and the two addresses that work without signing in."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.school.profile.name import school_name_and_year
from nic_node.school.today import school_day
from nic_node.today.feed import entries_of
from nic_node.today.ics import calendar_file
from nic_node.today.reach import (
    FEED,
    choose_mail,
    end_feed,
    link_of,
    make_feed,
    person_of_feed,
    reach_of,
    stop_mail,
)
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.csrf import COOKIE
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other


class MailChoiceForm(FormSchema):
    mail = fields.String(load_default="")


async def show_reach(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_mail(request: web.Request) -> web.Response:
    async def choose(session: AsyncSession, data: dict[str, Any]) -> object:
        mail = "" if data["mail"] == "none" else data["mail"]
        return await choose_mail(session, actor=actor_of(request), mail=mail, now=now(request))

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "today.reach"), N_("It is kept."))

    return await take_form(request, MailChoiceForm(), choose, done, lambda form, status: _page(request, form, status))


async def take_feed(request: web.Request) -> web.Response:
    """Make the link, make a new one, or end it."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    verb = make_feed if request.match_info["act"] == "make" else end_feed
    async with database(request).writing() as session:
        await verb(session, actor=actor_of(request), now=now(request))
    return see_other(request, "today.reach")


async def show_off(request: web.Request) -> web.Response:
    """A page with a button: programs that look at links in e-mails press none."""
    return await render(request, "today/off.html", {"is_off": False})


async def take_off(request: web.Request) -> web.Response:
    """By the button of the page, or of the mail program (RFC 8058).

    That one brings no cookie and so no token: the link is the secret, and nobody who lacks it can forge the request.
    """
    if COOKIE in request.cookies:
        await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        key = local_node(request).operator_key
        await stop_mail(session, key, link=request.match_info["link"], now=now(request))
    return await render(request, "today/off.html", {"is_off": True})


async def show_feed(request: web.Request) -> web.Response:
    """The calendar file, for whatever program has the link."""
    async with database(request).reading() as session:
        person_id = await person_of_feed(session, local_node(request).operator_key, request.match_info["link"])
        entries = await entries_of(session, config(request), person_id=person_id, today=school_day(request))
        name, _year = await school_name_and_year(session, today=school_day(request))
    text = calendar_file(name or "Today", entries, now=now(request))
    headers = {"Cache-Control": "private, no-store"}
    return web.Response(text=text, content_type="text/calendar", headers=headers)


async def feed_address(session: AsyncSession, request: web.Request) -> str:
    """One's own calendar link; '' while there is none."""
    row = await reach_of(session, own_id(request))
    if row is None or row.feed <= 0:
        return ""
    link = link_of(local_node(request).operator_key, FEED, own_id(request), row.feed)
    return f"{config(request).public_url}{request.app.router['today.feed'].url_for(link=link)}"


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        row = await reach_of(session, own_id(request))
        values = {
            "form": form,
            "mail": (row.mail if row else "") or "none",
            "feed": await feed_address(session, request),
        }
    values["has_smtp"] = config(request).smtp is not None
    return await render(request, "today/reach.html", values, status=status)
