"""Hints: the network, or another member of it, says that a log has grown, and the puller wakes."""

from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import untrusted_document
from nic_node.membership.local import LocalNode, local_node
from nic_node.membership.read import current_memberships
from nic_node.mirror.pull import pull_soon
from nic_node.mirror.requests import MemberRequest, member_request
from nic_node.mirror.sources import ask_log_again
from nic_node.mirror.tables import MirrorLog
from schemas.document import InvalidDocument, load_document
from schemas.membership import HINT

HINT_BYTES: Final = 1_024
HEEDED_A_POLL: Final = 6
"""Members, unlike the network itself, can't have this node ask more often than so many times in `poll_seconds`."""


async def take_hint(request: web.Request) -> web.Response:
    """202 to every member, whatever it says: of a log that isn't followed here, or is read already, nothing comes."""
    sent = await member_request(request, max_bytes=HINT_BYTES)
    try:
        hint = load_document(HINT, sent.body, max_bytes=HINT_BYTES)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    node = local_node(request)
    async with node.database.writing() as session:
        is_news = await heed_hint(session, node, sent, origin=hint["origin"], size=hint["size"])
    if is_news:
        node.wake()
    return web.Response(status=202)


async def heed_hint(session: AsyncSession, node: LocalNode, sent: MemberRequest, *, origin: str, size: int) -> bool:
    """Have the log pulled, if the sender may speak of it and this node hasn't read so far."""
    for membership in await current_memberships(session):
        if membership.log_origin != origin or membership.network not in sent.networks:
            continue
        log = await session.scalar(select(MirrorLog).where(MirrorLog.origin == origin))
        if log is not None and log.mirrored >= size:
            return False
        if log is not None and sent.entity_id == membership.network:
            await ask_log_again(session, log)
        polled_at = None if sent.entity_id == membership.network or log is None else log.polled_at
        await pull_soon(session, membership_id=membership.id, now=_when(node, polled_at))
        return True
    return False


def _when(node: LocalNode, polled_at: datetime | None) -> datetime:
    now = node.clock()
    if polled_at is None:
        return now
    return max(now, polled_at + timedelta(seconds=node.config.poll_seconds / HEEDED_A_POLL))
