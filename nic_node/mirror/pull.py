"""One run of following a network's log; what a peer does wrong stops the run and is kept, not raised."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.tlog.edge import EMPTY_EDGE
from nic_node.db.jobs import enqueue
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import Membership, is_log_followed, network_with_log, pins_of
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.acks import read_promises
from nic_node.mirror.believe import Forked
from nic_node.mirror.entries import Overtaken, lock_log
from nic_node.mirror.follow import PullReport, follow
from nic_node.mirror.forget import forget_judged_by_older
from nic_node.mirror.forks.freeze import fork_of, freeze_log, is_settled
from nic_node.mirror.forks.read import is_frozen
from nic_node.mirror.hold_back import release_held
from nic_node.mirror.refuse import LONGEST_DETAIL, Refused, note_refusals
from nic_node.mirror.second_core import SecondCore
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import open_source
from nic_node.mirror.states import LogState
from nic_node.mirror.succession import find_predecessor, note_foreign_predecessor, settle_predecessor
from nic_node.mirror.tables import MirrorLog
from nic_node.peerhttp.signing import RequestSigner
from schemas.limits import WIRE_VERSION
from schemas.problem import Code

PULL: Final = "mirror.pull"


async def pull_soon(session: AsyncSession, *, membership_id: int, now: datetime) -> None:
    """Have the log pulled as soon as a worker is free; wake it after the commit."""
    await enqueue(session, kind=PULL, key=str(membership_id), run_at=now, arguments={"membership_id": membership_id})


async def pull(node: LocalNode, membership_id: int, core: SecondCore | None = None) -> PullReport:
    """Follow the log of a membership once; idempotent, and safe to run twice at once.

    Args:
        core: where signatures and blobs are checked; by default in this process.

    Raises:
        NotFound: there is no such membership.
    """
    report = PullReport()
    async with node.database.reading() as session:
        membership = await network_with_log(session, membership_id)
        if not is_log_followed(membership):
            return report
        if await is_frozen(session, membership.network):
            # Also where another log of the network follows: a person says how it goes on.
            report.trouble = Code.LOG_FROZEN
            return report
        request_signer = await signer(node, session)
    log = await _open_log(node, membership)
    source = await open_source(node, log, log.log_url, request_signer)
    core = core or SecondCore(cores=1)
    try:
        await follow(node, pins_of(membership), source, log, report, core)
        if membership.generation > 1 and report.done:
            await _follow_predecessor(node, log.id, request_signer, report, core)
        if report.done and membership.read_under is None:
            await read_promises(node.database, source, log.id, now=node.clock())
        if report.is_caught_up:
            await release_held(node.database, membership.network, now=node.clock())
    except Overtaken:
        return report
    except FederationError as error:
        report.trouble = error.code
        await _note_trouble(node, log.id, source, error)
    return report


async def _open_log(node: LocalNode, membership: Membership) -> MirrorLog:
    """The log's row, new at the first pull, at the address that the network names today."""
    ours = select(MirrorLog).where(MirrorLog.origin == membership.log_origin)
    async with node.database.reading() as session:
        log = await session.scalar(ours)
    if log is not None and log.log_url == membership.log_url and log.judged_version >= WIRE_VERSION:
        return log
    async with node.database.writing() as session:
        await session.get_one(MembershipRow, membership.id, with_for_update=True)
        log = await session.scalar(ours.with_for_update())
        if log is None:
            log = _new_log(membership, node.clock())
            session.add(log)
        log.log_url = membership.log_url
        await forget_judged_by_older(session, log, now=node.clock())
        await session.flush()
        return log


def _new_log(membership: Membership, now: datetime) -> MirrorLog:
    return MirrorLog(
        membership_id=membership.id,
        network=membership.network,
        generation=membership.generation,
        origin=membership.log_origin,
        log_key=membership.log_key,
        log_url=membership.log_url,
        state=LogState.NEW,
        edge=EMPTY_EDGE.to_bytes(),
        judged_version=WIRE_VERSION,
        created_at=now,
    )


async def _follow_predecessor(
    node: LocalNode, log_id: int, signer: RequestSigner, report: PullReport, core: SecondCore
) -> None:
    """The log before is followed to its end, where that is further than our copy: what was taken back there counts.

    Where it shows another history than the one that is here, there is no more of it to be had.
    """
    try:
        async with node.database.reading() as session:
            found = await find_predecessor(session, await session.get_one(MirrorLog, log_id))
    except Untrusted as error:
        async with node.database.writing() as session:
            await note_foreign_predecessor(session, await lock_log(session, log_id), error, now=node.clock())
        return
    if found is None:
        return
    source = await open_source(node, found.log, found.log.log_url, signer)
    is_over = False
    try:
        if not found.is_complete:
            await follow(node, found.pins, source, found.log, report, core)
    except FederationError as error:
        is_over = isinstance(error, Forked) and await is_settled(node.database, found.log, error)
        await _note_trouble(node, found.log.id, source, error)
        if not is_over:
            return
    async with node.database.writing() as session:
        found = await find_predecessor(session, await session.get_one(MirrorLog, log_id))
        if found is not None and (found.is_complete or is_over):
            await settle_predecessor(session, log_id, found, now=node.clock())


async def _note_trouble(node: LocalNode, log_id: int, source: HttpLog, error: FederationError) -> None:
    """What stopped a run: shown to the operator; of what was wrong, and not merely absent, a refusal too."""
    now, is_known = node.clock(), False
    if isinstance(error, Forked):
        async with node.database.reading() as session:
            log = await session.get_one(MirrorLog, log_id)
        is_known = await is_settled(node.database, log, error)
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        log.polled_at, log.trouble, log.trouble_detail = now, error.code.value, error.detail[:LONGEST_DETAIL]
        if isinstance(error, Forked) and not is_known:
            await freeze_log(session, log, fork_of(error, log), source=error.shown_by or source.url, now=now)
        elif isinstance(error, Untrusted):
            refused = Refused(what="source", code=error.code, detail=error.detail)
            await note_refusals(session, log_id, [refused], source=source.url, now=now)
