"""Rolling a school year over: a preview, and one act."""

from aiohttp import web
from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.school.handover.collect import HandedOver, handed_over
from nic_node.school.plan.roll_over import RollOver, preview_roll_over, roll_over
from nic_node.school.profile.name import year_in_words
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other


class RollOverForm(FormSchema):
    LISTS = ("goals",)

    to_year = fields.String(load_default="")
    goals = fields.List(fields.Integer(), load_default=list)


async def show_roll_over(request: web.Request) -> web.Response:
    return await _page(request, "")


async def take_roll_over(request: web.Request) -> web.Response:
    form = await read_form(request, RollOverForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _page(request, N_("Choose the goals again."), status=422)
    try:
        async with database(request).writing() as session:
            done = await roll_over(
                session,
                actor=actor_of(request),
                to_year=form.data["to_year"],
                goal_ids=form.data["goals"],
                today=school_day(request),
                now=now(request),
            )
    except Conflict as refused:
        return await _page(request, refused.sentence, status=409)
    years = {"to": year_in_words(done.to_year), "since": year_in_words(done.from_year)}
    there = see_other(request, "plan.show", query={"year": done.to_year})
    return flash.say(there, N_("{to} goes on from {since}."), **years)


async def _page(request: web.Request, refused: str, *, status: int = 200) -> web.Response:
    asked: RollOver | None = None
    handed: HandedOver | None = None
    try:
        async with database(request).reading() as session:
            asked = await preview_roll_over(session, school_day(request))
            handed = await handed_over(session, asked.from_year)
    except (Conflict, NotFound) as why:
        refused = refused or why.sentence
    years = (year_in_words(asked.from_year), year_in_words(asked.to_year)) if asked else ("", "")
    goals = asked.goes_on if asked else ()
    choices = {"choices": [(goal.id, goal.title) for goal in goals], "chosen": [goal.id for goal in goals]}
    values = {**choices, "it": asked, "handed": handed, "refused": refused, "from_year": years[0], "to_year": years[1]}
    return await render(request, "plan/roll_over.html", values, status=status)
