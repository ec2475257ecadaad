"""The networks above a network, for programs."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.membership.local import local_node
from nic_node.membership.look_up import look_up
from nic_node.membership.refusals import READ_AGAIN
from nic_node.membership.today_terms import Accepted
from nic_node.network.above.again import appeal_above, renew_above, terms_above
from nic_node.network.above.belong import accept_above, apply_above, confirm_above, leave_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.read import lets_read, readers_of, standing_of, superior_of, superiors_of
from nic_node.network.above.tables import NetworkReader, NetworkSuperior
from nic_node.network.operation import operation
from nic_node.network.shell import coordinated_network
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call
from schemas.membership import APPEAL_LENGTH

ABOVE = "/networks/{id}/superiors"
ONE = ABOVE + "/{superior_id}"


class SuperiorSchema(ApiSchema):
    """`lets_read`: schools of other networks below it may read here now; `accepted`: of the policy of today."""

    id = fields.Integer()
    entity = fields.String()
    name = fields.String()
    state = fields.String()
    confirmed = fields.Boolean()
    policy_sha256 = fields.String()
    expires = fields.DateTime(allow_none=True)
    renewable_from = fields.DateTime(allow_none=True)
    renewal_asked = fields.DateTime(allow_none=True)
    appeal = fields.Dict(allow_none=True)
    moves = fields.List(fields.Dict())
    accepted = fields.Boolean()
    reads_across = fields.Boolean()
    lets_read = fields.Boolean()
    holds_until = fields.AwareDateTime(allow_none=True)
    checked_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


class SuperiorsSchema(ApiSchema):
    items = fields.List(fields.Nested(SuperiorSchema))


class ReaderSchema(ApiSchema):
    """A school of another network; `code` says what it is refused for, or why it could not be asked again."""

    entity = fields.String()
    through = fields.String()
    superior = fields.String()
    reads = fields.Boolean()
    expires_at = fields.AwareDateTime(allow_none=True)
    code = fields.String()
    detail = fields.String()
    checked_at = fields.AwareDateTime()
    seen_at = fields.AwareDateTime()


class ReadersSchema(ApiSchema):
    items = fields.List(fields.Nested(ReaderSchema))


class BelongSchema(ApiSchema):
    """`policy_sha256` is the one that was read; another one is refused."""

    invitation = fields.String(required=True, validate=validate.Length(1, 6_000))
    policy_sha256 = fields.String(required=True)
    contact_name = fields.String(required=True, validate=validate.Length(1, 120))
    contact_email = fields.String(required=True, validate=validate.Length(3, 254))


class AboveCodeSchema(ApiSchema):
    code = fields.String(required=True, validate=validate.Length(1, 60))


class AboveTermsSchema(ApiSchema):
    policy_sha256 = fields.String(required=True)


class AboveAcceptedSchema(ApiSchema):
    """What was read and is accepted with it, by hash; others than today's are refused."""

    policy_sha256 = fields.String(required=True)
    charter_sha256 = fields.String(required=True)


class AboveAppealSchema(AboveAcceptedSchema):
    text = fields.String(required=True, validate=validate.Length(1, APPEAL_LENGTH))


class AboveTodaySchema(AboveAcceptedSchema):
    policy = fields.Dict()
    charter = fields.Dict()
    changed = fields.Boolean()


def above_api_routes() -> list[Api]:
    return [*_belonging_routes(), *_asking_routes(), *_reader_routes()]


def _belonging_routes() -> list[Api]:
    return [
        operation(
            "GET", ABOVE, "superiors.list", get_superiors, "Networks above, as they stand.", answer=SuperiorsSchema()
        ),
        operation(
            "POST",
            ABOVE,
            "superiors.apply",
            post_superior,
            "Apply to belong under the network of an invitation link.",
            body=BelongSchema(),
            answer=SuperiorSchema(),
            status=201,
        ),
        operation(
            "POST",
            ONE + "/confirmation",
            "superiors.confirm",
            post_code,
            "Send the one-time code.",
            body=AboveCodeSchema(),
        ),
        operation(
            "POST",
            ONE + "/terms",
            "superiors.accept",
            post_terms,
            "Accept its policy of today.",
            body=AboveTermsSchema(),
        ),
        operation("POST", ONE + "/check", "superiors.check", post_check, "Ask it now.", answer=SuperiorSchema()),
    ]


def _asking_routes() -> list[Api]:
    return [
        operation(
            "GET",
            ONE + "/terms/today",
            "superiors.terms",
            get_terms,
            "Its charter and policy as they stand now, asked of it.",
            answer=AboveTodaySchema(),
        ),
        operation(
            "POST",
            ONE + "/renewal",
            "superiors.renew",
            post_renewal,
            "Ask for the next term there.",
            body=AboveAcceptedSchema(),
            answer=SuperiorSchema(),
        ),
        operation(
            "POST",
            ONE + "/appeal",
            "superiors.appeal",
            post_appeal,
            "Appeal there against the revocation of this network.",
            body=AboveAppealSchema(),
            answer=SuperiorSchema(),
        ),
        operation("DELETE", ONE, "superiors.leave", delete_superior, "Leave, or take the application back."),
    ]


def _reader_routes() -> list[Api]:
    return [
        operation(
            "GET",
            "/networks/{id}/readers",
            "superiors.readers",
            get_readers,
            "Schools of other networks that asked to read here.",
            answer=ReadersSchema(),
        ),
    ]


async def get_superiors(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": [_document(row, call) for row in await superiors_of(session, network.id)]}


async def post_superior(call: Call) -> Any:
    offer = await look_up(local_node(call.request), call.body["invitation"], now=now(call.request))
    if call.body["policy_sha256"] != offer.policy_sha256:
        raise Conflict(READ_AGAIN)
    made = await apply_above(
        local_node(call.request),
        actor=actor_of(call.request),
        network_id=call.path_id(),
        offer=offer,
        contact={"name": call.body["contact_name"], "email": call.body["contact_email"]},
        now=now(call.request),
    )
    await check_superior(local_node(call.request), made)
    wake_worker(call.request)
    return await _one(call, made)


async def post_code(call: Call) -> None:
    await confirm_above(local_node(call.request), code=call.body["code"], **_about(call))


async def post_terms(call: Call) -> None:
    async with database(call.request).writing() as session:
        await accept_above(session, policy_sha256=call.body["policy_sha256"], **_about(call))


async def get_terms(call: Call) -> Any:
    about = _about(call)
    del about["now"]
    return await terms_above(local_node(call.request), **about)


async def post_renewal(call: Call) -> Any:
    await renew_above(local_node(call.request), accepted=Accepted(**call.body), **_about(call))
    return await _asked_now(call)


async def post_appeal(call: Call) -> Any:
    said = dict(call.body)
    text = said.pop("text")
    await appeal_above(local_node(call.request), text=text, accepted=Accepted(**said), **_about(call))
    return await _asked_now(call)


async def _asked_now(call: Call) -> dict[str, Any]:
    superior_id = call.path_id("superior_id")
    await check_superior(local_node(call.request), superior_id)
    return await _one(call, superior_id)


async def post_check(call: Call) -> Any:
    superior_id = call.path_id("superior_id")
    await _one(call, superior_id)
    return await _asked_now(call)


async def delete_superior(call: Call) -> None:
    await leave_above(local_node(call.request), **_about(call))


async def get_readers(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": [_reader(row) for row in await readers_of(session, network.id)]}


def _about(call: Call) -> dict[str, Any]:
    return {
        "actor": actor_of(call.request),
        "network_id": call.path_id(),
        "superior_id": call.path_id("superior_id"),
        "now": now(call.request),
    }


async def _one(call: Call, superior_id: int) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return _document(await superior_of(session, network.id, superior_id), call)


def _document(row: NetworkSuperior, call: Call) -> dict[str, Any]:
    same = ("id", "entity", "name", "state", "confirmed", "policy_sha256", "reads_across", "holds_until", "checked_at")
    standing = standing_of(row)
    told = ("expires", "renewable_from", "renewal_asked", "appeal", "moves")
    return {
        **{name: getattr(row, name) for name in same},
        **{name: getattr(standing, name) for name in told},
        "problem": row.problem,
        "accepted": row.policy_accepted == row.policy_sha256,
        "lets_read": lets_read(row, now(call.request)),
    }


def _reader(row: NetworkReader) -> dict[str, Any]:
    same = ("entity", "through", "superior", "expires_at", "code", "detail", "checked_at", "seen_at")
    return {**{name: getattr(row, name) for name in same}, "reads": bool(row.http_keys)}
