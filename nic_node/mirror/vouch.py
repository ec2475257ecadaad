"""Before a network has three witnesses: two members of this node's own choice serve a checkpoint that fits ours.

So a network can't show this school another history than those two, unless they are in it together. Members are drawn
anew each time; who is down, or behind, is passed over for another one.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.tlog.checkpoint import VerifiedCheckpoint
from nic_node.membership.local import LocalNode
from nic_node.mirror.believe import Forked, Tiles, Vouched, read_copy
from nic_node.mirror.forks.freeze import is_settled
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.source import HttpLog
from nic_node.mirror.tables import MirrorLog, MirrorMember
from nic_node.peerhttp.answers import PeerRefused
from schemas.ids import build_mirror_url
from schemas.states import APPROVED

WANTED: Final = 2
ASKED_AT_MOST: Final = 6
_DRAWN_BYTES: Final = 16


async def ask_members(node: LocalNode, tiles: Tiles, log: MirrorLog, verified: VerifiedCheckpoint) -> Vouched:
    """What two other members serve of this log, or as many as there are.

    Raises:
        Forked: a member was shown another history, signed by the log's key.
    """
    async with node.database.reading() as session:
        others = await _others(session, node, log)
    wanted = min(WANTED, len(others))
    sizes: list[int] = []
    for entity in _drawn(others, node.random_bytes)[:ASKED_AT_MOST]:
        size = await _served_size(node, tiles, log, verified, entity)
        if size is not None:
            sizes.append(size)
        if sizes.count(verified.checkpoint.size) >= wanted:
            break
    return Vouched(wanted, tuple(sorted(sizes, reverse=True)[:wanted]))


async def _others(session: AsyncSession, node: LocalNode, log: MirrorLog) -> list[str]:
    """Approved members; those whose admission is final, where they are enough."""
    approved = select(MirrorMember.entity, MirrorMember.leaf_index).where(
        MirrorMember.log_id == log.id, MirrorMember.state == APPROVED, MirrorMember.entity != node.entity_id
    )
    found = dict((await session.execute(approved.order_by(MirrorMember.entity))).all())
    final = [entity for entity, index in found.items() if index < log.final_size]
    return final if len(final) >= WANTED else list(found)


def _drawn(entities: Sequence[str], random_bytes: Callable[[int], bytes]) -> list[str]:
    """In an order that nobody foresees."""
    return [entity for _, entity in sorted((random_bytes(_DRAWN_BYTES), entity) for entity in entities)]


async def _served_size(
    node: LocalNode, tiles: Tiles, log: MirrorLog, verified: VerifiedCheckpoint, entity: str
) -> int | None:
    """How far a member's checkpoint vouches for ours; None where it serves none that fits."""
    ours, url = verified.checkpoint, build_mirror_url(entity, hashlib.sha256(log.origin.encode()).hexdigest())
    try:
        theirs = await read_copy(tiles, log.log_key, ours, HttpLog(node.client, url))
    except Forked as error:
        error.shown_by, error.tiles = entity, Tiles(HttpLog(node.client, url))
        if not await is_settled(node.database, log, error):
            raise
        await _note(node, log, entity, error)
        return None
    except PeerRefused:
        return None  # its copy is not complete yet, or it serves none
    except Untrusted as error:
        await _note(node, log, entity, error)
        return None
    except FederationError:
        return None
    return min(theirs.size, ours.size)


async def _note(node: LocalNode, log: MirrorLog, entity: str, error: Untrusted) -> None:
    async with node.database.writing() as session:
        refused = Refused(what="source", code=error.code, detail=error.detail, place=entity[:64])
        await note_refusals(session, log.id, [refused], source=entity, now=node.clock())
