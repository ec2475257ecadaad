"""A draft's way to its reviewer: made from a closed project, reworded, sent, sent back, dropped."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.disclosure.snapshot import Snapshot, snapshot_document, snapshot_sha256
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_, filled, too_long
from nic_node.membership.local import LocalNode
from nic_node.membership.read import membership_in
from nic_node.publishing.findings import LEAVE_OUT, PUT_BACK, is_text, reworded_key
from nic_node.publishing.lineage import verify_lineage
from nic_node.publishing.preview import day_of, preview
from nic_node.publishing.release_log import log_release
from nic_node.publishing.snapshot import snapshot_of_project
from nic_node.publishing.states import DraftKind, DraftState
from nic_node.publishing.tables import DraftRow, FindingDecision
from nic_node.publishing.terms import default_network
from nic_node.school.sample.keep import is_sample_project

LONGEST_TEXT: Final = 4000
LONGEST_NOTE: Final = 800
NO_DRAFT: Final = N_("There is no such draft here.")
IS_SAMPLE: Final = N_("This is sample data, and invented: it can't be shared.")
NO_FACTS: Final = N_("A question or an answer has no project whose facts could be taken anew. Change its words.")
STALE: Final = N_("Somebody changed this draft since you opened it. Look at it again, then save.")
HAS_LEFT: Final = N_("This draft was approved and can't be changed any more. Take the approval back first.")


async def start_draft(
    session: AsyncSession, node: LocalNode, *, actor: Actor, project_id: int, network: str | None = None, now: datetime
) -> DraftRow:
    """Freeze a closed project into a draft; the author looks at it before anybody else does.

    Raises:
        NotFound, Conflict: no such project; not closed; drafted already; a practice that can't be replicated.
    """
    if await is_sample_project(session, project_id):
        raise Conflict(IS_SAMPLE)
    snapshot = await snapshot_of_project(session, project_id, today=day_of(node, now))
    await verify_lineage(session, node, snapshot.lineage, project_id=project_id)
    if network is not None and await membership_in(session, network) is None:
        raise InvalidInput({"network": [N_("This school is in no such network.")]})
    row = DraftRow(
        kind=DraftKind.PROJECT,
        project_id=project_id,
        author_id=actor.person_id,
        network=network or await default_network(session),
        state=DraftState.DRAFT,
        edits={},
        names={},
        note="",
        created_at=now,
        updated_at=now,
        **_frozen(snapshot),
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(N_("There is a draft of this project already.")) from error
    await log_release(session, draft_id=row.id, stage="snapshot", code="frozen", person_id=actor.person_id, now=now)
    await audit_draft(session, actor, row, "draft.started", {"project_id": project_id}, now)
    return row


async def renew_snapshot(
    session: AsyncSession, node: LocalNode, *, actor: Actor, draft_id: int, version: int, now: datetime
) -> DraftRow:
    """Freeze the project's facts anew; rewordings stay, decisions about what changed have to be made again."""
    row = await editable_draft(session, draft_id, version)
    if row.project_id is None:
        raise Conflict(NO_FACTS)
    snapshot = await snapshot_of_project(session, row.project_id, today=day_of(node, now))
    for name, value in _frozen(snapshot).items():
        setattr(row, name, value)
    row.network, row.updated_at = row.network or await default_network(session), now
    row.left_out = None  # its pointers are of the facts as they were
    await session.flush()
    await log_release(session, draft_id=row.id, stage="snapshot", code="frozen", person_id=actor.person_id, now=now)
    return row


async def reword(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    draft_id: int,
    path: str,
    text: str,
    version: int,
    now: datetime,
) -> DraftRow:
    """Put other words in place of the author's. Whoever reviews and rewords has decided about the new words.

    Raises:
        Conflict: a stale version, or the draft was approved.
        InvalidInput: no text stands at this path, or it is too long.
    """
    row = await editable_draft(session, draft_id, version)
    shown = await preview(session, node, row, now)
    if not is_text(path) or path not in {change.path for change in shown.draft.texts}:
        raise InvalidInput({"path": [N_("There is no text at this place of the draft.")]})
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput({"text": [filled(N_("Write something, within {n} characters."), n=f"{LONGEST_TEXT:,}")]})
    row.edits = row.edits | {path: {"text": text.strip(), "person_id": actor.person_id}}
    row.updated_at = now
    if row.state == DraftState.REVIEW and actor.person_id != row.author_id:
        session.add(
            FindingDecision(
                draft_id=row.id,
                finding=reworded_key(path, text.strip()),
                choice="accept",
                person_id=actor.person_id,
                decided_at=now,
            )
        )
    await session.flush()
    await log_release(session, draft_id=row.id, stage="text", code="reworded", person_id=actor.person_id, now=now)
    return row


async def leave_out(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    draft_id: int,
    path: str,
    stays: bool,
    version: int,
    now: datetime,
) -> DraftRow:
    """Keep a measure's numbers, or the context, in the school; or let them leave again.

    Raises:
        Conflict: a stale version, or the draft was approved.
        InvalidInput: the draft has neither at this path.
    """
    row = await editable_draft(session, draft_id, version)
    shown = await preview(session, node, row, now)
    if path not in {item.paths[0] for item in shown.items if {LEAVE_OUT, PUT_BACK} & set(item.choices)}:
        raise InvalidInput({"path": [N_("There is nothing at this place of the draft that could stay here.")]})
    row.left_out, row.updated_at = with_left_out(row, path, stays=stays), now
    await session.flush()
    code = "left-out" if stays else "put-back"
    await log_release(session, draft_id=row.id, stage="cells", code=code, person_id=actor.person_id, now=now)
    return row


def with_left_out(row: DraftRow, path: str, *, stays: bool) -> list[str]:
    """What stays here, with this path or without it."""
    return sorted({*(row.left_out or ())} | {path}) if stays else sorted({*(row.left_out or ())} - {path})


async def send_to_review(
    session: AsyncSession, node: LocalNode, *, actor: Actor, draft_id: int, version: int | None = None, now: datetime
) -> DraftRow:
    """Hand a draft to whoever may review it."""
    row = await editable_draft(session, draft_id, version)
    if row.state != DraftState.DRAFT:
        raise Conflict(N_("This draft is in review already."))
    row.state, row.note, row.updated_at = DraftState.REVIEW, "", now
    row.network = row.network or await default_network(session)
    await session.flush()
    shown = await preview(session, node, row, now)
    await log_release(
        session,
        draft_id=row.id,
        stage="review",
        code="asked",
        counts=Counter(finding.code for finding in shown.draft.findings),
        policy_sha256=shown.terms.policy_sha256,
        person_id=actor.person_id,
        record_sha256=shown.sha256,
        now=now,
    )
    await audit_draft(session, actor, row, "draft.sent", {"state": row.state}, now)
    return row


async def send_back(
    session: AsyncSession, *, actor: Actor, draft_id: int, note: str, version: int, now: datetime
) -> DraftRow:
    """Give a draft back to its author, with what has to change."""
    row = await editable_draft(session, draft_id, version)
    if row.state != DraftState.REVIEW:
        raise Conflict(N_("This draft is not in review."))
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": [too_long(LONGEST_NOTE)]})
    row.state, row.note, row.updated_at = DraftState.DRAFT, note.strip(), now
    await session.flush()
    await log_release(
        session,
        draft_id=row.id,
        stage="review",
        code="returned",
        person_id=actor.person_id,
        decision="returned",
        now=now,
    )
    await audit_draft(session, actor, row, "draft.returned", {"state": row.state}, now)
    return row


async def drop_draft(session: AsyncSession, *, actor: Actor, draft_id: int, version: int, now: datetime) -> None:
    """Give a draft up; the project stays as it is, and its line in the release log too.

    Of a correction what was approved before stands again.
    """
    row = await editable_draft(session, draft_id, version)
    await log_release(session, draft_id=row.id, stage="review", code="dropped", person_id=actor.person_id, now=now)
    await audit_draft(session, actor, row, "draft.dropped", {"project_id": row.project_id}, now)
    if row.corrects is None:
        await session.delete(row)
    else:
        assert row.earlier
        *before, approved = row.earlier
        for name in ("snapshot", "snapshot_sha256", "edits", "names", "left_out", "author_id"):
            setattr(row, name, approved[name])
        row.earlier, row.corrects = before, before[-1]["release_id"] if before else None
        row.state, row.note, row.updated_at = DraftState.APPROVED, "", now
    await session.flush()


async def draft_of(session: AsyncSession, draft_id: int) -> DraftRow:
    row = await session.get(DraftRow, draft_id)
    if row is None:
        raise NotFound(NO_DRAFT)
    return row


async def locked_draft(session: AsyncSession, draft_id: int) -> DraftRow:
    row = await session.get(DraftRow, draft_id, with_for_update=True)
    if row is None:
        raise NotFound(NO_DRAFT)
    return row


async def editable_draft(session: AsyncSession, draft_id: int, version: int | None) -> DraftRow:
    """The draft, locked; version None is whichever it has.

    Raises:
        NotFound; Conflict: somebody changed it since `version` was read, or it was approved.
    """
    row = await locked_draft(session, draft_id)
    if version not in (None, row.version):
        raise Stale(STALE)
    if row.state == DraftState.APPROVED:
        raise Conflict(HAS_LEFT)
    return row


def _frozen(snapshot: Snapshot) -> dict[str, Any]:
    return {"snapshot": snapshot_document(snapshot), "snapshot_sha256": snapshot_sha256(snapshot)}


async def audit_draft(
    session: AsyncSession, actor: Actor, row: DraftRow, action: str, after: Mapping[str, Any], now: datetime
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="draft", subject_id=row.id, before=None, after=after, now=now
    )
