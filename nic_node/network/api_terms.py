"""Charter and policy as JSON: as they stand, what is in force, every version, and changing them."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.network.api_schemas import CharterTextsSchema, PolicyNumbersSchema
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.in_force import terms_in_force
from nic_node.network.operation import operation
from nic_node.network.policy import change_policy
from nic_node.network.shell import coordinated_network
from nic_node.network.versions import versions_of
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call

POLICY = "/networks/{id}/policy"


class ChangePolicySchema(ApiSchema):
    name = fields.String(validate=validate.Length(1, 120))
    charter = fields.Nested(CharterTextsSchema, load_default=dict)
    policy = fields.Nested(PolicyNumbersSchema, load_default=dict)
    version = fields.Integer(strict=True, required=True)


class WaitingPolicySchema(ApiSchema):
    """A version that is not in force yet: the epoch that brings it, and when that opens by plan."""

    version = fields.Integer()
    epoch = fields.Integer()
    is_announced = fields.Boolean()
    opens = fields.DateTime()


class InForceSchema(ApiSchema):
    """The policy by which memberships are decided now; `epoch` names it, null before the first is announced."""

    policy = fields.Dict()
    epoch = fields.Integer(allow_none=True)
    waiting = fields.List(fields.Nested(WaitingPolicySchema))


class PolicyAnswerSchema(ApiSchema):
    """The documents as they stand today, what is in force, and the network's version for the next change."""

    policy = fields.Dict()
    charter = fields.Dict()
    version = fields.Integer()
    in_force = fields.Nested(InForceSchema)


class TermsVersionSchema(ApiSchema):
    """`changes`: what it changed for members, in sentences; `epochs` that a policy governs."""

    kind = fields.String()
    number = fields.Integer()
    sha256 = fields.String()
    since = fields.DateTime(allow_none=True)
    is_today = fields.Boolean()
    epochs = fields.List(fields.Integer())
    changes = fields.List(fields.String())


class TermsVersionsSchema(ApiSchema):
    items = fields.List(fields.Nested(TermsVersionSchema))


def terms_api_routes() -> list[Api]:
    return [
        operation(
            "GET", POLICY, "policy", get_policy, "Policy and charter as they stand today.", answer=PolicyAnswerSchema()
        ),
        operation(
            "GET",
            "/networks/{id}/versions",
            "versions",
            get_versions,
            "Every version of policy and charter, the newest first, and what each changed for members.",
            answer=TermsVersionsSchema(),
        ),
        operation(
            "PATCH",
            POLICY,
            "change_policy",
            patch_policy,
            "Change policy or charter from the next epoch on; a stale version is 409.",
            body=ChangePolicySchema(),
            answer=PolicyAnswerSchema(),
        ),
    ]


async def get_policy(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        policy, charter = await current_policy(session, network.id), await current_charter(session, network.id)
        standing = await terms_in_force(session, network)
    in_force = {"policy": standing.policy, "epoch": standing.epoch, "waiting": standing.waiting}
    return {"policy": policy, "charter": charter, "version": network.version, "in_force": in_force}


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
