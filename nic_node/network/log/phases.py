"""What the network does by itself as an epoch's windows pass: close issuing, open or void, announce the next, erase."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import (
    EpochStatus,
    EpochWindows,
    erase_submission_key_at,
    next_issue_from,
    read_epoch,
)
from federation.keys import thumbprint
from federation.leaves import build_open, build_void
from nic_node.accounts.actor import SYSTEM
from nic_node.disclosure.lattice import merge_upward
from nic_node.errors import Conflict
from nic_node.keyring.keys import erase_key
from nic_node.membership.local import LocalNode
from nic_node.network.documents import current_policy, document_of, keep_document
from nic_node.network.log.announce import announce_epoch, announced_ahead, plan_announcement
from nic_node.network.log.envelopes import forget_opened
from nic_node.network.log.erase import overwrite_erased, scour_soon
from nic_node.network.log.profiles import profiles_of
from nic_node.network.log.queue import queue_network_leaf
from nic_node.network.log.supplement import running_windows
from nic_node.network.log.tables import EpochRecord, Log, LogIssued, QueuedLeaf, SealedEnvelope
from schemas.canonical import canonical_bytes

VOID_REPEATED_WITHIN: Final = timedelta(days=14)
"""A void epoch is announced again at once when there are members enough, else until this long after; then never by
itself: an epoch that nobody can fill is for a coordinator to decide."""
IDLE: Final = timedelta(minutes=1)
WAIT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Standing:
    """An epoch and its windows."""

    record: EpochRecord
    windows: EpochWindows


async def advance_epochs(node: LocalNode, log_id: int, *, now: datetime) -> bool:
    """Do the next thing that is due; True when something was done and more may be."""
    async with node.database.writing() as session:
        log = await session.get_one(Log, log_id)
        done = await _advance_one(session, node, log, now)
    if done:
        await overwrite_erased(node.database)
        node.wake()
        return True
    return await _announce_next(node, log_id, now)


async def _advance_one(session: AsyncSession, node: LocalNode, log: Log, now: datetime) -> bool:
    for standing in await _standings(session, log.id):
        if await _advance_epoch(session, node, log, standing, now):
            return True
    return False


async def _standings(session: AsyncSession, log_id: int) -> list[_Standing]:
    query = select(EpochRecord).where(EpochRecord.log_id == log_id, EpochRecord.index.is_not(None))
    records = (await session.scalars(query.order_by(EpochRecord.number).with_for_update())).all()
    return [_Standing(record, read_epoch(record.payload).windows) for record in records]


async def _advance_epoch(session: AsyncSession, node: LocalNode, log: Log, standing: _Standing, now: datetime) -> bool:
    record, windows = standing.record, standing.windows
    if record.submission_key_erased_at is None and now >= erase_submission_key_at(windows):
        await _erase(session, log, record.payload["submission_key"], now)
        await forget_opened(session, log.id, record.number)
        record.submission_key_erased_at = now
        return True
    if record.status != EpochStatus.ANNOUNCED or now < windows.issue_to or await _has_queued(session, log.id):
        # What is queued may still be counted by this epoch: it goes into the log first.
        return False
    if record.issuing_closed_at is None:
        await close_issuing(session, log, record, now)
        return True
    if now >= windows.active_from and not await _has_envelopes(session, log.id, windows.active_from):
        await open_or_void(session, node, log, record, now)
        return True
    return False


async def close_issuing(session: AsyncSession, log: Log, record: EpochRecord, now: datetime) -> None:
    """Erase the key that issues, and fix the lattice over the members that were issued a credential."""
    await _erase(session, log, record.payload["rsa_jwk"], now)
    policy = await document_of(session, log.network_id, record.payload["policy_sha256"])
    announced = await document_of(session, log.network_id, record.payload["lattice_sha256"])
    issued = select(LogIssued.entity).where(LogIssued.log_id == log.id, LogIssued.epoch == record.number)
    profiles = await profiles_of(session, log.network_id, (await session.scalars(issued)).all())
    lattice = merge_upward(announced, profiles, k=policy["context_k"])
    record.closing_lattice_sha256 = await keep_document(session, log.network_id, canonical_bytes(lattice))
    record.issuing_closed_at = now


async def open_or_void(session: AsyncSession, node: LocalNode, log: Log, record: EpochRecord, now: datetime) -> None:
    """Queue the leaf that opens the epoch, or the one that says what was short."""
    assert record.closing_lattice_sha256 is not None
    counts: Mapping[str, Any] = {
        "epoch": record.number,
        "issued": record.issued,
        "registered": record.registered,
    }
    if record.issued >= record.payload["min_issued"]:
        payload = build_open(log.network, **counts, lattice_sha256=record.closing_lattice_sha256)
    else:
        payload = build_void(log.network, **counts)
    await queue_network_leaf(
        session, operator_key=node.operator_key, network_id=log.network_id, payload=payload, now=now
    )


async def _announce_next(node: LocalNode, log_id: int, now: datetime) -> bool:
    """The next epoch, so that it opens as this one ends; or a void one again. The first is a coordinator's act."""
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
        issue_from = await _next_issue_from(session, log, now)
    if issue_from is None:
        return False
    await announce_epoch(node, network_id=log.network_id, actor=SYSTEM, now=now, issue_from=issue_from)
    return True


async def _next_issue_from(session: AsyncSession, log: Log, now: datetime) -> datetime | None:
    """When the next epoch should issue, if it is time to announce it and it may be."""
    newest = await session.scalar(
        select(EpochRecord).where(EpochRecord.log_id == log.id).order_by(EpochRecord.number.desc()).limit(1)
    )
    if newest is None or newest.status == EpochStatus.ANNOUNCED:
        return None
    windows = read_epoch(newest.payload).windows
    if newest.status == EpochStatus.VOID:
        if now < windows.active_from + VOID_REPEATED_WITHIN and await _may_announce(session, log, now):
            return now
        # A supplementary one that stayed void doesn't keep the next epoch from coming in its time.
        running = await running_windows(session, log, now)
        if running is None:
            return None
        windows = running
    policy = await current_policy(session, log.network_id)
    issue_from = max(now, next_issue_from(windows, policy))
    is_time = now >= issue_from - announced_ahead(policy)
    return issue_from if is_time and await _may_announce(session, log, issue_from) else None


async def _may_announce(session: AsyncSession, log: Log, issue_from: datetime) -> bool:
    try:
        await plan_announcement(session, log, issue_from=issue_from)
    except Conflict:
        return False
    return True


async def next_run(session: AsyncSession, log_id: int, now: datetime) -> datetime:
    """When to look again: as the next window passes, soon where something waits for the log, else now and then."""
    log = await session.get_one(Log, log_id)
    moments = [now + IDLE]
    for record in await session.scalars(select(EpochRecord).where(EpochRecord.log_id == log_id)):
        windows = read_epoch(record.payload).windows
        policy = await document_of(session, log.network_id, record.payload["policy_sha256"])
        moments.append(now + timedelta(seconds=policy["slot_seconds"]))
        moments += [windows.issue_to, windows.active_from, windows.active_to, erase_submission_key_at(windows)]
        if record.status == EpochStatus.ANNOUNCED and now >= windows.issue_to:
            moments.append(now + WAIT)
    return min(moment for moment in moments if moment > now)


async def _erase(session: AsyncSession, log: Log, public_jwk: Mapping[str, Any], now: datetime) -> None:
    """A private key, also from the files."""
    await erase_key(session, entity_id=log.network, kid=thumbprint(public_jwk), now=now)
    await scour_soon(session, now=now)


async def _has_queued(session: AsyncSession, log_id: int) -> bool:
    return bool(await session.scalar(select(exists().where(QueuedLeaf.log_id == log_id))))


async def _has_envelopes(session: AsyncSession, log_id: int, until: datetime) -> bool:
    """Whether something that came before `until` still waits: it may be a pseudonym that counts."""
    waiting = exists().where(SealedEnvelope.log_id == log_id, SealedEnvelope.due_at <= until)
    return bool(await session.scalar(select(waiting)))
