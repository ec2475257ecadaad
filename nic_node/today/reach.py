"""By e-mail or in one's calendar, as one chooses; each is off by one press, also without signing in.

A link is a keyed tag of the person and of what it is for, so that nothing that lets anybody in stands in the database.
"""

import base64
import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import tag_bytes
from nic_node.school.editing import keep_changes, keep_new
from nic_node.today.tables import Reach

MAILS = ("", "daily", "weekly")
FEED, OFF = "feed", "off"
NO_LINK = N_("This link does not work, or no longer. Sign in and look under 'How to reach you'.")


async def reach_of(session: AsyncSession, person_id: int) -> Reach | None:
    row: Reach | None = await session.scalar(select(Reach).where(Reach.person_id == person_id))
    return row


async def choose_mail(session: AsyncSession, *, actor: Actor, mail: str, now: datetime) -> Reach:
    """Choose daily, weekly, or '' for none. Raises InvalidInput."""
    if mail not in MAILS:
        raise InvalidInput({"mail": [N_("Choose daily, weekly, or not at all.")]})
    row = await _own_row(session, actor, now)
    return await keep_changes(session, row, {"mail": mail}, actor=actor, action="reach.chosen", now=now)


async def make_feed(session: AsyncSession, *, actor: Actor, now: datetime) -> Reach:
    """Make a new link for one's calendar; the one before works no longer."""
    row = await _own_row(session, actor, now)
    made = {"feed": abs(row.feed) + 1}
    return await keep_changes(session, row, made, actor=actor, action="reach.feed-made", now=now)


async def end_feed(session: AsyncSession, *, actor: Actor, now: datetime) -> Reach:
    """No calendar reads it any more."""
    row = await _own_row(session, actor, now)
    return await keep_changes(session, row, {"feed": -abs(row.feed)}, actor=actor, action="reach.feed-ended", now=now)


async def stop_mail(session: AsyncSession, key: OperatorKey, *, link: str, now: datetime) -> None:
    """What the link at the foot of each e-mail does. Raises NotFound."""
    person_id = _person_in(link)
    row = await session.scalar(select(Reach).where(Reach.person_id == person_id).with_for_update())
    if row is None or not _is_right(key, link, OFF, person_id, 0):
        raise NotFound(NO_LINK)
    whose = Actor(person_id=person_id, name="whoever got the e-mail", kind="person")
    await keep_changes(session, row, {"mail": ""}, actor=whose, action="reach.chosen", now=now)


async def person_of_feed(session: AsyncSession, key: OperatorKey, link: str) -> int:
    """Whose calendar a link is. Raises NotFound."""
    person_id = _person_in(link)
    row = await reach_of(session, person_id)
    if row is None or row.feed <= 0 or not _is_right(key, link, FEED, person_id, row.feed):
        raise NotFound(NO_LINK)
    return person_id


def link_of(key: OperatorKey, what: str, person_id: int, turn: int = 0) -> str:
    """'7-abc...': the person, and the tag that shows that this node made it."""
    tag = tag_bytes(key, f"{what} {person_id} {turn}", context="today")
    return f"{person_id}-{base64.urlsafe_b64encode(tag).decode().rstrip('=')}"


def _is_right(key: OperatorKey, link: str, what: str, person_id: int, turn: int) -> bool:
    return hmac.compare_digest(link, link_of(key, what, person_id, turn))


def _person_in(link: str) -> int:
    number = link.partition("-")[0]
    if not number.isascii() or not number.isdecimal() or len(number) > 15 or not link.isascii():
        raise NotFound(NO_LINK)
    return int(number)


async def _own_row(session: AsyncSession, actor: Actor, now: datetime) -> Reach:
    assert actor.person_id is not None
    chosen = select(Reach).where(Reach.person_id == actor.person_id).with_for_update()
    row: Reach | None = await session.scalar(chosen)
    if row is not None:
        return row
    return await keep_new(session, Reach(person_id=actor.person_id), actor=actor, action="reach.opened", now=now)
