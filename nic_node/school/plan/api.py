"""The plan as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.plan.goals import HORIZONS, STATES, active_goals, add_goal, change_goal, write_plan
from nic_node.school.plan.more_api import SupportSchema, more_routes
from nic_node.school.plan.pages import this_year
from nic_node.school.plan.pasted import (
    KINDS,
    MOST_ROWS,
    PASTE_BYTES,
    PlanRow,
    keep_plan_rows,
    let_rest,
    names_here,
    read_plan_table,
)
from nic_node.school.plan.roll_over import preview_roll_over, roll_over
from nic_node.school.plan.supports import plan_with_supports
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


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
    despite = fields.String(metadata={"description": "Why it is active beside three others."})
    version = fields.Integer()


class PlanSchema(ApiSchema):
    id = fields.Integer()
    school_year = fields.String()
    vision = fields.String()
    beliefs = fields.String()
    version = fields.Integer()
    goals = fields.List(fields.Nested(GoalSchema))
    supports = fields.List(fields.Nested(SupportSchema))


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


class RollOverSchema(ApiSchema):
    """What rolling over does, or did: `goes_on` may move, `stays` is done or let go."""

    from_year = fields.String()
    to_year = fields.String()
    goes_on = fields.List(fields.Nested(GoalSchema))
    stays = fields.List(fields.Nested(GoalSchema))
    projects = fields.Integer()
    actions = fields.Integer()
    measures = fields.Integer()
    supports = fields.Integer(metadata={"description": "Those that are not over; they are copied."})
    norms = fields.Boolean()


class AskedRollOverSchema(ApiSchema):
    to_year = fields.String(required=True, metadata={"description": "As the preview names it: 2027-28."})
    goals = fields.List(fields.Integer(strict=True), required=True, metadata={"description": "Ids of `goes_on`."})


class PlanOfYearSchema(ApiSchema):
    year = fields.String(load_default=None, metadata={"description": "2026-27; this one if it is left out."})


class PlanRowSchema(ApiSchema):
    """A goal, or a step or support under the goal before it. `remark`: what could not be read."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.String(required=True)
    owner_id = fields.Integer(strict=True, allow_none=True, load_default=None)
    due = fields.Date(allow_none=True, load_default=None)
    indicator = fields.String(load_default="", validate=validate.Length(max=300))
    baseline = fields.String(load_default="", validate=validate.Length(max=60))
    target = fields.String(load_default="", validate=validate.Length(max=60))
    why = fields.String(load_default="", validate=validate.Length(max=2000))
    how_much = fields.String(load_default="", validate=validate.Length(max=60))
    remark = fields.String(load_default="")


class PlanRowsSchema(ApiSchema):
    rows = fields.List(fields.Nested(PlanRowSchema), required=True, validate=validate.Length(max=2 * MOST_ROWS))


class PastedPlanSchema(ApiSchema):
    text = fields.String(required=True, metadata={"description": "CSV, tabs or a table with bars; a header first."})


class KeptPlanSchema(ApiSchema):
    goals = fields.Integer()
    resting = fields.Integer(metadata={"description": "Of them those beyond three at a time."})
    steps = fields.Integer()
    supports = fields.Integer()
    there_already = fields.Integer(metadata={"description": "Left alone."})


def api_routes() -> list[Api]:
    operation = api_of("plan", "/plan", read="plan.read", write="plan.write", answer=PlanSchema())
    rolled: dict[str, Any] = {"answer": RollOverSchema(), "permit": "plan.write"}
    read: dict[str, Any] = {"body": PastedPlanSchema(), "answer": PlanRowsSchema(), "max_bytes": PASTE_BYTES}
    kept: dict[str, Any] = {"body": PlanRowsSchema(), "answer": KeptPlanSchema(), "max_bytes": PASTE_BYTES}
    new, changed = NewGoalSchema(), ChangedGoalSchema()
    says = {
        "write": "Write this year's vision and beliefs; a stale version is 409.",
        "preview": "What rolling over into the next school year would do.",
        "roll": "Roll over in one act; a second time is 409 and changes nothing.",
        "add": "Add a goal; for a fourth active one another rests, or it says why not.",
        "change": "Change a goal or its state; a stale version is 409.",
    }
    return [
        operation("GET", "", "show", read_plan, "A school year's plan with its goals.", query=PlanOfYearSchema()),
        operation("PUT", "", "write", put_plan, says["write"], body=WritePlanSchema()),
        operation("GET", "/roll-over", "preview_roll_over", read_roll_over, says["preview"], **rolled),
        operation(
            "POST", "/roll-over", "roll_over", post_roll_over, says["roll"], body=AskedRollOverSchema(), **rolled
        ),
        operation("POST", "/paste", "paste", post_paste, "Read a plan from a table; nothing is kept.", **read),
        operation("POST", "/paste/keep", "keep_pasted", post_rows, "Keep what was read, all or nothing.", **kept),
        operation("POST", "/goals", "add_goal", post_goal, says["add"], body=new, answer=GoalSchema(), status=201),
        operation("PATCH", "/goals/{id}", "change_goal", patch_goal, says["change"], body=changed, answer=GoalSchema()),
        *more_routes(),
    ]


async def read_plan(call: Call) -> Any:
    async with database(call.request).reading() as session:
        plan = await plan_with_supports(session, call.query["year"] or this_year(call.request))
    if plan is None:
        raise NotFound(N_("There is no plan for this school year yet; write one."))
    return plan


async def read_roll_over(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await preview_roll_over(session, school_day(call.request))


async def post_roll_over(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await roll_over(
            session,
            actor=actor_of(request),
            to_year=call.body["to_year"],
            goal_ids=call.body["goals"],
            today=school_day(request),
            now=now(request),
        )


async def post_paste(call: Call) -> Any:
    async with database(call.request).reading() as session:
        people, running = await names_here(session), len(await active_goals(session))
    return {"rows": let_rest(read_plan_table(call.body["text"].encode(), people), running)}


async def post_rows(call: Call) -> Any:
    request = call.request
    rows = [PlanRow(**row) for row in call.body["rows"]]
    async with database(request).writing() as session:
        return await keep_plan_rows(
            session,
            actor=actor_of(request),
            school_year=this_year(request),
            rows=rows,
            today=school_day(request),
            now=now(request),
        )


async def put_plan(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        year = this_year(request)
        await write_plan(session, actor=actor_of(request), school_year=year, now=now(request), **call.body)
        return await plan_with_supports(session, year)


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
            today=school_day(request),
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
            today=school_day(request),
        )
