"""Reading where a network belongs, and who reads here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.above.tables import NetworkReader, NetworkSuperior
from schemas.states import APPLIED, APPROVED, REVOKED, SUSPENDED

SENDING: Final = "sending"
REFUSED: Final = "refused"
LIVING: Final = frozenset({SENDING, APPLIED, APPROVED})
"""Not ended, refused or withdrawn: the network above is named as a superior."""
FOLLOWED: Final = LIVING | {SUSPENDED}
"""The network above is asked how it stands: who is suspended may be a member again."""
ASKED: Final = FOLLOWED | {REVOKED}
"""It may be asked: a revocation can be taken back, or an appeal granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the network above told last.

    Attributes:
        expires: when the term ends; renewable_from, renewal_asked: from when, and since when, another one is asked for.
        appeal: {at, state, voices, needed, earliest?}, of the newest; None where there is none.
        moves: {at, from, to, reason, note}, the oldest first.
    """

    expires: datetime | None
    renewable_from: datetime | None
    renewal_asked: datetime | None
    appeal: Mapping[str, Any] | None
    moves: Sequence[Mapping[str, Any]]

    @property
    def appealed_at(self) -> datetime | None:
        return None if self.appeal is None else _moment(self.appeal["at"])

    @property
    def grantable_from(self) -> datetime | None:
        """From when the only coordinator above may grant the appeal; None where two are needed."""
        return None if self.appeal is None else _moment(self.appeal.get("earliest"))

    @property
    def is_appeal_open(self) -> bool:
        return self.appeal is not None and self.appeal["state"] == "open"


def standing_of(superior: NetworkSuperior) -> Standing:
    told = superior.told or {}
    renewal = told.get("renewal", {})
    return Standing(
        expires=_moment(told.get("expires")),
        renewable_from=_moment(renewal.get("opens")),
        renewal_asked=_moment(renewal.get("asked")),
        appeal=told.get("appeal"),
        moves=told.get("moves", ()),
    )


def is_followed(superior: NetworkSuperior) -> bool:
    """Whether the network above is asked again and again: it may decide, or has to."""
    return superior.state in FOLLOWED or (superior.state == REVOKED and standing_of(superior).is_appeal_open)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


async def superiors_of(session: AsyncSession, network_id: int) -> list[NetworkSuperior]:
    """All that were ever applied to, the oldest first."""
    chosen = select(NetworkSuperior).where(NetworkSuperior.network_id == network_id).order_by(NetworkSuperior.id)
    return list((await session.scalars(chosen)).all())


async def hinted_superiors(session: AsyncSession, network_id: int) -> list[NetworkSuperior]:
    """Those that the network names in its own statement."""
    return [superior for superior in await superiors_of(session, network_id) if superior.state in LIVING]


async def superior_of(
    session: AsyncSession, network_id: int, superior_id: int, *, for_update: bool = False
) -> NetworkSuperior:
    """One of them.

    Raises:
        NotFound: the network has none of this number.
    """
    chosen = select(NetworkSuperior).where(NetworkSuperior.network_id == network_id, NetworkSuperior.id == superior_id)
    found = await session.scalar(chosen.with_for_update() if for_update else chosen)
    if found is None:
        raise NotFound(N_("This network has not applied to any such network."))
    return found


def lets_read(superior: NetworkSuperior, now: datetime) -> bool:
    """Whether schools of other networks below it may read here now."""
    return (
        superior.state == APPROVED
        and superior.reads_across
        and superior.reads_across_accepted
        and superior.holds_until is not None
        and now < superior.holds_until
    )


async def reading_superiors(session: AsyncSession, network_id: int, now: datetime) -> list[NetworkSuperior]:
    return [superior for superior in await superiors_of(session, network_id) if lets_read(superior, now)]


async def readers_of(session: AsyncSession, network_id: int, *, limit: int = 200) -> list[NetworkReader]:
    """Schools of other networks that asked to read, the last heard of first; refused ones too."""
    chosen = select(NetworkReader).where(NetworkReader.network_id == network_id)
    return list((await session.scalars(chosen.order_by(NetworkReader.seen_at.desc()).limit(limit))).all())
