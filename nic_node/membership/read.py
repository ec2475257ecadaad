"""Reading memberships: what this school may do in which network, and where that network's log is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge import Pins
from federation.keys import Jwk, thumbprint
from nic_node.db.once import once_a_reading
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.tables import MembershipRow
from schemas.states import APPLIED, APPROVED, SUSPENDED

SENDING: Final = "sending"
"""Applied here, not yet answered there."""
READING_GOES_ON: Final = timedelta(hours=72)
"""A node that is cut off reads on from its cache for so long; it writes nothing."""
REFUSED: Final = "refused"
"""The network did not take the application; a new one may be sent."""
READING: Final = "reading"
"""Another network, below a common superior whose policy lets this school read it: no membership, nothing is written."""
READING_ENDED: Final = "reading-ended"
"""It may be read no more; the mirror erases its copy at its next look."""
HELD: Final = frozenset({APPROVED, SUSPENDED})
WAITING: Final = frozenset({SENDING, APPLIED})


def is_followed(state: str, appeal: Mapping[str, Any] | None) -> bool:
    """Whether the network is asked how this membership stands: it is held, or a decision is awaited."""
    return state in HELD | WAITING or (appeal is not None and appeal["state"] == "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A membership as other rooms read it.

    Attributes:
        state: of `schemas.states`, or SENDING, or REFUSED.
        pinned: thumbprints of the network's federation keys that are relied on.
        expires: when the term ends; chain_expires_at: until when the network's word holds without asking again.
        moves: {at, from, to, reason, note}, the oldest first, as the network tells them.
        appeal, renewal: how its own stand, as `schemas.membership` has them; appeals_seen: open ones of others.
        read_under, read_through: of a network that is only read: the common superior, and our own network below it.
        problem: what went wrong at the last check, in one sentence; "" when nothing did.
    """

    id: int
    network: str
    name: str
    state: str
    pinned: frozenset[str]
    application_id: str | None
    generation: int
    log_url: str
    log_origin: str
    log_key: str
    leaf_jwk: Jwk = field(repr=False)
    policy_sha256: str
    charter_sha256: str
    policy_accepted: str
    charter_accepted: str
    confirmed: bool
    expires: datetime | None
    chain_expires_at: datetime | None
    checked_at: datetime | None
    suspended_heard_at: datetime | None
    problem: str
    moves: Sequence[Mapping[str, Any]]
    roles: frozenset[str]
    appeal: Mapping[str, Any] | None
    renewal: Mapping[str, Any] | None
    appeals_seen: Sequence[Mapping[str, Any]]
    read_under: str | None
    read_through: str | None
    version: int

    @property
    def leaf_jkt(self) -> str:
        return thumbprint(self.leaf_jwk)


async def memberships(session: AsyncSession) -> list[Membership]:
    """All, the oldest first."""
    return [one for one in await _all_networks(session) if one.read_under is None]


async def read_only_networks(session: AsyncSession) -> list[Membership]:
    """Networks that this school reads, or read, without belonging to them; the oldest first."""
    return [one for one in await _all_networks(session) if one.read_under is not None]


@once_a_reading
async def _all_networks(session: AsyncSession) -> list[Membership]:
    return [view_of(row) for row in await session.scalars(select(MembershipRow).order_by(MembershipRow.id))]


async def networks_with_logs(session: AsyncSession) -> list[Membership]:
    """Every network whose log may be here: memberships first, then those that are only read."""
    return [*await memberships(session), *await read_only_networks(session)]


def is_log_followed(membership: Membership) -> bool:
    """Whether this node keeps a copy of its log true: it belongs there, or reads there."""
    return membership.state in HELD or membership.state == READING


async def current_memberships(session: AsyncSession) -> list[Membership]:
    """Those whose log this node follows: approved or suspended."""
    return [membership for membership in await memberships(session) if membership.state in HELD]


async def membership_of(session: AsyncSession, membership_id: int) -> Membership:
    """One membership.

    Raises:
        NotFound: there is none of this number.
    """
    found = await network_with_log(session, membership_id)
    if found.read_under is not None:
        raise NotFound(N_("There is no such membership."))
    return found


async def network_with_log(session: AsyncSession, membership_id: int) -> Membership:
    """A membership, or a network that is only read.

    Raises:
        NotFound: there is none of this number.
    """
    row = await session.get(MembershipRow, membership_id)
    if row is None:
        raise NotFound(N_("There is no such membership."))
    return view_of(row)


async def membership_in(session: AsyncSession, network: str) -> Membership | None:
    """The membership in the network with this entity id."""
    row = await session.scalar(
        select(MembershipRow).where(MembershipRow.network == network, MembershipRow.read_under.is_(None))
    )
    return None if row is None else view_of(row)


def is_writing_allowed(membership: Membership, now: datetime) -> bool:
    """Whether this school may publish there: approved, by a word of the network that still holds."""
    return (
        membership.state == APPROVED and membership.chain_expires_at is not None and now < membership.chain_expires_at
    )


class Standing(Protocol):
    """What tells whether a network's library may be read: a `Membership`, or as much of its row."""

    @property
    def state(self) -> str: ...
    @property
    def chain_expires_at(self) -> datetime | None: ...
    @property
    def checked_at(self) -> datetime | None: ...
    @property
    def suspended_heard_at(self) -> datetime | None: ...


def is_reading_allowed(membership: Standing, now: datetime) -> bool:
    """Whether the library may still be read: also 72 hours after the network's word ran out.

    Who is suspended has no statement that expires: from the network's last word on, reading goes on for as long.
    """
    if membership.state == SUSPENDED:
        heard_at = membership.suspended_heard_at or membership.checked_at
        return heard_at is not None and now < heard_at + READING_GOES_ON
    expires = membership.chain_expires_at
    return membership.state in (APPROVED, READING) and expires is not None and now < expires + READING_GOES_ON


def pins_of(membership: Membership) -> Pins:
    """What is known of the network's log before its first entry is read."""
    return Pins(
        leaf_jkt=membership.leaf_jkt,
        log_key=membership.log_key,
        network=membership.network,
        generation=membership.generation,
    )


def view_of(row: MembershipRow) -> Membership:
    metadata = row.network_metadata
    return Membership(
        id=row.id,
        network=row.network,
        name=row.name,
        state=row.state,
        pinned=frozenset(row.pinned),
        application_id=row.application_id,
        generation=metadata["generation"],
        log_url=metadata["log_url"],
        log_origin=metadata["log_origin"],
        log_key=metadata["log_key"],
        leaf_jwk=dict(metadata["leaf_jwk"]),
        policy_sha256=metadata["policy_sha256"],
        charter_sha256=metadata["charter_sha256"],
        policy_accepted=row.policy_accepted,
        charter_accepted=row.charter_accepted,
        confirmed=row.confirmed,
        expires=row.expires_at,
        chain_expires_at=row.chain_expires_at,
        checked_at=row.checked_at,
        suspended_heard_at=row.suspended_heard_at,
        problem=row.problem,
        moves=tuple(row.moves),
        roles=frozenset(row.trust_marks),
        appeal=row.appeal,
        renewal=row.renewal,
        appeals_seen=tuple(row.appeals_seen or ()),
        read_under=row.read_under,
        read_through=row.read_through,
        version=row.version,
    )
