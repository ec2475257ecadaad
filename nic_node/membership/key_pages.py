"""This node's keys for its administrator: a page, and the same for programs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import ROTATED, KeyView
from nic_node.membership.key_desk import KeyDesk
from nic_node.membership.local import local_node
from nic_node.membership.rotate import own_keys, rotate_own_key
from nic_node.web.context import now
from nic_node.web.templating import see_other

OPERATE: Final = "node.operate"


async def _load(request: web.Request) -> tuple[Sequence[KeyView], Mapping[str, Any]]:
    return await own_keys(local_node(request)), {}


async def _rotate(request: web.Request, purpose: KeyPurpose, lead: timedelta) -> None:
    if purpose not in ROTATED:
        raise Conflict("A school's node rotates its federation and http keys; others belong to an epoch.")
    await rotate_own_key(local_node(request), actor=actor_of(request), purpose=purpose, now=now(request), lead=lead)


DESK: Final = KeyDesk(
    permit=OPERATE,
    tag="membership",
    path="/node/keys",
    names=("api.node.keys", "api.node.rotate_key", "This node's own keys, without their private halves."),
    template="membership/node_keys.html",
    load=_load,
    rotate=_rotate,
    back=lambda request: see_other(request, "membership.keys"),
)
