"""What other schools ask about this school's practices, found in its own mirror: nobody sends it a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.local import LocalNode
from nic_node.mirror.read import LivingRecord, mirrored_logs, referring_to
from nic_node.publishing.places import Place, place_of_row
from nic_node.publishing.states import DraftKind
from nic_node.publishing.tables import DraftRow, OutboxRow, Release


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


async def asked_of_us(session: AsyncSession, node: LocalNode, *, now: datetime) -> list[Asked]:
    """The questions that live, the oldest first; those about what was withdrawn too."""
    logs = {log.id for log in await mirrored_logs(session, now=now)}
    shared = await _shared(session, node)
    questions = [one for one in await referring_to(session, shared.keys(), kind="question") if one.log_id in logs]
    if not questions:
        return []
    answers = await referring_to(session, [one.record_id for one in questions], kind="answer")
    drafts = await _answers_under_way(session, [one.record_id for one in questions])
    return [_asked(question, *shared[question.payload["target"]], answers, drafts) for question in questions]


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


async def _shared(session: AsyncSession, node: LocalNode) -> dict[str, tuple[Place, Release]]:
    """Record id -> where it stands and what it was, of this school's practices and results."""
    placed = (
        select(OutboxRow, Release)
        .join(Release, Release.id == OutboxRow.release_id)
        .where(OutboxRow.sealed_place.is_not(None), Release.kind.in_(["practice", "replication"]))
    )
    found = [(place_of_row(node, row), release) for row, release in await session.execute(placed)]
    return {place.record_id: (place, release) for place, release in found if place is not None}


async def _answers_under_way(session: AsyncSession, questions: Sequence[str]) -> dict[str, int]:
    """Question -> the newest draft of an answer to it."""
    chosen = select(DraftRow.target, DraftRow.id).where(
        DraftRow.kind == DraftKind.ANSWER, DraftRow.target.in_(questions)
    )
    return {target: draft_id for target, draft_id in await session.execute(chosen.order_by(DraftRow.id)) if target}
