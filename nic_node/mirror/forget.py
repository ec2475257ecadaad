"""Forgetting a log's copy: when the membership ended, or to judge all of it again with a newer program."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.tlog.edge import EMPTY_EDGE
from nic_node.membership.read import HELD, Membership, is_log_followed, networks_with_logs
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.tables import (
    MirrorAcks,
    MirrorBlock,
    MirrorEpoch,
    MirrorIssued,
    MirrorLog,
    MirrorMember,
    MirrorPseudonym,
    MirrorRecord,
    MirrorRefusal,
    MirrorSource,
    MirrorTile,
)
from schemas.limits import WIRE_VERSION
from schemas.problem import Code

KEPT_AFTER_END: Final = timedelta(days=29)
"""Who has left, was revoked or has expired erases its mirror within 30 days; a day is left for the job."""
JUDGED: Final = (
    MirrorRecord,
    MirrorBlock,
    MirrorPseudonym,
    MirrorIssued,
    MirrorMember,
    MirrorEpoch,
    MirrorTile,
    MirrorAcks,
)


async def forget_log(session: AsyncSession, log: MirrorLog, *, now: datetime) -> None:
    """Erase a log's copy, contents first, so that the full-text index forgets them too."""
    await _forget_judged(session, log, now=now)
    await session.execute(delete(MirrorSource).where(MirrorSource.log_id == log.id))
    await session.delete(log)


async def _forget_judged(session: AsyncSession, log: MirrorLog, *, now: datetime) -> None:
    ids = select(MirrorRecord.id).where(MirrorRecord.log_id == log.id)
    await erase_contents(session, list(await session.scalars(ids)), now=now)
    for model in (*JUDGED, MirrorRefusal):
        await session.execute(delete(model).where(model.log_id == log.id))


async def forget_judged_by_older(session: AsyncSession, log: MirrorLog, *, now: datetime) -> None:
    """After an upgrade, a log with entries that needed it is judged again from its beginning.

    The believed checkpoint stays, so that the log can't change its past meanwhile.
    """
    if log.judged_version >= WIRE_VERSION:
        return
    log.judged_version = WIRE_VERSION
    newer_leaf = exists().where(MirrorRefusal.log_id == log.id, MirrorRefusal.code == Code.UNSUPPORTED_VERSION.value)
    newer_blob = exists().where(MirrorRecord.log_id == log.id, MirrorRecord.state == RecordState.NEWER)
    if await session.scalar(select(newer_leaf | newer_blob)):
        await _forget_judged(session, log, now=now)
        log.shelf += 1
        log.mirrored, log.edge, log.genesis, log.approved_members = 0, EMPTY_EDGE.to_bytes(), None, 0
        log.state, log.current_at = LogState.BACKFILLING, None


async def forget_ended(session: AsyncSession, *, now: datetime) -> int:
    """Erase the copies of networks that this school has not belonged to for 29 days; how many they were.

    A network that was only read is erased at once: nothing of this school's stands in it.
    """
    ended = {each.id: each for each in await networks_with_logs(session) if not is_log_followed(each)}
    count = 0
    for log in list(await session.scalars(select(MirrorLog).where(MirrorLog.membership_id.in_(ended)))):
        if ended[log.membership_id].read_under is not None:
            await forget_log(session, log, now=now)
            count += 1
            continue
        since = _ended_at(ended[log.membership_id]) or log.polled_at or log.created_at
        if since <= now - KEPT_AFTER_END:
            await forget_log(session, log, now=now)
            count += 1
    return count


def _ended_at(membership: Membership) -> datetime | None:
    """When it was held last. What was moved since (an appeal, an application anew) gives no further time."""
    ends = [move["at"] for move in membership.moves if move.get("from") in HELD and move["to"] not in HELD]
    return datetime.fromtimestamp(ends[-1], UTC) if ends else None
