"""The network's theory beside the results in its own log, and what was written about earlier quarters."""

import json
from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.theory import Counts, Theory, build_theory
from nic_node.mirror.counts import RESULTS, UNTOLD
from nic_node.network.documents import current_charter
from nic_node.network.log.tables import LivingBlob, Log, LogRecord
from nic_node.network.theory.tables import Synthesis

AT_ONCE = 500


async def theory_of(session: AsyncSession, network_id: int) -> Theory:
    """By today's charter and everything that lives in the log now."""
    return build_theory(await current_charter(session, network_id), await _counts(session, network_id))


async def _counts(session: AsyncSession, network_id: int) -> Counts:
    living = (
        select(LivingBlob.content)
        .join(LogRecord, (LogRecord.log_id == LivingBlob.log_id) & (LogRecord.index == LivingBlob.index))
        .join(Log, Log.id == LivingBlob.log_id)
        .where(Log.network_id == network_id, LogRecord.kind.in_(RESULTS), LogRecord.gone.is_(None))
    )
    found: dict[str, Counter[str]] = {}
    async for content in await session.stream_scalars(living.execution_options(yield_per=AT_ONCE)):
        payload = json.loads(content)["payload"]  # its form was checked before it entered the log
        found.setdefault(payload["idea"]["category"], Counter())[payload.get("direction", UNTOLD)] += 1
    return found


async def syntheses_of(session: AsyncSession, network_id: int) -> list[Synthesis]:
    """The newest quarter first."""
    own = select(Synthesis).where(Synthesis.network_id == network_id).order_by(Synthesis.quarter.desc())
    return list(await session.scalars(own))


def quarter_of(day: date) -> str:
    """'2026-Q4'."""
    return f"{day.year}-Q{(day.month + 2) // 3}"
