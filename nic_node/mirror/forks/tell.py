"""Telling a network's coordinators that its log signed two histories: signed by this school, checked by the network."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Unreachable
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.mirror.forks.freeze import tell_soon
from nic_node.mirror.forks.read import fork_document
from nic_node.mirror.forks.states import Telling
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.tables import MirrorLog
from schemas.canonical import canonical_bytes

PROBLEM_LENGTH: Final = 400


async def tell_waiting(session: AsyncSession, node: LocalNode) -> None:
    """At the start: whoever was not told yet."""
    for fork_id in await session.scalars(select(MirrorFork.id).where(MirrorFork.telling == Telling.WAITING)):
        await tell_soon(session, fork_id, node.clock())


async def tell_network(node: LocalNode, fork_id: int) -> bool:
    """Show the network both notes; False: try again later. A refusal is kept and shown."""
    async with node.database.reading() as session:
        row = await session.get(MirrorFork, fork_id)
        log = None if row is None else await session.get(MirrorLog, row.log_id)
        by = await signer(node, session)
    if row is None or log is None or row.telling != Telling.WAITING:
        return True
    telling, problem = Telling.TOLD, ""
    try:
        await node.client.post(
            f"{log.network}/v1/forks",
            body=canonical_bytes(fork_document(row, log.origin)),
            body_type="application/json",
            content_type=(),
            max_bytes=0,
            signer=by,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except Unreachable as error:
        telling, problem = Telling.WAITING, error.detail
    except FederationError as error:
        telling, problem = Telling.REFUSED, error.detail
    async with node.database.writing() as session:
        kept = await session.get(MirrorFork, fork_id, with_for_update=True)
        if kept is not None:
            kept.telling, kept.problem = telling, problem[:PROBLEM_LENGTH]
            kept.told_at = node.clock() if telling == Telling.TOLD else None
    return telling != Telling.WAITING
