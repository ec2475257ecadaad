"""One job a membership: send, ask, renew; often while a decision is awaited, seldom afterwards."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.membership.across import jobs as across
from nic_node.membership.follow import check_membership
from nic_node.membership.join import CHECK
from nic_node.membership.local import LocalNode
from nic_node.membership.peers import LEARN, learn_handler
from nic_node.membership.read import HELD, is_followed
from nic_node.membership.tables import MembershipRow
from schemas.states import APPROVED

SELDOM: Final = 10
"""Of an approved membership the network's log tells first; asking is for when the log is silent."""
JITTER: Final = 0.5
"""Members do not all ask in the same second."""


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def check(arguments: dict[str, Any]) -> Again | None:
        membership_id = arguments["membership_id"]
        is_well = await check_membership(node, membership_id)
        async with node.database.reading() as session:
            row = await session.get(MembershipRow, membership_id)
        if row is None or not is_followed(row.state, row.appeal):
            return None
        # The sentence is kept on the membership; a network that is down for a week is no dead letter.
        is_settled = is_well and row.state in HELD and (row.chain_expires_at is not None or row.state != APPROVED)
        return Again(at=_later(node, SELDOM if is_settled else 1))

    return {CHECK: check, LEARN: learn_handler(node), **across.job_handlers(node)}


def _later(node: LocalNode, times: int) -> datetime:
    share = 1 + JITTER * (secrets.randbelow(2_001) / 1_000 - 1)
    return node.clock() + timedelta(seconds=node.config.poll_seconds * times * share)


async def ask_soon(session: AsyncSession, *, network: str, now: datetime) -> None:
    """Ask the network how the membership stands as soon as this commits: its log told of a move, or it refused us."""
    membership_id = await session.scalar(select(MembershipRow.id).where(MembershipRow.network == network))
    if membership_id is not None:
        await _enqueue(session, membership_id, now)


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await across.ensure_jobs(session, now=now)
    for row in (await session.scalars(select(MembershipRow))).all():
        if is_followed(row.state, row.appeal):
            await _enqueue(session, row.id, now)


async def _enqueue(session: AsyncSession, membership_id: int, now: datetime) -> None:
    await enqueue(session, kind=CHECK, key=str(membership_id), run_at=now, arguments={"membership_id": membership_id})
