"""Pulse: the list, one survey, and the page on which it is answered."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.pulse.survey import (
    ANSWERED,
    AUDIENCES,
    CONSTRUCTS,
    IS_CLOSED,
    LONGEST,
    SCALE,
    SMALLEST,
    USUAL,
    WAYS,
    answer_as_staff,
    answer_by_link,
    close_survey,
    has_answered,
    items_of,
    list_surveys,
    open_survey,
    survey_by_link,
    trend,
    view_survey,
)
from nic_node.school.pulse.tables import PulseItem, PulseSurvey
from nic_node.school.qr import qr_code
from nic_node.school.sealing_key import sealing_key
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
OWN_LINES = 3
DEVICE_COOKIE = "nic_answered"
DEVICE_ANSWERED = N_("Somebody has answered on this device. This survey takes one answer from each.")
THANKS = N_("Thank you. Nobody can tell which answers were yours.")


class SurveyForm(FormSchema):
    title = fields.String(load_default="")
    audience = fields.String(load_default="")
    answered_by = fields.String(load_default="slips")
    asked = fields.Integer(load_default=None, error_messages={"invalid": N_("Write a whole number.")})
    opens_on = fields.Date(load_default=None, error_messages=DATE)
    closes_on = fields.Date(load_default=None, error_messages=DATE)
    efficacy = fields.String(load_default="")
    climate = fields.String(load_default="")
    coherence = fields.String(load_default="")
    own = fields.String(load_default="")


def answer_form(items: Sequence[PulseItem]) -> FormSchema:
    """One choice of five for each question; each may be left out."""
    named = {f"item_{item.id}": fields.Integer(load_default=None) for item in items}
    schema = type("AnswerForm", (FormSchema,), named)()
    assert isinstance(schema, FormSchema)
    return schema


async def show_surveys(request: web.Request) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        values = {"surveys": await list_surveys(session), "trend": await trend(session)}
    values |= {"audiences": AUDIENCES, "constructs": CONSTRUCTS, "today": today}
    return await render(request, "pulse/index.html", values)


async def new_survey(request: web.Request) -> web.Response:
    today = school_day(request)
    start: dict[str, Any] = {
        "audience": "staff",
        "answered_by": "slips",
        "opens_on": today,
        "closes_on": today + LONGEST / 3,
    }
    return await _new_page(request, blank_form(start | {name: "\n".join(lines) for name, lines in USUAL.items()}))


async def take_new_survey(request: web.Request) -> web.Response:
    async def ask(session: AsyncSession, data: dict[str, Any]) -> PulseSurvey:
        items = [(one, line.strip()) for one in CONSTRUCTS for line in data.get(one, "").splitlines() if line.strip()]
        return await open_survey(
            session,
            actor=actor_of(request),
            values=data,
            items=items,
            zone=config(request).time_zone,
            now=now(request),
        )

    def done(survey: PulseSurvey) -> web.Response:
        return see_other(request, "pulse.show", id=survey.id)

    return await take_form(request, SurveyForm(), ask, done, lambda form, status: _new_page(request, form, status))


async def show_survey(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        view = await view_survey(session, _id(request), school_day(request))
        answered = await has_answered(session, sealing_key(request), _id(request), own_id(request))
    link = link_of(request, view.survey) if may_ask(request) else ""
    values = {
        "view": view,
        "answered": answered,
        "link": link,
        "qr": qr_code(link) if link else None,
        "audiences": AUDIENCES,
        "constructs": CONSTRUCTS,
    }
    return await render(request, "pulse/show.html", values)


async def take_close(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await close_survey(session, actor=actor_of(request), survey_id=_id(request), now=now(request))
    return see_other(request, "pulse.show", id=_id(request))


async def show_own_turn(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        view = await view_survey(session, _id(request), school_day(request))
        answered = await has_answered(session, sealing_key(request), _id(request), own_id(request))
    said = ANSWERED if answered else "" if view.is_open else IS_CLOSED
    return await _answer_page(request, view.survey, view.items, blank_form(), said=said)


async def take_own_turn(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        view = await view_survey(session, _id(request), school_day(request))

    async def answer(session: AsyncSession, data: dict[str, Any]) -> None:
        await answer_as_staff(
            session,
            sealing_key(request),
            actor=actor_of(request),
            survey_id=_id(request),
            answers=_answers(data),
            today=school_day(request),
        )

    return await take_form(
        request,
        answer_form(view.items),
        answer,
        lambda _made: flash.say(see_other(request, "pulse.show", id=_id(request)), THANKS),
        lambda form, status: _answer_page(request, view.survey, view.items, form, status=status),
    )


async def show_turn(request: web.Request) -> web.Response:
    """For whoever has the link: students and families need no account."""
    async with database(request).reading() as session:
        survey = await survey_by_link(session, sealing_key(request), request.match_info["token"])
        items = await items_of(session, survey.id)
    today = school_day(request)
    is_open = survey.closed_at is None and survey.opens_on <= today <= survey.closes_on
    said = DEVICE_ANSWERED if _has_device_answered(request, survey) else "" if is_open else IS_CLOSED
    return await _answer_page(request, survey, items, blank_form(), said=said)


async def take_turn(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        survey = await survey_by_link(session, sealing_key(request), request.match_info["token"])
        items = await items_of(session, survey.id)
    form = await read_form(request, answer_form(items), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _answer_page(request, survey, items, form, status=422)
    if _has_device_answered(request, survey):
        return await _answer_page(request, survey, items, form, said=DEVICE_ANSWERED, status=409)
    try:
        async with database(request).writing() as session:
            await answer_by_link(
                session,
                sealing_key(request),
                link=request.match_info["token"],
                answers=_answers(form.data),
                today=school_day(request),
            )
    except Conflict as error:
        return await _answer_page(request, survey, items, form, said=error.sentence, status=409)
    return _remember_device(request, survey, await _answer_page(request, survey, items, form, said=THANKS))


def may_ask(request: web.Request) -> bool:
    who = visitor(request)
    return who is not None and "pulse.write" in who.permissions


def link_of(request: web.Request, survey: PulseSurvey) -> str:
    """Where whoever has the open link answers; empty where there is none."""
    return answer_address(request, survey.link) if survey.answered_by == "link" else ""


def answer_address(request: web.Request, token: str) -> str:
    """The whole address of an open link or of a slip."""
    return f"{config(request).public_url}{request.app.router['pulse.answer'].url_for(token=token)}"


def _has_device_answered(request: web.Request, survey: PulseSurvey) -> bool:
    return survey.answered_by == "link" and DEVICE_COOKIE in request.cookies


def _remember_device(request: web.Request, survey: PulseSurvey, response: web.Response) -> web.Response:
    """That this browser has answered: the same word in all of them, sent back to this survey's page alone."""
    if survey.answered_by == "link":
        response.set_cookie(
            DEVICE_COOKIE,
            "yes",
            max_age=int(LONGEST.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=config(request).secure_cookies,
            path=request.path,
        )
    return response


def _answers(data: dict[str, Any]) -> dict[int, int]:
    return {int(name.removeprefix("item_")): value for name, value in data.items() if value is not None}


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _new_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    values = {
        "form": form,
        "audiences": list(AUDIENCES.items()),
        "ways": list(WAYS.items()),
        "smallest": SMALLEST,
    }
    return await render(request, "pulse/new.html", values, status=status)


async def _answer_page(
    request: web.Request,
    survey: PulseSurvey,
    items: Sequence[PulseItem],
    form: Form,
    *,
    said: str = "",
    status: int = 200,
) -> web.Response:
    values = {
        "survey": survey,
        "items": items,
        "form": form,
        "said": said,
        "scale": [(str(value), label) for value, label in enumerate(SCALE, 1)],
        "smallest": SMALLEST[survey.audience],
    }
    return await render(request, "pulse/answer.html", values, status=status)
