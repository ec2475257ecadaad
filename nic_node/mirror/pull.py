"""One run of following a network's log; what a peer does wrong stops the source and is kept, not raised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.judge import Pins
from nic_node.db.jobs import enqueue
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_log_followed, network_with_log, pins_of
from nic_node.mirror.acks import read_promises
from nic_node.mirror.believe import Forked
from nic_node.mirror.entries import Overtaken, lock_log
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.follow import PullReport, Reading, follow
from nic_node.mirror.forks.freeze import is_settled
from nic_node.mirror.forks.read import is_frozen
from nic_node.mirror.hold_back import release_held
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import choose_sources, note_trouble, open_log, open_source
from nic_node.mirror.states import LogState
from nic_node.mirror.succession import find_predecessor, note_foreign_predecessor, settle_predecessor
from nic_node.mirror.tables import MirrorLog
from nic_node.peerhttp.signing import RequestSigner
from schemas.problem import Code

PULL: Final = "mirror.pull"
RUN_SECONDS: Final = 10.0
"""So long a run takes up new bundles of its source, and other work of this node waits."""
OTHERS_ASKED: Final = 2
"""For blobs that the source of a run withholds."""


async def pull_soon(session: AsyncSession, *, membership_id: int, now: datetime) -> None:
    """Have the log pulled as soon as a worker is free; wake it after the commit."""
    await enqueue(session, kind=PULL, key=str(membership_id), run_at=now, arguments={"membership_id": membership_id})


async def pull(node: LocalNode, membership_id: int, examiners: Examiners | None = None) -> PullReport:
    """Follow the log of a membership once; idempotent, and safe to run twice at once.

    Args:
        examiners: where signatures and blobs are checked; by default in this process.

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
    log = await open_log(node, membership)
    examiners = examiners or Examiners(cores=1)
    run = Run(
        node=node,
        signer=request_signer,
        examiners=examiners,
        copies=membership.read_under is None,
        ends_at=monotonic() + RUN_SECONDS,
    )
    try:
        trouble = await _follow_any(run, pins_of(membership), log.id, report)
        report.trouble = None if trouble is None else trouble.code
        if membership.generation > 1 and report.done:
            await _follow_predecessor(run, log.id, report)
        if report.done and report.source == membership.log_url and membership.read_under is None:
            await read_promises(node.database, HttpLog(node.client, report.source), log.id, now=node.clock())
        if report.is_caught_up:
            await release_held(node.database, membership.network, now=node.clock())
    except Overtaken:
        return report
    except FederationError as error:
        report.trouble = error.code
        await note_trouble(node, log.id, membership.log_url, error)
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every log of a run is read with.

    `copies`: members' copies are read too. To them, who only reads there is no member. `ends_at`: as in `Reading`.
    """

    node: LocalNode
    signer: RequestSigner
    examiners: Examiners
    copies: bool
    ends_at: float


async def _follow_any(run: Run, pins: Pins, log_id: int, report: PullReport) -> FederationError | None:
    """Follow a log from the first source that serves it. Where none does, why the first one did not, or the fork.

    Raises:
        Overtaken: somebody else works on the same log.
    """
    trouble: FederationError | None = None
    log = await _log_now(run.node, log_id)
    urls = await choose_sources(run.node, log, copies=run.copies)
    for place, url in enumerate(urls):
        source, *others = [await open_source(run.node, log, each, run.signer) for each in (url, *_others(urls, place))]
        reading = Reading(
            node=run.node,
            pins=pins,
            log=log,
            source=source,
            examiners=run.examiners,
            ends_at=run.ends_at,
            others=others,
        )
        try:
            await follow(reading, report)
        except FederationError as error:
            await note_trouble(run.node, log_id, url, error, is_first=trouble is None)
            trouble = error if isinstance(error, Forked) else trouble or error
            log = await _log_now(run.node, log_id)
            if log.state == LogState.FROZEN:
                break
        else:
            report.source = url
            return None
    return trouble


def _others(urls: Sequence[str], place: int) -> list[str]:
    """Whom to ask for what a source withholds: those that come after it, then those that failed before."""
    return [*urls[place + 1 :], *urls[:place]][:OTHERS_ASKED]


async def _log_now(node: LocalNode, log_id: int) -> MirrorLog:
    async with node.database.reading() as session:
        return await session.get_one(MirrorLog, log_id)


async def _follow_predecessor(run: Run, log_id: int, report: PullReport) -> None:
    """The log before is followed to its end, where that is further than our copy: what was taken back there counts.

    Where it shows another history than the one that is here, there is no more of it to be had; nor where nobody answers
    any more and only contents are missing: after a restore a library is held back until this log is settled.
    """
    node = run.node
    try:
        async with node.database.reading() as session:
            found = await find_predecessor(session, await session.get_one(MirrorLog, log_id))
    except Untrusted as error:
        async with node.database.writing() as session:
            await note_foreign_predecessor(session, await lock_log(session, log_id), error, now=node.clock())
        return
    if found is None:
        return
    is_over = False
    if not found.is_complete:
        served = PullReport(bundles=report.bundles)
        trouble = await _follow_any(run, found.pins, found.log.id, served)
        if isinstance(trouble, Forked):
            is_over = await is_settled(node.database, found.log, trouble)
        else:
            is_over = trouble is not None and found.has_entries
        if trouble is not None and not is_over:
            return
        report.add(served)
    async with node.database.writing() as session:
        found = await find_predecessor(session, await session.get_one(MirrorLog, log_id))
        if found is not None and (found.is_complete or is_over):
            await settle_predecessor(session, log_id, found, now=node.clock())
