"""Terms of fewer members than this school asks for are not recognised: their records are kept, and not shown."""

from collections.abc import Collection

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.own_rules import own_rules
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorEpoch, MirrorLog, MirrorRecord


async def recognise(session: AsyncSession, network: str, ids: Collection[int] | None = None) -> None:
    """Hide what came in terms that are too small for this school, show what is not.

    To be called whenever records come to life (`ids`: of their rows) or the rule changes. How many took part stands
    before a term's first record, so that it never changes for one.
    """
    least = (await own_rules(session, network)).min_issued
    if ids is not None and (least is None or not ids):
        return  # nothing is hidden, and what just came to life is not
    if ids is None:
        await shelf_changed(session, network)
    logs = select(MirrorLog.id).where(MirrorLog.network == network)
    small = exists().where(
        MirrorEpoch.log_id == MirrorRecord.log_id,
        MirrorEpoch.number == MirrorRecord.epoch,
        MirrorEpoch.issued < (least or 0),
    )
    which = MirrorRecord.log_id.in_(logs) if ids is None else MirrorRecord.id.in_(ids)
    shown, hidden = RecordState.LIVING.value, RecordState.UNRECOGNISED.value
    of_network = update(MirrorRecord).where(which).execution_options(synchronize_session=False)
    if least is not None:
        await session.execute(of_network.where(MirrorRecord.state == shown, small).values(state=hidden))
    back = RecordState.HELD.value if await _is_held_back(session, network) else shown
    await session.execute(of_network.where(MirrorRecord.state == hidden, ~small).values(state=back))


async def _is_held_back(session: AsyncSession, network: str) -> bool:
    """After a restore, until the log was read: nothing comes to life before."""
    logs = select(MirrorLog.id).where(MirrorLog.network == network)
    held = exists().where(MirrorRecord.log_id.in_(logs), MirrorRecord.state == RecordState.HELD.value)
    return bool(await session.scalar(select(held)))
