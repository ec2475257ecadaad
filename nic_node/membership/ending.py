"""Memberships whose term is about to end, for the page that people live on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.read import memberships
from schemas.states import APPROVED

ENDS_SOON: Final = timedelta(days=60)
"""As long before the end as a network takes the wish for another term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingTerm:
    """A membership that ends on `expires` unless another term is granted; `is_asked` when the school asked for one."""

    membership_id: int
    name: str
    expires: datetime
    is_asked: bool


async def ending_terms(session: AsyncSession, *, now: datetime) -> list[EndingTerm]:
    """The one that ends first before the others."""
    found = [
        EndingTerm(
            membership_id=one.id,
            name=one.name or one.network,
            expires=one.expires,
            is_asked=one.renewal is not None and "asked" in one.renewal,
        )
        for one in await memberships(session)
        if one.state == APPROVED and one.expires is not None and one.expires <= now + ENDS_SOON
    ]
    return sorted(found, key=lambda term: (term.expires, term.membership_id))
