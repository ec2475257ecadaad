"""One envelope a slot from this node, whatever it has to say: its next leaf, or a dummy that only the network can tell.

Slots are counted on the network's grid: unix time over the policy's slot_seconds. The moment within a slot is drawn.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from federation.envelope import seal_dummy, seal_envelope
from federation.epochs import Phase
from federation.errors import FederationError
from nic_node.membership.documents import document_of
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_writing_allowed, membership_in
from nic_node.mirror.epochs import EpochView, epochs_of
from nic_node.peerhttp.signing import RequestSigner
from nic_node.publishing.outbox import RESEND_AFTER_SLOTS, Outgoing, next_record
from nic_node.publishing.participate import LONGEST_PROBLEM, part_in, parts_of, pseudonym_leaf
from nic_node.publishing.retract import next_retraction
from nic_node.publishing.states import EpochState
from nic_node.publishing.tables import OutboxRow, SlotRow

LATEST_SHARE: Final = 0.9
"""Of a slot: an envelope sent at its very end might arrive in the next one."""
DRAWN_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Sealed and noted, not sent yet."""

    url: str
    body: bytes
    signer: RequestSigner
    outgoing: Outgoing | None


async def send_in_slot(node: LocalNode, network: str) -> datetime | None:
    """Send this slot's envelope unless it went already; answers when the next one is due.

    None: there is nobody to send to: no membership that may write, or no epoch yet.
    """
    now = node.clock()
    async with node.database.writing() as session:
        ready = await _next_envelope(session, node, network, now)
    if ready is None:
        return None
    slot_seconds, envelope = ready
    if envelope is not None:
        await _send(node, network, envelope)
    return draw_moment(node, slot=_slot(now, slot_seconds) + 1, slot_seconds=slot_seconds)


async def _next_envelope(
    session: AsyncSession, node: LocalNode, network: str, now: datetime
) -> tuple[int, Envelope | None] | None:
    """(slot_seconds, this slot's envelope or None where it went already); notes what it took before it is sent."""
    membership = await membership_in(session, network)
    views = await epochs_of(session, network)
    if membership is None or not is_writing_allowed(membership, now) or not views:
        return None
    newest = views[-1]
    policy = await document_of(session, newest.epoch.policy_sha256)
    if policy is None:
        return None
    slot_seconds: int = policy["slot_seconds"]
    slot = _slot(now, slot_seconds)
    sent = await session.get(SlotRow, network, with_for_update=True)
    if sent is not None and sent.slot_seconds == slot_seconds and sent.slot >= slot:
        return slot_seconds, None
    outgoing = await _next_pseudonym(session, node, views, slot, now)
    outgoing = outgoing or await next_retraction(session, node, network, slot=slot, now=now)
    outgoing = outgoing or await next_record(session, node, network, slot=slot, now=now)
    if sent is None:
        sent = SlotRow(network=network)
        session.add(sent)
    sent.slot, sent.slot_seconds, sent.sent_at = slot, slot_seconds, now
    await session.flush()
    body = _seal(newest, membership.log_origin, outgoing)
    by = await signer(node, session)
    url = f"{network}/v1/submissions"
    return slot_seconds, Envelope(url=url, body=body, signer=by, outgoing=outgoing)


async def _next_pseudonym(
    session: AsyncSession, node: LocalNode, views: list[EpochView], slot: int, now: datetime
) -> Outgoing | None:
    """A pseudonym that waits to be registered goes before everything else: its window is short."""
    registering = {view.number for view in views if view.phase(now) == Phase.REGISTERING}
    for part in await parts_of(session, views[0].network):
        late = part.sent_slot is None or slot - part.sent_slot > RESEND_AFTER_SLOTS
        if part.epoch not in registering or not late:
            continue
        if part.state in {EpochState.CREDENTIALED, EpochState.REGISTERING}:
            leaf = await pseudonym_leaf(session, node, part)
            part.state, part.sent_slot, part.updated_at = EpochState.REGISTERING, slot, now
            return Outgoing(leaf, b"", epoch=part.epoch)
    return None


def _seal(newest: EpochView, origin: str, outgoing: Outgoing | None) -> bytes:
    """64 KiB for the newest epoch's submission key."""
    key, epoch = newest.epoch.submission_key, newest.number
    if outgoing is None:
        return seal_dummy(key, origin=origin, epoch=epoch)
    return seal_envelope(key, origin=origin, epoch=epoch, leaf=outgoing.leaf, blob=outgoing.blob)


async def _send(node: LocalNode, network: str, envelope: Envelope) -> None:
    """Hand the envelope over. What was plainly not taken is sent again in the next slot."""
    problem = ""
    try:
        await node.client.post(
            envelope.url,
            body=envelope.body,
            body_type="application/octet-stream",
            content_type=(),
            max_bytes=0,
            signer=envelope.signer,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except FederationError as error:
        problem = error.detail[:LONGEST_PROBLEM]
    async with node.database.writing() as session:
        sent = await session.get(SlotRow, network, with_for_update=True)
        if sent is not None:
            sent.problem = problem
        if problem and envelope.outgoing is not None:
            await _unsend(session, network, envelope.outgoing, problem)


async def _unsend(session: AsyncSession, network: str, outgoing: Outgoing, problem: str) -> None:
    """The same bytes go again; should the network have taken them after all, it drops the second copy."""
    if outgoing.outbox_id is not None:
        row = await session.get(OutboxRow, outgoing.outbox_id, with_for_update=True)
        if row is not None:
            row.sent_slot, row.problem = None, problem
    elif outgoing.epoch is not None:
        part = await part_in(session, network, outgoing.epoch)
        if part is not None and part.state == EpochState.REGISTERING:
            part.sent_slot, part.problem = None, problem


def _slot(now: datetime, slot_seconds: int) -> int:
    return int(now.timestamp()) // slot_seconds


def draw_moment(node: LocalNode, *, slot: int, slot_seconds: int) -> datetime:
    """A moment in a slot, uniform over its first nine tenths."""
    drawn = int.from_bytes(node.random_bytes(DRAWN_BYTES), "big") / 256**DRAWN_BYTES
    return datetime.fromtimestamp((slot + LATEST_SHARE * drawn) * slot_seconds, UTC)
