"""A log whose key signed two histories: nothing more is taken from it, and both notes are kept as the proof.

What is here can be read on. A person decides how it goes on; what was decided about one other history holds for all
that grows from it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from federation.tlog.checkpoint import Checkpoint, consistency_tiles, verify_checkpoint, verify_extends
from federation.tlog.fork import Fork, build_proof_document
from federation.tlog.note import parse_vkey
from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.db.engine import Database
from nic_node.db.jobs import enqueue
from nic_node.mirror.believe import Forked, Tiles
from nic_node.mirror.forks.states import Telling
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.held import HeldLog
from nic_node.mirror.refuse import LONGEST_DETAIL, Refused, note_refusals
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog
from schemas.canonical import sha256_hex
from schemas.code import Code

TELL: Final = "mirror.tell-fork"
FROZEN: Final = "The log signed two different histories. Nothing more is taken from it until somebody has looked."


async def freeze_log(session: AsyncSession, log: MirrorLog, fork: Fork, *, source: str, now: datetime) -> None:
    """Until a person has looked; the coordinators are told.

    Args:
        log: locked.
        source: who showed the second note.
    """
    sha256 = sha256_hex(fork.second)
    refused = Refused(what="source", code=Code.LOG_FORKED, detail=FROZEN, sha256=sha256)
    await note_refusals(session, log.id, [refused], source=source, now=now)
    seen = select(MirrorFork.id).where(MirrorFork.log_id == log.id, MirrorFork.second_sha256 == sha256)
    if log.state == LogState.FROZEN or await session.scalar(seen) is not None:
        return
    log.state = LogState.FROZEN
    log.trouble, log.trouble_detail = Code.LOG_FORKED.value, FROZEN[:LONGEST_DETAIL]
    row = MirrorFork(
        log_id=log.id,
        first=fork.first,
        second=fork.second,
        second_sha256=sha256,
        proof=None if fork.proof is None else build_proof_document(fork.proof),
        source=source,
        seen_at=now,
        telling=Telling.WAITING,
    )
    session.add(row)
    await session.flush()
    await tell_soon(session, row.id, now)
    await record_audit(
        session,
        actor=SYSTEM,
        action="log.frozen",
        subject="log",
        subject_id=log.id,
        before=None,
        after={"origin": log.origin, "second_sha256": sha256, "source": source},
        now=now,
    )


async def tell_soon(session: AsyncSession, fork_id: int, now: datetime) -> None:
    await enqueue(session, kind=TELL, key=str(fork_id), run_at=now, arguments={"fork_id": fork_id})


def fork_of(error: Forked, log: MirrorLog) -> Fork:
    """The two notes of what was found about a log."""
    first = error.first or log.checkpoint
    assert first is not None, "what contradicts nothing is no fork"
    return Fork(first, error.note, error.proof)


async def is_settled(database: Database, log: MirrorLog, error: Forked) -> bool:
    """Whether the other history is one that a person here has decided about, or has grown from it."""
    new = _tree(verify_checkpoint(error.note, parse_vkey(log.log_key)).checkpoint)
    decided = await _decided(database, log)
    return new in decided or any([await _grew(error.tiles, old, new) for old in decided])


async def is_decided(database: Database, log: MirrorLog, fork: Fork, both: tuple[Checkpoint, Checkpoint]) -> bool:
    """Whether a fork that somebody shows is one that a person here has decided about: other notes of it are no news.

    Of its two histories one is ours then, as far as it goes, and the other one is known, or contains what is known by
    the proof that was shown. Where that can't be told there may be a third history.

    Args:
        both: the checkpoints of its notes, which are verified.
    """
    decided = await _decided(database, log)
    shorter, longer = sorted(map(_tree, both), key=lambda each: each.size)
    if fork.proof is not None and replace(shorter, root=fork.proof.root) in decided:
        decided = [*decided, longer]
    return bool(decided) and all([each in decided or await _is_ours(database, log, each) for each in (shorter, longer)])


async def seen_from_here(database: Database, log: MirrorLog, fork: Fork, both: tuple[Checkpoint, Checkpoint]) -> Fork:
    """With the history that is followed here as the first one: who shows a fork may have followed the other."""
    return Fork(fork.second, fork.first, fork.proof) if await _is_ours(database, log, both[1]) else fork


async def _is_ours(database: Database, log: MirrorLog, shown: Checkpoint) -> bool:
    """Whether our own copy, where it is whole, contains what was shown."""
    if log.root is None or log.mirrored < log.size:
        return False
    return await _grew(Tiles(HeldLog(database, log.id)), shown, Checkpoint(log.origin, log.size, log.root))


async def _decided(database: Database, log: MirrorLog) -> list[Checkpoint]:
    """Of the other histories."""
    async with database.reading() as session:
        chosen = select(MirrorFork.second).where(MirrorFork.log_id == log.id, MirrorFork.choice != "")
        seconds = list(await session.scalars(chosen))
    return [_tree(verify_checkpoint(second, parse_vkey(log.log_key)).checkpoint) for second in seconds]


def _tree(checkpoint: Checkpoint) -> Checkpoint:
    """Without extension lines, which may differ where the tree does not."""
    return replace(checkpoint, extensions=())


async def _grew(tiles: Tiles | None, old: Checkpoint, new: Checkpoint) -> bool:
    """Whether the tiles, of the new tree, show that it contains the old one."""
    if tiles is None or old.size > new.size:
        return False
    try:
        await tiles.fetch(consistency_tiles(old, new))
        verify_extends(old, new, tiles.files)
    except FederationError:
        return False
    return True
