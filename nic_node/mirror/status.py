"""How far the mirror is, in numbers for the operator and in one sentence for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.read import is_log_followed, networks_with_logs
from nic_node.mirror.read import state_now
from nic_node.mirror.read_sources import Cosignature, Silence, SourceView, cosignatures, find_silence, source_views
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorRecord, MirrorRefusal
from schemas.problem import PROBLEMS, Code


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """One network's log here. `log_id` is None before the first pull.

    lag_seconds: since everything that the log then held was here; None before that ever was.
    cosigned, witnesses: how many of how many confirmed what is final; without witnesses, members that were asked.
    records: state -> how many; refusals: code -> how many things were refused for it (alarms among them).
    silence: that the log itself does not answer; None while it does.
    """

    log_id: int | None
    membership_id: int
    network: str
    name: str
    state: LogState
    source: str
    size: int
    mirrored: int
    final_size: int
    is_witnessed: bool
    cosigned: int
    witnesses: int
    lag_seconds: int | None
    current_at: datetime | None
    polled_at: datetime | None
    trouble: str
    trouble_detail: str
    records: Mapping[str, int]
    refusals: Mapping[str, int]
    silence: Silence | None = None

    def document(self) -> dict[str, Any]:
        """A network's part of `nic log status --json`."""
        return {
            "network": self.network,
            "name": self.name,
            "state": self.state.value,
            "size": self.size,
            "mirrored": self.mirrored,
            "final_size": self.final_size,
            "witnessed": self.is_witnessed,
            "cosigned": self.cosigned,
            "witnesses": self.witnesses,
            "lag_seconds": self.lag_seconds,
            "source": self.source,
            "silence": None if self.silence is None else self.silence.document(),
            "records": dict(self.records),
            "refusals": dict(self.refusals),
            "trouble": {"code": self.trouble, "detail": self.trouble_detail} if self.trouble else None,
        }


async def log_statuses(session: AsyncSession, *, now: datetime) -> list[LogStatus]:
    """Of every network that this school follows or still holds a copy of."""
    known = await networks_with_logs(session)
    held = {each.id for each in known if is_log_followed(each)}
    statuses = []
    for membership in known:
        logs = select(MirrorLog).where(MirrorLog.membership_id == membership.id).order_by(MirrorLog.generation)
        found = list(await session.scalars(logs))
        statuses += [await _status(session, log, membership.name, now) for log in found]
        if not found and membership.id in held:
            statuses.append(_unfetched(membership.id, membership.network, membership.name, membership.log_url))
    return statuses


async def _status(session: AsyncSession, log: MirrorLog, name: str, now: datetime) -> LogStatus:
    records = select(MirrorRecord.state, func.count()).where(MirrorRecord.log_id == log.id)
    refusals = select(MirrorRefusal.code, func.count()).where(MirrorRefusal.log_id == log.id)
    return LogStatus(
        log_id=log.id,
        membership_id=log.membership_id,
        network=log.network,
        name=name,
        state=state_now(log.state, log.current_at, now),
        source=log.log_url,
        size=log.size,
        mirrored=log.mirrored,
        final_size=log.final_size,
        is_witnessed=log.is_witnessed,
        cosigned=log.cosigned,
        witnesses=log.witnesses,
        lag_seconds=None if log.current_at is None else max(0, int((now - log.current_at).total_seconds())),
        current_at=log.current_at,
        polled_at=log.polled_at,
        trouble=log.trouble,
        trouble_detail=log.trouble_detail,
        records={row[0]: row[1] for row in await session.execute(records.group_by(MirrorRecord.state))},
        refusals={row[0]: row[1] for row in await session.execute(refusals.group_by(MirrorRefusal.code))},
        silence=find_silence(await source_views(session, log), log),
    )


def _unfetched(membership_id: int, network: str, name: str, log_url: str) -> LogStatus:
    return LogStatus(
        log_id=None,
        membership_id=membership_id,
        network=network,
        name=name,
        state=LogState.NEW,
        source=log_url,
        size=0,
        mirrored=0,
        final_size=0,
        is_witnessed=False,
        cosigned=0,
        witnesses=0,
        lag_seconds=None,
        current_at=None,
        polled_at=None,
        trouble="",
        trouble_detail="",
        records={},
        refusals={},
    )


# For the operator -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSources:
    """Where one log is read, and which witnesses confirmed what is here."""

    log_id: int
    membership_id: int
    network: str
    origin: str
    sources: Sequence[SourceView]
    cosignatures: Sequence[Cosignature]


async def log_sources(session: AsyncSession) -> list[LogSources]:
    """Of every log that is here and was not ended by another one."""
    logs = await session.scalars(select(MirrorLog).where(MirrorLog.state != LogState.ENDED).order_by(MirrorLog.id))
    return [
        LogSources(
            log_id=log.id,
            membership_id=log.membership_id,
            network=log.network,
            origin=log.origin,
            sources=await source_views(session, log),
            cosignatures=await cosignatures(session, log),
        )
        for log in logs.all()
    ]


# Refusals -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """A refusal for the operator. `title` is the code's own sentence (a msgid), `detail` this case's."""

    id: int
    log_id: int
    network: str
    what: str
    leaf_index: int | None
    code: str
    title: str
    detail: str
    sha256: str | None
    source: str
    first_seen_at: datetime
    seen_at: datetime
    times: int


async def refusals(
    session: AsyncSession, *, log_id: int | None = None, after: int | None = None, limit: int = 50
) -> list[RefusalView]:
    """The newest first, from the one before `after` (an id) on."""
    found = select(MirrorRefusal, MirrorLog.network).join(MirrorLog, MirrorLog.id == MirrorRefusal.log_id)
    if log_id is not None:
        found = found.where(MirrorRefusal.log_id == log_id)
    if after is not None:
        found = found.where(MirrorRefusal.id < after)
    rows = await session.execute(found.order_by(MirrorRefusal.id.desc()).limit(limit))
    return [_refusal_view(refusal, network) for refusal, network in rows]


def _refusal_view(refusal: MirrorRefusal, network: str) -> RefusalView:
    return RefusalView(
        id=refusal.id,
        log_id=refusal.log_id,
        network=network,
        what=refusal.what,
        leaf_index=refusal.leaf_index,
        code=refusal.code,
        title=PROBLEMS[Code(refusal.code)].title,
        detail=refusal.detail,
        sha256=refusal.sha256,
        source=refusal.source,
        first_seen_at=refusal.first_seen_at,
        seen_at=refusal.seen_at,
        times=refusal.times,
    )
