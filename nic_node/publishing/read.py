"""Where each project stands on its way out, for this room's pages and for the rooms above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.keyring.sealing import open_bytes
from nic_node.membership.local import LocalNode
from nic_node.publishing.preview import Preview
from nic_node.publishing.sealing import open_document, place_context, release_context
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import DraftRow, OutboxRow, Release, RetractionRow
from nic_node.school.projects.tables import Project
from schemas.canonical import read_json
from schemas.limits import BLOB_MAX_BYTES

LEFT = frozenset({OutboxState.ON_ITS_WAY, OutboxState.IN_THE_LOG, OutboxState.FINAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """One project on its way out.

    Attributes:
        state: of `DraftState` before the approval, of `OutboxState` after it.
        problem: why it did not go on, in one sentence; "" when nothing is wrong.
        withdrawal: of `RetractionState`, "" where it was not withdrawn.
    """

    draft_id: int
    project_id: int
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


async def all_sharing(session: AsyncSession, *, project_id: int | None = None) -> list[Sharing]:
    """Every draft with how far it is, the one that changed last first."""
    chosen = (
        select(DraftRow, Project.title, Release, OutboxRow, RetractionRow)
        .join(Project, Project.id == DraftRow.project_id)
        .outerjoin(Release, (Release.draft_id == DraftRow.id) & Release.voided_at.is_(None))
        .outerjoin(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
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
    title: str,
    release: Release | None,
    waiting: OutboxRow | None,
    withdrawal: RetractionRow | None,
    names: dict[int, str],
) -> Sharing:
    changed = max(each.updated_at for each in (row, waiting) if each is not None)
    return Sharing(
        draft_id=row.id,
        project_id=row.project_id,
        title=title,
        state=waiting.state if waiting else row.state,
        network=row.network,
        author_id=row.author_id,
        author=names.get(row.author_id or 0, ""),
        reviewer=names.get((release.reviewer_id if release else None) or 0, ""),
        problem=waiting.problem if waiting else row.note,
        updated_at=changed,
        version=row.version,
        outbox_id=waiting.id if waiting else None,
        release_id=release.id if release else None,
        withdrawal=withdrawal.state if withdrawal else "",
    )


async def sharing_of(session: AsyncSession, project_id: int) -> Sharing | None:
    """How far this project is, if anybody drafted it."""
    found = await all_sharing(session, project_id=project_id)
    return found[0] if found else None


async def sharing_of_draft(session: AsyncSession, draft_id: int) -> Sharing | None:
    return next((one for one in await all_sharing(session) if one.draft_id == draft_id), None)


async def shareable_projects(session: AsyncSession) -> Sequence[Project]:
    """Closed projects that nobody drafted yet, the newest first."""
    drafted = select(DraftRow.project_id)
    chosen = (
        select(Project)
        .where(Project.state == "closed", Project.id.not_in(drafted))
        .order_by(Project.closed_on.desc(), Project.id.desc())
    )
    return list(await session.scalars(chosen))


async def has_left(session: AsyncSession, project_id: int) -> bool:
    """Whether anything of this project was sent or approved; its facts have to stay as they are then."""
    found = await sharing_of(session, project_id)
    return found is not None and found.state in LEFT | {OutboxState.QUEUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRelease:
    """An approval that stands, of another project; `same`: it counts a measure that this draft counts too."""

    draft_id: int | None
    title: str
    approved_at: datetime
    same: bool


async def earlier_releases(session: AsyncSession, node: LocalNode, shown: Preview) -> list[EarlierRelease]:
    """What this school shared before, the newest first: a reader may lay one beside the other."""
    chosen = select(Release).where(Release.voided_at.is_(None), Release.draft_id != shown.row.id)
    measures = measures_in(shown.draft.record)
    found = []
    for release in await session.scalars(chosen.order_by(Release.id.desc())):
        same = bool(measures & measures_in(released_record(node, release)))
        found.append(
            EarlierRelease(draft_id=release.draft_id, title=release.title, approved_at=release.approved_at, same=same)
        )
    return found


def released_record(node: LocalNode, release: Release) -> dict[str, Any]:
    """The approved bytes, opened."""
    approved = open_bytes(node.operator_key, release.sealed_record, context=release_context(release.record_sha256))
    record: dict[str, Any] = read_json(approved, max_bytes=BLOB_MAX_BYTES)
    return record


async def record_of_release(session: AsyncSession, node: LocalNode, release_id: int) -> dict[str, Any] | None:
    release = await session.get(Release, release_id)
    return None if release is None else released_record(node, release)


def measures_in(record: Mapping[str, Any]) -> set[str]:
    return {measure["measure"] for measure in record.get("measures", ())}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a release stands in the log. Only this school's operator key opens it."""

    record_id: str
    epoch: int
    is_witnessed: bool


async def place_of_release(session: AsyncSession, node: LocalNode, release_id: int) -> Place | None:
    row = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == release_id))
    if row is None or row.sealed_place is None:
        return None
    place = open_document(node.operator_key, row.sealed_place, context=place_context(release_id))
    return Place(place["record_id"], place["epoch"], place["is_witnessed"])
