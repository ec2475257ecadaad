"""Leaving a network: of each practice of its own the school says whether it stays or goes, and sees what will happen.

Who was revoked, or whose term ended, may say the same afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, Membership, membership_of
from nic_node.membership.tell import leave
from nic_node.publishing.retract import OwnRecord, own_records, plan_retraction, send_in_the_open
from schemas.policy import POLICY_DEFAULTS
from schemas.states import EXPIRED, LEFT, REVOKED

STAY: Final = "stay"
GO: Final = "go"
ENDED: Final = frozenset({LEFT, REVOKED, EXPIRED})
ERASED_WITHIN: Final = timedelta(days=30)
SAY_EACH: Final = N_("Say whether it stays in the library or goes.")
NOT_HERE: Final = N_("Only a member leaves, and only who was one withdraws afterwards.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is there to be decided, and what follows.

    Attributes:
        choosable: records that stand in the log and were not taken back.
        on_their_way: sent and not in the log yet: these stay, whatever is chosen. waiting: never leave.
        leaves: whether the membership itself ends with it.
    """

    membership: Membership
    choosable: Sequence[OwnRecord]
    on_their_way: Sequence[OwnRecord]
    waiting: Sequence[OwnRecord]
    withdrawn: Sequence[OwnRecord]
    spread_seconds: int
    erased_by: datetime

    @property
    def leaves(self) -> bool:
        return self.membership.state in HELD

    @property
    def spread_hours(self) -> int:
        return max(1, round(self.spread_seconds / 3_600))


async def leaving_of(session: AsyncSession, membership_id: int, now: datetime) -> Leaving:
    """What the page shows before anything is chosen.

    Raises:
        NotFound: there is no such membership. Conflict: the school never was a member, or waits for a decision.
    """
    membership = await membership_of(session, membership_id)
    if membership.state not in HELD | ENDED:
        raise Conflict(NOT_HERE)
    records = await own_records(session, membership.network)
    standing = [one for one in records if not one.is_taken_back]
    return Leaving(
        membership=membership,
        choosable=[one for one in standing if one.is_placed],
        on_their_way=[one for one in standing if one.is_sent and not one.is_placed],
        waiting=[one for one in standing if not one.is_sent],
        withdrawn=[one for one in records if one.is_taken_back],
        spread_seconds=await _spread_seconds(session, membership),
        erased_by=now + ERASED_WITHIN,
    )


async def _spread_seconds(session: AsyncSession, membership: Membership) -> int:
    policy = await document_of(session, membership.policy_accepted) or POLICY_DEFAULTS
    spread: int = policy["retract_spread_seconds"]
    return spread


async def send_what_waits(session: AsyncSession, node: LocalNode, membership: Membership, now: datetime) -> None:
    """Retractions that were asked for before the membership ended, and for which no slot comes any more."""
    spread_seconds = await _spread_seconds(session, membership)
    await send_in_the_open(session, node, membership.network, spread_seconds=spread_seconds, now=now)


def verify_choices(leaving: Leaving, choices: Mapping[int, str]) -> None:
    """Raises InvalidInput, under 'practice-{release id}', for each record of which nothing was said."""
    said = {
        f"practice-{one.release_id}": [SAY_EACH]
        for one in leaving.choosable
        if choices.get(one.release_id) not in (STAY, GO)
    }
    if said:
        raise InvalidInput(said, SAY_EACH)


async def leave_network(
    node: LocalNode, *, actor: Actor, membership_id: int, choices: Mapping[int, str], now: datetime
) -> int:
    """Leave, and withdraw what goes; how many that are. Of an ended membership only the second.

    The network is told first: should it not answer, nothing is withdrawn either.

    Args:
        choices: release id -> STAY or GO, for every record that stands in the log.

    Raises:
        InvalidInput: a record of which nothing was said; the network refused or gives no answer.
        Conflict: as `leaving_of`.
    """
    async with node.database.reading() as session:
        leaving = await leaving_of(session, membership_id, now)
    verify_choices(leaving, choices)
    if leaving.leaves:
        await leave(node, actor=actor, membership_id=membership_id, now=now)
    going = [one.release_id for one in leaving.choosable if choices[one.release_id] == GO]
    async with node.database.writing() as session:
        for release_id in going:
            await plan_retraction(
                session, node, actor=actor, release_id=release_id, spread_seconds=leaving.spread_seconds, now=now
            )
        await send_what_waits(session, node, leaving.membership, now)
    node.wake()
    return len(going)
