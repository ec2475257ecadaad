"""Coordinators and their decisions as JSON: the same acts as on their page."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_schemas as schemas
from nic_node.network.coordinators import add_coordinator, coordinators_of, remove_coordinator
from nic_node.network.decisions import Span, list_decisions
from nic_node.network.reverse import reverse_decisions
from nic_node.network.shell import coordinated_network
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

COORDINATE = "network.coordinate"
MANY = "/networks/{id}/coordinators"


def coordinator_api_routes() -> list[Api]:
    return [*_people_routes(), *_decision_routes()]


def _people_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path=MANY,
            name="api.networks.coordinators",
            handler=get_coordinators,
            permit=COORDINATE,
            tag="network",
            summary="Who decides for the network.",
            answer=schemas.CoordinatorsSchema(),
        ),
        Api(
            method="POST",
            path=MANY,
            name="api.networks.add_coordinator",
            handler=post_coordinator,
            permit=COORDINATE,
            tag="network",
            summary="Let somebody of this node decide for the network too.",
            body=schemas.NewCoordinatorSchema(),
            answer=schemas.CoordinatorSchema(),
            status=201,
        ),
        Api(
            method="DELETE",
            path=MANY + "/{person_id}",
            name="api.networks.remove_coordinator",
            handler=delete_coordinator,
            permit=COORDINATE,
            tag="network",
            summary="Take somebody off the list; the last one who decides stays.",
        ),
    ]


def _decision_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/decisions",
            name="api.networks.decisions",
            handler=get_decisions,
            permit=COORDINATE,
            tag="network",
            summary="What coordinators decided about memberships, the newest first.",
            query=schemas.DecisionsQuery(),
            answer=schemas.DecisionsSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/reversals",
            name="api.networks.reverse",
            handler=post_reversal,
            permit=COORDINATE,
            tag="network",
            summary="Take back, in one act, what somebody decided who decides no more.",
            body=schemas.ReversalSchema(),
            answer=schemas.ReversedSchema(),
        ),
    ]


async def get_coordinators(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": await coordinators_of(session, network.id)}


async def post_coordinator(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await add_coordinator(
            session,
            actor=actor_of(call.request),
            network_id=call.path_id(),
            email=call.body["email"],
            now=now(call.request),
        )


async def delete_coordinator(call: Call) -> None:
    async with database(call.request).writing() as session:
        await remove_coordinator(
            session,
            actor=actor_of(call.request),
            network_id=call.path_id(),
            person_id=call.path_id("person_id"),
            now=now(call.request),
        )


async def get_decisions(call: Call) -> Any:
    query = call.query
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        span = Span(since=query["since"], until=query["until"])
        return {"items": await list_decisions(session, network.id, by=query["by"], span=span)}


async def post_reversal(call: Call) -> Any:
    body = call.body
    async with database(call.request).writing() as session:
        done = await reverse_decisions(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            person_id=body["by"],
            span=Span(since=body["since"], until=body["until"]),
            actor=actor_of(call.request),
            now=now(call.request),
        )
    wake_worker(call.request)
    return done
