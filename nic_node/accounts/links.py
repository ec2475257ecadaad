"""Links that work once: to set a node up, to accept an invitation, to choose a new password.

The token leaves once, in the link; its hash stays. A new link for the same purpose and person replaces the last one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.secret_tokens import draw_token, hash_token
from nic_node.accounts.tables import OneTimeLink
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_

SETUP = "setup"
INVITATION = "invitation"
RESET = "reset"
LIFETIMES = {SETUP: timedelta(days=7), INVITATION: timedelta(days=14), RESET: timedelta(days=1)}

UNKNOWN = {
    SETUP: N_("This set-up link is not the newest one. Restart the node: it prints a new link."),
    INVITATION: N_("This invitation is not known here. Check that the whole link was copied, or ask for a new one."),
    RESET: N_(
        "This link is not known here. Check that the whole link was copied, or ask an administrator for a new one."
    ),
}
EXPIRED = {
    SETUP: N_("This set-up link has expired. Restart the node: it prints a new link."),
    INVITATION: N_("This invitation has expired. Ask whoever invited you for a new link."),
    RESET: N_("This link has expired. Ask an administrator for a new one."),
}
USED = {
    SETUP: N_("This node is set up already. Sign in, or ask its administrator for an invitation."),
    INVITATION: N_("This invitation was used already. Sign in instead."),
    RESET: N_("This link was used already. Sign in with the password you chose, or ask for a new link."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLink:
    """A new link; `token` is told now and never again."""

    purpose: str
    token: str
    person_id: int | None
    expires_at: datetime


async def issue_link(session: AsyncSession, purpose: str, person_id: int | None, *, now: datetime) -> IssuedLink:
    """Make a link; an earlier one for the same purpose and person stops working."""
    token = draw_token()
    key = purpose if person_id is None else f"{purpose}:{person_id}"
    link = await _locked(session, key)
    if link is None:
        link = OneTimeLink(key=key, purpose=purpose, person_id=person_id)
    link.token_hash, link.created_at, link.expires_at, link.used_at = (
        hash_token(token),
        now,
        now + LIFETIMES[purpose],
        None,
    )
    session.add(link)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(N_("Another link for this was made at the same moment. Try again.")) from error
    return IssuedLink(purpose=purpose, token=token, person_id=person_id, expires_at=link.expires_at)


async def use_link(session: AsyncSession, purpose: str, token: str, *, now: datetime) -> OneTimeLink:
    """Take a link for good; of two who try at once, one gets it.

    Raises:
        NotFound: unknown.
        Conflict: used or expired.
    """
    link = await read_link(session, purpose, token, now=now, lock=True)
    link.used_at = now
    await session.flush()
    return link


async def read_link(
    session: AsyncSession, purpose: str, token: str, *, now: datetime, lock: bool = False
) -> OneTimeLink:
    """The link, if it can still be used. Raises as `use_link` does."""
    query = select(OneTimeLink).where(OneTimeLink.purpose == purpose, OneTimeLink.token_hash == hash_token(token))
    link = await session.scalar(query.with_for_update() if lock else query)
    if link is None:
        raise NotFound(UNKNOWN[purpose])
    if link.used_at is not None:
        raise Conflict(USED[purpose])
    if link.expires_at <= now:
        raise Conflict(EXPIRED[purpose])
    return link


async def withdraw_links(session: AsyncSession, person_id: int) -> None:
    """No open link of this person works any longer."""
    links = await session.scalars(
        select(OneTimeLink).where(OneTimeLink.person_id == person_id, OneTimeLink.used_at.is_(None)).with_for_update()
    )
    for link in links:
        await session.delete(link)


async def _locked(session: AsyncSession, key: str) -> OneTimeLink | None:
    link: OneTimeLink | None = await session.scalar(select(OneTimeLink).where(OneTimeLink.key == key).with_for_update())
    return link
