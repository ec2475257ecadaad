"""Search across the school's own work, as JSON."""

from typing import Any

from marshmallow import Schema, fields, validate

from nic_node.school.search.find import find_own_work
from nic_node.school.search.sources import KINDS
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database
from nic_node.web.routes import Api, Call
from nic_node.web.visitor import visitor


class OwnSearchQuerySchema(ApiSchema):
    q = fields.String(required=True)
    kind = fields.String(load_default="", metadata={"description": " or ".join(KINDS)})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))


class OwnHitSchema(ApiSchema):
    kind = fields.String()
    page_id = fields.Integer(allow_none=True, metadata={"description": "Id of what the kind names; null for none."})
    title = fields.String()
    day = fields.Date()
    says = fields.String(metadata={"description": "Where the words stand in it."})


class OwnFoundSchema(ApiSchema):
    items = fields.List(fields.Nested(OwnHitSchema))
    total = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    page = fields.Integer()
    pages = fields.Integer()


def api_routes() -> list[Api]:
    query: Schema = OwnSearchQuerySchema()
    return [
        Api(
            method="GET",
            path="/search",
            name="api.search.show",
            handler=read_search,
            permit="school.read",
            tag="search",
            summary="What of the school's own work holds all the words, of what one may see.",
            query=query,
            answer=OwnFoundSchema(),
        )
    ]


async def read_search(call: Call) -> Any:
    who = visitor(call.request)
    assert who is not None
    async with database(call.request).reading() as session:
        found = await find_own_work(
            session,
            call.query["q"],
            person_id=who.person_id,
            permissions=who.permissions,
            zone=config(call.request).time_zone,
            kind=call.query["kind"],
            page=call.query["page"],
        )
    items = [
        {
            **{name: getattr(hit, name) for name in ("kind", "page_id", "title", "day")},
            "says": "".join(piece.text for piece in hit.says),
        }
        for hit in found.hits
    ]
    return {"items": items, **{name: getattr(found, name) for name in ("total", "counts", "page", "pages")}}
