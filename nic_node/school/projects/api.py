"""Projects as JSON: the same verbs as the pages."""

from typing import Any

from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.projects.close import check_midway, close_project, extend_project, reopen_project
from nic_node.school.projects.read import day_of, is_late, list_projects, project_of, steps_of
from nic_node.school.projects.services import project_services
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.projects.write import change_project, mark_step, open_project, replace_steps
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call

BODY_BYTES = 256 * 1024
INTEGER: dict[str, Any] = {"strict": True, "allow_none": True}


class DoseSchema(ApiSchema):
    weeks = fields.Integer(strict=True)
    sessions_a_week = fields.Integer(strict=True)
    minutes = fields.Integer(strict=True)


class CostSchema(ApiSchema):
    cost_band = fields.String()
    staff_time_band = fields.String()


class MaterialSchema(ApiSchema):
    kind = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)


class ChangeSchema(ApiSchema):
    what = fields.String(required=True)
    why = fields.String(required=True)


class ProjectValuesSchema(ApiSchema):
    """What a project says; categories, roles and bands are vocabulary ids."""

    goal_id = fields.Integer(**INTEGER)
    title = fields.String()
    lead_id = fields.Integer(**INTEGER)
    starts_on = fields.Date()
    problem_category = fields.String(allow_none=True)
    problem_label = fields.String()
    problem_statement = fields.String()
    grade_bands = fields.List(fields.String())
    subject = fields.String(allow_none=True)
    aim_measure = fields.String(allow_none=True)
    aim_label = fields.String()
    aim_better = fields.String(allow_none=True)
    aim_text = fields.String()
    aim_target = fields.String()
    aim_by_days = fields.Integer(strict=True)
    idea_category = fields.String(allow_none=True)
    idea_label = fields.String()
    idea_summary = fields.String()
    adaptable = fields.List(fields.String())
    dose = fields.Nested(DoseSchema)
    cost = fields.Nested(CostSchema)
    materials = fields.List(fields.Nested(MaterialSchema))
    supports = fields.List(fields.String())
    conditions = fields.String()
    kept = fields.List(fields.Integer(strict=True))
    changed = fields.List(fields.Nested(ChangeSchema))


class ChangedProjectSchema(ProjectValuesSchema):
    version = fields.Integer(strict=True, required=True)


class StepSchema(ApiSchema):
    id = fields.Integer(dump_only=True)
    who = fields.String(allow_none=True)
    does = fields.String(required=True)
    how_often = fields.String()
    minutes = fields.Integer(**INTEGER)
    core = fields.Boolean()
    due = fields.Date(allow_none=True)
    done_on = fields.Date(dump_only=True, allow_none=True)


class ProjectSchema(ProjectValuesSchema):
    id = fields.Integer()
    state = fields.String()
    version = fields.Integer()
    day = fields.Integer()
    late = fields.Boolean()
    origin_record = fields.String(allow_none=True)
    origin_title = fields.String()
    midway_note = fields.String()
    midway_on = fields.Date(allow_none=True)
    extended_to = fields.Date(allow_none=True)
    extended_because = fields.String()
    closed_on = fields.Date(allow_none=True)
    closed_early_because = fields.String()
    decision = fields.String(allow_none=True)
    aim_result = fields.String(allow_none=True)
    worked = fields.String()
    would_change = fields.String()
    watch_out = fields.String()
    steps = fields.List(fields.Nested(StepSchema))


class ProjectsSchema(ApiSchema):
    items = fields.List(fields.Nested(ProjectSchema))
    next = fields.Integer(allow_none=True)


class StepsSchema(ApiSchema):
    steps = fields.List(fields.Nested(StepSchema), required=True)
    version = fields.Integer(strict=True, required=True, load_only=True)


class MarkSchema(ApiSchema):
    done = fields.Boolean(required=True)


class MidwaySchema(ApiSchema):
    note = fields.String(required=True)
    version = fields.Integer(strict=True, required=True)


class ExtendSchema(ApiSchema):
    to = fields.Date(required=True)
    because = fields.String(required=True)
    version = fields.Integer(strict=True, required=True)


class CloseSchema(ApiSchema):
    decision = fields.String(required=True)
    aim_result = fields.String(load_default=None, allow_none=True)
    worked = fields.String(load_default="")
    would_change = fields.String(load_default="")
    watch_out = fields.String(load_default="")
    closed_on = fields.Date(required=True)
    early_because = fields.String(load_default="", validate=validate.Length(max=400))
    version = fields.Integer(strict=True, required=True)


class VersionSchema(ApiSchema):
    version = fields.Integer(strict=True, required=True)


def api_routes() -> list[Api]:
    def operation(method: str, path: str, name: str, handler: Any, summary: str, **rest: Any) -> Api:
        permit = "projects.read" if method == "GET" else "projects.write"
        return Api(
            method=method,
            path=path,
            name=f"api.projects.{name}",
            handler=handler,
            permit=permit,
            tag="projects",
            summary=summary,
            max_bytes=BODY_BYTES,
            **{"answer": ProjectSchema(), **rest},
        )

    return [
        operation(
            "GET", "/projects", "list", read_projects, "Projects, by id.", query=PageQuery(), answer=ProjectsSchema()
        ),
        operation("POST", "/projects", "open", post_project, "Open a project.", body=ProjectValuesSchema(), status=201),
        operation("GET", "/projects/{id}", "show", read_project, "One project with its steps."),
        operation("PATCH", "/projects/{id}", "change", patch_project, "Change a project.", body=ChangedProjectSchema()),
        operation("PUT", "/projects/{id}/steps", "steps", put_steps, "Write its steps anew.", body=StepsSchema()),
        operation("POST", "/projects/steps/{id}/mark", "mark", post_mark, "Tick a step.", body=MarkSchema()),
        operation("POST", "/projects/{id}/midway", "midway", post_midway, "The mid-way check.", body=MidwaySchema()),
        operation("POST", "/projects/{id}/extend", "extend", post_extension, "More days, once.", body=ExtendSchema()),
        operation("POST", "/projects/{id}/close", "close", post_close, "Close it with a decision.", body=CloseSchema()),
        operation("POST", "/projects/{id}/reopen", "reopen", post_reopen, "Undo a close.", body=VersionSchema()),
    ]


async def _described(session: AsyncSession, project: Project, call: Call) -> dict[str, Any]:
    today = school_day(call.request)
    columns = {column.key: getattr(project, column.key) for column in Project.__mapper__.column_attrs}
    steps: list[ProjectStep] = await steps_of(session, project.id)
    return {**columns, "day": day_of(project, today), "late": is_late(project, today), "steps": steps}


async def read_projects(call: Call) -> Any:
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        found = await list_projects(session, after=call.query["after"] or 0, limit=limit + 1)
        items = [await _described(session, project, call) for project in found[:limit]]
    return {"items": items, "next": found[limit - 1].id if len(found) > limit else None}


async def read_project(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, await project_of(session, call.path_id()), call)


async def post_project(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        project = await open_project(
            session, actor=actor_of(request), values=call.body, now=now(request), today=school_day(request)
        )
        return await _described(session, project, call)


async def patch_project(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        project = await change_project(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            values=values,
            version=version,
            now=now(request),
            today=school_day(request),
        )
        return await _described(session, project, call)


async def put_steps(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await replace_steps(session, actor=actor_of(request), project_id=call.path_id(), now=now(request), **call.body)
        return await _described(session, await project_of(session, call.path_id()), call)


async def post_mark(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        step = await mark_step(
            session,
            actor=actor_of(request),
            step_id=call.path_id(),
            done=call.body["done"],
            today=school_day(request),
            now=now(request),
        )
        return await _described(session, await project_of(session, step.project_id), call)


async def post_midway(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        project = await check_midway(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            on=school_day(request),
            now=now(request),
            **call.body,
        )
        return await _described(session, project, call)


async def post_extension(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        project = await extend_project(
            session, actor=actor_of(request), project_id=call.path_id(), now=now(request), **call.body
        )
        return await _described(session, project, call)


async def post_close(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        project = await close_project(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            now=now(request),
            today=school_day(request),
            **call.body,
        )
        return await _described(session, project, call)


async def post_reopen(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        project = await reopen_project(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            has_left=project_services(request).has_left,
            now=now(request),
            **call.body,
        )
        return await _described(session, project, call)
