"""The privacy officer's pages. They read; the one button computes and changes nothing."""

from aiohttp import web

from nic_node import i18n
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.incidents.checklist import KINDS
from nic_node.publishing.incidents.read import incidents
from nic_node.publishing.oversight.read import approvals, check_log, log_lines, page_of_release
from nic_node.publishing.show import reader_page
from nic_node.web import flash
from nic_node.web.context import database
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES, Route, page
from nic_node.web.templating import render, see_other

PERMIT = "privacy.read"
LINES_SHOWN = 200
HOLDS = N_("Every line of the release log follows from the one before it.")
BROKEN = N_("Line %(id)s of the release log does not follow from the one before it: it was altered, or one is missing.")


def oversight_pages() -> list[Route]:
    return [
        page("GET", "/privacy", "privacy.show", show_privacy, PERMIT),
        page("POST", "/privacy/verification", "privacy.verify", take_verification, PERMIT),
        page("GET", "/privacy/releases/{id}", "privacy.release", show_release, PERMIT),
    ]


async def show_privacy(request: web.Request) -> web.Response:
    node = local_node(request)
    async with database(request).reading() as session:
        values = {
            "approvals": await approvals(session, node),
            "incidents": await incidents(session, node),
            "lines": await log_lines(session, limit=LINES_SHOWN),
            "kinds": KINDS,
            "kept_days": node.config.kept_page_days,
        }
    return await render(request, "publishing/privacy.html", values)


async def take_verification(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        checked = await check_log(session)
    catalogue = i18n.translations(language_of(request))
    said = catalogue.gettext(HOLDS if checked.broken_at is None else BROKEN) % {"id": checked.broken_at}
    return flash.say(see_other(request, "privacy.show", anchor="log"), said)


async def show_release(request: web.Request) -> web.Response:
    """The page as it left, opened from what is kept."""
    async with database(request).reading() as session:
        one, record = await page_of_release(session, local_node(request), int(request.match_info["id"]))
    catalogue = i18n.translations(language_of(request))
    values = {"one": one, "page": reader_page(record, catalogue) if record is not None else None}
    return await render(request, "publishing/kept_page.html", values)
