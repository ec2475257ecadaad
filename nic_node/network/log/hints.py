"""Telling members that the log has grown: a round of small requests, a few at a time, that a restart goes on with.

A round begins within seconds of a checkpoint and then not again for as long as members wait between their own polls,
so that a busy log costs a member one request a poll at most; after a leaf that suspends or ends a member it begins at
once, and reaches whom it ends too. Nobody is asked twice in a round: who missed a hint polls anyway. A member that
was silent for a day is passed over until it is heard of again.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode
from nic_node.network.keys import network_private
from nic_node.network.log.tables import Log, LogHint, LogMember
from nic_node.network.tables import Member, Network
from nic_node.peerhttp.signing import RequestSigner
from schemas.canonical import canonical_bytes
from schemas.states import APPROVED, SUSPENDED

HINT: Final = "network.hint"
AT_A_TIME: Final = 16
"""Requests under way together; so many take ten seconds at most."""
MEMBERS_A_RUN: Final = 256
"""A run ends well within a job's lease, whoever is down."""
SILENT: Final = timedelta(days=1)
JITTER: Final = 0.1
"""Of the time between two polls: leaves that come one after the other are told of together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The members that are told next; `last` is the id of the last of them."""

    origin: str
    size: int
    entities: list[str]
    last: int | None
    signer: RequestSigner


async def hint_soon(session: AsyncSession, node: LocalNode, log: Log, *, before: int, now: datetime) -> None:
    """A checkpoint over more than `before` entries was signed; members learn of it."""
    told = await session.get(LogHint, log.id)
    wait = node.config.poll_seconds
    due = now + timedelta(seconds=wait * JITTER * secrets.randbelow(1_001) / 1_000)
    if told is not None and told.begun_at is not None:
        due = max(due, told.begun_at + timedelta(seconds=wait))
    if await _ends_somebody(session, log, before):
        due = now
    await enqueue(session, kind=HINT, key=str(log.id), run_at=due, arguments={"log_id": log.id})


async def _ends_somebody(session: AsyncSession, log: Log, before: int) -> bool:
    ended = select(LogMember.entity).where(
        LogMember.log_id == log.id, LogMember.index >= before, LogMember.state != APPROVED
    )
    return await session.scalar(ended.limit(1)) is not None


def hint_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again | None:
        log_id = int(arguments["log_id"])
        batch = await _next_batch(node, log_id)
        if batch is None:
            return None
        await _tell(node, batch)
        return await _keep_place(node, log_id, batch)

    return handle


async def _next_batch(node: LocalNode, log_id: int) -> Batch | None:
    """Where the round stands; a new one begins when the last is over and the log has grown since it began."""
    now = node.clock()
    async with node.database.writing() as session:
        log = await session.get_one(Log, log_id)
        await insert_if_missing(session, LogHint, log_id=log_id, size=0)
        round_ = await session.get_one(LogHint, log_id, with_for_update=True)
        if round_.after is None:
            if log.signed_size <= round_.size:
                return None
            round_.since, round_.size = round_.size, log.signed_size
            round_.after, round_.begun_at = 0, now
        members = await _members_after(session, log, round_, now)
        network = await session.get_one(Network, log.network_id)
        return Batch(
            origin=log.origin,
            size=log.signed_size,
            entities=list(members.values()),
            last=max(members) if len(members) == MEMBERS_A_RUN else None,
            signer=RequestSigner(network.entity, await network_private(node, session, network, KeyPurpose.HTTP)),
        )


async def _members_after(session: AsyncSession, log: Log, round_: LogHint, now: datetime) -> dict[int, str]:
    """Id -> entity of the next members; who is suspended still reads, and learns of it so.

    Whose membership ended since the round before is told once more: its node stops at once, and erases in time.
    """
    ended = select(LogMember.entity).where(
        LogMember.log_id == log.id, LogMember.index >= round_.since, LogMember.state.not_in((APPROVED, SUSPENDED))
    )
    is_told = or_(Member.state.in_((APPROVED, SUSPENDED)), Member.entity.in_(ended))
    is_heard = or_(Member.last_seen_at.is_(None), Member.last_seen_at > now - SILENT)
    chosen = (
        select(Member.id, Member.entity)
        .where(Member.network_id == log.network_id, Member.id > round_.after, is_told, is_heard)
        .order_by(Member.id)
        .limit(MEMBERS_A_RUN)
    )
    found = await session.execute(chosen)
    return dict(found.all())


async def _tell(node: LocalNode, batch: Batch) -> None:
    body = canonical_bytes({"origin": batch.origin, "size": batch.size})
    free = asyncio.Semaphore(AT_A_TIME)

    async def tell(entity: str) -> None:
        async with free:
            # Whoever is down, or refuses it, polls by itself.
            try:
                await node.client.post(
                    f"{entity}/v1/hints",
                    body=body,
                    body_type="application/json",
                    content_type=(),
                    max_bytes=0,
                    signer=batch.signer,
                    accept_status=frozenset({202}),
                    may_be_empty=True,
                )
            except FederationError:
                return

    await asyncio.gather(*(tell(entity) for entity in batch.entities))


async def _keep_place(node: LocalNode, log_id: int, batch: Batch) -> Again | None:
    """On with the round at once; after its end with the next one, where the log has grown meanwhile."""
    now = node.clock()
    async with node.database.writing() as session:
        round_ = await session.get_one(LogHint, log_id, with_for_update=True)
        round_.after = batch.last
        if batch.last is not None:
            return Again(at=now)
        log = await session.get_one(Log, log_id)
        if log.signed_size <= round_.size:
            return None
        if round_.begun_at is None or await _ends_somebody(session, log, round_.size):
            return Again(at=now)
        return Again(at=max(now, round_.begun_at + timedelta(seconds=node.config.poll_seconds)))
