"""A coordinator's yes to an application that did not decide it alone: given, and not yet or not only theirs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.network.decisions import MOST_DECISIONS, Span
from nic_node.network.tables import Application, Approval, Member, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """`state` is the school's today."""

    member_id: int
    school: str
    at: datetime
    by_id: int
    by: str
    note: str
    state: str


async def list_approvals(
    session: AsyncSession, network_id: int, *, by: int | None = None, span: Span | None = None
) -> list[Yes]:
    """The newest first, without those that made the move: these are decisions."""
    made_the_move = exists().where(
        Transition.member_id == Member.id,
        Transition.actor_kind == "person",
        Transition.actor_id == Approval.person_id,
        Transition.at == Approval.at,
    )
    chosen = (
        select(Approval, Member, Person.name)
        .join(Application, Application.id == Approval.application_id)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Approval.person_id)
        .where(Application.network_id == network_id, ~made_the_move)
        .order_by(Approval.at.desc(), Approval.id.desc())
        .limit(MOST_DECISIONS)
    )
    if by is not None:
        chosen = chosen.where(Approval.person_id == by)
    return [
        Yes(
            member_id=member.id,
            school=member.name,
            at=said.at,
            by_id=said.person_id,
            by=person,
            note=said.note,
            state=member.state,
        )
        for said, member, person in (await session.execute(chosen)).all()
        if span is None or span.holds(said.at)
    ]
