"""Which members carry our envelopes in an epoch: drawn once at random, kept, tried in the order of the draw.

The first carries, the others stand in for it. Were they to take turns, the network would see three relays bring the
records of one pseudonym, and know three members more that its author is not.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.membership.own_rules import own_rules
from nic_node.mirror.epochs import member_keys
from nic_node.publishing.relays.tables import RelayDraw

RELAYS_AN_EPOCH: Final = 3
_DRAWN_BYTES: Final = 16
NOTHING_DRAWN: Final = N_("No relays were drawn in this network yet: nothing has been sent there.")


async def relays_of(
    session: AsyncSession, node: LocalNode, *, network: str, epoch: int, now: datetime, for_update: bool = True
) -> RelayDraw:
    """The draw of an epoch, made when it is first asked for. Who is no member any more is replaced, nobody else."""
    others = await possible_relays(session, node, network)
    row = await session.get(RelayDraw, (network, epoch), with_for_update=for_update)
    if row is None:
        row = RelayDraw(network=network, epoch=epoch, relays=[], direct=False, drawn_at=now)
        session.add(row)
    kept = [entity for entity in row.relays if entity in others]
    missing = min(RELAYS_AN_EPOCH, len(others)) - len(kept)
    if missing or len(kept) != len(row.relays):
        rest = [entity for entity in others if entity not in kept]
        row.relays = [*kept, *draw(rest, missing, node.random_bytes)]
    await session.flush()
    return row


async def possible_relays(session: AsyncSession, node: LocalNode, network: str) -> list[str]:
    """The other members, or those of them that this school trusts."""
    others = [entity for entity in await member_keys(session, network) if entity != node.entity_id]
    return (await own_rules(session, network)).trusted(others)


def draw(entities: Sequence[str], count: int, random_bytes: Callable[[int], bytes]) -> list[str]:
    """So many of them, each order equally likely."""
    keyed = sorted((random_bytes(_DRAWN_BYTES), entity) for entity in entities)
    return [entity for _, entity in keyed[:count]]


async def newest_draw(session: AsyncSession, network: str, *, for_update: bool = False) -> RelayDraw | None:
    chosen = select(RelayDraw).where(RelayDraw.network == network).order_by(RelayDraw.epoch.desc()).limit(1)
    found: RelayDraw | None = await session.scalar(chosen.with_for_update() if for_update else chosen)
    return found


async def redraw(session: AsyncSession, node: LocalNode, *, actor: Actor, network: str, now: datetime) -> None:
    """Other relays, as far as there are others.

    Raises:
        Conflict: none were drawn yet.
    """
    row = await _standing_draw(session, network)
    others = await possible_relays(session, node, network)
    fresh = draw([entity for entity in others if entity not in row.relays], RELAYS_AN_EPOCH, node.random_bytes)
    again = draw([entity for entity in row.relays if entity in others], RELAYS_AN_EPOCH - len(fresh), node.random_bytes)
    row.relays, row.failing_since, row.direct, row.drawn_at = [*fresh, *again], None, False, now
    await _audit(session, actor, "relays.redrawn", row, now)


async def send_directly(session: AsyncSession, *, actor: Actor, network: str, direct: bool, now: datetime) -> None:
    """Hand envelopes to the network itself until the term ends, or use the relays again.

    Raises:
        Conflict: none were drawn yet.
    """
    row = await _standing_draw(session, network)
    row.direct, row.failing_since = direct, None
    await _audit(session, actor, "relays.left_out" if direct else "relays.used", row, now)


async def _standing_draw(session: AsyncSession, network: str) -> RelayDraw:
    row = await newest_draw(session, network, for_update=True)
    if row is None:
        raise Conflict(NOTHING_DRAWN)
    return row


async def _audit(session: AsyncSession, actor: Actor, action: str, row: RelayDraw, now: datetime) -> None:
    after = {"epoch": row.epoch, "relays": len(row.relays), "direct": row.direct}
    await record_audit(
        session, actor=actor, action=action, subject="relays", subject_id=row.network, before=None, after=after, now=now
    )
