"""How many results there are of each idea, and which way they went."""

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from nic_node.mirror.living import select_living
from nic_node.mirror.tables import MirrorFacet

RESULTS = ("practice", "replication")
UNTOLD = "untold"


async def results_by_idea(session: AsyncSession, log_ids: Collection[int]) -> Mapping[str, Counter[str]]:
    """Idea -> direction word (or `UNTOLD`) -> living practices and replications of these logs."""
    idea, direction = aliased(MirrorFacet), aliased(MirrorFacet)
    living = select_living(log_ids, RESULTS).order_by(None)
    counted = (
        select(idea.value, direction.value, func.count())
        .outerjoin(direction, (direction.record_id == idea.record_id) & (direction.name == "direction"))
        .where(idea.name == "idea", idea.record_id.in_(living))
        .group_by(idea.value, direction.value)
    )
    found: dict[str, Counter[str]] = {}
    for name, word, count in await session.execute(counted):
        found.setdefault(name, Counter())[word or UNTOLD] += count
    return found
