"""What an officer sees: every approval, every line of the release log, and the page that left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.publishing.incidents.tables import IncidentRow
from nic_node.publishing.oversight.basis import LEGAL_BASIS
from nic_node.publishing.oversight.retention import kept_until
from nic_node.publishing.oversight.words import line_words
from nic_node.publishing.release_log import find_break, release_log
from nic_node.publishing.released import released_record
from nic_node.publishing.states import RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow

NO_RELEASE = N_("There is no such release here.")
ERASED = N_("This page was erased by the school’s retention schedule. Its hash and its lines in the log stay.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """One approval.

    Attributes:
        state: of `OutboxState`; 'taken-back' before anything left.
        withdrawal: of `RetractionState`, or "".
        policy: the version of the network's policy by which it was judged; None where the document is not here.
        basis: key of LEGAL_BASIS; "" where the page is erased.
        kept_until: when the page may be erased, once it is not public any more.
    """

    release_id: int
    draft_id: int | None
    title: str
    kind: str
    network: str
    state: str
    withdrawal: str
    author: str
    reviewer: str
    approved_at: datetime
    record_sha256: str
    policy_sha256: str
    policy: int | None
    basis: str
    shows_context: bool
    incident_id: int | None
    kept_until: datetime
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of the release log, in words, with the name of who did it."""

    id: int
    says: str
    at: datetime
    draft_id: int
    stage: str
    code: str
    decision: str
    person: str
    counts: Mapping[str, int]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """Whether the chain of the release log holds; broken_at: the first line that does not follow."""

    lines: int
    broken_at: int | None


async def approvals(session: AsyncSession, node: LocalNode, *, release_id: int | None = None) -> list[Approved]:
    """Every approval, also those taken back, the newest first; or the one."""
    chosen = (
        select(Release, OutboxRow.state, RetractionRow.state, IncidentRow.id)
        .outerjoin(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .outerjoin(IncidentRow, IncidentRow.release_id == Release.id)
        .order_by(Release.id.desc())
    )
    if release_id is not None:
        chosen = chosen.where(Release.id == release_id)
    found = (await session.execute(chosen)).all()
    people = {release.author_id for release, *_ in found} | {release.reviewer_id for release, *_ in found}
    names = await person_names(session, people)
    policies = {sha256: await document_of(session, sha256) for sha256 in {one.policy_sha256 for one, *_ in found}}
    return [_approved(node, *each, names, policies) for each in found]


def _approved(
    node: LocalNode,
    release: Release,
    sent: str | None,
    taken: str | None,
    incident_id: int | None,
    names: dict[int, str],
    policies: Mapping[str, Mapping[str, Any] | None],
) -> Approved:
    record = None if release.erased_at is not None else released_record(node, release)
    policy = policies[release.policy_sha256]
    return Approved(
        release_id=release.id,
        draft_id=release.draft_id,
        title=release.title,
        kind=release.kind,
        network=release.network,
        state="taken-back" if release.voided_at is not None else sent or "",
        withdrawal=taken if taken and taken != RetractionState.HELD else "",
        author=names.get(release.author_id or 0, ""),
        reviewer=names.get(release.reviewer_id or 0, ""),
        approved_at=release.approved_at,
        record_sha256=release.record_sha256,
        policy_sha256=release.policy_sha256,
        policy=policy["version"] if policy else None,
        basis=LEGAL_BASIS[record.get("rung", "words")] if record else "",
        shows_context=bool(record and "context" in record),
        incident_id=incident_id,
        kept_until=kept_until(release, node.config),
        erased_at=release.erased_at,
    )


async def page_of_release(
    session: AsyncSession, node: LocalNode, release_id: int
) -> tuple[Approved, dict[str, Any] | None]:
    """An approval and the bytes that were approved, opened; None for a page that was erased. Raises NotFound."""
    found = await approvals(session, node, release_id=release_id)
    release = await session.get(Release, release_id)
    if not found or release is None:
        raise NotFound(NO_RELEASE)
    return found[0], None if release.erased_at is not None else released_record(node, release)


async def log_lines(session: AsyncSession, *, limit: int) -> list[LogLine]:
    """The newest lines of the release log, the newest first."""
    entries = (await release_log(session))[-limit:][::-1]
    names = await person_names(session, {entry.person_id for entry in entries})
    return [
        LogLine(
            id=entry.id,
            says=line_words(entry.code, entry.decision or ""),
            at=entry.at,
            draft_id=entry.draft_id,
            stage=entry.stage,
            code=entry.code,
            decision=entry.decision or "",
            person=names.get(entry.person_id or 0, ""),
            counts=entry.counts,
            hash=entry.hash,
        )
        for entry in entries
    ]


async def check_log(session: AsyncSession) -> LogCheck:
    """Hash every line anew, from the first."""
    entries = await release_log(session)
    return LogCheck(lines=len(entries), broken_at=find_break(entries))
