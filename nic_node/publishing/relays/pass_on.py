"""This node as a relay: takes an envelope that a member of the same network signed for, and passes it on as its own.

What goes on to the network is made from the envelope's bytes alone. Of the sender a row stays until the slot is past,
which says that it used this slot; no line is logged, and a refusal by the network is told to the sender in one
sentence that is always the same.
"""

from datetime import datetime

from aiohttp import web
from marshmallow import ValidationError, fields
from sqlalchemy.exc import IntegrityError

from federation.errors import FederationError, Unreachable, Untrusted
from nic_node.errors import NotFound
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode, local_node
from nic_node.mirror.requests import MemberRequest, member_request
from nic_node.peerhttp.requests import door_of
from nic_node.publishing.relays.forget import forget_later, slot_of, slot_seconds_of
from nic_node.publishing.relays.tables import RelayedSlot
from nic_node.web.forms import FormSchema
from schemas.code import Code
from schemas.limits import ENVELOPE_BYTES

NO_SUCH_NETWORK = "This node carries no envelopes for such a network."
SLOT_USED = "An envelope of yours was passed on in this slot. The next one is for the next slot."
NOT_PASSED_ON = "The relay could not pass the envelope on. Try another relay, or later."


class SlotUsed(Untrusted):
    """A second envelope in a slot; `retry_after` seconds later begins the next one."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(Code.SLOT_USED, SLOT_USED)
        self.retry_after = retry_after


class RelayQuery(FormSchema):
    network = fields.String(required=True)


async def take_relay(request: web.Request) -> web.Response:
    """An envelope from another member: 202 once the network has taken it."""
    node = local_node(request)
    now = node.clock()
    network = _network_of(request)
    slot_seconds = await _slot_seconds_now(node, network, now)
    slot = slot_of(now, slot_seconds)
    sent = await member_request(request, max_bytes=ENVELOPE_BYTES, network=network)
    # By its signature it is the sender's own doing: nobody is made to wait for what others sent.
    with node.throttle.watching(door_of(request, sent.entity_id), now):
        if len(sent.body) != ENVELOPE_BYTES:
            raise Untrusted(Code.ENVELOPE_MALFORMED, f"An envelope has exactly {ENVELOPE_BYTES} bytes.")
        await _use_slot(node, network, sent.entity_id, slot, slot_seconds, now)
        await _carry(node, network, sent, slot)
    return web.Response(status=202)


async def _carry(node: LocalNode, network: str, sent: MemberRequest, slot: int) -> None:
    try:
        await _pass_on(node, network, sent.body)
    except Unreachable as error:
        # It was not taken, so the sender may try again in this slot. What the network refused has used it up.
        await _give_slot_back(node, network, sent.entity_id, slot)
        raise Unreachable(Code.RELAY_REFUSED, NOT_PASSED_ON) from error
    except FederationError as error:
        raise Untrusted(Code.RELAY_REFUSED, NOT_PASSED_ON) from error


def _network_of(request: web.Request) -> str:
    try:
        return str(RelayQuery().load(dict(request.query))["network"])
    except ValidationError as error:
        raise NotFound(NO_SUCH_NETWORK) from error


async def _slot_seconds_now(node: LocalNode, network: str, now: datetime) -> int:
    """How long a slot is. Raises NotFound: this node is no member there, or no term has begun."""
    async with node.database.reading() as session:
        slot_seconds = await slot_seconds_of(session, network, now)
    if slot_seconds is None:
        raise NotFound(NO_SUCH_NETWORK)
    return slot_seconds


async def _use_slot(node: LocalNode, network: str, sender: str, slot: int, slot_seconds: int, now: datetime) -> None:
    """Raises SlotUsed."""
    try:
        async with node.database.writing() as session:
            session.add(RelayedSlot(network=network, sender=sender, slot=slot))
            await session.flush()
            await forget_later(session, slot=slot, slot_seconds=slot_seconds)
    except IntegrityError as error:
        left = (slot + 1) * slot_seconds - int(now.timestamp())
        raise SlotUsed(max(1, left)) from error


async def _give_slot_back(node: LocalNode, network: str, sender: str, slot: int) -> None:
    async with node.database.writing() as session:
        used = await session.get(RelayedSlot, (network, sender, slot))
        if used is not None:
            await session.delete(used)


async def _pass_on(node: LocalNode, network: str, envelope: bytes) -> None:
    """To the network, in a request of this node's own."""
    async with node.database.reading() as session:
        by = await signer(node, session)
    await node.client.post(
        f"{network}/v1/submissions",
        body=envelope,
        body_type="application/octet-stream",
        content_type=(),
        max_bytes=0,
        signer=by,
        accept_status=frozenset({202}),
        may_be_empty=True,
    )
