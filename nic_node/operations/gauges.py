"""What a monitor sees of a node's database: a fixed number of statements, each over few rows, whatever it holds.

Nothing here tells when this school published or took something back: of what is on its way only what stands still and
waits for a person is counted (docs/decisions/51-what-is-counted.md).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import Executable, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Job
from nic_node.mail.states import DEAD, HELD
from nic_node.mail.tables import Mail
from nic_node.mirror.read import state_now
from nic_node.mirror.read_sources import SourceState, state_of
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorRefusal, MirrorSource
from nic_node.network.log.tables import Log, LogRefusal
from nic_node.operations.stored import WORK_IS_LATE_AFTER
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow

LOG_LABELS: Final = ("network", "generation")
SIZE: Final = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}

OF_MIRROR: Final = "What a network's log was refused for here, by code."
OF_LOG: Final = "What was not let into a log that is written here, by code."

Labels = tuple[str, ...]


def gauge(name: str, says: str, labels: Labels, values: dict[Labels, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def plain(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


async def database_gauges(session: AsyncSession, *, now: datetime) -> list[Metric]:
    """Eight statements, in one state of the database."""
    dialect = session.get_bind().dialect.name
    size = await session.scalar(text(SIZE[dialect])) or 0
    return [
        plain("nic_database_bytes", "What the database takes.", float(size)),
        *_jobs((await session.execute(_job_counts(now))).all(), now),
        *_mirrors((await session.execute(_LOGS)).all(), now),
        _sources((await session.execute(_SOURCES)).all()),
        _refusals((await session.execute(_REFUSALS)).all(), "nic_mirror_refused", OF_MIRROR),
        *_written((await session.execute(_WRITTEN)).all()),
        _refusals((await session.execute(_LOG_REFUSALS)).all(), "nic_log_refused", OF_LOG),
        *_waiting_for_people((await session.execute(_WAITING)).all()),
    ]


def _job_counts(now: datetime) -> Executable:
    is_free = Job.leased_until.is_(None) | (Job.leased_until < now)
    is_due = Job.dead.is_(False) & (Job.run_at <= now) & is_free
    is_overdue = is_due & (Job.run_at < now - WORK_IS_LATE_AFTER)
    counts = [func.sum(case((what, 1), else_=0)) for what in (is_due, is_overdue, Job.dead.is_(True))]
    return select(Job.kind, *counts, func.min(case((is_due, Job.run_at)))).group_by(Job.kind)


def _jobs(rows: Any, now: datetime) -> Iterator[Metric]:
    due, oldest = 0, now
    overdue: dict[Labels, float] = {}
    dead: dict[Labels, float] = {}
    for kind, is_due, is_overdue, is_dead, since in rows:
        due, oldest = due + is_due, min(oldest, since or now)
        # A kind is named only once it is in trouble: that one is asked for at all may tell what this school does.
        overdue |= {(kind,): is_overdue} if is_overdue else {}
        dead |= {(kind,): is_dead} if is_dead else {}
    yield plain("nic_jobs_due", "Jobs whose time has come and that nobody does yet.", due)
    yield plain("nic_jobs_oldest_due_seconds", "How long the oldest of them waits.", (now - oldest).total_seconds())
    yield gauge("nic_jobs_overdue", "Jobs that wait for over 15 minutes.", ("kind",), overdue)
    yield gauge("nic_jobs_dead", "Jobs that were given up and wait for a person.", ("kind",), dead)


_LOGS: Final = select(
    MirrorLog.network,
    MirrorLog.generation,
    MirrorLog.state,
    MirrorLog.size,
    MirrorLog.mirrored,
    MirrorLog.current_at,
    MirrorLog.polled_at,
    MirrorLog.trouble,
)


def _mirrors(rows: Any, now: datetime) -> Iterator[Metric]:
    size: dict[Labels, float] = {}
    missing: dict[Labels, float] = {}
    behind: dict[Labels, float] = {}
    states: dict[Labels, float] = {}
    trouble: dict[Labels, float] = {}
    for row in rows:
        log = (row.network, str(row.generation))
        size[log], missing[log] = row.size, row.size - row.mirrored
        if row.current_at is not None:
            behind[log] = max(0.0, (now - row.current_at).total_seconds())
        is_now = state_now(row.state, row.current_at, now)
        states |= {(*log, state.value): float(state is is_now) for state in LogState}
        if row.trouble:
            trouble[*log, row.trouble] = 1
    yield gauge("nic_mirror_size", "Entries of a network's log, as far as it was signed.", LOG_LABELS, size)
    yield gauge("nic_mirror_missing", "Entries of it that are not here yet.", LOG_LABELS, missing)
    yield gauge("nic_mirror_behind_seconds", "Since all that the log then held was here.", LOG_LABELS, behind)
    yield gauge("nic_mirror_state", "1 for the state that a log is in.", (*LOG_LABELS, "state"), states)
    yield gauge("nic_mirror_trouble", "Why the last look at a log failed, as a code.", (*LOG_LABELS, "code"), trouble)


_SAID: Final = (
    MirrorSource.stopped_at.is_not(None).label("is_stopped"),
    (MirrorSource.failures > 0).label("is_failing"),
    MirrorSource.answered_at.is_not(None).label("has_answered"),
    MirrorSource.trouble,
)
_SOURCES: Final = (
    select(MirrorLog.network, MirrorLog.generation, *_SAID, func.count().label("sources"))
    .join(MirrorSource, MirrorSource.log_id == MirrorLog.id)
    .group_by(MirrorLog.network, MirrorLog.generation, *_SAID)
)


def _sources(rows: Any) -> Metric:
    found = {(row.network, str(row.generation)): dict.fromkeys(SourceState, 0) for row in rows}
    for row in rows:
        state = state_of(
            is_stopped=row.is_stopped,
            is_failing=row.is_failing,
            has_answered=row.has_answered,
            trouble=row.trouble,
        )
        found[row.network, str(row.generation)][state] += row.sources
    values: dict[Labels, float] = {
        (*log, state.value): count for log, counts in found.items() for state, count in counts.items()
    }
    says = "Places where a log can be read, by how they do."
    return gauge("nic_mirror_sources", says, (*LOG_LABELS, "state"), values)


_REFUSALS: Final = (
    select(MirrorLog.network, MirrorLog.generation, MirrorRefusal.code, func.count())
    .join(MirrorRefusal, MirrorRefusal.log_id == MirrorLog.id)
    .group_by(MirrorLog.network, MirrorLog.generation, MirrorRefusal.code)
)
_LOG_REFUSALS: Final = (
    select(Log.network, Log.generation, LogRefusal.code, func.count())
    .join(LogRefusal, LogRefusal.log_id == Log.id)
    .group_by(Log.network, Log.generation, LogRefusal.code)
)


def _refusals(rows: Any, name: str, says: str) -> Metric:
    values: dict[Labels, float] = {(network, str(generation), code): count for network, generation, code, count in rows}
    return gauge(name, says, (*LOG_LABELS, "code"), values)


_WRITTEN: Final = select(Log.network, Log.generation, Log.size, Log.signed_size, Log.signed_at, Log.trouble)


def _written(rows: Any) -> Iterator[Metric]:
    logs = {(row.network, str(row.generation)): row for row in rows}
    sizes: dict[Labels, float] = {log: row.size for log, row in logs.items()}
    unsigned: dict[Labels, float] = {log: row.size - row.signed_size for log, row in logs.items()}
    signed: dict[Labels, float] = {log: row.signed_at.timestamp() for log, row in logs.items() if row.signed_at}
    stands: dict[Labels, float] = {log: float(bool(row.trouble)) for log, row in logs.items()}
    yield gauge("nic_log_size", "Entries of a log that is written here.", LOG_LABELS, sizes)
    yield gauge("nic_log_unsigned", "Entries of it that no checkpoint holds yet.", LOG_LABELS, unsigned)
    yield gauge("nic_log_signed_timestamp_seconds", "When its checkpoint was signed.", LOG_LABELS, signed)
    yield gauge("nic_log_stands_still", "1 where a person has to look before it goes on.", LOG_LABELS, stands)


_WAITING: Final = select(
    select(func.count()).where(OutboxRow.state == OutboxState.STOPPED.value).scalar_subquery(),
    select(func.count()).where(Mail.state == HELD).scalar_subquery(),
    select(func.count()).where(Mail.state == DEAD).scalar_subquery(),
)


def _waiting_for_people(rows: Any) -> Iterator[Metric]:
    ((stopped, held, dead),) = rows
    yield plain("nic_outbox_stopped", "Releases that stand still until somebody looks.", stopped)
    mails: dict[Labels, float] = {("held",): held, ("dead",): dead}
    yield gauge("nic_mails", "E-mails that wait for a person, or could not be sent.", ("state",), mails)
