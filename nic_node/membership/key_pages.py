"""This node's keys for its administrator: a page, and the same for programs."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, ROTATED
from nic_node.membership.key_words import SAID, KeysSchema, RotateForm, RotateSchema, choices, key_rows
from nic_node.membership.local import local_node
from nic_node.membership.rotate import own_keys, rotate_own_key
from nic_node.web import flash
from nic_node.web.context import now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call
from nic_node.web.templating import render, see_other

OPERATE = "node.operate"


def key_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/node/keys",
            name="api.node.keys",
            handler=get_keys,
            permit=OPERATE,
            tag="membership",
            summary="This node's own keys, without their private halves.",
            answer=KeysSchema(),
        ),
        Api(
            method="POST",
            path="/node/keys",
            name="api.node.rotate_key",
            handler=post_key,
            permit=OPERATE,
            tag="membership",
            summary="Publish a new federation or http key; it takes over after some days.",
            body=RotateSchema(),
            answer=KeysSchema(),
            status=201,
        ),
    ]


async def show_keys(request: web.Request) -> web.Response:
    return await _keys_page(request, blank_form({"days": LEAD.days}))


async def take_key(request: web.Request) -> web.Response:
    form = await read_form(request, RotateForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _keys_page(request, form, status=422)
    try:
        await _rotate(request, form.data)
    except Conflict as error:
        form.errors["purpose"] = [error.sentence]
        return await _keys_page(request, form, status=409)
    return flash.say(see_other(request, "membership.keys"), SAID)


async def get_keys(call: Call) -> Any:
    return {"items": await own_keys(local_node(call.request))}


async def post_key(call: Call) -> Any:
    if KeyPurpose(call.body["purpose"]) not in ROTATED:
        raise Conflict("A school's node rotates its federation and http keys; others belong to an epoch.")
    await _rotate(call.request, call.body)
    return await get_keys(call)


async def _rotate(request: web.Request, said: dict[str, Any]) -> None:
    await rotate_own_key(
        local_node(request),
        actor=actor_of(request),
        purpose=KeyPurpose(said["purpose"]),
        now=now(request),
        lead=timedelta(days=said["days"]),
    )


async def _keys_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    keys = await own_keys(local_node(request))
    values = {"rows": key_rows(keys, now(request)), "choices": choices(keys), "form": form}
    return await render(request, "membership/node_keys.html", values, status=status)
