"""The list of members: found by words, filtered by state, sorted, a page at a time, however many they are.

A page takes at most four statements. The first looks for ids alone, so that ten thousand rows are compared without
their keys and profiles; only the rows of the page are then read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.base import UtcDateTime
from nic_node.network.fold import fold
from nic_node.network.tables import Member

LIKE_ESCAPE: Final = "\\"
MOST_WORDS: Final = 8
_FIRST: Final = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime)
_LAST: Final = literal(datetime(9999, 1, 1, tzinfo=UTC), UtcDateTime)


@dataclass(frozen=True, slots=True)
class Order:
    """By which value, and whether the largest comes first; equal ones follow their id."""

    key: ColumnElement[Any]
    is_falling: bool = False


ORDERS: Final[Mapping[str, Order]] = {
    "oldest": Order(Member.id.expression),
    "name": Order(Member.sort_name.expression),
    "newest": Order(Member.applied_at.expression, is_falling=True),
    "ends": Order(func.coalesce(Member.expires_at, _LAST)),
    "unheard": Order(func.coalesce(Member.last_seen_at, _FIRST)),
}
"""Name of an order -> what it goes by: who ends soonest, who was not heard of for longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which members, in which order.

    Attributes:
        words: each of them is part of name, address, district or directory id; case and accents don't count.
        after, before: the id of the member next to the page; of both, `after` counts.
    """

    state: str | None = None
    words: str = ""
    order: str = "oldest"
    after: int | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage:
    """One page of members.

    Attributes:
        next, previous: the id to go on `after`, or back `before`; None at the end and at the beginning.
        total: how many there are on all pages.
    """

    items: list[Member]
    next: int | None
    previous: int | None
    total: int


async def list_members(session: AsyncSession, network_id: int, wanted: Wanted) -> MemberPage:
    """A page of members; an anchor that is no longer among them begins anew."""
    fitting = _fitting(network_id, wanted)
    total = await session.scalar(select(func.count()).select_from(fitting.subquery())) or 0
    order, is_back = ORDERS[wanted.order], wanted.after is None and wanted.before is not None
    anchor = wanted.before if is_back else wanted.after
    edge = None if anchor is None else await session.scalar(select(order.key).where(Member.id == anchor))
    if edge is None:
        anchor, is_back = None, False
    is_falling = order.is_falling != is_back
    chosen = fitting if anchor is None else fitting.where(_beyond(order.key, edge, anchor, is_falling=is_falling))
    by = [order.key.desc(), Member.id.desc()] if is_falling else [order.key, Member.id]
    ids = list((await session.scalars(chosen.order_by(*by).limit(wanted.limit + 1))).all())
    has_more, ids = len(ids) > wanted.limit, ids[: wanted.limit]
    if is_back:
        ids.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, anchor is not None)
    return MemberPage(
        items=await _rows(session, ids),
        next=ids[-1] if ids and has_next else None,
        previous=ids[0] if ids and has_previous else None,
        total=total,
    )


async def every_member(session: AsyncSession, network_id: int, wanted: Wanted) -> list[Member]:
    """All that fit, page by page; for a file or a terminal."""
    found: list[Member] = []
    page = await list_members(session, network_id, wanted)
    found += page.items
    while page.next is not None:
        page = await list_members(session, network_id, replace(wanted, after=page.next))
        found += page.items
    return found


def _fitting(network_id: int, wanted: Wanted) -> Select[int]:
    chosen = select(Member.id).where(Member.network_id == network_id)
    if wanted.state is not None:
        chosen = chosen.where(Member.state == wanted.state)
    for word in fold(wanted.words).split()[:MOST_WORDS]:
        chosen = chosen.where(Member.search_text.like(f"%{escape(word)}%", escape=LIKE_ESCAPE))
    return chosen


def _beyond(key: ColumnElement[Any], edge: Any, anchor: int, *, is_falling: bool) -> ColumnElement[bool]:
    value = literal(edge, key.type)
    if is_falling:
        return or_(key < value, and_(key == value, Member.id < anchor))
    return or_(key > value, and_(key == value, Member.id > anchor))


async def _rows(session: AsyncSession, ids: list[int]) -> list[Member]:
    rows = {member.id: member for member in await session.scalars(select(Member).where(Member.id.in_(ids)))}
    return [rows[member_id] for member_id in ids]


def escape(word: str) -> str:
    for sign in (LIKE_ESCAPE, "%", "_"):
        word = word.replace(sign, LIKE_ESCAPE + sign)
    return word
