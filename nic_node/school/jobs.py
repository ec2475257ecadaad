"""What the school's rooms forget by themselves."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM
from nic_node.clock import day_at
from nic_node.school.bin.keep import prune_bin
from nic_node.school.discussion.write import prune_files
from nic_node.school.measures.uploads import prune_uploads
from nic_node.school.meetings.prune import prune_meetings
from nic_node.school.notices.jobs import job_handlers
from nic_node.school.notices.tell import prune_notices
from nic_node.school.pulse.survey import close_overdue
from nic_node.school.reflection.reflect import prune_stops
from nic_node.school.returns.put_in import prune_inputs
from nic_node.school.visits.record import prune_visits

__all__ = ["job_handlers", "prune"]


async def prune(session: AsyncSession, *, zone: str, now: datetime) -> None:
    """Uploads that nobody confirmed, what was removed or taken back long ago, answers to surveys that are over.

    Args:
        zone: the school's; a survey's last day ends at its midnight.
    """
    await prune_uploads(session, now=now)
    await prune_meetings(session, now=now)
    await prune_visits(session, now=now)
    await prune_inputs(session, now=now)
    await prune_stops(session, now=now)
    await prune_bin(session, now=now)
    await prune_files(session)
    await prune_notices(session, now=now)
    await close_overdue(session, actor=SYSTEM, today=day_at(now, zone), now=now)
