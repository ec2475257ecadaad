"""Leaves that take a record down, or stop a pseudonym: by the network, and everybody sees and obeys them.

Who may ask for them, and how many have to, is decided in `nic_node.network.moderation`.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.leaves import build_block, build_moderate
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.log.queue import log_of, queue_network_leaf
from nic_node.network.log.tables import Log, LogPseudonym, LogRecord
from schemas.ids import parse_record_id


async def queue_moderation(
    session: AsyncSession, *, operator_key: OperatorKey, network_id: int, record: str, reason: str, now: datetime
) -> None:
    """Take a record down, for one of `MODERATION_REASONS`; its blob is erased when the leaf is in the log."""
    log = await log_of(session, network_id)
    payload = build_moderate(log.network, target=record, reason=reason)
    await queue_network_leaf(session, operator_key=operator_key, network_id=network_id, payload=payload, now=now)


async def queue_block(
    session: AsyncSession, *, operator_key: OperatorKey, network_id: int, jkt: str, from_index: int, now: datetime
) -> None:
    """Refuse a pseudonym's records from an index of the log on; what stands there of it is erased with the leaf."""
    log = await log_of(session, network_id)
    payload = build_block(log.network, jkt=jkt, from_index=from_index)
    await queue_network_leaf(session, operator_key=operator_key, network_id=network_id, payload=payload, now=now)


async def find_pseudonym(session: AsyncSession, network_id: int, jkt: str) -> LogPseudonym:
    """Raises NotFound: no such pseudonym is registered in the newest log."""
    log = await log_of(session, network_id)
    found = await session.get(LogPseudonym, (log.id, jkt))
    if found is None:
        raise NotFound(N_("The log knows no such pseudonym."))
    return found


async def find_record(session: AsyncSession, network_id: int, record: str) -> LogRecord:
    """Also one of a log that the newest one follows.

    Raises:
        InvalidInput: this is no record id. NotFound: the network's logs hold no such record.
    """
    try:
        origin, index = parse_record_id(record)
    except ValueError as error:
        raise InvalidInput({"record": [N_("Write the record's id: the log's name, '#' and a number.")]}) from error
    log_id = await session.scalar(select(Log.id).where(Log.network_id == network_id, Log.origin == origin))
    found = None if log_id is None else await session.get(LogRecord, (log_id, index))
    if found is None:
        raise NotFound(N_("The log of this network has no such record."))
    return found
