"""Following one log as one source shows it: checkpoint, entries, blobs; every step proven before the next.

Everything is resumed by index: a run that is killed loses at most the bundle in hand. Entries up to the checkpoint
come before any blob, so that what was taken back meanwhile is never asked for.
"""

from dataclasses import dataclass
from typing import Final

from federation.judge import LogState as Judging
from federation.judge import Outcome, Pins
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint
from federation.tlog.edge import TreeEdge
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import TILE_WIDTH
from nic_node.membership.heed import heed_log
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, network_with_log
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
from nic_node.mirror.forks.freeze import is_settled
from nic_node.mirror.held import HeldLog
from nic_node.mirror.keep_rows import heed_blocks
from nic_node.mirror.rows import load_state
from nic_node.mirror.second_core import SecondCore
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import keep_answer
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorMember
from nic_node.mirror.vouch import ask_members
from nic_node.mirror.witness import last_cosigned, last_cosigned_note
from schemas.problem import Code

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


async def follow(
    node: LocalNode, pins: Pins, source: HttpLog, log: MirrorLog, report: PullReport, core: SecondCore
) -> None:
    """Read what a source has that is new, as far as a run goes; `report` counts on.

    Args:
        log: its row as it stands now.

    Raises:
        Forked: the log signed two histories. Untrusted, Unreachable: why nothing more comes from this source.
        Overtaken: somebody else works on the same log.
    """
    tiles = Tiles(source)
    old = None if log.root is None else Checkpoint(log.origin, log.size, log.root)
    held = Tiles(HeldLog(node.database, log.id)) if log.mirrored >= log.size else None
    verified = await fetch_checkpoint(tiles, log.log_key, old, held)
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
    if not 0 < cosigned.size <= verified.checkpoint.size:
        return
    try:
        await verify_growth(tiles, cosigned, verified.checkpoint, verified.note)
    except Forked as error:
        note = await last_cosigned_note(node, log.origin)
        if log.checkpoint is None:
            raise Forked(error.note, error.proof, tiles, first=note) from error
        # What is followed here is the first history, and the cosigned one the other.
        other = Forked(note, error.proof, first=verified.note)
        if not await is_settled(node.database, log, other):
            raise other from error


async def _ask_members(
    node: LocalNode, tiles: Tiles, log: MirrorLog, verified: VerifiedCheckpoint, state: Judging
) -> Vouched:
    """Without three witnesses: what members serve of the entries that are not final yet."""
    if has_witnesses(state.epochs, log.final_size):
        return Vouched(wanted=0)
    if log.final_size >= verified.checkpoint.size and not log.is_witnessed:
        return Vouched(wanted=log.witnesses, sizes=(log.final_size,) * log.cosigned)
    return await ask_members(node, tiles, log, verified)


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
