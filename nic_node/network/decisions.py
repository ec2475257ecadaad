"""What coordinators decided about memberships: by whom and when, for everybody who coordinates the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.network.coordinators import deciding_ids
from nic_node.network.tables import Appeal, AppealVoice, Application, Approval, Member, Transition

MOST_DECISIONS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One move that a person here made.

    Attributes:
        is_newest: nothing was decided about this school since.
    """

    id: int
    member_id: int
    school: str
    at: datetime
    by_id: int
    by: str
    from_state: str | None
    to_state: str
    reason: str
    note: str
    version: int
    is_newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Decisions from `since` on and before `until`; None is no limit."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Somebody who decided about a membership; `decides` whether they still may."""

    person_id: int
    name: str
    email: str
    decides: bool


async def list_decisions(
    session: AsyncSession,
    network_id: int,
    *,
    by: int | None = None,
    span: Span | None = None,
    limit: int = MOST_DECISIONS,
) -> list[Decision]:
    """The newest first."""
    newest = (
        select(func.max(Transition.number)).where(Transition.member_id == Member.id).correlate(Member).scalar_subquery()
    )
    chosen = (
        select(Transition, Member.name, newest)
        .join(Member, Member.id == Transition.member_id)
        .where(Member.network_id == network_id, Transition.actor_kind == "person")
        .order_by(Transition.at.desc(), Transition.id.desc())
        .limit(limit)
    )
    if by is not None:
        chosen = chosen.where(Transition.actor_id == by)
    if span is not None and span.since is not None:
        chosen = chosen.where(Transition.at >= span.since)
    if span is not None and span.until is not None:
        chosen = chosen.where(Transition.at < span.until)
    return [_decision(move, school, last) for move, school, last in await session.execute(chosen)]


def _decision(move: Transition, school: str, last: int) -> Decision:
    assert move.actor_id is not None
    return Decision(
        id=move.id,
        member_id=move.member_id,
        school=school,
        at=move.at,
        by_id=move.actor_id,
        by=move.actor_name,
        from_state=move.from_state,
        to_state=move.to_state,
        reason=move.reason,
        note=move.note,
        version=move.version,
        is_newest=move.number == last,
    )


async def deciders_of(session: AsyncSession, network_id: int) -> list[Decider]:
    """Everybody who decides for the network or ever decided about a membership of it, by name."""
    moved = (
        select(Transition.actor_id)
        .join(Member, Member.id == Transition.member_id)
        .where(Member.network_id == network_id, Transition.actor_kind == "person")
    )
    said_yes = (
        select(Approval.person_id)
        .join(Application, Application.id == Approval.application_id)
        .where(Application.network_id == network_id)
    )
    voiced = (
        select(AppealVoice.person_id)
        .join(Appeal, Appeal.id == AppealVoice.appeal_id)
        .join(Member, Member.id == Appeal.member_id)
        .where(Member.network_id == network_id)
    )
    deciding = await deciding_ids(session, network_id)
    decided = Person.id.in_(moved) | Person.id.in_(said_yes) | Person.id.in_(voiced)
    chosen = select(Person).where(decided | Person.id.in_(deciding))
    people: Sequence[Person] = (await session.scalars(chosen.order_by(Person.name, Person.id))).all()
    return [
        Decider(person_id=person.id, name=person.name, email=person.email, decides=person.id in deciding)
        for person in people
    ]
