"""Telling searches that another set of records may be shown: they hold the library in memory for one count of a log."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.tables import MirrorLog


async def shelf_changed(session: AsyncSession, network: str | None = None) -> None:
    """Count up the logs of a network, of all without one; to be called before records change, as logs are locked first.

    Who has locked a log's row counts it up there.
    """
    logs = update(MirrorLog).values(shelf=MirrorLog.shelf + 1)
    if network is not None:
        logs = logs.where(MirrorLog.network == network)
    await session.execute(logs.execution_options(synchronize_session=False))
