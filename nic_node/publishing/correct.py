"""Correcting what this school shared: a new draft of the same project that takes the place of what stands in the log.

Like any draft it is scrubbed, reviewed and released; the record names the one that it supersedes, and the pseudonym
that wrote that one signs it, also after its term. The approval signs the retraction of the earlier record too, in the
same transaction, and keeps it: it leaves when the correction can be read, so that at no moment neither can.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import epochs_of, is_blocked
from nic_node.publishing.decide import outbox_row, standing_release
from nic_node.publishing.drafts import locked_draft
from nic_node.publishing.held import KEY_LOST, is_taken_back
from nic_node.publishing.places import Place, place_of_row
from nic_node.publishing.release_log import log_release
from nic_node.publishing.states import DraftKind, DraftState, OutboxState
from nic_node.publishing.tables import DraftRow, FindingDecision, Release

CORRECTABLE: Final = frozenset({OutboxState.IN_THE_LOG, OutboxState.FINAL, OutboxState.REMOVED, OutboxState.REFUSED})
NOT_THERE: Final = N_("Only what stands in the log is corrected. Until then, take the approval back and change it.")
NO_PRACTICE: Final = N_("A question or an answer is not corrected: withdraw it, and write another.")
BEGUN: Final = N_("A correction of this is being prepared already.")
WITHDRAWN: Final = N_("This is withdrawn. What was taken back is not corrected any more.")
BLOCKED: Final = N_("The network blocked the pseudonym that wrote this. It can still be withdrawn, but not corrected.")
OTHER_LOG: Final = N_("The log in which this stands was lost, and the one that follows takes no corrections of it.")


async def start_correction(
    session: AsyncSession, node: LocalNode, *, actor: Actor, draft_id: int, now: datetime
) -> DraftRow:
    """Open the draft anew, with the facts and words of what was shared; what was shared stays until it is replaced.

    Raises:
        NotFound: no such draft. Conflict: there is nothing to correct, or it can't be corrected: which it is.
    """
    # Outbox before draft, as the outbox's own work takes them.
    release = await standing_release(session, draft_id)
    if release is not None:
        await _verify_correctable(session, node, release)
    row = await locked_draft(session, draft_id)
    if release is None:
        raise Conflict(NOT_THERE)
    if row.kind != DraftKind.PROJECT:
        raise Conflict(NO_PRACTICE)
    if row.state != DraftState.APPROVED:
        raise Conflict(BEGUN)
    row.earlier = [*(row.earlier or ()), _kept(row, release)]
    row.corrects, row.state, row.note, row.author_id = release.id, DraftState.DRAFT, "", actor.person_id
    row.updated_at = now
    await session.execute(delete(FindingDecision).where(FindingDecision.draft_id == row.id))
    await session.flush()
    told: dict[str, Any] = {"draft_id": row.id, "stage": "snapshot", "person_id": actor.person_id, "now": now}
    await log_release(session, code="correction-started", **told)
    await record_audit(
        session,
        actor=actor,
        action="draft.correction-started",
        subject="draft",
        subject_id=row.id,
        before=None,
        after={"corrects": release.id},
        now=now,
    )
    return row


async def _verify_correctable(session: AsyncSession, node: LocalNode, release: Release) -> None:
    waiting = await outbox_row(session, release)
    place = place_of_row(node, waiting) if waiting is not None else None
    if waiting is not None and waiting.state == OutboxState.BLOCKED:
        raise Conflict(BLOCKED)
    if waiting is None or place is None or waiting.state not in CORRECTABLE:
        raise Conflict(NOT_THERE)
    if await is_taken_back(session, release.id):
        raise Conflict(WITHDRAWN)
    await _verify_signable(session, node, release.network, place)


async def _verify_signable(session: AsyncSession, node: LocalNode, network: str, place: Place) -> None:
    if await is_blocked(session, network, place.jkt):
        raise Conflict(BLOCKED)
    if not any(
        view.number == place.epoch and place.record_id.startswith(f"{view.origin}#")
        for view in await epochs_of(session, network)
    ):
        raise Conflict(OTHER_LOG)
    try:
        await load_private_jwk(session, operator_key=node.operator_key, entity_id=node.entity_id, kid=place.jkt)
    except NotFound as error:
        raise Conflict(KEY_LOST) from error


def _kept(row: DraftRow, release: Release) -> dict[str, Any]:
    names = ("snapshot", "snapshot_sha256", "edits", "names", "left_out", "author_id")
    return {"release_id": release.id} | {name: getattr(row, name) for name in names}
