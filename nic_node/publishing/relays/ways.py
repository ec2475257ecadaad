"""By which way this school's envelopes travel, in words: for Share, Today and the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.membership.own_rules import own_rules
from nic_node.membership.read import Membership, current_memberships, is_writing_allowed
from nic_node.mirror.epochs import member_keys
from nic_node.publishing.outbox import TRIES_UNTOLD
from nic_node.publishing.relays.draw import newest_draw
from nic_node.publishing.relays.tables import RelayDraw
from nic_node.publishing.retract import is_late
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, RetractionRow

FEW_MEMBERS: Final = 10
"""Below this many, what the way gives away is said aloud."""
RELAYED = N_("Envelopes go through another member’s node, {relay}, which can’t open them. Others stand in if it fails.")
ONLY_RELAY = N_("Envelopes go through the one other member’s node, {relay}, which can’t open them.")
FAILING = N_("No relay has taken an envelope since {since}. Nothing is sent until one does, or until you choose.")
DIRECT = N_(
    "Envelopes go straight to {name} until this term ends, because somebody here chose so. "
    "Whoever runs its server can see which ones are yours."
)
NOBODY = N_("No other school is an approved member of {name}. There is nobody to hide among, so nothing is sent.")
UNTRUSTED = N_(
    "None of the relays that your school trusts is a member of {name} any more. Nothing is sent until you name others."
)
NOT_YET = N_("Nothing has been sent in {name} yet: relays are drawn when its first term is announced.")
FEW = N_(
    "{members} members are few. Whoever runs the network knows that a record’s author is none of the relays that "
    "brought it: one of {left} schools. If your relays fail in turn, fewer are left."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`says` and `warns` are marked templates for `values`.

    Attributes:
        kind: relayed, failing (a person is asked), untrusted (no member that this school trusts is left, asked too),
            direct (a person chose so), nobody (no other member), not-yet.
        relays: entity ids in the order in which they are tried.
        hidden_among: how many schools a record's author may be, for whoever runs the network; this one included.
        warns: what a small network gives away; "" in a large one.
        trusts: how many members this school named as relays that it trusts; 0: any.
        is_lost: something of ours was taken more often than gets lost by chance, and is not in the log.
    """

    membership_id: int
    network: str
    name: str
    kind: str
    says: str
    relays: tuple[str, ...] = ()
    hidden_among: int = 0
    warns: str = ""
    trusts: int = 0
    is_lost: bool = False
    failing_since: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether it waits for somebody's choice."""
        return self.kind in ("failing", "untrusted")

    @property
    def may_redraw(self) -> bool:
        return self.asks or (self.is_lost and self.kind == "relayed")


async def all_ways(session: AsyncSession, node: LocalNode, now: datetime) -> list[Way]:
    """One of each network in which this school may publish."""
    held = [one for one in await current_memberships(session) if is_writing_allowed(one, now)]
    return [await _way(session, node, membership) for membership in held]


async def _way(session: AsyncSession, node: LocalNode, membership: Membership) -> Way:
    others = [entity for entity in await member_keys(session, membership.network) if entity != node.entity_id]
    rules = await own_rules(session, membership.network)
    trusted = rules.trusted(others)
    draw = await newest_draw(session, membership.network)
    relays = tuple(draw.relays) if draw else ()
    kind, says = _kind(draw, bool(others), bool(trusted))
    # The relay that brings a record is not its author; everybody else may be.
    hidden_among = 1 if kind == "direct" else max(1, len(others))
    is_few = 1 < len(others) + 1 < FEW_MEMBERS and kind in ("relayed", "failing", "untrusted")
    values = {
        "name": membership.name,
        "relay": relays[0] if relays else "",
        "members": len(others) + 1,
        "left": hidden_among,
    }
    return Way(
        membership_id=membership.id,
        network=membership.network,
        name=membership.name,
        kind=kind,
        says=says,
        relays=relays,
        hidden_among=hidden_among,
        warns=FEW if is_few else "",
        trusts=len(rules.relays),
        is_lost=await _is_lost(session, membership.network),
        failing_since=draw.failing_since if draw else None,
        values=values,
    )


async def _is_lost(session: AsyncSession, network: str) -> bool:
    """Whether the log was to have a record or a retraction of ours long ago."""
    sent = (OutboxRow.network == network, OutboxRow.state == OutboxState.ON_ITS_WAY, OutboxRow.tries > TRIES_UNTOLD)
    retractions = select(RetractionRow).where(RetractionRow.network == network)
    return await session.scalar(select(OutboxRow.id).where(*sent).limit(1)) is not None or any(
        is_late(row) for row in await session.scalars(retractions)
    )


def _kind(draw: RelayDraw | None, has_others: bool, has_trusted: bool) -> tuple[str, str]:  # noqa: FBT001 - facts
    if draw is None:
        return "not-yet", NOT_YET
    if draw.direct:
        return "direct", DIRECT
    if not has_others:
        return "nobody", NOBODY
    if not has_trusted or not draw.relays:
        return "untrusted", UNTRUSTED
    if draw.failing_since is not None:
        return "failing", FAILING
    return "relayed", RELAYED if len(draw.relays) > 1 else ONLY_RELAY
