"""A network's theory and syntheses for programs."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.commons.theory_pages import TheorySchema
from nic_node.network.operation import operation
from nic_node.network.shell import coordinated_network
from nic_node.network.theory.read import syntheses_of, theory_of
from nic_node.network.theory.tables import TEXT_LENGTH, TITLE_LENGTH, Synthesis
from nic_node.network.theory.write import change_drivers, write_synthesis
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call
from schemas.policy import DRIVERS_MAX
from schemas.vocab import IDEAS, MEASURES


class DriverInputSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.Length(1, 120))
    ideas = fields.List(fields.String(validate=validate.OneOf(list(IDEAS))), load_default=list)
    measures = fields.List(fields.String(validate=validate.OneOf(list(MEASURES))), load_default=list)


class DriversSchema(ApiSchema):
    """`version` is the network's, as GET of its theory answers it; a stale one is 409."""

    version = fields.Integer(required=True, strict=True)
    drivers = fields.List(fields.Nested(DriverInputSchema()), required=True, validate=validate.Length(max=DRIVERS_MAX))


class NetworkTheorySchema(TheorySchema):
    version = fields.Integer()


class SynthesisSchema(ApiSchema):
    """`numbers`: the theory with its results as they were when it was written."""

    quarter = fields.String()
    title = fields.String()
    text = fields.String()
    charter_version = fields.Integer()
    numbers = fields.Nested(TheorySchema())
    written_at = fields.AwareDateTime(format="iso")
    version = fields.Integer()


class SynthesesSchema(ApiSchema):
    items = fields.List(fields.Nested(SynthesisSchema()))


class WriteSynthesisSchema(ApiSchema):
    """`version`: of what is changed; null for a quarter that nothing was written about."""

    title = fields.String(required=True, validate=validate.Length(1, TITLE_LENGTH))
    text = fields.String(required=True, validate=validate.Length(1, TEXT_LENGTH))
    version = fields.Integer(load_default=None, allow_none=True, strict=True)


def theory_api_routes() -> list[Api]:
    one = r"/networks/{id:\d+}"
    return [
        operation("GET", one + "/theory", "theory", get_theory, "The driver diagram with the results on its edges.",
                  answer=NetworkTheorySchema()),
        operation("PUT", one + "/theory", "change_theory", put_theory,
                  "Draw the driver diagram anew: a new version of the charter.",
                  body=DriversSchema(), answer=NetworkTheorySchema()),
        operation("GET", one + "/syntheses", "syntheses", get_syntheses, "What was written, the newest quarter first.",
                  answer=SynthesesSchema()),
        operation("PUT", one + r"/syntheses/{quarter}", "write_synthesis", put_synthesis,
                  "Write about a quarter, or change it; the numbers of now are kept with it.",
                  body=WriteSynthesisSchema(), answer=SynthesisSchema()),
    ]  # fmt: skip


async def get_theory(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return (await theory_of(session, network.id)).document() | {"version": network.version}


async def put_theory(call: Call) -> Any:
    async with database(call.request).writing() as session:
        network = await coordinated_network(call.request, session)
        changed = await change_drivers(
            session,
            network_id=network.id,
            drivers=call.body["drivers"],
            version=call.body["version"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
        return (await theory_of(session, network.id)).document() | {"version": changed.version}


async def get_syntheses(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": [synthesis_document(one) for one in await syntheses_of(session, network.id)]}


async def put_synthesis(call: Call) -> Any:
    async with database(call.request).writing() as session:
        network = await coordinated_network(call.request, session)
        written = await write_synthesis(
            session,
            network_id=network.id,
            quarter=call.request.match_info["quarter"],
            actor=actor_of(call.request),
            now=now(call.request),
            **call.body,
        )
        return synthesis_document(written)


def synthesis_document(one: Synthesis) -> dict[str, Any]:
    names = ("quarter", "title", "text", "charter_version", "numbers", "written_at", "version")
    return {name: getattr(one, name) for name in names}
