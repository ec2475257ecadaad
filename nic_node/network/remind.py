"""Reminding members before their term ends: by e-mail to the school's contact, each reminder once a term.

Who has asked for the next term needs none: then it is the coordinators' turn.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.local import LocalNode
from nic_node.network.letters import tell_of_end
from nic_node.network.read import network_of
from nic_node.network.tables import ExpiryReminder, Member
from schemas.states import APPROVED

REMIND_DAYS_BEFORE: Final = (60, 30, 7)
REMINDED_AT_ONCE: Final = 100


async def remind_of_ends(node: LocalNode, *, now: datetime) -> int:
    """Write every reminder that is due, a transaction a hundred; how many."""
    count = 0
    while True:
        try:
            async with node.database.writing() as session:
                done = await _remind_some(session, node, now=now)
        except IntegrityError:
            continue  # another worker wrote one of these at the same moment; look again
        count += done
        if done < REMINDED_AT_ONCE:
            return count


async def _remind_some(session: AsyncSession, node: LocalNode, *, now: datetime) -> int:
    """The latest that fits comes first, so that a short term, or a node that was down, gets one and not three."""
    count = 0
    for days in sorted(REMIND_DAYS_BEFORE):
        told = exists().where(
            ExpiryReminder.member_id == Member.id,
            ExpiryReminder.expires_at == Member.expires_at,
            ExpiryReminder.days <= days,
        )
        chosen = select(Member).where(
            Member.state == APPROVED,
            Member.renewal_asked_at.is_(None),
            Member.expires_at > now,
            Member.expires_at <= now + timedelta(days=days),
            ~told,
        )
        due = (await session.scalars(chosen.order_by(Member.id).limit(REMINDED_AT_ONCE - count))).all()
        for member in due:
            assert member.expires_at is not None
            session.add(ExpiryReminder(member_id=member.id, expires_at=member.expires_at, days=days, at=now))
            await session.flush()
            network = await network_of(session, member.network_id)
            left = max(1, (member.expires_at - now).days)
            await tell_of_end(session, node, network, member, days=left, now=now)
        count += len(due)
    return count
