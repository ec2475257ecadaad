"""One envelope a slot from this node, whatever it has to say: its next leaf, or a dummy that only the network can tell.

Slots are counted on the network's grid: unix time over the policy's slot_seconds. The moment within a slot is drawn.
It goes to the first of this epoch's relays that passes it on. When none does it is tried again in what is left of the
slot, and a person is asked: it never goes straight to the network on its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from federation.envelope import seal_dummy, seal_envelope
from federation.epochs import Phase
from nic_node.membership.documents import document_of
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_writing_allowed, membership_in
from nic_node.mirror.epochs import EpochView, epochs_of, newest_final
from nic_node.mirror.forks.read import is_frozen
from nic_node.peerhttp.signing import RequestSigner
from nic_node.publishing.outbox import Outgoing, goes_again, next_record
from nic_node.publishing.participate import part_in, parts_of, pseudonym_leaf
from nic_node.publishing.relays.draw import relays_of
from nic_node.publishing.relays.send import hand_over, note_way, ways_of
from nic_node.publishing.retract import next_retraction, unsend_retraction
from nic_node.publishing.states import EpochState
from nic_node.publishing.tables import OutboxRow, SlotRow

LATEST_SHARE: Final = 0.9
"""Of a slot: an envelope sent at its very end might arrive in the next one."""
TRIED_AGAIN_SHARE: Final = 0.1
"""Of a slot: with less of it left, what nobody took waits for the next one."""
DRAWN_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Sealed and noted, not sent yet. `ways`: addresses that may take it, in the order in which they are tried."""

    epoch: int
    ways: tuple[str, ...]
    body: bytes
    signer: RequestSigner
    outgoing: Outgoing | None


async def send_in_slot(node: LocalNode, network: str) -> datetime | None:
    """Send this slot's envelope unless it went already; answers when the next one is due.

    None: there is nobody to send to: no membership that may write, no epoch yet, or the log showed two histories.
    """
    now = node.clock()
    async with node.database.writing() as session:
        ready = await _next_envelope(session, node, network, now)
    if ready is None:
        return None
    slot_seconds, envelope = ready
    slot = _slot(now, slot_seconds)
    if envelope is not None and not await _send(node, network, envelope):
        left = (slot + LATEST_SHARE) * slot_seconds - now.timestamp()
        if left > TRIED_AGAIN_SHARE * slot_seconds:
            return now + timedelta(seconds=left * _draw_share(node))
    return draw_moment(node, slot=slot + 1, slot_seconds=slot_seconds)


async def _next_envelope(
    session: AsyncSession, node: LocalNode, network: str, now: datetime
) -> tuple[int, Envelope | None] | None:
    """(slot_seconds, this slot's envelope or None where it went already); notes what it took before it is sent."""
    membership = await membership_in(session, network)
    views = await epochs_of(session, network)
    newest = newest_final(views)
    if membership is None or not is_writing_allowed(membership, now) or newest is None:
        return None
    if await is_frozen(session, network):
        return None  # `follow` asks for this job again once somebody has decided
    policy = await document_of(session, newest.epoch.policy_sha256)
    if policy is None:
        return None
    slot_seconds: int = policy["slot_seconds"]
    slot = _slot(now, slot_seconds)
    sent = await session.get(SlotRow, network, with_for_update=True)
    # A problem says that nobody took it; noted and without one, it may have gone, and counts as gone.
    if sent is not None and sent.slot_seconds == slot_seconds and sent.slot >= slot and not sent.problem:
        return slot_seconds, None
    draw = await relays_of(session, node, network=network, epoch=newest.number, now=now)
    ways = ways_of(draw, network)
    outgoing = await _next_outgoing(session, node, views, slot, now) if ways else None
    if sent is None:
        sent = SlotRow(network=network)
        session.add(sent)
    sent.slot, sent.slot_seconds, sent.sent_at, sent.problem = slot, slot_seconds, now, ""
    await session.flush()
    body = _seal(newest, membership.log_origin, outgoing)
    by = await signer(node, session)
    return slot_seconds, Envelope(epoch=newest.number, ways=ways, body=body, signer=by, outgoing=outgoing)


async def _next_outgoing(
    session: AsyncSession, node: LocalNode, views: list[EpochView], slot: int, now: datetime
) -> Outgoing | None:
    network = views[0].network
    found = await _next_pseudonym(session, node, views, slot, now)
    found = found or await next_retraction(session, node, network, slot=slot, now=now)
    return found or await next_record(session, node, views, slot=slot, now=now)


async def _next_pseudonym(
    session: AsyncSession, node: LocalNode, views: list[EpochView], slot: int, now: datetime
) -> Outgoing | None:
    """A pseudonym that waits to be registered goes before everything else: its window is short."""
    registering = {view.number for view in views if view.phase(now) == Phase.REGISTERING}
    for part in await parts_of(session, views[0].network):
        if part.epoch not in registering or not goes_again(part.sent_slot, slot):
            continue
        if part.state in {EpochState.CREDENTIALED, EpochState.REGISTERING}:
            leaf = await pseudonym_leaf(session, node, part)
            if leaf is None:
                continue
            part.state, part.sent_slot, part.updated_at = EpochState.REGISTERING, slot, now
            return Outgoing(leaf, b"", epoch=part.epoch)
    return None


def _seal(newest: EpochView, origin: str, outgoing: Outgoing | None) -> bytes:
    """64 KiB for the newest epoch's submission key."""
    key, epoch = newest.epoch.submission_key, newest.number
    if outgoing is None:
        return seal_dummy(key, origin=origin, epoch=epoch)
    return seal_envelope(key, origin=origin, epoch=epoch, leaf=outgoing.leaf, blob=outgoing.blob)


async def _send(node: LocalNode, network: str, envelope: Envelope) -> bool:
    """Hand the envelope over; False where it was plainly not taken: then it goes again."""
    problem = await hand_over(node, envelope.ways, envelope.body, envelope.signer)
    async with node.database.writing() as session:
        sent = await session.get(SlotRow, network, with_for_update=True)
        if sent is not None:
            sent.problem = problem
        await note_way(session, network=network, epoch=envelope.epoch, is_taken=not problem, now=node.clock())
        if problem and envelope.outgoing is not None:
            await _unsend(session, network, envelope.outgoing, problem)
    return not problem


async def _unsend(session: AsyncSession, network: str, outgoing: Outgoing, problem: str) -> None:
    """The same bytes go again; should the network have taken them after all, it drops the second copy."""
    if outgoing.outbox_id is not None:
        row = await session.get(OutboxRow, outgoing.outbox_id, with_for_update=True)
        if row is not None:
            # No try of ours: of what was tried often people are told that the log refuses it.
            row.sent_slot, row.problem, row.tries = None, problem, row.tries - 1
    elif outgoing.retraction_id is not None:
        await unsend_retraction(session, outgoing.retraction_id, problem)
    elif outgoing.epoch is not None:
        part = await part_in(session, network, outgoing.epoch)
        if part is not None and part.state == EpochState.REGISTERING:
            part.sent_slot, part.problem = None, problem


def _slot(now: datetime, slot_seconds: int) -> int:
    return int(now.timestamp()) // slot_seconds


def draw_moment(node: LocalNode, *, slot: int, slot_seconds: int) -> datetime:
    """A moment in a slot, uniform over its first nine tenths."""
    return datetime.fromtimestamp((slot + LATEST_SHARE * _draw_share(node)) * slot_seconds, UTC)


def _draw_share(node: LocalNode) -> float:
    """Uniform on [0, 1)."""
    return int.from_bytes(node.random_bytes(DRAWN_BYTES), "big") / 256**DRAWN_BYTES
