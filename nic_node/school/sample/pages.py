"""Sample data from Today: in by one press, and out by one."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.sample.keep import load_sample, remove_sample
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.language import words_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import see_other

LOADED = N_("The sample data is in. Look around, change what you like: one press on Today takes all of it away again.")
REMOVED = N_("The sample data is gone, without a trace. What you made yourself is still here.")


async def take_load(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        say = words_of(request)[0].gettext
        await load_sample(session, actor=actor_of(request), say=say, today=school_day(request), now=now(request))
    return flash.say(see_other(request, "today.show"), LOADED)


async def take_removal(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await remove_sample(session, actor=actor_of(request), now=now(request))
    return flash.say(see_other(request, "today.show"), REMOVED)
