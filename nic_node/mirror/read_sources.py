"""How the sources of a log do, and which witnesses confirmed what is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from federation.tlog.checkpoint import verify_checkpoint
from federation.tlog.note import parse_vkey
from nic_node.mirror.believe import witnessing_epoch
from nic_node.mirror.rows import load_epochs
from nic_node.mirror.sources import shows_wrong, sources_of
from nic_node.mirror.tables import MirrorLog, MirrorSource


class SourceState(StrEnum):
    UNASKED = "unasked"
    ANSWERS = "answers"
    FAILING = "failing"
    """Its last answer was of no use; it is asked again."""
    WRONG = "wrong"
    """It is the log itself, and its last answer was proven wrong: nobody else can write it, so it is asked again."""
    STOPPED = "stopped"
    """It showed what was proven wrong; it is asked no more until a person says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A place where a log is read.

    entity: the network, or the member that serves a copy. behind: entries that are here and that it did not show.
    seconds: what an answer takes, smoothed. trouble: a code, "" while it answers.
    """

    url: str
    entity: str
    is_log: bool
    state: SourceState
    size: int
    behind: int
    seconds: float | None
    asked_at: datetime | None
    answered_at: datetime | None
    retry_at: datetime | None
    failures: int
    trouble: str
    trouble_detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A witness of the term that counts; `at` is None where it has not confirmed the checkpoint that is here."""

    witness: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """That the log itself does not answer: since when, how many copies do meanwhile, and what was wrong last."""

    since: datetime
    copies: int
    detail: str

    def document(self) -> dict[str, Any]:
        """For everybody."""
        return {"since": self.since.isoformat(), "copies": self.copies}


async def source_views(session: AsyncSession, log: MirrorLog) -> list[SourceView]:
    """The log first, then copies by address."""
    return [_view(row, log) for row in await sources_of(session, log)]


def _view(row: MirrorSource, log: MirrorLog) -> SourceView:
    return SourceView(
        url=row.url,
        entity=row.entity,
        is_log=row.url == log.log_url,
        state=state_of(
            is_stopped=row.stopped_at is not None,
            is_failing=row.failures > 0,
            has_answered=row.answered_at is not None,
            trouble=row.trouble,
        ),
        size=row.size,
        behind=max(0, log.size - row.size) if row.answered_at is not None else 0,
        seconds=row.seconds,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        retry_at=row.retry_at,
        failures=row.failures,
        trouble=row.trouble,
        trouble_detail=row.trouble_detail,
    )


def state_of(*, is_stopped: bool, is_failing: bool, has_answered: bool, trouble: str) -> SourceState:
    """How a source does, by what its row says; `trouble` is the code of what was wrong last."""
    if is_stopped:
        return SourceState.STOPPED
    if is_failing:
        return SourceState.WRONG if trouble and shows_wrong(trouble) else SourceState.FAILING
    return SourceState.ANSWERS if has_answered else SourceState.UNASKED


def find_silence(views: Sequence[SourceView], log: MirrorLog) -> Silence | None:
    """None while the log itself gives an answer that is of use, or was not asked yet."""
    own = next((view for view in views if view.is_log), None)
    if own is None or own.state not in (SourceState.FAILING, SourceState.WRONG):
        return None
    copies = sum(view.state is SourceState.ANSWERS for view in views)
    return Silence(since=own.answered_at or log.created_at, copies=copies, detail=own.trouble_detail)


async def cosignatures(session: AsyncSession, log: MirrorLog) -> list[Cosignature]:
    """Of the witnesses whose quorum decides what is final, by name; none where no term names any."""
    epoch = witnessing_epoch(await load_epochs(session, log.id), log.final_size)
    if epoch is None or log.checkpoint is None:
        return []
    cosigned = verify_checkpoint(log.checkpoint, parse_vkey(log.log_key), epoch.witnesses).cosigned
    names = sorted(witness.name for witness in epoch.witnesses)
    times = {name: datetime.fromtimestamp(at, UTC) for name, at in cosigned.items()}
    return [Cosignature(witness=name, at=times.get(name)) for name in names]
