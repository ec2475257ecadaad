"""What my networks believe, beside what their results say."""

from typing import Any

from aiohttp import web
from marshmallow import fields

from nic_node import i18n
from nic_node.commons.theory import Theory, draw_theory, measures_words, my_theories
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.language import language_of
from nic_node.web.routes import Api, Call, Route, page
from nic_node.web.templating import render

READ = "practices.read"


class IdeaCountsSchema(ApiSchema):
    idea = fields.String()
    results = fields.Integer()
    better = fields.Integer()
    no_clear_change = fields.Integer(data_key="no-clear-change", attribute="no-clear-change")
    worse = fields.Integer()
    cannot_tell = fields.Integer(data_key="cannot-tell", attribute="cannot-tell")
    untold = fields.Integer()


class DriverCountsSchema(ApiSchema):
    name = fields.String()
    measures = fields.List(fields.String())
    ideas = fields.List(fields.Nested(IdeaCountsSchema()))


class TheorySchema(ApiSchema):
    """The driver diagram of a network's charter; results by what they tell, `untold` were described only."""

    network = fields.String()
    name = fields.String()
    charter_version = fields.Integer()
    aim = fields.String(allow_none=True)
    theory = fields.String(allow_none=True)
    drivers = fields.List(fields.Nested(DriverCountsSchema()))


class TheoriesSchema(ApiSchema):
    items = fields.List(fields.Nested(TheorySchema()))


def theory_pages() -> list[Route]:
    return [page("GET", "/learn/theory", "learn.theory", show_theory, READ)]


def theory_operations() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/practices/theory",
            name="api.practices.theory",
            handler=read_theory,
            permit=READ,
            tag="evidence",
            summary="The driver diagrams of the networks that may be read, with their results on each edge.",
            answer=TheoriesSchema(),
        )
    ]


async def show_theory(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        theories = await my_theories(session, now=now(request))
    catalogue = i18n.translations(language_of(request))
    return await render(
        request, "commons/theory.html", {"theories": [theory_values(each, catalogue) for each in theories]}
    )


def theory_values(theory: Theory, catalogue: Any) -> dict[str, Any]:
    """What `commons/theory_parts.html` needs."""
    return {
        "name": theory.name,
        "network": theory.network,
        "version": theory.version,
        "aim": theory.aim,
        "lines": [line for line in theory.text.split("\n") if line],
        "drawing": draw_theory(theory, catalogue),
        "measures": [(driver.name, words) for driver in theory.drivers if (words := measures_words(driver, catalogue))],
    }


async def read_theory(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": [theory.document() for theory in await my_theories(session, now=now(call.request))]}
