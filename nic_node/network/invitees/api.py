"""The list of schools to invite as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.network.invitees.find import list_invitees
from nic_node.network.invitees.keep import (
    add_to_list,
    choose_reminders,
    invite_all,
    is_reminding,
    remind_all,
    settle_invitee,
)
from nic_node.network.invitees.pages import ACTS
from nic_node.network.invitees.read_list import LIST_MAX_BYTES, read_list
from nic_node.network.invitees.states import SHOWN
from nic_node.network.shell import coordinated_network
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, ApiHandler, Call

COORDINATE = "network.coordinate"
LIST = "/networks/{id}/invitees"


class InviteeSchema(ApiSchema):
    id = fields.Integer()
    name = fields.String()
    email = fields.String()
    district = fields.String()
    directory_id = fields.String()
    state = fields.String(validate=validate.OneOf(SHOWN))
    reminders = fields.Integer()
    added_at = fields.AwareDateTime()
    written_at = fields.AwareDateTime(allow_none=True)
    mail_id = fields.Integer(allow_none=True)
    member_id = fields.Integer(allow_none=True)


class InviteesSchema(ApiSchema):
    items = fields.List(fields.Nested(InviteeSchema))
    next = fields.Integer(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class InviteesApiQuery(PageQuery):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    state = fields.String(load_default=None, validate=validate.OneOf(SHOWN))


class InviteeListSchema(ApiSchema):
    list = fields.String(
        required=True,
        metadata={"description": "One school a line (name, address, district, directory id), or CSV with a heading."},
    )
    send = fields.Boolean(load_default=True, metadata={"description": "Invite them at once."})


class InviteesAddedSchema(ApiSchema):
    added = fields.Integer()
    listed = fields.Integer(metadata={"description": "On the list already."})
    here = fields.Integer(metadata={"description": "A member or applicant has this name."})


class InviteeActSchema(ApiSchema):
    act = fields.String(required=True, validate=validate.OneOf(ACTS))


class InviteesCountSchema(ApiSchema):
    schools = fields.Integer()


class InviteesRemindersSchema(ApiSchema):
    reminds = fields.Boolean(required=True)


def invitee_api_routes() -> list[Api]:
    one, count = LIST + "/{invitee_id}", InviteesCountSchema()
    choice = InviteesRemindersSchema()
    return [
        _route("GET", LIST, "list", get_list, 0, query=InviteesApiQuery(), answer=InviteesSchema()),
        _route(
            "POST", LIST, "add", post_list, 1,
            body=InviteeListSchema(), answer=InviteesAddedSchema(), status=201, max_bytes=2 * LIST_MAX_BYTES,
        ),
        _route("POST", LIST + "/send", "send", post_send, 2, answer=count),
        _route("POST", LIST + "/remind", "remind", post_remind, 3, answer=count),
        _route("GET", LIST + "/reminders", "reminders", get_reminders, 4, answer=choice),
        _route("PUT", LIST + "/reminders", "choose", put_reminders, 5, body=choice, answer=choice),
        _route("POST", one + "/act", "act", post_act, 6, body=InviteeActSchema()),
    ]  # fmt: skip


_SAYS = (
    "The list of schools to invite, and how each stands.",
    "Add schools; with one bad line nothing is added, and each is named.",
    "Invite everybody on the list who was not yet.",
    "A new link to everybody who was invited and has not applied; the earlier links stop working.",
    "Whether reminders go out by themselves.",
    "Switch reminders on or off.",
    "One school: invite, remind, note that it declined, take it off the list or put it back.",
)


def _route(method: str, path: str, name: str, handler: ApiHandler, says: int, **more: Any) -> Api:
    return Api(
        method=method,
        path=path,
        name=f"api.networks.invitees.{name}",
        handler=handler,
        permit=COORDINATE,
        tag="network",
        summary=_SAYS[says],
        **more,
    )


async def get_list(call: Call) -> Any:
    query = call.query
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return await list_invitees(
            session, network.id, state=query["state"], words=query["q"], after=query["after"], limit=query["limit"]
        )


async def post_list(call: Call) -> Any:
    rows = read_list(call.body["list"]).verify()
    async with database(call.request).writing() as session:
        compared = await add_to_list(
            session, rows=rows, is_sending=call.body["send"], network_id=call.path_id(), **_asked(call)
        )
    wake_worker(call.request)
    return {"added": len(compared.new), "listed": len(compared.listed), "here": len(compared.here)}


async def post_send(call: Call) -> Any:
    async with database(call.request).writing() as session:
        count = await invite_all(session, network_id=call.path_id(), **_asked(call))
    wake_worker(call.request)
    return {"schools": count}


async def post_remind(call: Call) -> Any:
    async with database(call.request).writing() as session:
        count = await remind_all(session, network_id=call.path_id(), **_asked(call))
    wake_worker(call.request)
    return {"schools": count}


async def get_reminders(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"reminds": await is_reminding(session, network.id)}


async def put_reminders(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await choose_reminders(session, network_id=call.path_id(), is_on=call.body["reminds"], **_asked(call))
    return call.body


async def post_act(call: Call) -> None:
    async with database(call.request).writing() as session:
        await settle_invitee(
            session,
            network_id=call.path_id(),
            invitee_id=call.path_id("invitee_id"),
            act=call.body["act"],
            **_asked(call),
        )
    wake_worker(call.request)


def _asked(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}
