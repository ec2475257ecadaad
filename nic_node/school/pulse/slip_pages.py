"""A survey's one-time links: a sheet to print and to cut, and a file to send them by."""

import asyncio
import math

from aiohttp import web

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.editing import row_of
from nic_node.school.pulse.pages import answer_address
from nic_node.school.pulse.slips import slips_of
from nic_node.school.pulse.survey import NO_SURVEY
from nic_node.school.pulse.tables import PulseSurvey
from nic_node.school.qr import qr_code
from nic_node.school.sealing_key import sealing_key
from nic_node.web.context import database
from nic_node.web.templating import render

A_PAGE = 60
NO_SLIPS = N_("This survey has no one-time links.")


async def show_slips(request: web.Request) -> web.Response:
    """Drawing a code takes milliseconds, so that a sheet holds sixty, and a thread draws them."""
    survey = await _survey_of_slips(request, int(request.match_info["id"]))
    addresses = _addresses(request, survey)
    pages = math.ceil(len(addresses) / A_PAGE)
    asked = request.query.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 4 else 1
    shown = addresses[(page - 1) * A_PAGE : page * A_PAGE]
    codes = await asyncio.to_thread(lambda: [qr_code(address) for address in shown])
    values = {"survey": survey, "slips": list(zip(shown, codes, strict=True)), "page": page, "pages": pages}
    return await render(request, "pulse/slips.html", values)


async def send_slips(request: web.Request) -> web.Response:
    survey_id = int(request.match_info["id"])
    lines = ["link", *await slip_addresses(request, survey_id)]
    headers = {"Content-Disposition": f'attachment; filename="survey-{survey_id}.csv"', "Cache-Control": "no-store"}
    body = "".join(f"{line}\r\n" for line in lines).encode()
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


async def slip_addresses(request: web.Request, survey_id: int) -> list[str]:
    """Raises NotFound, also of a survey that is answered in another way."""
    return _addresses(request, await _survey_of_slips(request, survey_id))


async def _survey_of_slips(request: web.Request, survey_id: int) -> PulseSurvey:
    async with database(request).reading() as session:
        survey = await row_of(session, PulseSurvey, survey_id, missing=NO_SURVEY)
    if survey.answered_by != "slips":
        raise NotFound(NO_SLIPS)
    return survey


def _addresses(request: web.Request, survey: PulseSurvey) -> list[str]:
    return [answer_address(request, slip) for slip in slips_of(sealing_key(request), survey)]
