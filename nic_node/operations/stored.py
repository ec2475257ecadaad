"""What the database shows: its version, whether it is whole, its tables, the keys in it, the work that waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from asyncpg import PostgresError
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.db.migrate import revisions
from nic_node.errors import NicError
from nic_node.i18n import N_
from nic_node.keyring.keys import verify_operator_key
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.rotate import OLD_AFTER, ROTATED, KeyView, key_views
from nic_node.mail.states import DEAD, HELD
from nic_node.mail.tables import Mail
from nic_node.mirror.states import LogState
from nic_node.mirror.status import LogStatus, log_statuses
from nic_node.network.log.read import log_status
from nic_node.network.read import networks
from nic_node.operations.checks import Check, fail, ok, warn

OLDEST_POSTGRESQL: Final = 150_000
WORK_IS_LATE_AFTER: Final = timedelta(minutes=15)
RESTORE: Final = N_("Stop the node and restore the last backup: nic restore FILE.")


async def check_database(database: Database, *, is_thorough: bool) -> Check:
    """It answers, is new enough, and (reading all of it, if thorough) whole."""
    try:
        async with database.reading() as session:
            version, problem = await (_sqlite if database.is_sqlite else _postgresql)(session, is_thorough)
    except (SQLAlchemyError, PostgresError, OSError) as error:
        if isinstance(error, DatabaseError) and not isinstance(error, OperationalError) and database.is_sqlite:
            return fail("database", N_("The database is damaged: %(problem)s."), RESTORE, problem=str(error.orig))
        return fail(
            "database",
            N_("The database doesn't answer (%(why)s)."),
            N_("Check that it runs, that the disk is there, and that DATABASE_URL names it."),
            why=type(error).__name__,
        )
    if problem:
        return fail("database", N_("The database is damaged: %(problem)s."), RESTORE, problem=problem)
    if not database.is_sqlite and version < OLDEST_POSTGRESQL:
        return fail(
            "database",
            N_("PostgreSQL %(version)s is too old."),
            N_("Move to PostgreSQL 15 or newer."),
            version=version // 10_000,
        )
    if database.is_sqlite:
        sentence = N_("SQLite %(version)s; all of it was read and is whole.")
        return ok("database", sentence if is_thorough else N_("SQLite %(version)s answers."), version=version)
    return ok("database", N_("PostgreSQL %(version)s; all its indexes are valid."), version=version // 10_000)


async def _sqlite(session: AsyncSession, is_thorough: bool) -> tuple[Any, str]:  # noqa: FBT001 - one of two alike
    version = await session.scalar(text("SELECT sqlite_version()"))
    if not is_thorough:
        return version, ""
    found = (await session.scalars(text("PRAGMA quick_check(3)"))).all()
    return version, "" if found == ["ok"] else "; ".join(str(line) for line in found)


async def _postgresql(session: AsyncSession, is_thorough: bool) -> tuple[Any, str]:  # noqa: FBT001 - one of two alike
    version = int(await session.scalar(text("SHOW server_version_num")) or 0)
    broken = await session.scalar(text("SELECT count(*) FROM pg_index WHERE NOT indisvalid"))
    return version, f"{broken} indexes are invalid" if broken else ""


async def check_tables(database: Database) -> Check:
    current, head = await revisions(database)
    if current == head:
        return ok("migrations", N_("They are those of this program (%(head)s)."), head=head)
    if current is None:
        return fail("migrations", N_("The database is empty."), N_("Run: nic migrate. Or restore a backup."))
    return fail(
        "migrations",
        N_("The database has the tables of %(current)s, this program needs those of %(head)s."),
        N_("Run nic migrate; if the database is the newer one, install the newer program."),
        current=current,
        head=head,
    )


async def check_keys(session: AsyncSession, *, entity_id: str, operator_key: OperatorKey, now: datetime) -> Check:
    """The operator's key opens them, and none is used for longer than a year."""
    try:
        await verify_operator_key(session, operator_key=operator_key)
    except NicError as error:
        step = N_("Put back the operator's key. If it is lost, see docs/operations.md, 'A lost key'.")
        return fail("keys", "%(said)s", step, said=error.sentence)
    own = [view for view in await key_views(session, entity_id=entity_id, now=now) if view.is_due(now)]
    if own:
        return _due(own, "nic node rotate-key")
    for run in await networks(session):
        views = await key_views(session, entity_id=run.entity, now=now)
        due = [view for view in views if view.is_due(now) and view.purpose in ROTATED]
        if due:
            return _due(due, f"nic network rotate-key --network {run.slug}")
    return ok("keys", N_("The operator's key opens them, and none is older than a year."))


def _due(views: Sequence[KeyView], command: str) -> Check:
    view = views[0]
    return warn(
        "keys",
        N_("The %(purpose)s key %(kid)s is in use since %(day)s, longer than %(days)s days."),
        N_("Rotate it: %(command)s --key %(purpose)s"),
        purpose=view.purpose,
        kid=view.kid[:10],
        day=view.active_from.date().isoformat(),
        days=OLD_AFTER.days,
        command=command,
    )


async def check_queue(session: AsyncSession, *, now: datetime) -> Check:
    dead = (await session.execute(select(Job.kind, Job.last_error).where(Job.dead.is_(True)).limit(20))).all()
    late = Job.dead.is_(False) & (Job.run_at < now - WORK_IS_LATE_AFTER)
    waiting = await session.scalar(select(func.count()).select_from(Job).where(late)) or 0
    if dead:
        return fail(
            "queue",
            N_("%(count)s jobs were given up: %(kinds)s. The last error: %(error)s."),
            N_("Settle what the error says, then restart the node: it takes them up again."),
            count=len(dead),
            kinds=", ".join(sorted({kind for kind, _ in dead})),
            error=dead[0].last_error or "-",
        )
    if waiting:
        return warn(
            "queue",
            N_("%(count)s jobs have waited for over 15 minutes."),
            N_("Check that a worker runs: nic serve without --no-worker."),
            count=waiting,
        )
    return ok("queue", N_("Nothing was given up, and nothing is late."))


async def check_mail(session: AsyncSession) -> Check:
    """What was never sent waits for a person."""
    rows = await session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    counts: dict[str, int] = dict(rows.all())
    if dead := counts.get(DEAD, 0):
        step = N_("nic mail list says why; correct the address or the NIC_SMTP_ settings, then send them again.")
        return warn("mail", N_("%(count)s e-mails could not be sent."), step, count=dead)
    if held := counts.get(HELD, 0):
        step = N_("Send them by hand (nic mail list shows them); with NIC_SMTP_HOST set, nic mail send --all.")
        return warn("mail", N_("%(count)s e-mails were not sent and wait for a person."), step, count=held)
    return ok("mail", N_("Nothing waits for a person."))


async def check_mirror(session: AsyncSession, *, now: datetime) -> list[Check]:
    """One check a network whose log is followed here; of several generations the newest."""
    newest: dict[str, LogStatus] = {status.network: status for status in await log_statuses(session, now=now)}
    if not newest:
        return [ok("mirror", N_("This school is in no network yet."))]
    return [_mirror(status) for status in newest.values()]


def _mirror(status: LogStatus) -> Check:
    minutes = (status.lag_seconds or 0) // 60
    silent = status.silence.detail if status.silence is not None else ""
    values = {"name": status.name, "minutes": minutes, "why": status.trouble_detail or silent or "-"}
    if status.state is LogState.FROZEN:
        return fail(
            "mirror",
            N_("%(name)s: its log showed two histories, so nothing more is taken from it."),
            N_("Call a coordinator and another member; then decide on the page Mirror and log, or: nic log resolve."),
            **values,
        )
    if status.state is LogState.STALE or status.trouble:
        return warn(
            "mirror",
            N_("%(name)s: %(minutes)s minutes behind. %(why)s"),
            N_("Mirror and log shows the reason; it goes on by itself when the network is heard again."),
            **values,
        )
    if status.state is LogState.LIVE:
        return ok("mirror", N_("%(name)s: %(minutes)s minutes behind."), **values)
    return ok("mirror", N_("%(name)s: the first copy is under way."), **values)


async def check_logs(session: AsyncSession) -> list[Check]:
    """One check a network that is run here."""
    found = []
    for run in await networks(session):
        status = await log_status(session, run.id)
        values = {"name": run.name, "size": status.size, "signed": status.signed_size, "trouble": status.trouble}
        if status.trouble:
            step = N_("Do what the sentence says; nothing that was sent is lost meanwhile.")
            found.append(fail("log", N_("%(name)s stands still: %(trouble)s"), step, **values))
        elif status.signed_size < status.size:
            step = N_("Check that a worker runs: it signs the rest.")
            found.append(warn("log", N_("%(name)s: %(signed)s of %(size)s entries are signed."), step, **values))
        else:
            found.append(ok("log", N_("%(name)s: all %(size)s entries are signed."), **values))
    return found
