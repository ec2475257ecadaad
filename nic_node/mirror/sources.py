"""Where a log is read: the log itself and members' copies of it, how each did lately, and which one is asked.

What a source showed is believed by its proofs alone, whichever it is; so a copy that is proven wrong is only asked no
more, while the log itself, which nobody else can write, is asked again and again.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.tlog.checkpoint import read_checkpoint
from federation.tlog.edge import EMPTY_EDGE
from nic_node.db.jobs import enqueue
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.membership.read import Membership
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.believe import Forked
from nic_node.mirror.entries import lock_log
from nic_node.mirror.forget import forget_judged_by_older
from nic_node.mirror.forks.freeze import fork_of, freeze_log, is_settled
from nic_node.mirror.health import SourceHealth, order_sources, smooth, wait_after
from nic_node.mirror.refuse import LONGEST_DETAIL, Refused, note_refusals
from nic_node.mirror.source import HeldNote, HttpLog
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorSource
from nic_node.peerhttp.signing import RequestSigner
from schemas.canonical import sha256_hex
from schemas.limits import WIRE_VERSION
from schemas.problem import Code

FIND: Final = "mirror.find"
"""The kind of the job that looks for copies (find_mirrors.py); its key is the membership's id."""
ASKED_A_RUN: Final = 4
"""So many sources are tried before a run gives up; those that failed are behind the others the next time."""
NO_PROOF: Final = ("peer-", "address-")
"""Codes that begin so say that an answer is of no use, not that what it shows is wrong."""
NOT_THERE: Final = (Code.LOG_INCOMPLETE, Code.CHECKPOINT_STALE, Code.NOT_FOUND)
"""Codes of what a source lacks: it may have it the next time."""
_DRAWN_BYTES: Final = 8


async def open_log(node: LocalNode, membership: Membership) -> MirrorLog:
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
            if log.generation > 1:
                # Copies of it are others than those of the log before: a day without it may be near.
                await find_soon(session, membership_id=membership.id, now=log.created_at)
        elif log.log_url != membership.log_url:
            moved = (MirrorSource.log_id == log.id, MirrorSource.url == log.log_url)
            await session.execute(delete(MirrorSource).where(*moved))
            log.log_url = membership.log_url
        await forget_judged_by_older(session, log, now=node.clock())
        await session.flush()
        return log


async def find_soon(session: AsyncSession, *, membership_id: int, now: datetime) -> None:
    """Have members' copies of a network's log looked for as soon as a worker is free."""
    arguments = {"membership_id": membership_id}
    await enqueue(session, kind=FIND, key=str(membership_id), run_at=now, arguments=arguments)


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


# Choosing -------------------------------------------------------------------------------------------------------------


async def sources_of(session: AsyncSession, log: MirrorLog) -> list[MirrorSource]:
    """The log first, then copies by address."""
    rows = await session.scalars(select(MirrorSource).where(MirrorSource.log_id == log.id).order_by(MirrorSource.url))
    return sorted(rows, key=lambda row: row.url != log.log_url)


async def longest_copy(session: AsyncSession, log: MirrorLog, *, before: datetime) -> int:
    """The largest tree, signed by the log and held against ours, that a member served before then; 0 for none."""
    copies = (MirrorSource.log_id == log.id, MirrorSource.url != log.log_url, MirrorSource.stopped_at.is_(None))
    longest = select(func.max(MirrorSource.size)).where(*copies, MirrorSource.answered_at < before)
    return await session.scalar(longest) or 0


async def choose_sources(node: LocalNode, log: MirrorLog, *, copies: bool = True) -> list[str]:
    """The addresses to ask in this run, the first one first.

    Args:
        copies: whether members' copies are asked too.
    """
    async with node.database.reading() as session:
        rows = {row.url: row for row in await sources_of(session, log)}
    known = [_health(row, log) for row in rows.values() if copies or row.url == log.log_url]
    if log.log_url not in rows:
        known.append(SourceHealth(url=log.log_url, is_log=True))

    def draw() -> float:
        return int.from_bytes(node.random_bytes(_DRAWN_BYTES), "big") / (1 << 8 * _DRAWN_BYTES)

    ordered = order_sources(known, size=log.size, now=node.clock(), draw=draw)
    return [source.url for source in ordered[:ASKED_A_RUN]]


def _health(row: MirrorSource, log: MirrorLog) -> SourceHealth:
    return SourceHealth(
        url=row.url,
        is_log=row.url == log.log_url,
        size=row.size,
        seconds=row.seconds,
        failures=row.failures,
        retry_at=row.retry_at,
        is_stopped=row.stopped_at is not None,
    )


async def open_source(node: LocalNode, log: MirrorLog, url: str, signer: RequestSigner | None) -> HttpLog:
    """A source of a log, with the checkpoint that it gave last."""
    async with node.database.reading() as session:
        row = await session.get(MirrorSource, (log.id, url))
    held = HeldNote(row.note, row.etag) if row is not None and row.note is not None else None
    return HttpLog(node.client, url, signer, held)


# How they do ----------------------------------------------------------------------------------------------------------


async def keep_answer(session: AsyncSession, node: LocalNode, log: MirrorLog, source: HttpLog) -> None:
    """That a source answered, and the checkpoint that was believed from it. The log's row is locked."""
    row, held = await _row(session, log, source.url), source.held
    if row is None:
        return
    row.asked_at = row.answered_at = node.clock()
    row.failures, row.retry_at, row.trouble, row.trouble_detail = 0, None, "", ""
    if source.seconds is not None:
        row.seconds = smooth(row.seconds, source.seconds)
    if held is not None and not source.is_same:
        row.note, row.etag, row.size = held.note, held.etag, read_checkpoint(held.note).size


async def keep_failure(
    session: AsyncSession, node: LocalNode, log: MirrorLog, url: str, error: FederationError
) -> None:
    """Why a source was of no use; a copy that was proven wrong is stopped. The log's row is locked."""
    row, now = await _row(session, log, url), node.clock()
    if row is None:
        return
    row.asked_at, row.failures = now, row.failures + 1
    row.retry_at = now + wait_after(row.failures, poll=timedelta(seconds=node.config.poll_seconds))
    row.trouble, row.trouble_detail = error.code.value, error.detail[:LONGEST_DETAIL]
    if url != log.log_url and is_proof(error):
        row.stopped_at = now


def is_proof(error: FederationError) -> bool:
    """Whether an error says that a source showed something wrong, and not merely nothing of use."""
    return isinstance(error, Untrusted) and not error.code.startswith(NO_PROOF)


def shows_wrong(trouble: str) -> bool:
    """The same of a source's row, where the code alone is kept."""
    return trouble not in NOT_THERE and not trouble.startswith(NO_PROOF)


async def ask_log_again(session: AsyncSession, log: MirrorLog) -> None:
    """The network has sent word, so that its log answers again: it comes before the copies."""
    of_log = (MirrorSource.log_id == log.id, MirrorSource.url == log.log_url)
    await session.execute(update(MirrorSource).where(*of_log).values(retry_at=None))


async def ask_source_again(session: AsyncSession, membership_id: int, url: str) -> None:
    """A person lets a source be asked again that was stopped, or waits after failures.

    Raises:
        NotFound: no log of this membership is read there.
    """
    chosen = select(MirrorSource).join(MirrorLog, MirrorLog.id == MirrorSource.log_id)
    chosen = chosen.where(MirrorLog.membership_id == membership_id, MirrorSource.url == url)
    rows = list(await session.scalars(chosen))
    if not rows:
        raise NotFound(N_("This log is not read from such a source."))
    for row in rows:
        row.failures, row.retry_at, row.stopped_at, row.trouble, row.trouble_detail = 0, None, None, "", ""


async def note_trouble(
    node: LocalNode, log_id: int, url: str, error: FederationError, *, is_first: bool = True
) -> None:
    """Why a source was of no use: shown to the operator; of what was wrong, and not merely absent, a refusal too.

    Args:
        is_first: nobody was asked before in this run, so that this stands for the whole of it.
    """
    now, is_known = node.clock(), False
    if isinstance(error, Forked):
        async with node.database.reading() as session:
            log = await session.get_one(MirrorLog, log_id)
        is_known = await is_settled(node.database, log, error)
    async with node.database.writing() as session:
        log = await lock_log(session, log_id)
        await keep_failure(session, node, log, url, error)
        log.polled_at = now
        if is_first:
            log.trouble, log.trouble_detail = error.code.value, error.detail[:LONGEST_DETAIL]
        if isinstance(error, Forked) and not is_known:
            await freeze_log(session, log, fork_of(error, log), source=error.shown_by or url, now=now)
        elif isinstance(error, Untrusted) and (url == log.log_url or is_proof(error)):
            # Of each copy by itself; the log's own keep their place.
            place = "" if url == log.log_url else sha256_hex(url.encode())
            refused = Refused(what="source", code=error.code, detail=error.detail, place=place)
            await note_refusals(session, log_id, [refused], source=url, now=now)


async def _row(session: AsyncSession, log: MirrorLog, url: str) -> MirrorSource | None:
    """None of a copy that was given up meanwhile."""
    row = await session.get(MirrorSource, (log.id, url))
    if row is None and url == log.log_url:
        row = MirrorSource(log_id=log.id, url=url, entity=log.network, failures=0)
        session.add(row)
    return row
