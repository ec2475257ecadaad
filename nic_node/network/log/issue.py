"""Blind signing: one credential a member and epoch, without seeing what it is for.

The same request gets the same answer, also after issuing has closed and the key is erased; another request of the same
member is refused. That a credential was issued stands in the log, in the member's own signed words.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.blindrsa import blind_sign, private_key
from federation.epochs import EpochStatus, IssueRequest, Phase, phase, read_epoch, verify_issue_request
from federation.errors import Untrusted
from federation.keys import Jwk, thumbprint
from federation.leaves import build_issued
from nic_node.errors import NotFound
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.local import LocalNode
from nic_node.network.log.queue import log_of, queue_network_leaf
from nic_node.network.log.tables import BlindSignature, EpochRecord, Log, LogMember
from nic_node.network.tables import Member
from schemas.code import Code
from schemas.entity import PUBLISHER
from schemas.states import APPROVED


@dataclass(frozen=True, slots=True)
class _Task:
    """A request that may be answered: by an answer given before, or by the epoch's key."""

    log: Log
    request: IssueRequest
    answer: bytes | None
    private: Jwk | None


async def sign_blinded(node: LocalNode, *, network_id: int, epoch: int, entity: str, jws: str, now: datetime) -> bytes:
    """The blind signature for a member's request.

    Args:
        entity: who signed the HTTP request that brought it.
        jws: the request, signed by the member's federation key (`federation.epochs.build_issue_request`).

    Raises:
        Untrusted: ISSUE_REQUEST_INVALID, NOT_A_MEMBER, EPOCH_UNKNOWN, EPOCH_NOT_ISSUING, EPOCH_VOID, ISSUED_ALREADY,
            BLIND_MESSAGE_INVALID, and what `verify_issue_request` finds.
    """
    request = verify_issue_request(jws)
    async with node.database.reading() as session:
        task = await _verify(session, node, network_id, epoch, entity, request, now)
    if task.answer is not None:
        return task.answer
    assert task.private is not None
    signature = await asyncio.to_thread(_sign, task.private, request.blinded_message, node)
    try:
        async with node.database.writing() as session:
            await _keep(session, node, task, entity, jws, signature, now)
    except IntegrityError:
        # Two requests of one member at once: the one that was kept counts, and only it is answered.
        async with node.database.reading() as session:
            held = await _held_answer(session, task.log.id, request, entity)
        if held is None:
            raise
        return held
    node.wake()
    return signature


def _sign(private: Jwk, blinded_message: bytes, node: LocalNode) -> bytes:
    return blind_sign(private_key(private), blinded_message, random=node.random_bytes)


async def _verify(
    session: AsyncSession,
    node: LocalNode,
    network_id: int,
    epoch: int,
    entity: str,
    request: IssueRequest,
    now: datetime,
) -> _Task:
    log = await log_of(session, network_id)
    if request.network != log.network or request.epoch != epoch:
        raise Untrusted(Code.ISSUE_REQUEST_INVALID, "The request names another network or epoch than its address.")
    await _verify_member(session, log, entity, request.jkt)
    await _verify_publisher(session, log, entity)
    held = await _held_answer(session, log.id, request, entity)
    if held is not None:
        return _Task(log, request, held, None)
    record = await _issuing_epoch(session, log, epoch, now)
    kid = thumbprint(record.payload["rsa_jwk"])
    try:
        private = await load_private_jwk(session, operator_key=node.operator_key, entity_id=log.network, kid=kid)
    except NotFound as error:
        raise _not_issuing(epoch) from error
    return _Task(log, request, None, private)


async def _verify_member(session: AsyncSession, log: Log, entity: str, jkt: str) -> None:
    """That the request is by the federation key that the log names for whoever brought it."""
    member = await session.get(LogMember, (log.id, entity))
    if member is None or member.state != APPROVED or member.jkt != jkt:
        raise Untrusted(
            Code.NOT_A_MEMBER, "The log does not show this key as that of an approved member. Try again in a moment."
        )


async def _verify_publisher(session: AsyncSession, log: Log, entity: str) -> None:
    """That the network has not withdrawn the role of a publisher, which comes with being approved."""
    roles = await session.scalar(
        select(Member.roles).where(Member.network_id == log.network_id, Member.entity == entity)
    )
    if roles is not None and PUBLISHER not in roles:
        raise Untrusted(
            Code.NOT_A_MEMBER, "The network has withdrawn this school's role of a publisher. Ask its coordinators why."
        )


async def _held_answer(session: AsyncSession, log_id: int, request: IssueRequest, entity: str) -> bytes | None:
    """Raises Untrusted: ISSUED_ALREADY, the member asked for something else before."""
    held = await session.get(BlindSignature, (log_id, request.epoch, entity))
    if held is None:
        return None
    if held.blinded_message != request.blinded_message:
        raise Untrusted(Code.ISSUED_ALREADY, "This member was issued its credential for this epoch before.")
    return held.signature


async def _issuing_epoch(session: AsyncSession, log: Log, number: int, now: datetime) -> EpochRecord:
    query = select(EpochRecord).where(EpochRecord.log_id == log.id, EpochRecord.index.is_not(None))
    found = {record.number: record for record in await session.scalars(query)}
    record = found.get(number)
    if record is None:
        raise Untrusted(Code.EPOCH_UNKNOWN, f"The log announces no epoch {number}.")
    status = EpochStatus(record.status)
    if status is EpochStatus.VOID:
        raise Untrusted(Code.EPOCH_VOID, f"Epoch {number} is void. The next one is announced soon.")
    if phase(read_epoch(record.payload).windows, status, now) is not Phase.ISSUING:
        raise _not_issuing(number)
    return record


def _not_issuing(number: int) -> Untrusted:
    return Untrusted(Code.EPOCH_NOT_ISSUING, f"Epoch {number} issues no credentials now.")


async def _keep(
    session: AsyncSession, node: LocalNode, task: _Task, entity: str, jws: str, signature: bytes, now: datetime
) -> None:
    """The answer and the leaf that counts it, together. The epoch is locked: it can't close in between."""
    log, request = task.log, task.request
    record = await session.get_one(EpochRecord, (log.id, request.epoch), with_for_update=True)
    if record.issuing_closed_at is not None:
        raise _not_issuing(request.epoch)
    session.add(
        BlindSignature(
            log_id=log.id,
            epoch=request.epoch,
            entity=entity,
            blinded_message=request.blinded_message,
            signature=signature,
        )
    )
    await session.flush()
    await queue_network_leaf(
        session,
        operator_key=node.operator_key,
        network_id=log.network_id,
        payload=build_issued(log.network, jws=jws),
        now=now,
    )
