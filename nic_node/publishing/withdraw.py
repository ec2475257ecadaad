"""Withdrawing one thing that was shared, by whoever shares here."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_writing_allowed, membership_in
from nic_node.publishing.decide import outbox_row, standing_release
from nic_node.publishing.held import is_taken_back
from nic_node.publishing.retract import PLACED, UNSEEN, add_retraction, note_withdrawal, send_at
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import RetractionRow

NOTHING_LEFT: Final = N_("Nothing of this project has left. Take the approval back, or drop the draft.")
ON_ITS_WAY: Final = N_("This is on its way. As soon as it stands in the log it can be withdrawn.")
REMOVED: Final = N_("The network took this down already: its content is erased everywhere.")
ASKED_ALREADY: Final = N_("This is withdrawn already.")


async def withdraw(
    session: AsyncSession, node: LocalNode, *, actor: Actor, draft_id: int, at_once: bool, now: datetime
) -> RetractionRow:
    """Take back what was shared of a draft: in the next slots, or at once and in the open.

    Who may not send envelopes now has the second way only, whatever is asked for. What was to go in a slot, or went in
    one and is not seen in the log, can be hurried: it goes in the open too.

    Raises:
        Conflict: nothing stands in the log yet, it is withdrawn already, or its pseudonym's key is lost.
    """
    release = await standing_release(session, draft_id)
    row = await outbox_row(session, release) if release else None
    if release is None or row is None or row.state in {OutboxState.QUEUED, OutboxState.STOPPED}:
        raise Conflict(NOTHING_LEFT)
    if row.state == OutboxState.REMOVED:
        raise Conflict(REMOVED)
    if row.state not in PLACED:
        raise Conflict(ON_ITS_WAY)
    standing = await session.scalar(
        select(RetractionRow).where(RetractionRow.release_id == release.id).with_for_update()
    )
    if standing is not None and standing.state in UNSEEN and at_once and not standing.in_the_open:
        await send_at(session, standing, due_at=now)
        await note_withdrawal(session, actor, release, now)
        return standing
    if await is_taken_back(session, release.id):
        raise Conflict(ASKED_ALREADY)
    in_the_open = at_once or not await may_send(session, row.network, now)
    retraction = await add_retraction(session, node, actor=actor, row=row, due_at=now, in_the_open=in_the_open, now=now)
    await note_withdrawal(session, actor, release, now)
    return retraction


async def may_send(session: AsyncSession, network: str, now: datetime) -> bool:
    """Whether this node sends an envelope a slot to the network."""
    membership = await membership_in(session, network)
    return membership is not None and is_writing_allowed(membership, now)
