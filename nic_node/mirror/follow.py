"""Following one log as one source shows it: checkpoint, entries, blobs; every step proven before the next.

Everything is resumed by index: a run that is killed loses at most the bundle in hand. Entries up to the checkpoint
come before any blob, so that what was taken back meanwhile is never asked for.
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from time import monotonic
from typing import Final

from federation.errors import FederationError, Unreachable, Untrusted
from federation.judge import LogState as Judging
from federation.judge import Outcome, Pins
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint
from federation.tlog.edge import TreeEdge
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import TILE_WIDTH
from nic_node.membership.heed import heed_log
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, network_with_log
from nic_node.mirror.believe import (
    Finality,
    Forked,
    Tiles,
    Vouched,
    confirmed_at,
    fetch_checkpoint,
    find_finality,
    has_witnesses,
    join_cosignatures,
    verify_growth,
)
from nic_node.mirror.blobs import BlobReading, read_blob_bundles, take_in_blobs, waiting_bundles
from nic_node.mirror.entries import LeafReading, Overtaken, lock_log, read_bundles, take_in
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.forks.freeze import is_settled
from nic_node.mirror.held import HeldLog
from nic_node.mirror.keep_blobs import Judged
from nic_node.mirror.keep_rows import heed_blocks
from nic_node.mirror.rows import load_epochs, load_state
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import keep_answer, keep_failure, longest_copy
from nic_node.mirror.states import STALE_AFTER, LogState, RecordState
from nic_node.mirror.tables import MirrorLog, MirrorMember
from nic_node.mirror.vouch import ask_members
from nic_node.mirror.witness import last_cosigned, last_cosigned_note
from schemas.problem import Code

BUNDLES_A_RUN: Final = 200
"""Some ten seconds on two cores; on slower ones the time ends a run. The next one follows at once."""


@dataclass
class PullReport:
    """What one run did.

    bundles: how many of entries and of blobs were worked on. is_caught_up: all entries are judged. done: nothing is
    left to fetch now. source: the address that everything came from. trouble: what stopped the run, none where
    nothing did.
    """

    new_entries: int = 0
    new_records: int = 0
    refused: int = 0
    bundles: int = 0
    done: bool = False
    is_caught_up: bool = False
    source: str = ""
    trouble: Code | None = None

    def add(self, other: "PullReport") -> None:
        """What the same run did with another log; `other` began with the bundles of this one."""
        self.bundles, self.done = other.bundles, self.done and other.done
        self.new_entries += other.new_entries
        self.new_records += other.new_records
        self.refused += other.refused

    def count(self, judged: Sequence[Judged]) -> None:
        """Blobs that were judged."""
        for each in judged:
            if each.verdict is not None:
                self.new_records += each.verdict.outcome is Outcome.ACCEPTED
                self.refused += each.verdict.outcome is Outcome.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What following one log takes. `others` are asked for blobs that `source` lacks.

    ends_at: by `time.monotonic`; then no new bundle is taken up.
    """

    node: LocalNode
    pins: Pins
    log: MirrorLog
    source: HttpLog
    examiners: Examiners
    ends_at: float
    others: Sequence[HttpLog] = ()

    @property
    def is_copy(self) -> bool:
        return self.source.url != self.log.log_url


async def follow(reading: Reading, report: PullReport) -> None:
    """Read what a source has that is new, as far as a run goes; `report` counts on.

    Args:
        reading: its log's row as it stands now.

    Raises:
        Forked: the log signed two histories. Untrusted, Unreachable: why nothing more comes from this source.
        Overtaken: somebody else works on the same log.
    """
    node, log, source = reading.node, reading.log, reading.source
    tiles = Tiles(source)
    verified = await _believe(reading, tiles)
    await _verify_newest(reading, verified.checkpoint)
    await _verify_cosigned(node, tiles, log, verified)
    if source.is_same and await _is_read(node, log, verified):
        report.is_caught_up = report.done = True
        await _keep_standing(reading, is_complete=True)
        return
    if (log.size, log.root) != (verified.checkpoint.size, verified.checkpoint.root):
        log = await _keep_checkpoint(node, log.id, verified)
        reading = replace(reading, log=log)
    await reading.examiners.expect(bundles=(verified.checkpoint.size - log.mirrored) // TILE_WIDTH)
    state = await _follow_entries(reading, tiles, verified.checkpoint, report)
    if state.size < verified.checkpoint.size or await _heed_own_moves(node, log):
        return
    report.is_caught_up = True
    asked_at = monotonic()
    vouched = await _ask_members(node, tiles, log, verified, state)
    ends_at = reading.ends_at + monotonic() - asked_at  # members that keep silent take none of the run's time
    told_at = await _keep_finality(node, log.id, verified, state, vouched)
    blobs = BlobReading(node=node, source=source, log=log, state=state, examiners=reading.examiners, ends_at=ends_at)
    report.done = await _follow_blobs(blobs, reading.others, report)
    await _keep_standing(reading, is_complete=report.done, told_at=told_at)


async def _believe(reading: Reading, tiles: Tiles) -> VerifiedCheckpoint:
    """The source's checkpoint. That of a copy may be older than ours: then it is the beginning of ours, or a fork.

    Raises:
        Unreachable: CHECKPOINT_STALE, the copy is behind; else as `follow`.
    """
    log = reading.log
    old = None if log.root is None else Checkpoint(log.origin, log.size, log.root)
    held = Tiles(HeldLog(reading.node.database, log.id)) if log.mirrored >= log.size else None
    try:
        return await fetch_checkpoint(tiles, log.log_key, old, held)
    except Untrusted as error:
        if error.code is Code.CHECKPOINT_SHRUNK and reading.is_copy:
            raise Unreachable(Code.CHECKPOINT_STALE, "This copy is shorter than what is here already.") from error
        raise


async def _verify_newest(reading: Reading, checkpoint: Checkpoint) -> None:
    """That the log itself does not go on showing an old tree: a later one is proven by any copy of it.

    Raises:
        Untrusted: CHECKPOINT_STALE, a member had a later one long ago; a copy is read instead.
    """
    if reading.is_copy:
        return
    node, log = reading.node, reading.log
    async with node.database.reading() as session:
        known = await longest_copy(session, log, before=node.clock() - STALE_AFTER)
    if checkpoint.size < known:
        detail = f"The log shows this node {checkpoint.size} entries, and a member has had {known} of it for long."
        raise Untrusted(Code.CHECKPOINT_STALE, detail)


async def _is_read(node: LocalNode, log: MirrorLog, verified: VerifiedCheckpoint) -> bool:
    """Whether all of this checkpoint is here, judged and final, and no blob is due: the same one brings nothing."""
    is_held = (log.size, log.root) == (verified.checkpoint.size, verified.checkpoint.root)
    if log.state != LogState.LIVE or not is_held or not log.mirrored == log.final_size == log.size:
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
    """With the cosignatures that can be verified already; those of witnesses that its entries name come afterwards."""
    checkpoint = verified.checkpoint
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        if log.size > checkpoint.size or log.state == LogState.FROZEN:
            raise Overtaken
        log.checkpoint = join_cosignatures(None, verified, log.log_key, await load_epochs(session, log_id))
        log.size, log.root = checkpoint.size, checkpoint.root
        if log.state == LogState.NEW:
            log.state = LogState.BACKFILLING
        return log


async def _follow_entries(reading: Reading, tiles: Tiles, checkpoint: Checkpoint, report: PullReport) -> Judging:
    """Judge entries up to the checkpoint, or as many bundles as a run takes; the state after them."""
    node, log, source = reading.node, reading.log, reading.source
    async with node.database.reading() as session:
        state = await load_state(session, log, reading.pins)
    leaves = LeafReading(database=node.database, network=log.network, examiners=reading.examiners)
    limit = BUNDLES_A_RUN - report.bundles
    edge = TreeEdge.from_bytes(log.edge)
    wanted = read_bundles(leaves, tiles, edge, checkpoint, limit=limit, ends_at=reading.ends_at)
    async with aclosing(wanted) as bundles:
        async for bundle in bundles:
            verdicts = await take_in(leaves, log, state, bundle, source=source.url, now=node.clock())
            report.bundles += bundle.files
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


async def _follow_blobs(reading: BlobReading, others: Sequence[HttpLog], report: PullReport) -> bool:
    """Fetch the blobs that are due; False when the run ends before the last of them."""
    now, before = reading.node.clock(), report.bundles
    limit = max(0, BUNDLES_A_RUN - before)  # of others' answers there may have been more
    async with reading.node.database.reading() as session:
        positions = await waiting_bundles(session, reading.log, now=now, limit=limit + 1)
    await reading.examiners.expect(bundles=len(positions))
    withheld = await _take_blobs(reading, positions[:limit], report)
    is_complete = report.bundles - before == len(positions)
    for other in others:
        if withheld:
            # Whatever the time: whoever is not asked now is not asked until these records are due again.
            asked = replace(reading, source=other, is_first=False, ends_at=inf)
            withheld = await _ask_another(asked, withheld, report)
    return is_complete


async def _take_blobs(reading: BlobReading, positions: Sequence[int], report: PullReport) -> list[int]:
    """Those of the bundles in which something is withheld."""
    withheld: list[int] = []
    async with aclosing(read_blob_bundles(reading, positions)) as bundles:
        async for bundle in bundles:
            report.bundles += len(bundle.positions)
            judged = await take_in_blobs(reading, bundle, now=reading.node.clock())
            report.count(judged)
            lacking = {each.row.index // TILE_WIDTH for each in judged if each.state == RecordState.WITHHELD}
            withheld += [position for position in bundle.positions if position in lacking]
    return withheld


async def _ask_another(reading: BlobReading, positions: Sequence[int], report: PullReport) -> list[int]:
    """What one source withholds another may have; one that gives no answer is no reason to stop."""
    try:
        return await _take_blobs(reading, positions, report)
    except FederationError as error:
        async with reading.node.database.writing() as session:
            log = await lock_log(session, reading.log.id)
            await keep_failure(session, reading.node, log, reading.source.url, error)
        return list(positions)


async def _keep_finality(
    node: LocalNode, log_id: int, verified: VerifiedCheckpoint, state: Judging, vouched: Vouched
) -> datetime | None:
    """What is final now, and what waited for that. Until when the checkpoint was the newest, where witnesses say so."""
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        note = verified.note
        if log.checkpoint is not None and (log.size, log.root) == (verified.checkpoint.size, verified.checkpoint.root):
            note = log.checkpoint = join_cosignatures(log.checkpoint, verified, log.log_key, state.epochs)
        before = Finality(log.final_size, log.is_witnessed, log.cosigned, log.witnesses)
        finality = find_finality(note, log.log_key, state.epochs, before, vouched)
        if finality.size >= log.final_size:
            log.final_size, log.is_witnessed = finality.size, finality.is_witnessed
            log.cosigned, log.witnesses = finality.cosigned, finality.witnesses
        await heed_blocks(session, log, now=node.clock())
        return confirmed_at(note, log.log_key, state.epochs, log.final_size)


async def _keep_standing(reading: Reading, *, is_complete: bool, told_at: datetime | None = None) -> None:
    """That it was read now; and that everything up to the checkpoint is here or noted as withheld, where it is.

    Args:
        told_at: until when a copy's checkpoint was the newest; of the log's own it is now.
    """
    node, now = reading.node, reading.node.clock()
    async with node.database.writing() as session:
        log = await lock_log(session, reading.log.id)
        await keep_answer(session, node, log, reading.source)
        log.polled_at = now
        if is_complete and log.state != LogState.FROZEN:
            log.state, log.trouble, log.trouble_detail = LogState.LIVE, "", ""
            told = [at for at in (log.current_at, told_at if reading.is_copy else now) if at is not None]
            log.current_at = min(now, max(told)) if told else None
