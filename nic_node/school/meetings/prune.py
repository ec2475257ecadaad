"""What was taken off an agenda or taken back is forgotten after thirty days, unless something hangs on it."""

from datetime import datetime

from sqlalchemy import delete, exists
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.actions.tables import ActionItem
from nic_node.school.bin.keep import KEPT_FOR
from nic_node.school.meetings.tables import MeetingDecision, MeetingItem


async def prune_meetings(session: AsyncSession, *, now: datetime) -> None:
    decision_in_use = exists().where(ActionItem.decision_id == MeetingDecision.id)
    await session.execute(delete(MeetingDecision).where(MeetingDecision.removed_at < now - KEPT_FOR, ~decision_in_use))
    item_in_use = exists().where(MeetingDecision.item_id == MeetingItem.id)
    await session.execute(delete(MeetingItem).where(MeetingItem.removed_at < now - KEPT_FOR, ~item_in_use))
