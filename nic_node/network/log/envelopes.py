"""Sealed submissions: taken from relays, kept sealed until their slot ends, then opened all together.

The relay knows who but not what or whether; the network knows what but not who. So nothing is kept of an envelope but
its bytes and its slot, under a place drawn at random; a dummy takes the same way as a record until the slot's end. From
then on its hash alone is kept, for as long as there is a key that could open it again.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.envelope import Submission, open_envelope
from federation.errors import Untrusted
from federation.keys import PrivateKey, load_private, thumbprint
from nic_node.db.insert import insert_missing
from nic_node.errors import NotFound, TooMany
from nic_node.i18n import N_
from nic_node.keyring.keys import load_private_jwk
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.documents import document_of
from nic_node.network.log.queue import wake_sequencer
from nic_node.network.log.tables import EpochRecord, Log, OpenedEnvelope, RelayCount, SealedEnvelope
from schemas.code import Code

PLACE_BYTES: Final = 16
ENVELOPES_A_MEMBER: Final = 3
"""A relay may bring this many envelopes a slot for each approved member: each sends one, and may send it again."""
ENVELOPES_SPARE: Final = 8
FLOODING: Final = N_(
    "This relay brought more envelopes in one slot than all members could send. Wait for the next slot."
)


async def submission_keys(session: AsyncSession, *, operator_key: OperatorKey, log: Log) -> dict[int, PrivateKey]:
    """Epoch number -> the key that opens its envelopes, newest first, of those not erased."""
    query = select(EpochRecord).where(
        EpochRecord.log_id == log.id, EpochRecord.index.is_not(None), EpochRecord.submission_key_erased_at.is_(None)
    )
    keys = {}
    for record in await session.scalars(query.order_by(EpochRecord.number.desc())):
        kid = thumbprint(record.payload["submission_key"])
        try:
            private = await load_private_jwk(session, operator_key=operator_key, entity_id=log.network, kid=kid)
        except NotFound:
            continue  # erased between the two reads
        keys[record.number] = load_private(private)
    return keys


def find_epoch(keys: Mapping[int, PrivateKey], envelope: bytes, *, origin: str) -> int:
    """The epoch whose key opens an envelope; what is inside is not looked at yet.

    Raises:
        Untrusted: ENVELOPE_MALFORMED, ENVELOPE_UNOPENED.
    """
    for number, private in keys.items():
        try:
            open_envelope(private, envelope, origin=origin, epoch=number)
        except Untrusted as error:
            if error.code is not Code.ENVELOPE_UNOPENED:
                raise
        else:
            return number
    raise Untrusted(Code.ENVELOPE_UNOPENED, "An envelope was not sealed for an epoch of this network that is running.")


def unseal(keys: Mapping[int, PrivateKey], sealed: SealedEnvelope, *, origin: str) -> Submission | None:
    """What an envelope holds, None for a dummy.

    Raises:
        Untrusted: ENVELOPE_MALFORMED; ENVELOPE_UNOPENED, also when its epoch's key is erased by now.
    """
    private = keys.get(sealed.epoch)
    if private is None:
        raise Untrusted(Code.ENVELOPE_UNOPENED, "The key that opens an envelope is erased: its epoch is over.")
    return open_envelope(private, sealed.envelope, origin=origin, epoch=sealed.epoch)


def slot_end(moment: datetime, slot_seconds: int) -> datetime:
    """When the slot that holds a moment ends; slots are counted from the Unix epoch."""
    number = int(moment.timestamp()) // slot_seconds
    return datetime.fromtimestamp((number + 1) * slot_seconds, UTC)


async def slot_seconds_of(session: AsyncSession, log: Log, epoch: int) -> int:
    record = await session.get(EpochRecord, (log.id, epoch))
    assert record is not None
    policy = await document_of(session, log.network_id, record.payload["policy_sha256"])
    slot_seconds: int = policy["slot_seconds"]
    return slot_seconds


async def find_envelope(session: AsyncSession, log: Log, envelope: bytes) -> SealedEnvelope | None:
    """The same bytes, where they wait for their slot's end."""
    envelope_sha256 = hashlib.sha256(envelope).hexdigest()
    held: SealedEnvelope | None = await session.scalar(
        select(SealedEnvelope).where(SealedEnvelope.log_id == log.id, SealedEnvelope.envelope_sha256 == envelope_sha256)
    )
    return held


async def was_opened(session: AsyncSession, log: Log, envelope: bytes, epochs: Collection[int]) -> bool:
    """Whether these bytes were opened when an earlier slot ended; to be asked after `find_envelope`, or beside it.

    Args:
        epochs: those whose keys are there: under another one nothing opens anyway.
    """
    opened = exists().where(
        OpenedEnvelope.log_id == log.id,
        OpenedEnvelope.epoch.in_(epochs),
        OpenedEnvelope.digest == hashlib.sha256(envelope).digest(),
    )
    return bool(await session.scalar(select(opened)))


def replayed() -> Untrusted:
    return Untrusted(Code.ENVELOPE_REPLAYED, "These bytes came in an earlier slot: an envelope is sealed anew.")


async def note_opened(session: AsyncSession, log: Log, sealed: Sequence[SealedEnvelope]) -> None:
    """Envelopes whose slot has ended are not opened again."""
    rows = [{"log_id": log.id, "epoch": row.epoch, "digest": bytes.fromhex(row.envelope_sha256)} for row in sealed]
    await insert_missing(session, OpenedEnvelope, rows)


async def forget_opened(session: AsyncSession, log_id: int, epoch: int) -> None:
    """Once the key of an epoch is erased, none of its envelopes opens."""
    await session.execute(delete(OpenedEnvelope).where(OpenedEnvelope.log_id == log_id, OpenedEnvelope.epoch == epoch))


async def verify_not_flooding(session: AsyncSession, *, log: Log, relay: str, slot_seconds: int, now: datetime) -> None:
    """Before anything is opened.

    Raises:
        TooMany: the relay brought as many in this slot as all members could send.
    """
    count = await session.get(RelayCount, (log.id, relay, slot_end(now, slot_seconds)))
    if count is not None and count.taken >= most_envelopes(log):
        raise TooMany(FLOODING, slot_seconds)


def most_envelopes(log: Log) -> int:
    """What one relay may bring in a slot."""
    return ENVELOPES_A_MEMBER * log.approved_members + ENVELOPES_SPARE


async def take_envelope(
    session: AsyncSession,
    *,
    log: Log,
    relay: str,
    epoch: int,
    envelope: bytes,
    place: str,
    slot_seconds: int,
    now: datetime,
) -> None:
    """Keep an envelope until its slot ends. One that is there already, brought again, changes nothing.

    Raises:
        TooMany: the relay brought more in this slot than all members could send.
        Untrusted: ENVELOPE_REPLAYED.
    """
    due_at = await count_envelope(session, log=log, relay=relay, slot_seconds=slot_seconds, now=now)
    if await find_envelope(session, log, envelope) is None:
        if await was_opened(session, log, envelope, [epoch]):
            raise replayed()
        session.add(
            SealedEnvelope(
                place=place,
                log_id=log.id,
                epoch=epoch,
                due_at=due_at,
                envelope=envelope,
                envelope_sha256=hashlib.sha256(envelope).hexdigest(),
            )
        )
    await session.flush()
    await wake_sequencer(session, log.id, due_at)


async def count_envelope(session: AsyncSession, *, log: Log, relay: str, slot_seconds: int, now: datetime) -> datetime:
    """Count what a relay brings in this slot; answers when the slot ends.

    Raises:
        TooMany: it brought more than all members could send.
    """
    due_at = slot_end(now, slot_seconds)
    count = await session.get(RelayCount, (log.id, relay, due_at), with_for_update=True)
    if count is None:
        count = RelayCount(log_id=log.id, entity=relay, due_at=due_at, taken=0)
        session.add(count)
    count.taken += 1
    if count.taken > most_envelopes(log):
        raise TooMany(FLOODING, slot_seconds)
    return due_at
