"""A log that follows another one: what its entry 0 says of the end of the one before, held against our own copy.

Our copy is kept whatever the new log says of it. Where the two disagree, people are told.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.judge import Pins
from federation.keys import thumbprint
from federation.tlog.checkpoint import Checkpoint, verify_checkpoint
from federation.tlog.note import parse_vkey
from nic_node.mirror.entries import lock_log
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from schemas.problem import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The log before, as it is here, and its last checkpoint as the new one names it.

    lacks_blobs: some were never asked for.
    """

    log: MirrorLog
    last: Checkpoint
    lacks_blobs: bool

    @property
    def has_entries(self) -> bool:
        """All that the log held at its end, retractions among them."""
        return self.log.mirrored >= self.last.size

    @property
    def is_complete(self) -> bool:
        """Nothing is missing here of what it held."""
        return self.has_entries and not self.lacks_blobs

    @property
    def pins(self) -> Pins:
        genesis = self.log.genesis
        return Pins(
            leaf_jkt=None if genesis is None else thumbprint(genesis["leaf_jwk"]),
            log_key=self.log.log_key,
            network=self.log.network,
            generation=self.log.generation,
        )


async def find_predecessor(session: AsyncSession, log: MirrorLog) -> Predecessor | None:
    """None where there is none, where it was never followed here, or where it is settled.

    Raises:
        Untrusted: the checkpoint is not signed by the key of the log before.
    """
    named = None if log.genesis is None else log.genesis.get("predecessor")
    if named is None:
        return None
    before = await session.scalar(
        select(MirrorLog).where(MirrorLog.network == log.network, MirrorLog.origin == named["origin"])
    )
    if before is None or before.state in (LogState.ENDED, LogState.FROZEN):
        return None
    last = verify_checkpoint(named["checkpoint"].encode(), parse_vkey(before.log_key)).checkpoint
    wanted = exists().where(MirrorRecord.log_id == before.id, MirrorRecord.state == RecordState.WANTED)
    return Predecessor(log=before, last=last, lacks_blobs=bool(await session.scalar(select(wanted))))


async def settle_predecessor(session: AsyncSession, log_id: int, found: Predecessor, *, now: datetime) -> None:
    """It has ended: kept and read, asked for no more. A disagreement about its end is noted as an alarm."""
    before = await lock_log(session, found.log.id)
    before.state, before.trouble, before.trouble_detail = LogState.ENDED, "", ""
    alarm = _disagreement(before, found.last)
    if alarm is not None:
        source = (await session.get_one(MirrorLog, log_id)).log_url
        await note_refusals(session, log_id, [alarm], source=source, now=now)


def _disagreement(before: MirrorLog, last: Checkpoint) -> Refused | None:
    if last.size < before.size:
        detail = (
            f"The new log says that the one before ended at {last.size} entries, and {before.size} of it were signed"
            " and are here. They stay readable here; ask the coordinators what became of the rest."
        )
        return Refused(what="alarm", code=Code.CHECKPOINT_SHRUNK, detail=detail, leaf_index=0)
    if before.mirrored < last.size:
        detail = (
            f"The new log goes on from {last.size} entries of the log before, which shows another history than the one"
            f" that is here: {before.mirrored} entries. They stay readable; ask the coordinators about the rest."
        )
        return Refused(what="alarm", code=Code.LOG_FORKED, detail=detail, leaf_index=0)
    if last.size == before.size and last.root != before.root:
        detail = "The new log names another content of the log before than was signed and is here."
        return Refused(what="alarm", code=Code.LOG_FORKED, detail=detail, leaf_index=0)
    return None


async def note_foreign_predecessor(session: AsyncSession, log: MirrorLog, error: Untrusted, *, now: datetime) -> None:
    """The checkpoint that entry 0 names was never signed by the log before."""
    alarm = Refused(what="alarm", code=error.code, detail=error.detail, leaf_index=0)
    await note_refusals(session, log.id, [alarm], source=log.log_url, now=now)
