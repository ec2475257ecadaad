"""After a restore: what is living here may have been taken back since, so nobody sees it until the log was read."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.mirror.recognise import recognise
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord

SETTLED = (LogState.ENDED.value, LogState.FROZEN.value)


async def hold_back(session: AsyncSession) -> None:
    """Hide every living record, until its network's log was followed to the checkpoint that it serves then."""
    await shelf_changed(session)
    living = MirrorRecord.state == RecordState.LIVING.value
    await session.execute(update(MirrorRecord).where(living).values(state=RecordState.HELD.value))


async def release_held(database: Database, network: str, *, now: datetime) -> None:
    """Show again what is still living: entries of the newest log were read to its end, and those before are settled."""
    held = MirrorRecord.state == RecordState.HELD.value
    logs = select(MirrorLog.id).where(MirrorLog.network == network)
    async with database.reading() as session:
        if not await session.scalar(select(exists().where(held, MirrorRecord.log_id.in_(logs)))):
            return
        generations = select(MirrorLog.state).where(MirrorLog.network == network).order_by(MirrorLog.generation.desc())
        _, *earlier = (await session.scalars(generations)).all()
    if any(state not in SETTLED for state in earlier):
        return
    async with database.writing() as session:
        await shelf_changed(session, network)
        shown = update(MirrorRecord).where(held, MirrorRecord.log_id.in_(logs))
        await session.execute(shown.values(state=RecordState.LIVING.value))
        await recognise(session, network)
