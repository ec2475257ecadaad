"""Memberships as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.follow import check_membership
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.local import local_node
from nic_node.membership.look_up import look_up
from nic_node.membership.read import Membership, membership_of, memberships
from nic_node.membership.repin import repin
from nic_node.membership.tell import ask_for_renewal, confirm, send_appeal, withdraw_application
from nic_node.membership.terms import accept_terms, new_terms
from nic_node.membership.today_terms import Accepted, todays_terms
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call


class MembershipSchema(ApiSchema):
    """`chain_expires_at`: until when the network's word holds; `moves`: {at, from, to, reason, note}, oldest first."""

    id = fields.Integer()
    network = fields.String()
    name = fields.String()
    state = fields.String()
    application_id = fields.String(allow_none=True)
    confirmed = fields.Boolean()
    log_origin = fields.String()
    log_url = fields.String()
    policy_sha256 = fields.String()
    charter_sha256 = fields.String()
    policy_accepted = fields.String()
    charter_accepted = fields.String()
    expires = fields.DateTime(allow_none=True)
    chain_expires_at = fields.DateTime(allow_none=True)
    checked_at = fields.DateTime(allow_none=True)
    problem = fields.String()
    roles = fields.List(fields.String())
    appeal = fields.Dict(allow_none=True)
    renewal = fields.Dict(allow_none=True)
    appeals_seen = fields.List(fields.Dict())
    moves = fields.List(fields.Dict())


class TodaysTermsSchema(ApiSchema):
    """`changed`: they are others than those that this school accepted last."""

    policy_sha256 = fields.String()
    charter_sha256 = fields.String()
    policy = fields.Dict()
    charter = fields.Dict()
    changed = fields.Boolean()


class AcceptedSchema(ApiSchema):
    """The hashes say which policy and charter the school accepts: today's."""

    policy_sha256 = fields.String(required=True)
    charter_sha256 = fields.String(required=True)


class SendAppealSchema(AcceptedSchema):
    text = fields.String(required=True, validate=validate.Length(1, 2_000))


class MembershipsSchema(ApiSchema):
    items = fields.List(fields.Nested(MembershipSchema))


class InvitationTextSchema(ApiSchema):
    invitation = fields.String(required=True, validate=validate.Length(1, 6_000))


class OfferSchema(ApiSchema):
    network = fields.String()
    name = fields.String()
    expires_at = fields.DateTime()
    policy_sha256 = fields.String()
    charter_sha256 = fields.String()
    policy = fields.Dict()
    charter = fields.Dict()


class ContactSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.Length(1, 120))
    email = fields.String(required=True, validate=validate.Length(3, 254))
    role = fields.String(load_default="", validate=validate.Length(max=80))
    phone = fields.String(load_default="", validate=validate.Length(max=40))


class ApplySchema(InvitationTextSchema):
    """The hashes say which policy and charter the school accepts: those of the offer."""

    policy_sha256 = fields.String(required=True)
    charter_sha256 = fields.String(required=True)
    contact = fields.Nested(ContactSchema, required=True)


class TermChangeSchema(ApiSchema):
    name = fields.String()
    label = fields.String()
    before = fields.String()
    after = fields.String()
    effect = fields.String()


class NewTermsSchema(ApiSchema):
    """`changes`: of the policy with its effect, of the charter with whole texts; empty until the documents are here."""

    policy_sha256 = fields.String(allow_none=True)
    charter_sha256 = fields.String(allow_none=True)
    is_here = fields.Boolean()
    changes = fields.List(fields.Nested(TermChangeSchema))


class ConfirmationCodeSchema(ApiSchema):
    code = fields.String(required=True, validate=validate.Length(1, 60))


def api_routes() -> list[Api]:
    return [*_reading_routes(), *_joining_routes(), *_again_routes(), *_terms_routes()]


def _reading_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/memberships",
            name="api.memberships.list",
            handler=list_memberships,
            permit="network.read",
            tag="membership",
            summary="The networks that this school belongs to or asked to join.",
            answer=MembershipsSchema(),
        ),
        Api(
            method="GET",
            path="/memberships/{id}",
            name="api.memberships.show",
            handler=show,
            permit="network.read",
            tag="membership",
            summary="One membership with its history.",
            answer=MembershipSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/check",
            name="api.memberships.check",
            handler=check,
            permit="network.read",
            tag="membership",
            summary="Ask the network now how the membership stands.",
            answer=MembershipSchema(),
        ),
    ]


def _terms_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/memberships/{id}/terms",
            name="api.memberships.terms",
            handler=get_terms,
            permit="network.read",
            tag="membership",
            summary="What a charter and policy that are not accepted yet change; null hashes where there are none.",
            answer=NewTermsSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/terms",
            name="api.memberships.accept_terms",
            handler=post_terms,
            permit="network.join",
            tag="membership",
            summary="Accept the charter and policy that hold today, by hash; others are 409.",
            body=AcceptedSchema(),
            answer=MembershipSchema(),
        ),
    ]


def _joining_routes() -> list[Api]:
    return [
        Api(
            method="POST",
            path="/memberships/offer",
            name="api.memberships.offer",
            handler=offer_of,
            permit="network.join",
            tag="membership",
            summary="What the network behind an invitation link is, and what it wants to have accepted.",
            body=InvitationTextSchema(),
            answer=OfferSchema(),
        ),
        Api(
            method="POST",
            path="/memberships",
            name="api.memberships.apply",
            handler=post_membership,
            permit="network.join",
            tag="membership",
            summary="Apply to the network behind an invitation link.",
            body=ApplySchema(),
            answer=MembershipSchema(),
            status=201,
        ),
        Api(
            method="POST",
            path="/memberships/repin",
            name="api.memberships.repin",
            handler=post_repin,
            permit="network.join",
            tag="membership",
            summary="Hold to the new key of a network that this school belongs to, by a new invitation link.",
            body=InvitationTextSchema(),
            answer=MembershipSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/confirmation",
            name="api.memberships.confirm",
            handler=post_code,
            permit="network.join",
            tag="membership",
            summary="Send the coordinator's one-time code back.",
            body=ConfirmationCodeSchema(),
            answer=MembershipSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/leave",
            name="api.memberships.leave",
            handler=post_leave,
            permit="network.join",
            tag="membership",
            summary="Take the application back; a member leaves by /publishing/memberships/{id}/leave.",
            answer=MembershipSchema(),
        ),
    ]


def _again_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/memberships/{id}/terms/today",
            name="api.memberships.todays_terms",
            handler=get_todays_terms,
            permit="network.join",
            tag="membership",
            summary="Charter and policy as they stand at the network now.",
            answer=TodaysTermsSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/renewal",
            name="api.memberships.renewal",
            handler=post_renewal,
            permit="network.join",
            tag="membership",
            summary="Ask for the next term, from 60 days before the end of this one.",
            body=AcceptedSchema(),
            answer=MembershipSchema(),
        ),
        Api(
            method="POST",
            path="/memberships/{id}/appeal",
            name="api.memberships.appeal",
            handler=post_appeal,
            permit="network.join",
            tag="membership",
            summary="Ask to be let in again after a revocation.",
            body=SendAppealSchema(),
            answer=MembershipSchema(),
        ),
    ]


async def list_memberships(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await memberships(session)}


async def show(call: Call) -> Membership:
    async with database(call.request).reading() as session:
        return await membership_of(session, call.path_id())


async def offer_of(call: Call) -> Any:
    return await look_up(local_node(call.request), call.body["invitation"], now=now(call.request))


async def post_membership(call: Call) -> Membership:
    request, node = call.request, local_node(call.request)
    offer = await look_up(node, call.body["invitation"], now=now(request))
    acceptance = Acceptance(
        policy_sha256=call.body["policy_sha256"],
        charter_sha256=call.body["charter_sha256"],
        contact=call.body["contact"],
    )
    membership_id = await apply(node, actor=actor_of(request), offer=offer, acceptance=acceptance, now=now(request))
    return await _after(call, membership_id)


async def post_repin(call: Call) -> Membership:
    request, node = call.request, local_node(call.request)
    offer = await look_up(node, call.body["invitation"], now=now(request))
    membership_id = await repin(node, actor=actor_of(request), offer=offer, now=now(request))
    await check_membership(node, membership_id)
    return await _after(call, membership_id)


async def post_code(call: Call) -> Membership:
    node, actor = local_node(call.request), actor_of(call.request)
    await confirm(node, actor=actor, membership_id=call.path_id(), code=call.body["code"], now=now(call.request))
    return await _after(call, call.path_id())


async def post_leave(call: Call) -> Membership:
    node, membership_id = local_node(call.request), call.path_id()
    await withdraw_application(node, actor=actor_of(call.request), membership_id=membership_id, now=now(call.request))
    await check_membership(node, membership_id)
    return await _after(call, membership_id)


async def get_todays_terms(call: Call) -> Any:
    return await todays_terms(local_node(call.request), call.path_id())


async def post_renewal(call: Call) -> Membership:
    node, membership_id = local_node(call.request), call.path_id()
    actor, accepted = actor_of(call.request), Accepted(**call.body)
    await ask_for_renewal(node, actor=actor, membership_id=membership_id, accepted=accepted, now=now(call.request))
    await check_membership(node, membership_id)
    return await _after(call, membership_id)


async def post_appeal(call: Call) -> Membership:
    node, membership_id = local_node(call.request), call.path_id()
    accepted = Accepted(policy_sha256=call.body["policy_sha256"], charter_sha256=call.body["charter_sha256"])
    await send_appeal(
        node,
        actor=actor_of(call.request),
        membership_id=membership_id,
        text=call.body["text"],
        accepted=accepted,
        now=now(call.request),
    )
    await check_membership(node, membership_id)
    return await _after(call, membership_id)


async def check(call: Call) -> Membership:
    async with database(call.request).reading() as session:
        await membership_of(session, call.path_id())
    await check_membership(local_node(call.request), call.path_id(), by_hand=True)
    return await _after(call, call.path_id())


async def _after(call: Call, membership_id: int) -> Membership:
    async with database(call.request).reading() as session:
        return await membership_of(session, membership_id)


async def get_terms(call: Call) -> Any:
    async with database(call.request).reading() as session:
        terms = await new_terms(session, await membership_of(session, call.path_id()))
    if terms is None:
        return {"policy_sha256": None, "charter_sha256": None, "is_here": True, "changes": []}
    told = [
        {"name": one.name, "label": one.label, **one.values, "effect": one.effect % one.values}
        for one in terms.policy_changes
    ]
    told += [
        {"name": one.name, "label": one.label, "before": one.before, "after": one.after}
        for one in terms.charter_changes
    ]
    return {
        "policy_sha256": terms.policy_sha256,
        "charter_sha256": terms.charter_sha256,
        "is_here": terms.is_here,
        "changes": told,
    }


async def post_terms(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await accept_terms(
            session, actor=actor_of(call.request), membership_id=call.path_id(), now=now(call.request), **call.body
        )
        return await membership_of(session, call.path_id())
