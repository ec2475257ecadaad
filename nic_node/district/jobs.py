"""At a district each school is asked every few hours; at a school the district's keys are read before they run out."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.district.ask import ASK, ask_school
from nic_node.district.schools import SEND
from nic_node.district.send import send_answer, tell_district
from nic_node.district.sharing import LEARN, TELL, learn_district, learn_soon, sharing_of
from nic_node.district.tables import REFUSED, DistrictAnswer, DistrictSchool
from nic_node.membership.local import LocalNode

LEARN_EVERY: Final = timedelta(hours=6)
LEARN_AGAIN: Final = timedelta(minutes=10)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def ask(arguments: dict[str, Any]) -> Again | None:
        at = await ask_school(node, arguments["entity"])
        return Again(at=at) if at else None

    async def learn(_arguments: dict[str, Any]) -> Again | None:
        until = await learn_district(node)
        async with node.database.reading() as session:
            row = await sharing_of(session)
        if row is None or not row.shares:
            return None
        return Again(at=node.clock() + (LEARN_EVERY if until else LEARN_AGAIN))

    async def tell(arguments: dict[str, Any]) -> None:
        await tell_district(node, arguments["entity"])

    async def send(arguments: dict[str, Any]) -> None:
        await send_answer(node, arguments["answer_id"])

    return {ASK: ask, LEARN: learn, TELL: tell, SEND: send}


async def ensure_jobs(session: AsyncSession, _node: LocalNode, *, now: datetime) -> None:
    for entity in await session.scalars(select(DistrictSchool.entity).where(DistrictSchool.state != REFUSED)):
        await enqueue(session, kind=ASK, key=entity, run_at=now, arguments={"entity": entity})
    waiting = select(DistrictAnswer.id).where(DistrictAnswer.sent_at.is_(None), DistrictAnswer.problem == "")
    for answer_id in await session.scalars(waiting):
        await enqueue(session, kind=SEND, key=str(answer_id), run_at=now, arguments={"answer_id": answer_id})
    row = await sharing_of(session)
    if row is not None and row.shares:
        await learn_soon(session, now=now)
