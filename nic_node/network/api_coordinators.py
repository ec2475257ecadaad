"""Coordinators and their decisions as JSON: the same acts as on their page."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_coordinator_schemas as schemas
from nic_node.network.approvals import list_approvals
from nic_node.network.coordinators import add_coordinator, coordinators_of, remove_coordinator
from nic_node.network.decisions import Span, list_decisions
from nic_node.network.named import list_namings
from nic_node.network.operation import operation
from nic_node.network.reverse import reverse_decisions
from nic_node.network.shell import coordinated_network
from nic_node.network.voices import list_voices
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

MANY = "/networks/{id}/coordinators"


def coordinator_api_routes() -> list[Api]:
    return [*_people_routes(), *_decision_routes()]


def _people_routes() -> list[Api]:
    return [
        operation(
            "GET",
            MANY,
            "coordinators",
            get_coordinators,
            "Who decides for the network.",
            answer=schemas.CoordinatorsSchema(),
        ),
        operation(
            "POST",
            MANY,
            "add_coordinator",
            post_coordinator,
            "Let somebody of this node decide for the network too.",
            body=schemas.NewCoordinatorSchema(),
            answer=schemas.CoordinatorSchema(),
            status=201,
        ),
        operation(
            "DELETE",
            MANY + "/{person_id}",
            "remove_coordinator",
            delete_coordinator,
            "Take somebody off the list; the last one who decides stays.",
        ),
    ]


def _decision_routes() -> list[Api]:
    return [
        operation(
            "GET",
            "/networks/{id}/decisions",
            "decisions",
            get_decisions,
            "What coordinators decided about memberships, the newest first.",
            query=schemas.DecisionsQuery(),
            answer=schemas.DecisionsSchema(),
        ),
        operation(
            "POST",
            "/networks/{id}/reversals",
            "reverse",
            post_reversal,
            "Take back, in one act, what somebody decided who decides no more.",
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
        return {
            "items": await list_decisions(session, network.id, by=query["by"], span=span),
            "voices": await list_voices(session, network.id, by=query["by"], span=span),
            "approvals": await list_approvals(session, network.id, by=query["by"], span=span),
            "namings": await list_namings(session, network.id, by=query["by"], span=span),
        }


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
