"""Correct: one button on the page of what was shared, which opens its draft anew."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.correct import start_correction
from nic_node.publishing.pages import draft_id
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import see_other

OPENED = N_("Here is what you shared, to be corrected. Others read the earlier version until the new one is there.")


async def take_correct(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await start_correction(
            session, local_node(request), actor=actor_of(request), draft_id=draft_id(request), now=now(request)
        )
    return flash.say(see_other(request, "share.show", id=draft_id(request)), OPENED)
