"""A network's keys for its coordinators: a page, and the same for programs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import KeyView
from nic_node.membership.key_desk import KeyDesk
from nic_node.membership.local import local_node
from nic_node.network.operation import COORDINATE
from nic_node.network.rotate import network_keys, rotate_network_key
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web.context import database, now
from nic_node.web.templating import see_other


async def _load(request: web.Request) -> tuple[Sequence[KeyView], Mapping[str, Any]]:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        keys = await network_keys(session, network.id, now=now(request))
    return keys, coordinator_shell(request, network, "network.log")


async def _rotate(request: web.Request, purpose: KeyPurpose, lead: timedelta) -> None:
    await rotate_network_key(
        local_node(request),
        network_id=_network_id(request),
        actor=actor_of(request),
        purpose=purpose,
        now=now(request),
        lead=lead,
    )


def _network_id(request: web.Request) -> int:
    return int(request.match_info["id"])


DESK: Final = KeyDesk(
    permit=COORDINATE,
    tag="network",
    path="/networks/{id}/keys",
    names=("api.networks.keys", "api.networks.rotate_key", "The network's keys, without their private halves."),
    template="network/keys.html",
    load=_load,
    rotate=_rotate,
    back=lambda request: see_other(request, "network.keys", id=_network_id(request)),
)
