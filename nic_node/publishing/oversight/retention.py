"""How long a released page is kept, sealed: the school's retention schedule, as a setting; a job that erases after it.

What others can still read is kept in any case: it is corrected and withdrawn from here. The hash of its bytes and the
facts that later drafts are held against (released.py) stay; neither says what the page said.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.config import Config
from nic_node.membership.local import LocalNode
from nic_node.publishing.release_log import log_release
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow

UNREAD: Final = (OutboxState.REMOVED, OutboxState.BLOCKED, OutboxState.REFUSED, OutboxState.STOPPED)
"""Nobody reads it, and nobody ever will."""


def kept_until(release: Release, config: Config) -> datetime:
    """When a page that is no longer public may be erased."""
    return release.approved_at + timedelta(days=config.kept_page_days)


async def erase_old_pages(session: AsyncSession, node: LocalNode, now: datetime) -> Sequence[int]:
    """Erase the pages whose time is over and that nobody can read any more; the ids of their releases."""
    chosen = (
        select(Release)
        .outerjoin(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .where(
            Release.erased_at.is_(None),
            Release.approved_at < now - timedelta(days=node.config.kept_page_days),
            or_(
                Release.voided_at.is_not(None),
                RetractionRow.state == RetractionState.GONE,
                OutboxRow.state.in_(UNREAD),
            ),
        )
        .order_by(Release.id)
        .with_for_update(of=Release)
    )
    erased = []
    for release in await session.scalars(chosen):
        release.sealed_record, release.erased_at = b"", now
        erased.append(release.id)
        if release.draft_id is not None:
            told: dict[str, Any] = {"draft_id": release.draft_id, "record_sha256": release.record_sha256}
            await log_release(session, stage="release", code="page-erased", now=now, **told)
        after = {"kept_page_days": node.config.kept_page_days}
        subject: dict[str, Any] = {"subject": "release", "subject_id": release.id, "before": None, "after": after}
        await record_audit(session, actor=SYSTEM, action="release.page-erased", now=now, **subject)
    await session.flush()
    return erased
