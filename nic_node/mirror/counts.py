"""How many results there are of each idea, and which way they went."""

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.living import select_living
from nic_node.mirror.tables import MirrorProperties

RESULTS = ("practice", "replication")
UNTOLD = "untold"


async def results_by_idea(session: AsyncSession, log_ids: Collection[int]) -> Mapping[str, Counter[str]]:
    """Idea -> direction word (or `UNTOLD`) -> living practices and replications of these logs."""
    of = MirrorProperties
    living = select_living(log_ids, RESULTS).order_by(None)
    counted = (
        select(of.idea, of.direction, func.count()).where(of.record_id.in_(living)).group_by(of.idea, of.direction)
    )
    found: dict[str, Counter[str]] = {}
    for name, word, count in await session.execute(counted):
        if name is not None:
            found.setdefault(name, Counter())[word or UNTOLD] += count
    return found
