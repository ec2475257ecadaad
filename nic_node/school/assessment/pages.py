"""Self-assessment: rate for oneself, then see where the team differs."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.i18n import N_
from nic_node.school.assessment.rate import (
    QUESTIONS,
    RATINGS,
    answer_questions,
    assessments,
    count_raters,
    open_assessment,
    rate_practices,
    usual_practices,
    view_assessment,
)
from nic_node.school.assessment.tables import Assessment
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
CONFLICT = web.HTTPConflict.status_code


class AssessmentForm(FormSchema):
    title = fields.String(load_default="")
    held_on = fields.Date(load_default=None, error_messages=DATE)
    practices = fields.String(load_default="")


class QuestionsForm(FormSchema):
    vision = fields.String(load_default="")
    priorities = fields.String(load_default="")
    leverage = fields.String(load_default="")
    short_steps = fields.String(load_default="")
    monitoring = fields.String(load_default="")
    version = fields.Integer(load_default=0)


def rating_form(practice_ids: list[int]) -> FormSchema:
    """A field for each practice's rating and for what was seen."""
    named: dict[str, Any] = {f"rating_{one}": fields.Integer(load_default=None) for one in practice_ids}
    named |= {f"evidence_{one}": fields.String(load_default="") for one in practice_ids}
    schema = type("RatingForm", (FormSchema,), named)()
    assert isinstance(schema, FormSchema)
    return schema


async def show_assessments(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        values = {"found": await assessments(session), "raters": await count_raters(session)}
    return await render(request, "assessment/index.html", values)


async def new_assessment(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        practices = await usual_practices(session)
    return await _new_page(request, blank_form({"held_on": school_day(request), "practices": "\n".join(practices)}))


async def take_new_assessment(request: web.Request) -> web.Response:
    async def begin(session: AsyncSession, data: dict[str, Any]) -> Assessment:
        return await open_assessment(
            session,
            actor=actor_of(request),
            title=data["title"],
            held_on=data["held_on"],
            practices=data["practices"].splitlines(),
            today=school_day(request),
            now=now(request),
        )

    def done(made: Assessment) -> web.Response:
        return see_other(request, "assessment.show", id=made.id)

    return await take_form(
        request, AssessmentForm(), begin, done, lambda form, status: _new_page(request, form, status)
    )


async def show_assessment(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_ratings(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        view = await view_assessment(session, _id(request), own_id(request))
    ids = [rated.practice.id for rated in view.practices]

    async def rate(session: AsyncSession, data: dict[str, Any]) -> int:
        ratings = {one: (data[f"rating_{one}"], data[f"evidence_{one}"]) for one in ids}
        return await rate_practices(
            session, actor=actor_of(request), assessment_id=_id(request), ratings=ratings, now=now(request)
        )

    def done(count: int) -> web.Response:
        said = N_("Your ratings are kept: {count} of {of}.")
        return flash.say(see_other(request, "assessment.show", id=_id(request)), said, count=count, of=len(ids))

    return await take_form(request, rating_form(ids), rate, done, lambda form, status: _page(request, form, status))


async def take_answers(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        version = data.pop("version")
        return await answer_questions(
            session,
            actor=actor_of(request),
            assessment_id=_id(request),
            values=data,
            version=version,
            now=now(request),
        )

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "assessment.show", id=_id(request)), N_("The answers are kept."))

    return await take_form(request, QuestionsForm(), keep, done, lambda form, status: _page(request, form, status))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _new_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    return await render(request, "assessment/new.html", {"form": form}, status=status)


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        view = await view_assessment(session, _id(request), own_id(request))
    clash = status == CONFLICT
    if clash and "version" in form.values:
        form.values["version"] = view.assessment.version
    values = {
        "form": form,
        "view": view,
        "clash": clash,
        "ratings": [(str(step), label) for step, label in enumerate(RATINGS)],
        "questions": QUESTIONS,
        "asked": "vision" in form.values or "version" in form.values,
    }
    return await render(request, "assessment/show.html", values, status=status)
