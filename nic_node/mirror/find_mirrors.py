"""Members' copies of a log: found while the network answers, and looked at now and then, for the day it does not.

The network lists who has the mark of a mirror; each one's address and mark are taken from its own trust chain. Of
many, a few are drawn, so that an outage spreads over all of them. Looking at a copy also shows whether its node was
shown the same history.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from federation.errors import FederationError
from federation.tlog.checkpoint import Checkpoint
from nic_node.db.insert import insert_if_missing
from nic_node.membership.local import LocalNode
from nic_node.membership.marked import find_mirror_url, list_marked
from nic_node.membership.read import is_log_followed, network_with_log
from nic_node.mirror.believe import Tiles, read_copy
from nic_node.mirror.entries import Overtaken, lock_log
from nic_node.mirror.held import HeldLog
from nic_node.mirror.sources import keep_answer, note_trouble, open_log, open_source, sources_of
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorSource
from schemas.canonical import sha256_hex
from schemas.entity import MIRROR

FIND_EVERY: Final = timedelta(hours=6)
ENOUGH_COPIES: Final = 2
POLLS_WITHOUT: Final = 10
"""While fewer copies are known than are enough, the network is asked for more after so many polls."""
MIRRORS_KEPT: Final = 8
LISTED_SHARE: Final = 0.25
"""Who knows as many copies as it keeps asks who else has one at one look in four: about once a day."""
LONGEST_URL: Final = 250
_DRAWN_BYTES: Final = 16


async def find_mirrors(node: LocalNode, membership_id: int) -> int:
    """Learn which members serve copies of a network's log, and look at those that are known; how many these are.

    Raises:
        NotFound: there is no such membership.
    """
    async with node.database.reading() as session:
        membership = await network_with_log(session, membership_id)
    if not is_log_followed(membership) or membership.read_under is not None:
        return 0
    log = await open_log(node, membership)
    copies = await _copies(node, log)
    if _is_list_due(copies, node.random_bytes(1)):
        try:
            listed = await list_marked(node, membership.network, MIRROR)
        except FederationError:
            listed = None  # What is known stays: the network is down, perhaps, and then it is needed.
        if listed is not None:
            await _keep_listed(node, log, listed)
            copies = await _copies(node, log)
    for row in copies:
        if row.stopped_at is None and log.state != LogState.FROZEN:
            await _look_at(node, log, row.url)
    return len(copies)


async def _copies(node: LocalNode, log: MirrorLog) -> list[MirrorSource]:
    async with node.database.reading() as session:
        return [row for row in await sources_of(session, log) if row.url != log.log_url]


def _is_list_due(copies: Collection[MirrorSource], drawn: bytes) -> bool:
    """Always while there is room for more: it has a line a mirror, and each member reads it."""
    is_full = sum(row.stopped_at is None for row in copies) >= MIRRORS_KEPT
    return not is_full or drawn[0] < 256 * LISTED_SHARE


async def _keep_listed(node: LocalNode, log: MirrorLog, listed: Collection[str]) -> None:
    """Give up who is a mirror no more, and draw others in their place."""
    async with node.database.writing() as session:
        known = {row.entity: row for row in await sources_of(session, log) if row.url != log.log_url}
        for entity in known.keys() - set(listed):
            await session.delete(known.pop(entity))
    room = MIRRORS_KEPT - sum(row.stopped_at is None for row in known.values())
    others = sorted(set(listed) - known.keys())
    drawn = sorted((node.random_bytes(_DRAWN_BYTES), entity) for entity in others)
    for _, entity in drawn[: max(0, room)]:
        await _add(node, log, entity)


async def _add(node: LocalNode, log: MirrorLog, entity: str) -> None:
    """One that can't be found just now may be drawn the next time."""
    try:
        folder = await find_mirror_url(node, log.network, entity)
    except FederationError:
        return
    url = f"{folder}/{sha256_hex(log.origin.encode())}"
    if len(url) > LONGEST_URL:
        return
    async with node.database.writing() as session:
        await insert_if_missing(
            session, MirrorSource, log_id=log.id, url=url, entity=entity, etag="", size=0, failures=0, trouble="",
            trouble_detail="",
        )  # fmt: skip


async def _look_at(node: LocalNode, log: MirrorLog, url: str) -> None:
    """Read a copy's checkpoint and hold it against ours, as far as ours is here."""
    source = await open_source(node, log, url, None)
    ours = Checkpoint(log.origin, log.size, log.root) if log.root is not None and log.mirrored == log.size else None
    try:
        await read_copy(Tiles(HeldLog(node.database, log.id)), log.log_key, ours, source)
        async with node.database.writing() as session:
            await keep_answer(session, node, await lock_log(session, log.id), source)
    except Overtaken:
        return  # it was forgotten meanwhile
    except FederationError as error:
        await note_trouble(node, log.id, url, error, is_first=False)
