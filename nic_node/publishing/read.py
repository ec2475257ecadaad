"""Where each project stands on its way out, for this room's pages and for the rooms above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from nic_node.accounts.people import person_names
from nic_node.disclosure.history import touched_groups
from nic_node.disclosure.released import facts_of
from nic_node.membership.local import LocalNode
from nic_node.publishing.preview import Preview
from nic_node.publishing.questions.subject import title_of
from nic_node.publishing.released import released_record
from nic_node.publishing.retract import is_late
from nic_node.publishing.states import NOT_TAKEN_BACK, DraftState, OutboxState, RetractionState
from nic_node.publishing.surroundings import released_before
from nic_node.publishing.tables import DraftRow, OutboxRow, Release, RetractionRow
from nic_node.school.projects.tables import Project

LEFT = frozenset(set(OutboxState) - {OutboxState.QUEUED, OutboxState.STOPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """One project, question or answer on its way out.

    Attributes:
        kind: of `DraftKind`; project_id is None of a question or an answer, target the record that these are about.
        state: of `DraftState` before the approval, of `OutboxState` after it.
        shared: of `OutboxState`, what is out there while a correction of it is prepared; else "".
        version: of the row. number: which version this is or will be, from 1.
        problem: why it did not go on, in one sentence; "" when nothing is wrong.
        withdrawal: of `RetractionState`, "" where it was not withdrawn; withdrawal_problem: why not yet, or "".
    withdrawal_is_open: it goes in the open. withdrawal_is_late: it, or that of the version before this one, was sent
            more than once, and is not seen in the log. earlier_problem: why that version still stands, or "".
    """

    draft_id: int
    kind: str
    project_id: int | None
    target: str | None
    title: str
    state: str
    network: str | None
    author_id: int | None
    author: str
    reviewer: str
    problem: str
    updated_at: datetime
    version: int
    outbox_id: int | None = None
    release_id: int | None = None
    withdrawal: str = ""
    withdrawal_problem: str = ""
    withdrawal_is_open: bool = False
    withdrawal_is_late: bool = False
    earlier_problem: str = ""
    shared: str = ""
    number: int = 1

    @property
    def is_taken_back(self) -> bool:
        """A withdrawal that the network refused may be asked for again."""
        return bool(self.withdrawal) and self.withdrawal not in NOT_TAKEN_BACK

    @property
    def can_be_hurried(self) -> bool:
        """Its withdrawal waits for a slot, or went in one and is not seen in the log: it may go in the open too."""
        return self.withdrawal in {RetractionState.WAITING, RetractionState.TAKEN} and not self.withdrawal_is_open

    @property
    def placed(self) -> str:
        """Of `OutboxState`: of what left last, whether or not a correction of it is prepared."""
        return self.shared or self.state


async def all_sharing(session: AsyncSession, *, project_id: int | None = None) -> list[Sharing]:
    """Every draft with how far it is, the one that changed last first."""
    newer, of_earlier = aliased(Release), aliased(RetractionRow)
    newest = (
        select(func.max(newer.id)).where(newer.draft_id == DraftRow.id, newer.voided_at.is_(None)).scalar_subquery()
    )
    chosen = (
        select(DraftRow, Project.title, Release, OutboxRow, RetractionRow, of_earlier)
        .outerjoin(Project, Project.id == DraftRow.project_id)
        .outerjoin(Release, Release.id == newest)
        .outerjoin(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .outerjoin(of_earlier, of_earlier.release_id == Release.corrects)
        .order_by(DraftRow.updated_at.desc(), DraftRow.id.desc())
    )
    if project_id is not None:
        chosen = chosen.where(DraftRow.project_id == project_id)
    found = (await session.execute(chosen)).all()
    people = {row.author_id for row, *_ in found} | {release.reviewer_id for _, _, release, *_ in found if release}
    names = await person_names(session, people)
    return [_sharing(*each, names) for each in found]


def _sharing(
    row: DraftRow,
    title: str | None,
    release: Release | None,
    waiting: OutboxRow | None,
    withdrawal: RetractionRow | None,
    of_earlier: RetractionRow | None,
    names: dict[int, str],
) -> Sharing:
    is_preparing = row.corrects is not None and row.state != DraftState.APPROVED
    changed = max(each.updated_at for each in (row, waiting) if each is not None)
    return Sharing(
        draft_id=row.id,
        kind=row.kind,
        project_id=row.project_id,
        target=row.target,
        title=title or title_of(row.snapshot),
        state=waiting.state if waiting and not is_preparing else row.state,
        network=row.network,
        author_id=row.author_id,
        author=names.get(row.author_id or 0, ""),
        reviewer=names.get((release.reviewer_id if release else None) or 0, ""),
        problem=waiting.problem if waiting and not is_preparing else row.note,
        updated_at=changed,
        version=row.version,
        outbox_id=waiting.id if waiting else None,
        release_id=release.id if release else None,
        withdrawal=withdrawal.state if withdrawal and withdrawal.state != RetractionState.HELD else "",
        withdrawal_problem=withdrawal.problem if withdrawal else "",
        withdrawal_is_open=bool(withdrawal and withdrawal.in_the_open),
        withdrawal_is_late=any(is_late(row) for row in (withdrawal, of_earlier) if row is not None),
        earlier_problem=of_earlier.problem if of_earlier else "",
        shared=waiting.state if waiting and is_preparing else "",
        number=1 + len(row.earlier or ()),
    )


async def sharing_of(session: AsyncSession, project_id: int) -> Sharing | None:
    """How far this project is, if anybody drafted it."""
    found = await all_sharing(session, project_id=project_id)
    return found[0] if found else None


async def sharing_of_draft(session: AsyncSession, draft_id: int) -> Sharing | None:
    return next((one for one in await all_sharing(session) if one.draft_id == draft_id), None)


async def shareable_projects(session: AsyncSession) -> Sequence[Project]:
    """Closed projects that nobody drafted yet, the newest first."""
    drafted = select(DraftRow.project_id).where(DraftRow.project_id.is_not(None))
    chosen = (
        select(Project)
        .where(Project.state == "closed", Project.id.not_in(drafted))
        .order_by(Project.closed_on.desc(), Project.id.desc())
    )
    return list(await session.scalars(chosen))


async def has_left(session: AsyncSession, project_id: int) -> bool:
    """Whether anything of this project was sent or approved; its facts have to stay as they are then."""
    found = await sharing_of(session, project_id)
    return found is not None and found.placed in LEFT | {OutboxState.QUEUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRelease:
    """What was released before, and which groups of this draft it touches: (name, by how many students they differ)."""

    draft_id: int | None
    title: str
    told_on: date
    is_living: bool
    is_version: bool
    touches: tuple[tuple[str, int], ...]


async def earlier_releases(session: AsyncSession, node: LocalNode, shown: Preview) -> list[EarlierRelease]:
    """What this school released before, what touches the same group first: a reader may lay one beside the other."""
    if shown.draft.snapshot is None:
        return []
    facts = facts_of(shown.draft.snapshot, shown.draft.record, shown.draft.printed)
    found = []
    for released in reversed(await released_before(session, node, shown.row)):
        release = await session.get_one(Release, released.release_id)
        found.append(
            EarlierRelease(
                draft_id=release.draft_id,
                title=released.title,
                told_on=released.told_on,
                is_living=released.is_living,
                is_version=released.practice == shown.row.project_id,
                touches=tuple(touched_groups(facts, released.facts)),
            )
        )
    return sorted(found, key=lambda one: not one.touches)


async def record_of_release(session: AsyncSession, node: LocalNode, release_id: int) -> dict[str, Any] | None:
    release = await session.get(Release, release_id)
    return None if release is None else released_record(node, release) or None
