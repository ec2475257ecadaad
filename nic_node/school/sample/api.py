"""Sample data as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.sample.keep import has_sample, load_sample, may_load, remove_sample
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.language import words_of
from nic_node.web.routes import Api, Call, api_of


class SampleSchema(ApiSchema):
    is_loaded = fields.Boolean()
    may_load = fields.Boolean(metadata={"description": "Nothing is planned yet."})


def api_routes() -> list[Api]:
    operation = api_of(
        "plan", "/plan/sample", read="plan.read", write="plan.write", answer=SampleSchema(), named="sample"
    )
    return [
        operation("GET", "", "show", read_sample, "Whether sample data is here."),
        operation("POST", "", "load", post_sample, "Put it in: an invented plan with a project on its way."),
        operation("DELETE", "", "remove", delete_sample, "Take it away, with what was written into it."),
    ]


async def read_sample(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"is_loaded": await has_sample(session), "may_load": await may_load(session)}


async def post_sample(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        say = words_of(request)[0].gettext
        await load_sample(session, actor=actor_of(request), say=say, today=school_day(request), now=now(request))
    return await read_sample(call)


async def delete_sample(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await remove_sample(session, actor=actor_of(call.request), now=now(call.request))
    return await read_sample(call)
