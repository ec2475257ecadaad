"""One run of following a log: checkpoint, entries, blobs; what a peer does wrong stops the run and is kept, not raised.

Everything is resumed by index: a run that is killed loses at most the bundle in hand. Entries up to the checkpoint
come before any blob, so that what was taken back meanwhile is never asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.judge import LogState as Judging
from federation.judge import Outcome, Pins
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint
from federation.tlog.edge import EMPTY_EDGE, TreeEdge
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import TILE_WIDTH
from nic_node.db.jobs import enqueue
from nic_node.membership.heed import heed_log
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, Membership, is_log_followed, network_with_log, pins_of
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.acks import read_promises
from nic_node.mirror.ahead import one_ahead
from nic_node.mirror.believe import (
    Finality,
    Forked,
    Tiles,
    Vouched,
    fetch_checkpoint,
    find_finality,
    has_witnesses,
    verify_growth,
)
from nic_node.mirror.blobs import BlobReading, read_blob_bundles, take_in_blobs, waiting_bundles
from nic_node.mirror.entries import LeafReading, Overtaken, lock_log, read_bundles, take_in
from nic_node.mirror.forget import forget_judged_by_older
from nic_node.mirror.freeze import freeze_log
from nic_node.mirror.hold_back import release_held
from nic_node.mirror.keep_rows import heed_blocks
from nic_node.mirror.refuse import LONGEST_DETAIL, Refused, note_refusals
from nic_node.mirror.rows import load_state
from nic_node.mirror.second_core import SecondCore
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import keep_answer, open_source
from nic_node.mirror.states import LogState
from nic_node.mirror.succession import find_predecessor, note_foreign_predecessor, settle_predecessor
from nic_node.mirror.tables import MirrorLog, MirrorMember
from nic_node.mirror.vouch import ask_members
from nic_node.mirror.witness import last_cosigned
from nic_node.peerhttp.signing import RequestSigner
from schemas.limits import WIRE_VERSION
from schemas.problem import Code

PULL: Final = "mirror.pull"
BUNDLES_A_RUN: Final = 40
"""So that a run ends well within a job's lease; the next one follows at once."""


@dataclass
class PullReport:
    """What one run did.

    bundles: how many of entries and of blobs were worked on. is_caught_up: all entries are judged. done: nothing is
    left to fetch now. trouble: what stopped the run, none where nothing did.
    """

    new_entries: int = 0
    new_records: int = 0
    refused: int = 0
    bundles: int = 0
    done: bool = False
    is_caught_up: bool = False
    trouble: Code | None = None


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
        request_signer = await signer(node, session)
    log = await _open_log(node, membership)
    if log.state == LogState.FROZEN:
        report.trouble = Code.LOG_FROZEN
        return report
    source = await open_source(node, log, log.log_url, request_signer)
    core = core or SecondCore(cores=1)
    try:
        await _follow(node, pins_of(membership), source, log, report, core)
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


async def _follow(
    node: LocalNode, pins: Pins, source: HttpLog, log: MirrorLog, report: PullReport, core: SecondCore
) -> None:
    tiles = Tiles(source)
    old = None if log.root is None else Checkpoint(log.origin, log.size, log.root)
    verified = await fetch_checkpoint(tiles, log.log_key, old)
    await _verify_cosigned(node, tiles, log, verified)
    if source.is_same and await _is_settled(node, log, verified):
        report.is_caught_up = report.done = True
        await _keep_standing(node, log.id, source, is_complete=True)
        return
    if verified.note != log.checkpoint:
        log = await _keep_checkpoint(node, log.id, verified)
    await core.expect(bundles=(verified.checkpoint.size - log.mirrored) // TILE_WIDTH)
    state = await _follow_entries(node, pins, tiles, log, verified.checkpoint, report, core)
    if state.size < verified.checkpoint.size:
        return
    if await _heed_own_moves(node, log):
        return
    report.is_caught_up = True
    vouched = await _ask_members(node, tiles, log, verified, state)
    await _keep_finality(node, log.id, verified, state, vouched)
    reading = BlobReading(node=node, source=source, log=log, state=state, core=core)
    report.done = await _follow_blobs(reading, report)
    await _keep_standing(node, log.id, source, is_complete=report.done)


async def _is_settled(node: LocalNode, log: MirrorLog, verified: VerifiedCheckpoint) -> bool:
    """Whether all of this checkpoint is here, judged and final, and no blob is due: the same one brings nothing."""
    size = verified.checkpoint.size
    if log.state != LogState.LIVE or verified.note != log.checkpoint or not log.mirrored == log.final_size == size:
        return False
    async with node.database.reading() as session:
        return not await waiting_bundles(session, log, now=node.clock(), limit=1)


async def _verify_cosigned(node: LocalNode, tiles: Tiles, log: MirrorLog, verified: VerifiedCheckpoint) -> None:
    """That what this node is shown here extends what it cosigned as a witness. An older answer proves nothing."""
    cosigned = await last_cosigned(node, parse_vkey(log.log_key))
    if 0 < cosigned.size <= verified.checkpoint.size:
        await verify_growth(tiles, cosigned, verified.checkpoint, verified.note)


async def _ask_members(
    node: LocalNode, tiles: Tiles, log: MirrorLog, verified: VerifiedCheckpoint, state: Judging
) -> Vouched:
    """Without three witnesses: what members serve of the entries that are not final yet."""
    if has_witnesses(state.epochs, log.final_size):
        return Vouched(wanted=0)
    if log.final_size >= verified.checkpoint.size and not log.is_witnessed:
        return Vouched(wanted=log.witnesses, sizes=(log.final_size,) * log.cosigned)
    return await ask_members(node, tiles, log, verified)


async def _follow_predecessor(
    node: LocalNode, log_id: int, signer: RequestSigner, report: PullReport, core: SecondCore
) -> None:
    """The log before is followed to its end, where that is further than our copy: what was taken back there counts."""
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
    try:
        if not found.is_complete:
            await _follow(node, found.pins, source, found.log, report, core)
    except FederationError as error:
        await _note_trouble(node, found.log.id, source, error)
        return
    async with node.database.writing() as session:
        found = await find_predecessor(session, await session.get_one(MirrorLog, log_id))
        if found is not None and found.is_complete:
            await settle_predecessor(session, log_id, found, now=node.clock())


async def _keep_checkpoint(node: LocalNode, log_id: int, verified: VerifiedCheckpoint) -> MirrorLog:
    checkpoint = verified.checkpoint
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        if log.size > checkpoint.size or log.state == LogState.FROZEN:
            raise Overtaken
        log.checkpoint, log.size, log.root = verified.note, checkpoint.size, checkpoint.root
        if log.current_at is None:
            log.state = LogState.BACKFILLING
        return log


async def _follow_entries(
    node: LocalNode,
    pins: Pins,
    tiles: Tiles,
    log: MirrorLog,
    checkpoint: Checkpoint,
    report: PullReport,
    core: SecondCore,
) -> Judging:
    """Judge entries up to the checkpoint, or as many bundles as a run takes; the state after them."""
    async with node.database.reading() as session:
        state = await load_state(session, log, pins)
    reading = LeafReading(database=node.database, network=log.network, core=core)
    limit = BUNDLES_A_RUN - report.bundles
    async with one_ahead(
        read_bundles(reading, tiles, TreeEdge.from_bytes(log.edge), checkpoint, limit=limit)
    ) as bundles:
        async for bundle in bundles:
            verdicts = await take_in(reading, log.id, state, bundle, source=log.log_url, now=node.clock())
            report.bundles += 1
            report.new_entries += len(verdicts)
            report.refused += sum(verdict.outcome is Outcome.REFUSED for verdict in verdicts)
    return state


async def _heed_own_moves(node: LocalNode, log: MirrorLog) -> bool:
    """Whether the log says that this school belongs no more; what it says of us is heeded before blobs are asked for.

    Only entries that came in this run count: before its admission is written, a school that came back reads there how
    it went the last time.
    """
    async with node.database.writing() as session:
        membership = await network_with_log(session, log.membership_id)
        told = await session.get(MirrorMember, (log.id, node.entity_id))
        if membership.read_under is not None:
            return False  # what this log says of us is of a time when we belonged there
        is_news = told is not None and told.leaf_index >= log.mirrored and membership.log_origin == log.origin
        if told is None or not is_news or told.state == membership.state:
            return False
        await heed_log(session, membership_id=membership.id, state=told.state, now=node.clock())
    node.wake()
    return told.state not in HELD


async def _follow_blobs(reading: BlobReading, report: PullReport) -> bool:
    """Fetch the blobs that are due; False when the run ends before the last of them."""
    now, limit = reading.node.clock(), BUNDLES_A_RUN - report.bundles
    async with reading.node.database.reading() as session:
        positions = await waiting_bundles(session, reading.log, now=now, limit=limit + 1)
    await reading.core.expect(bundles=len(positions))
    async with one_ahead(read_blob_bundles(reading, positions[:limit])) as bundles:
        async for bundle in bundles:
            report.bundles += 1
            for each in await take_in_blobs(reading, bundle, now=now):
                if each.verdict is not None:
                    report.new_records += each.verdict.outcome is Outcome.ACCEPTED
                    report.refused += each.verdict.outcome is Outcome.REFUSED
    return len(positions) <= limit


async def _keep_finality(
    node: LocalNode, log_id: int, verified: VerifiedCheckpoint, state: Judging, vouched: Vouched
) -> None:
    """What is final now, and what waited for that."""
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        before = Finality(log.final_size, log.is_witnessed, log.cosigned, log.witnesses)
        finality = find_finality(verified.note, log.log_key, state.epochs, before, vouched)
        if finality.size >= log.final_size:
            log.final_size, log.is_witnessed = finality.size, finality.is_witnessed
            log.cosigned, log.witnesses = finality.cosigned, finality.witnesses
        await heed_blocks(session, log, now=node.clock())


async def _keep_standing(node: LocalNode, log_id: int, source: HttpLog, *, is_complete: bool) -> None:
    """That it was read now; and that everything up to the checkpoint is here or noted as withheld, where it is."""
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        await keep_answer(session, log_id, source)
        log.polled_at = node.clock()
        if is_complete and log.state != LogState.FROZEN:
            log.state, log.current_at = LogState.LIVE, log.polled_at
            log.trouble = log.trouble_detail = ""


async def _note_trouble(node: LocalNode, log_id: int, source: HttpLog, error: FederationError) -> None:
    """What stopped a run: shown to the operator; of what was wrong, and not merely absent, a refusal too."""
    now = node.clock()
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        log.polled_at, log.trouble, log.trouble_detail = now, error.code.value, error.detail[:LONGEST_DETAIL]
        if isinstance(error, Forked):
            await freeze_log(session, log, error.note, error, source=source.url, now=now)
        elif isinstance(error, Untrusted):
            refused = Refused(what="source", code=error.code, detail=error.detail)
            await note_refusals(session, log_id, [refused], source=source.url, now=now)
