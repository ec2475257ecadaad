"""Supports of goals, and what changed in the plan, as JSON; removing a support is DELETE in the bin."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.plan.changes import changes_since, last_time, meeting_days
from nic_node.school.plan.goals import plan_of_year
from nic_node.school.plan.pages import this_year
from nic_node.school.plan.progress import GoalProgress, progress_of
from nic_node.school.plan.supports import KINDS, add_support, change_support
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database, now
from nic_node.web.routes import Api, Call, api_of

NO_PLAN = N_("There is no plan for this school year yet; write one.")


class SupportSchema(ApiSchema):
    id = fields.Integer()
    goal_id = fields.Integer()
    kind = fields.String()
    what = fields.String()
    how_much = fields.String()
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    version = fields.Integer()


class ChangedSupportSchema(ApiSchema):
    """What is left out stays."""

    kind = fields.String(validate=validate.OneOf(list(KINDS)))
    what = fields.String(validate=validate.Length(max=200))
    how_much = fields.String(validate=validate.Length(max=60), metadata={"description": "2 hours a week; $400."})
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    version = fields.Integer(strict=True, required=True)


class NewSupportSchema(ChangedSupportSchema):
    class Meta:
        exclude = ("version",)

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    what = fields.String(required=True, validate=validate.Length(max=200))


class PlanChangeSchema(ApiSchema):
    kind = fields.String()
    about = fields.String(metadata={"description": "goal or project."})
    about_id = fields.Integer()
    said = fields.String()


class PlanChangesSchema(ApiSchema):
    since = fields.Date()
    items = fields.List(fields.Nested(PlanChangeSchema))


class GoalProgressSchema(ApiSchema):
    goal_id = fields.Integer()
    running = fields.List(fields.Integer(), metadata={"description": "Ids of projects."})
    closed = fields.Integer()
    reached = fields.Integer(metadata={"description": "Of the closed projects, how many reached their aim."})
    numbers = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Measure: newest."})


class ProgressSchema(ApiSchema):
    items = fields.List(fields.Nested(GoalProgressSchema))


class SinceSchema(ApiSchema):
    since = fields.Date(load_default=None, metadata={"description": "A day; else the last meeting's, or 30 days ago."})


def more_routes() -> list[Api]:
    operation = api_of("plan", "/plan", read="plan.read", write="plan.write", answer=SupportSchema())
    new, changed = NewSupportSchema(), ChangedSupportSchema()
    says = "Change a support; a stale version is 409."
    changes: dict[str, Any] = {"answer": PlanChangesSchema(), "query": SinceSchema()}
    told = "What changed in this year's plan since a day."
    return [
        operation("POST", "/goals/{id}/supports", "add_support", post_support, "Add a support.", body=new, status=201),
        operation("PATCH", "/supports/{id}", "change_support", patch_support, says, body=changed),
        operation("GET", "/progress", "progress", read_progress, "How each goal goes, live.", answer=ProgressSchema()),
        operation("GET", "/changes", "changes", read_changes, told, **changes),
    ]


async def post_support(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await add_support(
            session,
            actor=actor_of(request),
            goal_id=call.path_id(),
            values=call.body,
            today=school_day(request),
            now=now(request),
        )


async def patch_support(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        return await change_support(
            session,
            actor=actor_of(request),
            support_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(request),
            now=now(request),
        )


async def read_progress(call: Call) -> Any:
    async with database(call.request).reading() as session:
        plan = await plan_of_year(session, this_year(call.request))
        if plan is None:
            raise NotFound(NO_PLAN)
        progress = await progress_of(session, [goal.id for goal in plan.goals], school_day(call.request))
    return {"items": [{"goal_id": goal_id, **_goal_progress(goes)} for goal_id, goes in progress.items()]}


def _goal_progress(goes: GoalProgress) -> dict[str, Any]:
    lines = [*goes.measures, *(one.measured for one in goes.projects if one.measured)]
    return {
        "running": [one.project.id for one in goes.projects if one.project.state == "active"],
        "closed": goes.closed,
        "reached": goes.reached,
        "numbers": {line.measure.name: line.latest.text for line in lines},
    }


async def read_changes(call: Call) -> Any:
    request, today = call.request, school_day(call.request)
    async with database(request).reading() as session:
        plan = await plan_of_year(session, this_year(request))
        if plan is None:
            raise NotFound(NO_PLAN)
        since = call.query["since"] or last_time(await meeting_days(session), today)
        zone = config(request).time_zone
        items = await changes_since(session, plan, since=since, today=today, time_zone=zone)
    return {"since": since, "items": items}
