"""What coordinators said to appeals: by whom and when, whether it was the voice that decided or not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.network.decisions import MOST_DECISIONS, Span
from nic_node.network.tables import Appeal, AppealVoice, Member, Transition

REVERSED: Final = "decision-reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one coordinator said.

    Attributes:
        state: the appeal's: open, granted or declined.
        is_reversed: the school's newest move takes back what was decided.
    """

    id: int
    member_id: int
    school: str
    at: datetime
    by_id: int
    by: str
    grants: bool
    note: str
    state: str
    is_reversed: bool


async def list_voices(
    session: AsyncSession, network_id: int, *, by: int | None = None, span: Span | None = None
) -> list[Voice]:
    """The newest first."""
    newest = (
        select(Transition.reason)
        .where(Transition.member_id == Member.id)
        .order_by(Transition.number.desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )
    chosen = (
        select(AppealVoice, Appeal.state, Member.id, Member.name, Person.name, newest)
        .join(Appeal, Appeal.id == AppealVoice.appeal_id)
        .join(Member, Member.id == Appeal.member_id)
        .join(Person, Person.id == AppealVoice.person_id)
        .where(Member.network_id == network_id)
        .order_by(AppealVoice.at.desc(), AppealVoice.id.desc())
        .limit(MOST_DECISIONS)
    )
    if by is not None:
        chosen = chosen.where(AppealVoice.person_id == by)
    return [
        Voice(
            id=voice.id,
            member_id=member_id,
            school=school,
            at=voice.at,
            by_id=voice.person_id,
            by=person,
            grants=voice.grants,
            note=voice.note,
            state=state,
            is_reversed=reason == REVERSED,
        )
        for voice, state, member_id, school, person, reason in (await session.execute(chosen)).all()
        if span is None or span.holds(voice.at)
    ]
