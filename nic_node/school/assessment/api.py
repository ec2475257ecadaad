"""Self-assessment as JSON. Nobody's rating but one's own is told with a name."""

from typing import Any

from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.assessment.rate import (
    QUESTIONS,
    answer_questions,
    assessments,
    open_assessment,
    rate_practices,
    usual_practices,
    view_assessment,
)
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of
from nic_node.web.visitor import visitor


class AssessmentLineSchema(ApiSchema):
    id = fields.Integer()
    title = fields.String()
    held_on = fields.Date()
    version = fields.Integer()


class AssessmentsSchema(ApiSchema):
    items = fields.List(fields.Nested(AssessmentLineSchema))


class RatedPracticeSchema(ApiSchema):
    id = fields.Integer()
    text = fields.String()
    mine = fields.Integer(allow_none=True, metadata={"description": "One's own: 0 not yet ... 3 sustained."})
    counts = fields.List(fields.Integer(), metadata={"description": "Empty until one has rated oneself."})
    evidence = fields.List(fields.String())
    before = fields.Float(allow_none=True, metadata={"description": "The mean of the last time, 0 to 3."})


class AssessmentSchema(AssessmentLineSchema):
    vision = fields.String()
    priorities = fields.String()
    leverage = fields.String()
    short_steps = fields.String()
    monitoring = fields.String()
    raters = fields.Integer()
    practices = fields.List(fields.Nested(RatedPracticeSchema))


class NewAssessmentSchema(ApiSchema):
    title = fields.String(required=True)
    held_on = fields.Date(required=True)
    practices = fields.List(fields.String(), metadata={"description": "Those of the last one where it is missing."})


class AnswersSchema(ApiSchema):
    vision = fields.String()
    priorities = fields.String()
    leverage = fields.String()
    short_steps = fields.String()
    monitoring = fields.String()
    version = fields.Integer(strict=True, required=True)


class RatingSchema(ApiSchema):
    practice_id = fields.Integer(strict=True, required=True)
    rating = fields.Integer(strict=True, required=True)
    evidence = fields.String(load_default="")


class RatingsSchema(ApiSchema):
    ratings = fields.List(fields.Nested(RatingSchema), required=True)


def api_routes() -> list[Api]:
    at, tag = "/self-assessments", "self-assessment"
    operation = api_of(tag, at, read="assessment.read", write="assessment.write", answer=AssessmentSchema())
    new = {"body": NewAssessmentSchema(), "status": 201}
    return [
        operation("GET", "", "list", read_assessments, "Versions, the newest first.", answer=AssessmentsSchema()),
        operation("POST", "", "open", post_assessment, "Begin one.", **new),
        operation("GET", "/{id}", "show", read_assessment, "One, as one sees it."),
        operation("PATCH", "/{id}", "answer", patch_answers, "Answer the five questions.", body=AnswersSchema()),
        operation("PUT", "/{id}/ratings", "rate", put_ratings, "Rate for oneself.", body=RatingsSchema()),
    ]


async def _described(session: AsyncSession, assessment_id: int, call: Call) -> dict[str, Any]:
    who = visitor(call.request)
    assert who is not None
    view = await view_assessment(session, assessment_id, who.person_id)
    row = view.assessment
    return {
        **{name: getattr(row, name) for name in ("id", "title", "held_on", "version", *QUESTIONS)},
        "raters": view.raters,
        "practices": [
            {
                "id": rated.practice.id,
                "text": rated.practice.text,
                "mine": rated.mine.rating if rated.mine else None,
                "counts": rated.counts if view.i_rated else [],
                "evidence": rated.evidence if view.i_rated else [],
                "before": rated.before if view.i_rated else None,
            }
            for rated in view.practices
        ],
    }


async def read_assessments(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await assessments(session)}


async def read_assessment(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id(), call)


async def post_assessment(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    async with database(request).writing() as session:
        practices = values.pop("practices", None) or await usual_practices(session)
        made = await open_assessment(
            session,
            actor=actor_of(request),
            practices=practices,
            today=school_day(request),
            now=now(request),
            **values,
        )
        return await _described(session, made.id, call)


async def patch_answers(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        await answer_questions(
            session,
            actor=actor_of(request),
            assessment_id=call.path_id(),
            values=values,
            version=version,
            now=now(request),
        )
        return await _described(session, call.path_id(), call)


async def put_ratings(call: Call) -> Any:
    request = call.request
    ratings = {one["practice_id"]: (one["rating"], one["evidence"]) for one in call.body["ratings"]}
    async with database(request).writing() as session:
        await rate_practices(
            session, actor=actor_of(request), assessment_id=call.path_id(), ratings=ratings, now=now(request)
        )
        return await _described(session, call.path_id(), call)
