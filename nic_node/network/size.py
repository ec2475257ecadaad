"""What a network's size buys: how many kinds of school can be told apart, now, with those who wait, and later."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.draft import ContextProfile
from nic_node.disclosure.lattice import build_lattice
from nic_node.network.documents import current_policy
from nic_node.network.log.profiles import profiles_of
from nic_node.network.tables import Member, Network
from schemas.membership import SCHOOL_TYPE
from schemas.states import APPLIED, APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Context classes of at least `context_k` schools each.

    Attributes:
        later, then: at `later` members there would be `then` classes, were the newcomers like the members of today.
    """

    context_k: int
    members: int
    classes: int
    waiting: int
    with_waiting: int
    later: int
    then: int


async def size_of(session: AsyncSession, network: Network) -> Size:
    """Counted in a thread: three lattices of 10,000 members take about a second of the processor."""
    policy = await current_policy(session, network.id)
    today = await _profiles(session, network.id, APPROVED)
    waiting = await _profiles(session, network.id, APPLIED)
    k, ranking = policy["context_k"], policy["context_ranking"]

    def count(profiles: list[ContextProfile]) -> int:
        lattice = build_lattice(profiles, network=network.entity, epoch=1, k=k, ranking=ranking)
        return len(lattice["classes"])

    everybody = today + waiting
    later = everybody + everybody
    now, soon, then = await asyncio.to_thread(lambda: [count(schools) for schools in (today, everybody, later)])
    return Size(
        context_k=k,
        members=len(today),
        classes=now,
        waiting=len(waiting),
        with_waiting=soon,
        later=len(later),
        then=then,
    )


async def _profiles(session: AsyncSession, network_id: int, state: str) -> list[ContextProfile]:
    chosen = select(Member.entity).where(
        Member.network_id == network_id, Member.state == state, Member.entity_type == SCHOOL_TYPE
    )
    return await profiles_of(session, network_id, (await session.scalars(chosen)).all())
