"""The network as JSON: founding, inviting, policy. Members and applications stand in `api_members`."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_schemas as schemas
from nic_node.network.api_coordinators import coordinator_api_routes
from nic_node.network.api_due import due_api_routes
from nic_node.network.api_members import member_api_routes
from nic_node.network.coordinators import networks_coordinated_by
from nic_node.network.directory import compare_directory, import_directory, read_in_thread
from nic_node.network.directory_file import DIRECTORY_MAX_BYTES
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.found import Founding, found_network
from nic_node.network.invite import create_invitation, list_invitations, revoke_invitation
from nic_node.network.policy import change_policy
from nic_node.network.propose import proposal_document, propose
from nic_node.network.shell import coordinated_network
from nic_node.network.tables import Network
from nic_node.network.versions import versions_of
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

COORDINATE = "network.coordinate"


def api_routes() -> list[Api]:
    return [
        *_network_routes(),
        *_invitation_routes(),
        *_policy_routes(),
        *member_api_routes(),
        *coordinator_api_routes(),
        *due_api_routes(),
    ]


def _network_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks",
            name="api.networks.list",
            handler=list_networks,
            permit=COORDINATE,
            tag="network",
            summary="The networks that you coordinate here.",
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
        Api(
            method="GET",
            path="/networks/{id}",
            name="api.networks.show",
            handler=get_network,
            permit=COORDINATE,
            tag="network",
            summary="One network.",
            answer=schemas.NetworkSchema(),
        ),
    ]


def _invitation_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/invitations",
            name="api.networks.invitations",
            handler=get_invitations,
            permit=COORDINATE,
            tag="network",
            summary="Invitations, the newest first, without their links.",
            answer=schemas.InvitationsSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/invitations",
            name="api.networks.invite",
            handler=post_invitation,
            permit=COORDINATE,
            tag="network",
            summary="Make an invitation link.",
            body=schemas.NewInvitationSchema(),
            answer=schemas.InvitationSchema(),
            status=201,
        ),
        Api(
            method="DELETE",
            path="/networks/{id}/invitations/{invitation_id}",
            name="api.networks.revoke_invitation",
            handler=delete_invitation,
            permit=COORDINATE,
            tag="network",
            summary="Take an invitation back.",
        ),
    ]


def _policy_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/policy",
            name="api.networks.policy",
            handler=get_policy,
            permit=COORDINATE,
            tag="network",
            summary="Policy and charter as they stand today.",
            answer=schemas.PolicyAnswerSchema(),
        ),
        Api(
            method="GET",
            path="/networks/{id}/versions",
            name="api.networks.versions",
            handler=get_versions,
            permit=COORDINATE,
            tag="network",
            summary="Every version of policy and charter, the newest first, and what each changed for members.",
            answer=schemas.TermsVersionsSchema(),
        ),
        Api(
            method="PATCH",
            path="/networks/{id}/policy",
            name="api.networks.change_policy",
            handler=patch_policy,
            permit=COORDINATE,
            tag="network",
            summary="Change policy or charter from the next epoch on; a stale version is 409.",
            body=schemas.ChangePolicySchema(),
            answer=schemas.PolicyAnswerSchema(),
        ),
        Api(
            method="PUT",
            path="/networks/{id}/directory",
            name="api.networks.directory",
            handler=put_directory,
            permit=COORDINATE,
            tag="network",
            summary="Replace the school directory that applications are checked against.",
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


async def get_policy(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        policy, charter = await current_policy(session, network.id), await current_charter(session, network.id)
    return {"policy": policy, "charter": charter, "version": network.version}


async def get_versions(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        policies = await versions_of(session, network, "policy")
        charters = await versions_of(session, network, "charter")
    return {"items": [version.told() for version in (*policies, *charters)]}


async def patch_policy(call: Call) -> Any:
    body = call.body
    charter = {**body["charter"], **({"name": body["name"]} if "name" in body else {})}
    async with database(call.request).writing() as session:
        await change_policy(
            session,
            network_id=call.path_id(),
            policy=body["policy"],
            charter=charter,
            version=body["version"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
    return await get_policy(call)


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
