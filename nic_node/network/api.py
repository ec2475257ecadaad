"""The network as JSON: founding, inviting, the directory. Charter and policy: `api_terms`; members: `api_members`."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_schemas as schemas
from nic_node.network.api_coordinators import coordinator_api_routes
from nic_node.network.api_due import due_api_routes
from nic_node.network.api_members import member_api_routes
from nic_node.network.api_terms import terms_api_routes
from nic_node.network.coordinators import networks_coordinated_by
from nic_node.network.directory import compare_directory, import_directory, read_in_thread
from nic_node.network.directory_file import DIRECTORY_MAX_BYTES
from nic_node.network.found import Founding, found_network
from nic_node.network.invite import create_invitation, list_invitations, revoke_invitation
from nic_node.network.operation import operation
from nic_node.network.propose import proposal_document, propose
from nic_node.network.shell import coordinated_network
from nic_node.network.tables import Network
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call


def api_routes() -> list[Api]:
    return [
        *_network_routes(),
        *_invitation_routes(),
        *_directory_routes(),
        *terms_api_routes(),
        *member_api_routes(),
        *coordinator_api_routes(),
        *due_api_routes(),
    ]


def _network_routes() -> list[Api]:
    return [
        operation(
            "GET",
            "/networks",
            "list",
            list_networks,
            "The networks that you coordinate here.",
            answer=schemas.NetworksSchema(),
        ),
        Api(
            method="POST",
            path="/networks",
            name="api.networks.found",
            handler=post_network,
            permit="network.found",
            tag="network",
            summary="Found a network; you are its first coordinator.",
            body=schemas.FoundingSchema(),
            answer=schemas.NetworkSchema(),
            status=201,
        ),
        Api(
            method="GET",
            path="/networks/proposal",
            name="api.networks.proposal",
            handler=get_proposal,
            permit="network.found",
            tag="network",
            summary="Numbers for a policy, from how many schools are sure to take part.",
            query=schemas.ProposalQuery(),
            answer=schemas.ProposalSchema(),
        ),
        operation(
            "GET",
            "/networks/{id}",
            "show",
            get_network,
            "One network.",
            answer=schemas.NetworkSchema(),
        ),
    ]


def _invitation_routes() -> list[Api]:
    return [
        operation(
            "GET",
            "/networks/{id}/invitations",
            "invitations",
            get_invitations,
            "Invitations, the newest first, without their links.",
            answer=schemas.InvitationsSchema(),
        ),
        operation(
            "POST",
            "/networks/{id}/invitations",
            "invite",
            post_invitation,
            "Make an invitation link.",
            body=schemas.NewInvitationSchema(),
            answer=schemas.InvitationSchema(),
            status=201,
        ),
        operation(
            "DELETE",
            "/networks/{id}/invitations/{invitation_id}",
            "revoke_invitation",
            delete_invitation,
            "Take an invitation back.",
        ),
    ]


def _directory_routes() -> list[Api]:
    return [
        operation(
            "PUT",
            "/networks/{id}/directory",
            "directory",
            put_directory,
            "Replace the school directory that applications are checked against.",
            body=schemas.DirectorySchema(),
            answer=schemas.ImportedSchema(),
            max_bytes=DIRECTORY_MAX_BYTES,
        ),
    ]


async def list_networks(call: Call) -> Any:
    async with database(call.request).reading() as session:
        person_id = actor_of(call.request).person_id
        assert person_id is not None
        return {"items": await networks_coordinated_by(session, person_id)}


async def get_network(call: Call) -> Network:
    async with database(call.request).reading() as session:
        return await coordinated_network(call.request, session)


async def get_proposal(call: Call) -> Any:
    return proposal_document(propose(call.query["schools"]))


async def post_network(call: Call) -> Network:
    founding = Founding(
        slug=call.body["slug"], name=call.body["name"], charter=call.body["charter"], policy=call.body["policy"]
    )
    network = await found_network(
        local_node(call.request), actor=actor_of(call.request), founding=founding, now=now(call.request)
    )
    wake_worker(call.request)
    return network


async def get_invitations(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": await list_invitations(session, network.id)}


async def post_invitation(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await create_invitation(
            session,
            node=local_node(call.request),
            network_id=call.path_id(),
            actor=actor_of(call.request),
            now=now(call.request),
            **call.body,
        )


async def delete_invitation(call: Call) -> None:
    async with database(call.request).writing() as session:
        await revoke_invitation(
            session,
            network_id=call.path_id(),
            invitation_id=call.path_id("invitation_id"),
            actor=actor_of(call.request),
            now=now(call.request),
        )


async def put_directory(call: Call) -> Any:
    file = await read_in_thread(call.body["csv"].encode())
    async with database(call.request).writing() as session:
        network = await coordinated_network(call.request, session)
        changes = await compare_directory(session, network.id, file)
        if not call.body["preview"]:
            await import_directory(
                session, network_id=network.id, file=file, actor=actor_of(call.request), now=now(call.request)
            )
    return schemas.imported(file, changes)
