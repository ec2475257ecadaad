"""The plan as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.plan.goals import HORIZONS, STATES, add_goal, change_goal, plan_of_year, write_plan
from nic_node.school.plan.pages import this_year
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call


class GoalSchema(ApiSchema):
    id = fields.Integer()
    parent_id = fields.Integer(allow_none=True)
    horizon = fields.String()
    title = fields.String()
    why = fields.String()
    indicator = fields.String()
    baseline = fields.String()
    target = fields.String()
    due = fields.Date(allow_none=True)
    owner_id = fields.Integer(allow_none=True)
    state = fields.String()
    version = fields.Integer()


class PlanSchema(ApiSchema):
    id = fields.Integer()
    school_year = fields.String()
    vision = fields.String()
    beliefs = fields.String()
    version = fields.Integer()
    goals = fields.List(fields.Nested(GoalSchema))


class WritePlanSchema(ApiSchema):
    """`version` is that of the plan that was read, or null when there was none."""

    vision = fields.String(load_default="", validate=validate.Length(max=2000))
    beliefs = fields.String(load_default="", validate=validate.Length(max=2000))
    version = fields.Integer(strict=True, load_default=None, allow_none=True)


class GoalValuesSchema(ApiSchema):
    title = fields.String(validate=validate.Length(max=200))
    why = fields.String(validate=validate.Length(max=2000))
    indicator = fields.String(validate=validate.Length(max=300))
    baseline = fields.String(validate=validate.Length(max=60))
    target = fields.String(validate=validate.Length(max=60))
    due = fields.Date(allow_none=True)
    owner_id = fields.Integer(strict=True, allow_none=True)
    despite = fields.String(
        validate=validate.Length(max=400), metadata={"description": "Why it is active beside three others."}
    )


class NewGoalSchema(GoalValuesSchema):
    horizon = fields.String(required=True, validate=validate.OneOf(HORIZONS))
    rests_id = fields.Integer(
        strict=True, allow_none=True, metadata={"description": "Of three active goals the one that rests from now on."}
    )


class ChangedGoalSchema(GoalValuesSchema):
    rests_id = fields.Integer(strict=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    version = fields.Integer(strict=True, required=True)


def api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/plan",
            name="api.plan.show",
            handler=read_plan,
            permit="plan.read",
            tag="plan",
            summary="This school year's plan with its goals.",
            answer=PlanSchema(),
        ),
        Api(
            method="PUT",
            path="/plan",
            name="api.plan.write",
            handler=put_plan,
            permit="plan.write",
            tag="plan",
            summary="Write this year's vision and beliefs; a stale version is 409.",
            body=WritePlanSchema(),
            answer=PlanSchema(),
        ),
        Api(
            method="POST",
            path="/plan/goals",
            name="api.plan.add_goal",
            handler=post_goal,
            permit="plan.write",
            tag="plan",
            summary="Add a goal; for a fourth active one another rests, or it says why not.",
            body=NewGoalSchema(),
            answer=GoalSchema(),
            status=201,
        ),
        Api(
            method="PATCH",
            path="/plan/goals/{id}",
            name="api.plan.change_goal",
            handler=patch_goal,
            permit="plan.write",
            tag="plan",
            summary="Change a goal or its state; a stale version is 409.",
            body=ChangedGoalSchema(),
            answer=GoalSchema(),
        ),
    ]


async def read_plan(call: Call) -> Any:
    async with database(call.request).reading() as session:
        plan = await plan_of_year(session, this_year(call.request))
    if plan is None:
        raise NotFound(N_("There is no plan for this school year yet; write one."))
    return plan


async def put_plan(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        year = this_year(request)
        await write_plan(session, actor=actor_of(request), school_year=year, now=now(request), **call.body)
        return await plan_of_year(session, year)


async def post_goal(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    horizon = values.pop("horizon")
    async with database(request).writing() as session:
        return await add_goal(
            session,
            actor=actor_of(request),
            school_year=this_year(request),
            horizon=horizon,
            values=values,
            now=now(request),
        )


async def patch_goal(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    state, version = values.pop("state"), values.pop("version")
    async with database(request).writing() as session:
        return await change_goal(
            session,
            actor=actor_of(request),
            goal_id=call.path_id(),
            values=values,
            state=state,
            version=version,
            now=now(request),
        )
