"""The second person: one decision a finding, then one approval of exactly the bytes that were shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.disclosure.snapshot import load_snapshot
from nic_node.errors import Conflict, InvalidInput, NotAllowed, Stale
from nic_node.i18n import N_
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership.local import LocalNode
from nic_node.publishing.drafts import locked_draft, with_left_out
from nic_node.publishing.findings import LEAVE_OUT, PUT_BACK, REWORD, UNKNOWN_NAME, FoundItem
from nic_node.publishing.held import drop_retraction, hold_retraction
from nic_node.publishing.lineage import verify_lineage
from nic_node.publishing.preview import Preview, preview
from nic_node.publishing.questions.subject import title_of, verify_note_subject
from nic_node.publishing.release_log import lock_log, log_release
from nic_node.publishing.sealing import release_context
from nic_node.publishing.states import DraftState, OutboxState
from nic_node.publishing.surroundings import sealed_facts
from nic_node.publishing.tables import DraftRow, FindingDecision, OutboxRow, Release
from schemas.states import SUSPENDED

CONFIRMATION: Final = "nobody can be named"
TOO_LATE: Final = N_("It is on its way already; what has left can only be withdrawn.")


async def decide(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    draft_id: int,
    decisions: Mapping[str, str],
    now: datetime,
) -> DraftRow:
    """Decide findings by key, each with one of its choices; a later decision replaces an earlier one.

    Raises:
        NotAllowed: the author decides about their own draft.
        Conflict: the draft is not in review, or a finding is no longer there.
        InvalidInput: a choice that this finding does not have.
    """
    row = await reviewed_draft(session, actor, draft_id)
    shown = await preview(session, node, row, now)
    items = {item.key: item for item in shown.items}
    kept = {
        decision.finding: decision
        for decision in await session.scalars(select(FindingDecision).where(FindingDecision.draft_id == row.id))
    }
    for key, choice in decisions.items():
        item = items.get(key)
        if item is None:
            raise Stale(N_("A finding changed since you looked. Look at the page again."))
        _verify_choice(item, choice)
        if item.code == UNKNOWN_NAME and item.before is not None:
            row.names = row.names | {item.before: choice}
        if choice in {LEAVE_OUT[0], PUT_BACK[0]}:
            row.left_out = with_left_out(row, item.paths[0], stays=choice == LEAVE_OUT[0])
        decision = kept.get(key) or FindingDecision(draft_id=row.id, finding=key)
        session.add(decision)
        decision.choice, decision.person_id, decision.decided_at = choice, actor.person_id, now
        told: dict[str, Any] = {
            "stage": item.stage,
            "code": item.code,
            "person_id": actor.person_id,
            "decision": choice,
        }
        await log_release(session, draft_id=row.id, now=now, **told)
    row.updated_at = now
    await session.flush()
    return row


def _verify_choice(item: FoundItem, choice: str) -> None:
    allowed = {value for value, _ in item.choices} - {REWORD[0]}
    if choice not in allowed:
        raise InvalidInput({"choice": [N_("This finding has no such decision: rewrite the text, or send it back.")]})


async def approve(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    draft_id: int,
    sha256: str,
    names_anyone: bool,
    confirmation: str,
    now: datetime,
) -> Release:
    """Sign these bytes: the release and its place in the outbox are written together, or not at all.

    Args:
        sha256: hash of the bytes that the reviewer saw; others are not approved.

    Raises:
        NotAllowed: the author approves their own draft.
        InvalidInput: the question was answered with yes, or the words were not typed.
        Conflict: something is open or blocked, changed since it was seen, or may not be published.
    """
    row = await reviewed_draft(session, actor, draft_id)
    _verify_answers(names_anyone=names_anyone, confirmation=confirmation)
    await lock_log(session)
    shown = await preview(session, node, row, now)
    _verify_ready(shown, sha256)
    await _verify_subject(session, node, row, now)
    release = _release(node, row, shown, actor, now)
    session.add(release)
    await session.flush()
    if row.corrects is not None:
        await hold_retraction(session, node, actor=actor, release_id=row.corrects, now=now)
    session.add(OutboxRow(release_id=release.id, network=release.network, state=OutboxState.QUEUED, updated_at=now))
    row.state, row.updated_at = DraftState.APPROVED, now
    await session.flush()
    await log_release(
        session,
        draft_id=row.id,
        stage="review",
        code="approved",
        policy_sha256=release.policy_sha256,
        person_id=actor.person_id,
        decision="approved",
        record_sha256=sha256,
        now=now,
    )
    await _audit(session, actor, row, "draft.approved", {"record_sha256": sha256}, now)
    return release


async def _verify_subject(session: AsyncSession, node: LocalNode, row: DraftRow, now: datetime) -> None:
    """That what it is about still takes it: a practice that may be replicated, a question that is still there."""
    if row.project_id is not None:
        await verify_lineage(session, node, load_snapshot(row.snapshot).lineage, project_id=row.project_id)
    else:
        await verify_note_subject(session, node, row.kind, row.snapshot, now=now)


def _verify_answers(*, names_anyone: bool, confirmation: str) -> None:
    said: dict[str, list[str]] = {}
    if names_anyone:
        said["names_anyone"] = [N_("Then it can't leave like this: rewrite what names someone, or send it back.")]
    if " ".join(confirmation.lower().split()) != CONFIRMATION:
        said["confirmation"] = [N_("Type the words: nobody can be named")]
    if said:
        raise InvalidInput(said)


def _verify_ready(shown: Preview, sha256: str) -> None:
    if shown.draft.blocked or shown.sha256 is None:
        raise Conflict(N_("Something in this draft blocks it. Rewrite it, or send the draft back."))
    if shown.open_items:
        raise Conflict(N_("Some findings are still open. Decide each of them first."))
    if shown.sha256 != sha256:
        raise Stale(N_("What would leave changed since you looked at it. Look at the page again, then approve."))
    if shown.terms.membership is None:
        raise Conflict(N_("This school is in no network yet. Join one first; the draft waits."))
    if not shown.terms.may_write and not _waits_for_its_turn(shown):
        raise Conflict(N_("The network does not let this school publish at the moment. See the membership's page."))


def _waits_for_its_turn(shown: Preview) -> bool:
    """A suspended school may prepare a correction: it leaves when the school is a member again."""
    membership = shown.terms.membership
    return shown.row.corrects is not None and membership is not None and membership.state == SUSPENDED


def _release(node: LocalNode, row: DraftRow, shown: Preview, actor: Actor, now: datetime) -> Release:
    assert shown.sha256 is not None
    assert row.network is not None
    sealed = seal_bytes(node.operator_key, shown.draft.record_bytes, context=release_context(shown.sha256))
    return Release(
        draft_id=row.id,
        project_id=row.project_id,
        network=row.network,
        kind=shown.draft.kind,
        origin=shown.draft.record.get("origin"),
        corrects=row.corrects,
        title=shown.draft.record.get("title") or title_of(shown.draft.record),
        record_sha256=shown.sha256,
        sealed_record=sealed,
        sealed_facts=sealed_facts(node, shown.draft, shown.sha256) if row.project_id is not None else None,
        policy_sha256=shown.terms.policy_sha256,
        author_id=row.author_id,
        reviewer_id=actor.person_id,
        approved_at=now,
    )


async def take_back(session: AsyncSession, *, actor: Actor, draft_id: int, now: datetime) -> DraftRow:
    """Undo an approval, as long as nothing was sent.

    Raises:
        Conflict: it was never approved, or it is on its way.
    """
    # Outbox before draft, as the outbox's own work takes them: two that lock in turns would wait for each other.
    release = await standing_release(session, draft_id)
    waiting = await outbox_row(session, release) if release else None
    row = await locked_draft(session, draft_id)
    if release is None or waiting is None:
        raise Conflict(N_("This draft was not approved."))
    if waiting.state not in {OutboxState.QUEUED, OutboxState.STOPPED}:
        raise Conflict(TOO_LATE)
    await void(session, row, release, waiting, now)
    await log_release(
        session,
        draft_id=row.id,
        stage="review",
        code="taken-back",
        person_id=actor.person_id,
        decision="taken-back",
        record_sha256=release.record_sha256,
        now=now,
    )
    await _audit(session, actor, row, "draft.taken-back", {"state": row.state}, now)
    return row


async def void(session: AsyncSession, row: DraftRow, release: Release, waiting: OutboxRow, now: datetime) -> None:
    """An approval that no longer stands: the draft is in review again."""
    await session.delete(waiting)
    if release.corrects is not None:
        await drop_retraction(session, release.corrects)
    release.voided_at = now
    row.state, row.updated_at = DraftState.REVIEW, now
    await session.flush()


async def standing_release(session: AsyncSession, draft_id: int) -> Release | None:
    """The newest approval that stands; those that were taken back don't."""
    found: Release | None = await session.scalar(
        select(Release)
        .where(Release.draft_id == draft_id, Release.voided_at.is_(None))
        .order_by(Release.id.desc())
        .limit(1)
    )
    return found


async def outbox_row(session: AsyncSession, release: Release) -> OutboxRow | None:
    """The release's row in the outbox, locked."""
    found: OutboxRow | None = await session.scalar(
        select(OutboxRow).where(OutboxRow.release_id == release.id).with_for_update()
    )
    return found


async def reviewed_draft(session: AsyncSession, actor: Actor, draft_id: int) -> DraftRow:
    """The draft in review, locked, for somebody who is not its author."""
    row = await locked_draft(session, draft_id)
    if row.state != DraftState.REVIEW:
        raise Conflict(N_("This draft is not in review."))
    if actor.person_id is None or actor.person_id == row.author_id:
        raise NotAllowed(N_("A second person reviews a draft, never its author."))
    return row


async def _audit(
    session: AsyncSession, actor: Actor, row: DraftRow, action: str, after: Mapping[str, object], now: datetime
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="draft", subject_id=row.id, before=None, after=after, now=now
    )
