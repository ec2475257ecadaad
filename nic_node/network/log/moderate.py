"""Taking a record down, and stopping a pseudonym: leaves by the network that everybody sees and obeys."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.leaves import build_block, build_moderate
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.log.queue import log_of, queue_network_leaf
from nic_node.network.log.tables import Log, LogPseudonym, LogRecord
from schemas.ids import parse_record_id
from schemas.vocab import MODERATION_REASONS


async def moderate_record(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    record: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a record down, for one of `MODERATION_REASONS`; its blob is erased when the leaf is in the log.

    Raises:
        NotAllowed: not by this person.
        InvalidInput: no record id, or no such reason.
        NotFound: the network's log has no such record.
        Conflict: it is gone already.
    """
    await verify_coordinator(session, network_id, actor)
    log = await log_of(session, network_id)
    if reason not in MODERATION_REASONS:
        raise InvalidInput({"reason": [N_("Choose one of the reasons that the network knows.")]})
    found = await _record(session, log, record)
    if found.gone is not None:
        raise Conflict(N_("This record was taken back or taken down before."))
    payload = build_moderate(log.network, target=record, reason=reason)
    await queue_network_leaf(session, operator_key=operator_key, network_id=network_id, payload=payload, now=now)
    await record_audit(
        session,
        actor=actor,
        action="record.moderated",
        subject="record",
        subject_id=record,
        before=None,
        after={"reason": reason},
        now=now,
    )


async def block_pseudonym(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    jkt: str,
    from_index: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Refuse a pseudonym's records from an index of the log on; it may still take its own back.

    Raises:
        NotAllowed: not by this person.
        NotFound: no such pseudonym is registered.
    """
    await verify_coordinator(session, network_id, actor)
    log = await log_of(session, network_id)
    registered = select(LogPseudonym.jkt).where(LogPseudonym.log_id == log.id, LogPseudonym.jkt == jkt)
    if await session.scalar(registered) is None:
        raise NotFound(N_("The log knows no such pseudonym."))
    payload = build_block(log.network, jkt=jkt, from_index=from_index)
    await queue_network_leaf(session, operator_key=operator_key, network_id=network_id, payload=payload, now=now)
    await record_audit(
        session,
        actor=actor,
        action="pseudonym.blocked",
        subject="pseudonym",
        subject_id=jkt,
        before=None,
        after={"from_index": from_index},
        now=now,
    )


async def _record(session: AsyncSession, log: Log, record: str) -> LogRecord:
    try:
        origin, index = parse_record_id(record)
    except ValueError as error:
        raise InvalidInput({"record": [N_("Write the record's id: the log's name, '#' and a number.")]}) from error
    # Also one of a log that this one follows.
    of_network = select(Log.id).where(Log.network_id == log.network_id, Log.origin == origin)
    log_id = await session.scalar(of_network)
    found = None if log_id is None else await session.get(LogRecord, (log_id, index))
    if found is None:
        raise NotFound(N_("The log of this network has no such record."))
    return found
