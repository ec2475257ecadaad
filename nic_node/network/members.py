"""Reading a network's members: who waits, counts, moves, and what the lattice is made from. `find` has the list."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.tables import Application, Approval, Member, Transition
from schemas.states import APPLIED

ENTITIES_AT_ONCE = 500
"""SQLite takes up to 32,766 values in one statement; this stays far below."""


async def waiting_members(session: AsyncSession, network_id: int, *, limit: int = 50) -> list[Member]:
    """Who waits for a decision, the longest first."""
    chosen = select(Member).where(Member.network_id == network_id, Member.state == APPLIED)
    return list((await session.scalars(chosen.order_by(Member.applied_at, Member.id).limit(limit))).all())


async def count_members(session: AsyncSession, network_id: int) -> dict[str, int]:
    """State -> how many."""
    counted = select(Member.state, func.count()).where(Member.network_id == network_id).group_by(Member.state)
    return dict((await session.execute(counted)).all())


async def member_of(session: AsyncSession, network_id: int, member_id: int, *, for_update: bool = False) -> Member:
    """One member of a network.

    Raises:
        NotFound: the network has none of this number.
    """
    chosen = select(Member).where(Member.network_id == network_id, Member.id == member_id)
    member = await session.scalar(chosen.with_for_update() if for_update else chosen)
    if member is None:
        raise NotFound(N_("This network has no such member or application."))
    return member


async def member_by_entity(
    session: AsyncSession, network_id: int, entity: str, *, for_update: bool = False
) -> Member | None:
    chosen = select(Member).where(Member.network_id == network_id, Member.entity == entity)
    found: Member | None = await session.scalar(chosen.with_for_update() if for_update else chosen)
    return found


async def moves_of(session: AsyncSession, member_id: int) -> list[Transition]:
    """Every move of a membership, the oldest first."""
    chosen = select(Transition).where(Transition.member_id == member_id).order_by(Transition.number)
    return list((await session.scalars(chosen)).all())


async def approvals_of(session: AsyncSession, member_id: int) -> list[Approval]:
    """The coordinators' approvals of the newest application."""
    newest = select(func.max(Application.id)).where(Application.member_id == member_id).scalar_subquery()
    return list(
        (await session.scalars(select(Approval).where(Approval.application_id == newest).order_by(Approval.id))).all()
    )


async def approvals_by_member(session: AsyncSession, member_ids: Collection[int]) -> dict[int, list[Approval]]:
    """Member id -> the coordinators' approvals of its newest application; one statement for them all."""
    newest = (
        select(func.max(Application.id).label("id"), Application.member_id)
        .where(Application.member_id.in_(member_ids))
        .group_by(Application.member_id)
        .subquery()
    )
    chosen = select(newest.c.member_id, Approval).join(Approval, Approval.application_id == newest.c.id)
    found: dict[int, list[Approval]] = {member_id: [] for member_id in member_ids}
    for member_id, approval in (await session.execute(chosen.order_by(Approval.id))).all():
        found[member_id].append(approval)
    return found


async def member_profiles(
    session: AsyncSession, network_id: int, entities: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """Entity id -> the profile that it applied with, in the wire's form; for the lattice."""
    wanted = sorted(entities)
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(wanted), ENTITIES_AT_ONCE):
        chosen = select(Member.entity, Member.profile).where(
            Member.network_id == network_id, Member.entity.in_(wanted[start : start + ENTITIES_AT_ONCE])
        )
        found |= dict((await session.execute(chosen)).all())
    return found
