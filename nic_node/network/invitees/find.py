"""The list, found by words, filtered by how it stands, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.network.find import LIKE_ESCAPE, MOST_WORDS, escape
from nic_node.network.fold import fold
from nic_node.network.invitees.states import LISTED, SHOWN, SHOWN_STATE, with_states
from nic_node.network.invitees.tables import Invitee

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A school of the list as it is shown.

    Attributes:
        state: of `states.SHOWN`.
        is_wanted: an e-mail is about to be written.
    """

    id: int
    name: str
    email: str
    district: str
    directory_id: str
    state: str
    is_wanted: bool
    reminders: int
    added_at: datetime
    written_at: datetime | None
    mail_id: int | None
    member_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteePage:
    """One page, in the order in which they were added.

    Attributes:
        next, previous: the id to go on `after`, or back `before`; None at the end and at the beginning.
        counts: state -> how many there are in all.
    """

    items: list[Listed]
    next: int | None
    previous: int | None
    counts: Mapping[str, int]


async def list_invitees(
    session: AsyncSession,
    network_id: int,
    *,
    state: str | None = None,
    words: str = "",
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> InviteePage:
    fitting = _fitting(network_id, state, words)
    is_back = after is None and before is not None
    if is_back:
        chosen = fitting.where(Invitee.id < before).order_by(Invitee.id.desc())
    else:
        chosen = fitting.where(Invitee.id > (after or 0)).order_by(Invitee.id)
    ids = list((await session.scalars(chosen.limit(limit + 1))).all())
    has_more, ids = len(ids) > limit, sorted(ids[:limit])
    has_next, has_previous = (True, has_more) if is_back else (has_more, after is not None)
    rows = await session.execute(with_states(Invitee, SHOWN_STATE).where(Invitee.id.in_(ids)).order_by(Invitee.id))
    return InviteePage(
        items=[_listed(invitee, shown) for invitee, shown in rows],
        next=ids[-1] if ids and has_next else None,
        previous=ids[0] if ids and has_previous else None,
        counts=await count_invitees(session, network_id),
    )


async def count_uninvited(session: AsyncSession, network_id: int) -> int:
    """Who was put on the list without being invited."""
    chosen = select(func.count()).where(
        Invitee.network_id == network_id, Invitee.state == LISTED, Invitee.wants == "", Invitee.member_id.is_(None)
    )
    return await session.scalar(chosen) or 0


async def count_invitees(session: AsyncSession, network_id: int) -> dict[str, int]:
    """State -> how many, every state."""
    shown = with_states(SHOWN_STATE.label("shown")).where(Invitee.network_id == network_id).subquery()
    rows = await session.execute(select(shown.c.shown, func.count()).group_by(shown.c.shown))
    counted: dict[str, int] = {state: number for state, number in rows}  # noqa: C416 - rows are no pairs to mypy
    return {name: counted.get(name, 0) for name in SHOWN}


def _fitting(network_id: int, state: str | None, words: str) -> Select[int]:
    chosen = with_states(Invitee.id).where(Invitee.network_id == network_id)
    if state is not None:
        chosen = chosen.where(SHOWN_STATE.in_((state,)))
    for word in fold(words).split()[:MOST_WORDS]:
        chosen = chosen.where(Invitee.search_text.like(f"%{escape(word)}%", escape=LIKE_ESCAPE))
    return chosen


def _listed(invitee: Invitee, shown: str) -> Listed:
    return Listed(
        id=invitee.id,
        name=invitee.name,
        email=invitee.email,
        district=invitee.district,
        directory_id=invitee.directory_id,
        state=shown,
        is_wanted=invitee.wants != "",
        reminders=invitee.reminders,
        added_at=invitee.added_at,
        written_at=invitee.written_at,
        mail_id=invitee.mail_id,
        member_id=invitee.member_id,
    )
