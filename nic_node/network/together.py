"""Approving several applications in one act, and taking one's own approval back while others are still asked.

Each school is decided in a transaction of its own: what is wrong with one does not spoil the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.decide import approve
from nic_node.network.members import member_of
from nic_node.network.tables import Application, Approval, Member
from schemas.states import APPLIED, APPROVED

MOST_TOGETHER: Final = 200
NOT_GIVEN: Final = N_("You have not approved this application, or it is decided already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A school as the coordinator saw it: `version` is of the row that was shown."""

    member_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one of them.

    Attributes:
        state: of the membership now; still 'applied' where other coordinators are asked too.
        problem: why this one was not approved, in one sentence; "" when it was.
    """

    member_id: int
    name: str
    state: str
    problem: str = ""

    @property
    def is_member(self) -> bool:
        return not self.problem and self.state == APPROVED


async def approve_together(
    node: LocalNode, *, network_id: int, picks: Sequence[Pick], actor: Actor, now: datetime
) -> list[Outcome]:
    """Approve each, in the order given; opens its own transactions, and the caller wakes the worker.

    Raises:
        InvalidInput: none was picked, or too many. NotAllowed: the person does not coordinate this network.
    """
    if not 1 <= len(picks) <= MOST_TOGETHER:
        raise InvalidInput({"ready": [N_("Choose at least one school, and at most 200 at once.")]})
    async with node.database.reading() as session:
        await verify_coordinator(session, network_id, actor)
    return [await _approve_one(node, network_id, pick, actor, now) for pick in picks]


async def _approve_one(node: LocalNode, network_id: int, pick: Pick, actor: Actor, now: datetime) -> Outcome:
    try:
        async with node.database.writing() as session:
            member = await approve(
                session,
                node,
                network_id=network_id,
                member_id=pick.member_id,
                actor=actor,
                version=pick.version,
                now=now,
            )
        return Outcome(member_id=member.id, name=member.name, state=member.state)
    except Conflict as error:
        problem = error.sentence
    except NotFound as error:
        return Outcome(member_id=pick.member_id, name="", state="", problem=error.sentence)
    except Untrusted as error:
        problem = error.detail
    async with node.database.reading() as session:
        seen = await member_of(session, network_id, pick.member_id)
    return Outcome(member_id=seen.id, name=seen.name, state=seen.state, problem=problem)


async def take_back_approval(
    session: AsyncSession, *, network_id: int, member_id: int, actor: Actor, now: datetime
) -> Member:
    """Undo one's own yes while the school still waits for another coordinator's.

    Raises:
        Conflict: there is none to take back.
    """
    person_id = await verify_coordinator(session, network_id, actor)
    member = await member_of(session, network_id, member_id, for_update=True)
    newest = select(func.max(Application.id)).where(Application.member_id == member.id).scalar_subquery()
    given = (Approval.application_id == newest, Approval.person_id == person_id)
    if member.state != APPLIED or await session.scalar(select(Approval.id).where(*given)) is None:
        raise Conflict(NOT_GIVEN)
    await session.execute(delete(Approval).where(*given))
    await record_audit(
        session,
        actor=actor,
        action="member.approval-taken-back",
        subject="member",
        subject_id=member.id,
        before=None,
        after=None,
        now=now,
    )
    return member
