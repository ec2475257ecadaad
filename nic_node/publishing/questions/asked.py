"""What others ask about this school's practices, and answer to its questions; found in its own mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.once import once_a_reading
from nic_node.membership.local import LocalNode
from nic_node.mirror.read import LivingRecord, living_records, mirrored_logs, referring_to
from nic_node.publishing.places import Place, place_of_row
from nic_node.publishing.states import DraftKind
from nic_node.publishing.tables import DraftRow, OutboxRow, Release

NEWS_FOR: Final = timedelta(days=60)
KINDS: Final = {DraftKind.PROJECT: ("practice", "replication"), DraftKind.QUESTION: ("question",)}
"""What a draft leaves as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about something that this school shared.

    Attributes:
        title: of the practice; its draft is `practice_draft_id`.
        is_answered: this school's own answer stands in the log.
        draft_id: of an answer that is being written, reviewed or sent; None where there is none.
    """

    record_id: str
    text: str
    about: str
    title: str
    practice_draft_id: int | None
    is_answered: bool
    draft_id: int | None
    is_final: bool

    @property
    def is_open(self) -> bool:
        """Nobody here has taken it up."""
        return not self.is_answered and self.draft_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question of this school's that others answered.

    Attributes:
        draft_id: what it was written in; None once that was dropped.
        answers: by other schools, that can be read now.
        sent_at: when it was found in the log.
    """

    record_id: str
    draft_id: int | None
    text: str
    answers: int
    sent_at: datetime

    def is_news(self, now: datetime) -> bool:
        """Whether Today still tells of it. A record carries no time, so this goes by when the question left."""
        return now - self.sent_at < NEWS_FOR


async def answered_to_us(session: AsyncSession, node: LocalNode, *, now: datetime) -> list[Answered]:
    """The questions of this school's that live and have an answer, the newest first."""
    logs = {log.id for log in await mirrored_logs(session, now=now)}
    asked = await _placed(session, node, DraftKind.QUESTION)
    living = await living_records(session, asked.keys())
    found = []
    answers = await referring_to(session, living.keys(), kind="answer")
    for record_id, question in living.items():
        place, release, row = asked[record_id]
        others = [one for one in answers if one.payload["target"] == record_id and one.jkt != place.jkt]
        if others and question.log_id in logs:
            found.append(
                Answered(
                    record_id=record_id,
                    draft_id=release.draft_id,
                    text=question.payload["text"],
                    answers=len(others),
                    sent_at=row.updated_at,
                )
            )
    return sorted(found, key=lambda one: one.sent_at, reverse=True)


async def asked_of_us(session: AsyncSession, node: LocalNode, *, now: datetime) -> list[Asked]:
    """The questions that live, the oldest first; those about what was withdrawn too."""
    logs = {log.id for log in await mirrored_logs(session, now=now)}
    shared = await _placed(session, node, DraftKind.PROJECT)
    questions = [one for one in await referring_to(session, shared.keys(), kind="question") if one.log_id in logs]
    if not questions:
        return []
    answers = await referring_to(session, [one.record_id for one in questions], kind="answer")
    drafts = await _answers_under_way(session, [one.record_id for one in questions])
    return [_asked(question, *shared[question.payload["target"]][:2], answers, drafts) for question in questions]


def _asked(
    question: LivingRecord, place: Place, release: Release, answers: Sequence[LivingRecord], drafts: dict[str, int]
) -> Asked:
    return Asked(
        record_id=question.record_id,
        text=question.payload["text"],
        about=place.record_id,
        title=release.title,
        practice_draft_id=release.draft_id,
        is_answered=any(
            answer.payload["target"] == question.record_id and answer.jkt == place.jkt for answer in answers
        ),
        draft_id=drafts.get(question.record_id),
        is_final=question.is_final,
    )


async def _placed(
    session: AsyncSession, node: LocalNode, kind: DraftKind
) -> dict[str, tuple[Place, Release, OutboxRow]]:
    """Record id -> where it stands and what it was, of what this school shared out of such drafts."""
    rows = [(row, release) for row, release in await _rows_placed(session) if release.kind in KINDS[kind]]
    found = [(place_of_row(node, row), release, row) for row, release in rows]
    return {place.record_id: (place, release, row) for place, release, row in found if place is not None}


@once_a_reading
async def _rows_placed(session: AsyncSession) -> list[tuple[OutboxRow, Release]]:
    placed = select(OutboxRow, Release).join(Release, Release.id == OutboxRow.release_id)
    kinds = [kind for of_draft in KINDS.values() for kind in of_draft]
    chosen = placed.where(OutboxRow.sealed_place.is_not(None), Release.kind.in_(kinds))
    return [(row, release) for row, release in await session.execute(chosen)]


async def _answers_under_way(session: AsyncSession, questions: Sequence[str]) -> dict[str, int]:
    """Question -> the newest draft of an answer to it."""
    chosen = select(DraftRow.target, DraftRow.id).where(
        DraftRow.kind == DraftKind.ANSWER, DraftRow.target.in_(questions)
    )
    return {target: draft_id for target, draft_id in await session.execute(chosen.order_by(DraftRow.id)) if target}
