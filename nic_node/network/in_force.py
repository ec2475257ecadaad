"""Which policy governs what coordinators decide today, and which versions wait, and from when.

A policy takes force as the epoch that names it opens. Until a network's first epoch has opened, the one of the newest
announcement is in force; before anything is announced, the one of today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import EpochStatus, read_epoch
from nic_node.network.documents import document_of
from nic_node.network.log.tables import EpochRecord, Log
from nic_node.network.read import network_of
from nic_node.network.tables import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A version that is not in force yet.

    Attributes:
        epoch: the one that brings it; `is_announced`: its leaf names this version already.
        opens: when that epoch opens by plan. A supplementary one may come before and take its number; it goes by the
            policy of the epoch beside it.
    """

    version: int
    epoch: int
    is_announced: bool
    opens: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """`epoch` is the one whose leaf names the policy; None before the first announcement."""

    sha256: str
    policy: dict[str, Any]
    epoch: int | None
    waiting: Sequence[Waiting]


async def policy_in_force(session: AsyncSession, network_id: int) -> dict[str, Any]:
    """The policy by which memberships are decided now; see the module.

    Raises:
        NotFound: no such network here.
    """
    network = await network_of(session, network_id)
    return await document_of(session, network_id, await sha256_in_force(session, network))


async def sha256_in_force(session: AsyncSession, network: Network) -> str:
    return _sha256(_governing(await _epochs(session, network.id)), network)


async def terms_in_force(session: AsyncSession, network: Network) -> InForce:
    """As `policy_in_force`, with what waits: at most an announced version, and today's after it."""
    epochs = await _epochs(session, network.id)
    governing = _governing(epochs)
    sha256 = _sha256(governing, network)
    waiting: list[Waiting] = []
    newest = epochs[-1] if epochs else None
    last = sha256
    if newest is not None and newest is not governing and newest.status == EpochStatus.ANNOUNCED:
        last = newest.payload["policy_sha256"]
        if last != sha256:
            opens = read_epoch(newest.payload).windows.active_from
            waiting.append(await _waiting(session, network, last, newest.number, opens, is_announced=True))
    if newest is not None and network.policy_sha256 != last:
        windows = read_epoch(newest.payload).windows
        # Of a void epoch another one is announced in its stead; after a supplementary one, the next comes in its time.
        is_repeated = newest.status == EpochStatus.VOID and not _is_beside(newest, governing)
        after = windows.active_from if is_repeated else windows.active_to
        today = network.policy_sha256
        waiting.append(await _waiting(session, network, today, newest.number + 1, after, is_announced=False))
    return InForce(
        sha256=sha256,
        policy=await document_of(session, network.id, sha256),
        epoch=None if governing is None else governing.number,
        waiting=waiting,
    )


async def _epochs(session: AsyncSession, network_id: int) -> Sequence[EpochRecord]:
    """Of every generation of the log; the oldest first."""
    chosen = select(EpochRecord).join(Log, Log.id == EpochRecord.log_id).where(Log.network_id == network_id)
    return (await session.scalars(chosen.order_by(EpochRecord.number))).all()


def _governing(epochs: Sequence[EpochRecord]) -> EpochRecord | None:
    opened = [epoch for epoch in epochs if epoch.status == EpochStatus.OPEN]
    return next(reversed(opened or epochs), None)


def _is_beside(epoch: EpochRecord, governing: EpochRecord | None) -> bool:
    """Whether it is a supplementary epoch of the one that governs: they end together."""
    return (
        governing is not None
        and epoch is not governing
        and epoch.payload["active_to"] == governing.payload["active_to"]
    )


def _sha256(governing: EpochRecord | None, network: Network) -> str:
    return network.policy_sha256 if governing is None else governing.payload["policy_sha256"]


async def _waiting(
    session: AsyncSession, network: Network, sha256: str, epoch: int, opens: datetime, *, is_announced: bool
) -> Waiting:
    document = await document_of(session, network.id, sha256)
    return Waiting(version=document["version"], epoch=epoch, is_announced=is_announced, opens=opens)
