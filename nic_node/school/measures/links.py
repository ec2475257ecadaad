"""A link, also as a QR code, with which a colleague adds numbers to one measure alone, until its project closes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.secret_tokens import draw_token, hash_token
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_, too_long
from nic_node.school.measures.belongs import home_of
from nic_node.school.measures.derived import WORKED_OUT, is_derived
from nic_node.school.measures.read import measure_of
from nic_node.school.measures.tables import Measure, MeasureLink

LONGEST_NAME = 80
LASTS = timedelta(days=200)  # of a goal's measure, which no project's end closes
MOST_OPEN = 20
NO_LINK = N_("This link does not work any more. Ask whoever gave it to you for another one.")
CLOSED = N_("The project of this measure is closed, so no link leads to it any more.")


@dataclass(frozen=True, slots=True)
class NewLink:
    """`token` is known only now; the database keeps its hash."""

    link: MeasureLink
    token: str


async def make_link(session: AsyncSession, *, actor: Actor, measure_id: int, name: str, now: datetime) -> NewLink:
    """A link for somebody who needs no account. `name` says for whom, and stands beside the numbers they add.

    Raises:
        NotFound.
        Conflict: the project is closed, the measure is worked out from others, or there are twenty links already.
        InvalidInput: no name.
    """
    measure = await measure_of(session, measure_id, locked=True)
    if is_derived(measure):
        raise Conflict(WORKED_OUT)
    label = name.strip()
    if not label or len(label) > LONGEST_NAME:
        sentence = N_("Say for whom, such as 'Front office'.") if not label else too_long(LONGEST_NAME)
        raise InvalidInput({"name": [sentence]}, sentence)
    if not await _is_open(session, measure):
        raise Conflict(CLOSED)
    if len(await links_of(session, measure_id, now=now)) >= MOST_OPEN:
        raise Conflict(N_("There are twenty links to this measure. Close one that nobody needs any more."))
    token = draw_token()
    link = MeasureLink(
        measure_id=measure_id,
        token_hash=hash_token(token),
        name=label,
        person_id=actor.person_id,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(link)
    await session.flush()
    await _audit(session, actor, "link.made", link, now)
    return NewLink(link, token)


async def close_link(session: AsyncSession, *, actor: Actor, measure_id: int, link_id: int, now: datetime) -> None:
    """Raises NotFound, also for another measure's link."""
    link = await session.get(MeasureLink, link_id, with_for_update=True)
    if link is None or link.measure_id != measure_id:
        raise NotFound(NO_LINK)
    await session.delete(link)
    await session.flush()
    await _audit(session, actor, "link.closed", link, now)


async def links_of(session: AsyncSession, measure_id: int, *, now: datetime) -> list[MeasureLink]:
    """Those that work, the oldest first."""
    chosen = select(MeasureLink).where(MeasureLink.measure_id == measure_id, MeasureLink.expires_at > now)
    found = list(await session.scalars(chosen.order_by(MeasureLink.id)))
    return found if found and await _is_open(session, await measure_of(session, measure_id)) else []


async def linked_measure(session: AsyncSession, token: str, *, now: datetime) -> tuple[Measure, MeasureLink]:
    """Where a token leads.

    Raises:
        NotFound: it was closed, its time is over, or its project is closed; which of these is not told.
    """
    link = await session.scalar(select(MeasureLink).where(MeasureLink.token_hash == hash_token(token)))
    if link is None or link.expires_at <= now:
        raise NotFound(NO_LINK)
    measure = await measure_of(session, link.measure_id)
    if not await _is_open(session, measure):
        raise NotFound(NO_LINK)
    return measure, link


def link_actor(link: MeasureLink) -> Actor:
    """Whoever has the link, by the name that it was made for."""
    return Actor(person_id=None, name=f"link: {link.name}", kind="link")


async def _is_open(session: AsyncSession, measure: Measure) -> bool:
    home = await home_of(session, project_id=measure.project_id, goal_id=measure.goal_id)
    return home is not None and (home.kind == "goal" or home.is_open)


async def _audit(session: AsyncSession, actor: Actor, action: str, link: MeasureLink, now: datetime) -> None:
    told: dict[str, Any] = {"name": link.name}
    is_closed = action == "link.closed"
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="measure",
        subject_id=link.measure_id,
        before=told if is_closed else None,
        after=None if is_closed else told,
        now=now,
    )
