"""The worker's part: sending what is written down, and forgetting what is old."""

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.clock import Clock
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.mail.message import build_message
from nic_node.mail.queue import SEND
from nic_node.mail.smtp import NotSent, send_message
from nic_node.mail.states import DEAD, HELD, SENT, WAITING
from nic_node.mail.tables import Mail

TRY_AGAIN_AFTER: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""After the first try, the second ...; after the last of these it is dead: about two days in all."""
KEEP_SENT: Final = timedelta(days=30)
KEEP_TEXT: Final = timedelta(days=90)
"""How long the text of what was never sent stays to be copied; that it was never sent stays."""
PRUNE: Final = "mail.prune"
PRUNE_EVERY: Final = timedelta(days=1)

log = structlog.get_logger()


def job_handlers(database: Database, config: Config, clock: Clock) -> dict[str, Handler]:
    async def send(arguments: dict[str, Any]) -> Again | None:
        return await send_mail(database, config, clock, arguments["mail_id"])

    async def prune(arguments: dict[str, Any]) -> Again:
        now = clock()
        async with database.writing() as session:
            await prune_mails(session, now=now)
        return Again(at=now + PRUNE_EVERY)

    return {SEND: send, PRUNE: prune}


async def ensure_jobs(session: AsyncSession, *, now: datetime) -> None:
    await enqueue(session, kind=PRUNE, key="", run_at=now)


async def send_mail(database: Database, config: Config, clock: Clock, mail_id: int) -> Again | None:
    """Try once; when to try again, or None when it is settled.

    No transaction is open while the server is spoken to. A crash between its yes and our note sends it twice, under
    the same Message-ID.
    """
    async with database.reading() as session:
        mail = await session.get(Mail, mail_id)
    if mail is None or mail.state != WAITING:
        return None
    if config.smtp is None:
        await _hold(database, mail_id)
        return None
    try:
        await send_message(config.smtp, build_message(mail, config.smtp, language=config.language, now=clock()))
    except NotSent as failure:
        log.warning("mail not sent", mail=mail_id, problem=failure.problem, code=failure.code)
        return await _note_failure(database, mail_id, failure, clock())
    await _note_sent(database, mail_id, clock())
    return None


async def _hold(database: Database, mail_id: int) -> None:
    """The settings were taken away while it waited."""
    async with database.writing() as session:
        mail = await session.get(Mail, mail_id, with_for_update=True)
        if mail is not None and mail.state == WAITING:
            mail.state, mail.next_try_at = HELD, None


async def _note_sent(database: Database, mail_id: int, now: datetime) -> None:
    async with database.writing() as session:
        mail = await session.get(Mail, mail_id, with_for_update=True)
        if mail is not None:
            mail.tries += 1
            note_sent(mail, now)


def note_sent(mail: Mail, now: datetime) -> None:
    """It is out; a link that it held is not kept."""
    mail.state, mail.sent_at, mail.next_try_at, mail.problem, mail.code = SENT, now, None, "", None
    if mail.holds_link:
        mail.text = mail.html = ""


async def _note_failure(database: Database, mail_id: int, failure: NotSent, now: datetime) -> Again | None:
    async with database.writing() as session:
        mail = await session.get(Mail, mail_id, with_for_update=True)
        if mail is None or mail.state != WAITING:
            return None
        mail.tries += 1
        mail.problem, mail.code = failure.problem, failure.code
        if failure.is_final or mail.tries > len(TRY_AGAIN_AFTER):
            mail.state, mail.next_try_at = DEAD, None
            return None
        mail.next_try_at = now + TRY_AGAIN_AFTER[mail.tries - 1]
        return Again(at=mail.next_try_at)


async def prune_mails(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(Mail).where(Mail.state == SENT, Mail.sent_at < now - KEEP_SENT))
    old = update(Mail).where(Mail.state.in_((HELD, DEAD)), Mail.made_at < now - KEEP_TEXT)
    await session.execute(old.values(text="", html=""))
