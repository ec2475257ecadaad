"""A network's keys for its coordinators: a page, and the same for programs."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD
from nic_node.membership.key_words import SAID, KeysSchema, RotateForm, RotateSchema, choices, key_rows
from nic_node.membership.local import local_node
from nic_node.network.rotate import network_keys, rotate_network_key
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call
from nic_node.web.templating import render, see_other

COORDINATE = "network.coordinate"


def key_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/keys",
            name="api.networks.keys",
            handler=get_keys,
            permit=COORDINATE,
            tag="network",
            summary="The network's keys, without their private halves.",
            answer=KeysSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/keys",
            name="api.networks.rotate_key",
            handler=post_key,
            permit=COORDINATE,
            tag="network",
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
    return flash.say(see_other(request, "network.keys", id=_network_id(request)), SAID)


async def get_keys(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": await network_keys(session, network.id, now=now(call.request))}


async def post_key(call: Call) -> Any:
    await _rotate(call.request, call.body)
    return await get_keys(call)


def _network_id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _rotate(request: web.Request, said: dict[str, Any]) -> None:
    await rotate_network_key(
        local_node(request),
        network_id=_network_id(request),
        actor=actor_of(request),
        purpose=KeyPurpose(said["purpose"]),
        now=now(request),
        lead=timedelta(days=said["days"]),
    )


async def _keys_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        keys = await network_keys(session, network.id, now=now(request))
    values = {
        "rows": key_rows(keys, now(request)),
        "choices": choices(keys),
        "form": form,
        **coordinator_shell(request, network, "network.log"),
    }
    return await render(request, "network/keys.html", values, status=status)
