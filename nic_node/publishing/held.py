"""Signing retractions, and keeping the one that a correction brings along until the correction can be read.

It is signed in the transaction that approves the correction. Were it sent first, and the correction never arrived, the
practice would be lost; were it signed later, a key that is lost meanwhile would leave both versions standing.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership.local import LocalNode
from nic_node.mirror.read import living_records, record_of
from nic_node.mirror.states import RecordState
from nic_node.publishing.places import place_of_release, place_of_row
from nic_node.publishing.release_log import log_release
from nic_node.publishing.sealing import retraction_context
from nic_node.publishing.states import NOT_TAKEN_BACK, OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from nic_node.publishing.withdrawals import WITHDRAWN, signed_retraction

CORRECTED: Final = "corrected"
KEY_LOST: Final = N_("The key that signed this record is lost, so only a coordinator can take it down. Write to one.")
TAKEN_BACK: Final = N_("What this would correct was withdrawn meanwhile. Drop the correction.")


async def sealed_retraction(session: AsyncSession, node: LocalNode, row: OutboxRow, *, reason: str) -> bytes:
    """The retract leaf of what a row of the outbox brought into the log, signed by its own pseudonym, and sealed.

    Raises:
        Conflict: the pseudonym's key is lost.
    """
    place = place_of_row(node, row)
    assert place is not None
    if reason == WITHDRAWN and place.withdrawal:
        leaf = place.withdrawal.encode()
    else:
        try:
            leaf = await signed_retraction(
                session, node, network=row.network, jkt=place.jkt, record_id=place.record_id, reason=reason
            )
        except NotFound as error:
            raise Conflict(KEY_LOST) from error
    return seal_bytes(node.operator_key, leaf, context=retraction_context(row.release_id))


async def is_taken_back(session: AsyncSession, release_id: int) -> bool:
    """Whether a retraction of it was sent, or will be whatever comes; not where the network refused it."""
    chosen = select(RetractionRow.id).where(RetractionRow.release_id == release_id)
    return await session.scalar(chosen.where(RetractionRow.state.not_in(NOT_TAKEN_BACK))) is not None


async def hold_retraction(
    session: AsyncSession, node: LocalNode, *, actor: Actor, release_id: int, now: datetime
) -> None:
    """Sign the retraction of what a correction takes the place of; of a record that is down already there is none.

    Raises:
        Conflict: it was withdrawn meanwhile, or the pseudonym's key is lost.
    """
    if await is_taken_back(session, release_id):
        raise Conflict(TAKEN_BACK)
    row = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == release_id).with_for_update())
    assert row is not None
    if row.state not in {OutboxState.IN_THE_LOG, OutboxState.FINAL, OutboxState.REFUSED}:
        return
    await drop_retraction(session, release_id)
    session.add(
        RetractionRow(
            release_id=release_id,
            network=row.network,
            state=RetractionState.HELD,
            reason=CORRECTED,
            in_the_open=False,
            sealed_leaf=await sealed_retraction(session, node, row, reason=CORRECTED),
            person_id=actor.person_id,
            asked_at=now,
            due_at=now,
        )
    )
    await session.flush()


async def drop_retraction(session: AsyncSession, release_id: int) -> None:
    """The correction does not come; or another retraction takes the place of one that is held, or was refused."""
    standing = (RetractionRow.release_id == release_id, RetractionRow.state.in_(NOT_TAKEN_BACK))
    await session.execute(delete(RetractionRow).where(*standing))


async def let_go(session: AsyncSession, node: LocalNode, network: str, now: datetime) -> None:
    """Send what was held for corrections that are final, and can be read in this node's own mirror."""
    chosen = (
        select(RetractionRow, Release)
        .join(Release, (Release.corrects == RetractionRow.release_id) & Release.voided_at.is_(None))
        .join(OutboxRow, OutboxRow.release_id == Release.id)
        .where(RetractionRow.network == network, RetractionRow.state == RetractionState.HELD)
        .where(OutboxRow.state == OutboxState.FINAL)
        .with_for_update()
    )
    for held, correction in (await session.execute(chosen)).all():
        place = await place_of_release(session, node, correction.id)
        if place is None or place.record_id not in await living_records(session, [place.record_id]):
            continue
        replaced = await place_of_release(session, node, held.release_id)
        earlier = await record_of(session, replaced.record_id) if replaced is not None else None
        is_gone = earlier is not None and earlier.state == RecordState.GONE
        held.state, held.due_at = (RetractionState.GONE if is_gone else RetractionState.WAITING), now
        if correction.draft_id is not None:
            await log_release(session, draft_id=correction.draft_id, stage="release", code="superseded", now=now)
