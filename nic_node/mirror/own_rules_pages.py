"""What a school asks for beyond a network's policy: a page, and the same as JSON."""

from typing import Any, Final

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode, local_node
from nic_node.membership.own_rules import own_rules
from nic_node.membership.read import membership_of
from nic_node.mirror.epochs import member_keys
from nic_node.mirror.own_rules import least_allowed, set_own_rules
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, page
from nic_node.web.templating import render, see_other

READ: Final = "network.read"
SET: Final = "network.join"
MOST_MEMBERS: Final = 100_000
SAVED: Final = N_("Saved. The next envelope and the library follow these rules.")
NO_NUMBER: Final = N_("Write a whole number, or leave it empty.")
FEW_RELAYS: Final = 3


class OwnRulesForm(FormSchema):
    relays = fields.String(load_default="", validate=validate.Length(max=60_000))
    min_issued = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=MOST_MEMBERS, error=NO_NUMBER),
        error_messages={"invalid": NO_NUMBER},
    )
    version = fields.Integer(required=True)


class OwnRulesBodySchema(ApiSchema):
    relays = fields.List(fields.String(validate=validate.Length(max=300)), required=True)
    min_issued = fields.Integer(
        strict=True, required=True, allow_none=True, validate=validate.Range(min=1, max=MOST_MEMBERS)
    )
    version = fields.Integer(strict=True, required=True)


class OwnRulesSchema(ApiSchema):
    """`least` is what the policy asks for; `hidden` records of terms that are not recognised are kept, not shown."""

    relays = fields.List(fields.String())
    min_issued = fields.Integer(allow_none=True)
    least = fields.Integer()
    hidden = fields.Integer()
    version = fields.Integer()


def own_rules_pages() -> list[Route]:
    path = "/network/memberships/{id}/rules"
    return [
        page("GET", path, "network.own_rules", show_own_rules, READ),
        page("POST", path, "network.set_own_rules", take_own_rules, SET),
    ]


def own_rules_api() -> list[Api]:
    path = "/memberships/{id}/rules"
    tag: Any = "membership"
    return [
        Api(
            method="GET",
            path=path,
            name="network.api.own_rules",
            handler=read_own_rules,
            permit=READ,
            tag=tag,
            summary="What this school asks for beyond the network's policy",
            answer=OwnRulesSchema(),
        ),
        Api(
            method="PUT",
            path=path,
            name="network.api.set_own_rules",
            handler=write_own_rules,
            permit=SET,
            tag=tag,
            summary="Name relays that it trusts, and how many members a term needs to be recognised",
            body=OwnRulesBodySchema(),
            answer=OwnRulesSchema(),
        ),
    ]


async def own_rules_document(session: AsyncSession, membership_id: int) -> dict[str, Any]:
    membership = await membership_of(session, membership_id)
    rules = await own_rules(session, membership.network)
    logs = select(MirrorLog.id).where(MirrorLog.network == membership.network)
    hidden = select(func.count()).where(
        MirrorRecord.log_id.in_(logs), MirrorRecord.state == RecordState.UNRECOGNISED.value
    )
    return {
        "relays": sorted(rules.relays),
        "min_issued": rules.min_issued,
        "least": await least_allowed(session, membership.network, membership.policy_sha256),
        "hidden": await session.scalar(hidden) or 0,
        "version": rules.version,
    }


async def read_own_rules(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return await own_rules_document(session, call.path_id())


async def write_own_rules(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await set_own_rules(
            session,
            local_node(call.request),
            actor=actor_of(call.request),
            membership_id=call.path_id(),
            now=now(call.request),
            **call.body,
        )
        answer = await own_rules_document(session, call.path_id())
    wake_worker(call.request)
    return answer


async def show_own_rules(request: web.Request) -> web.Response:
    return await _page(request, None)


async def take_own_rules(request: web.Request) -> web.Response:
    form = await read_form(request, OwnRulesForm(), max_bytes=FORM_BYTES)
    membership_id, status = int(request.match_info["id"]), 422
    if form.ok:
        try:
            async with database(request).writing() as session:
                await set_own_rules(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    membership_id=membership_id,
                    relays=form.data["relays"].split(),
                    min_issued=form.data["min_issued"],
                    version=form.data["version"],
                    now=now(request),
                )
            wake_worker(request)
            return flash.say(see_other(request, "network.own_rules", id=membership_id), SAVED)
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors[""], status = [error.sentence], 409
    return await _page(request, form, status=status)


async def _page(request: web.Request, form: Form | None, *, status: int = 200) -> web.Response:
    node: LocalNode = local_node(request)
    async with database(request).reading() as session:
        membership = await membership_of(session, int(request.match_info["id"]))
        rules = await own_rules_document(session, membership.id)
        others = [one for one in await member_keys(session, membership.network) if one != node.entity_id]
    shown = {"relays": "\n".join(rules["relays"]), "min_issued": rules["min_issued"] or "", "version": rules["version"]}
    values = {
        "membership": membership,
        "rules": rules,
        "form": form or blank_form(shown),
        "others": others,
        "is_few": 0 < len(rules["relays"]) < FEW_RELAYS,
    }
    return await render(request, "mirror/own_rules.html", values, status=status)
