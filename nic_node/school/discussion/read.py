"""What was written and attached beside something."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.school.discussion.tables import Attachment, Comment
from nic_node.school.subjects import SUBJECTS, subject_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Attributes: title: of what it stands beside. names: person id -> name, of the authors."""

    kind: str
    subject_id: int
    title: str
    comments: Sequence[Comment]
    files: Sequence[Attachment]
    names: dict[int, str]


async def beside(session: AsyncSession, kind: str, subject_id: int) -> Beside:
    """Comments in the order they were written, the newest file first. Raises NotFound."""
    row = await subject_row(session, kind, subject_id)
    rows = await what_stands_beside(session, kind, subject_id)
    comments = [row for row in rows if isinstance(row, Comment)]
    files = [row for row in rows if isinstance(row, Attachment)]
    return Beside(
        kind=kind,
        subject_id=subject_id,
        title=getattr(row, SUBJECTS[kind].title.key),
        comments=comments,
        files=files[::-1],
        names=await person_names(session, {one.created_by for one in rows}),
    )


async def what_stands_beside(session: AsyncSession, kind: str, subject_id: int) -> list[Comment | Attachment]:
    """Its comments, then its files, each in the order they came."""
    rows: list[Comment | Attachment] = []
    for table in (Comment, Attachment):
        of_it = select(table).where(table.subject_kind == kind, table.subject_id == subject_id)
        rows += await session.scalars(of_it.order_by(table.id))
    return rows
