"""What a person does about an e-mail that was not sent: try it again, or say that they sent it themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.config import Config
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.mail.jobs import note_sent
from nic_node.mail.queue import enqueue_sending
from nic_node.mail.read import mail_of
from nic_node.mail.states import DEAD, HELD, SENT, WAITING
from nic_node.mail.tables import Mail

NO_SERVER: Final = N_(
    "This node has no mail server. Set NIC_SMTP_HOST and NIC_SMTP_FROM, or copy the text and send it yourself."
)
IS_SENT: Final = N_("This e-mail was sent already.")
NO_TEXT: Final = N_("The text of this e-mail was erased; what caused it has to be done again.")
MOST_AT_ONCE: Final = 500


async def send_again(session: AsyncSession, config: Config, mail_id: int, *, desk: str | None, now: datetime) -> Mail:
    """Hand an e-mail to the worker, with all its tries before it.

    Raises:
        NotFound: this desk has no such mail.
        Conflict: it was sent, its text is erased, or there is no mail server.
    """
    mail = await mail_of(session, mail_id, desk=desk, for_update=True)
    _verify_sendable(mail, config)
    await _hand_over(session, mail, now)
    return mail


async def send_all_again(session: AsyncSession, config: Config, *, desk: str | None, now: datetime) -> int:
    """All that are held or given up, at most `MOST_AT_ONCE`; how many.

    Raises:
        Conflict: there is no mail server.
    """
    if config.smtp is None:
        raise Conflict(NO_SERVER)
    chosen = select(Mail).where(Mail.state.in_((HELD, DEAD)), Mail.text != "").order_by(Mail.id)
    if desk is not None:
        chosen = chosen.where(Mail.desk == desk)
    mails: Sequence[Mail] = (await session.scalars(chosen.limit(MOST_AT_ONCE).with_for_update())).all()
    for mail in mails:
        await _hand_over(session, mail, now)
    return len(mails)


async def mark_sent(session: AsyncSession, mail_id: int, *, desk: str | None, now: datetime) -> Mail:
    """Somebody sent it by hand; a link in it is no longer kept here.

    Raises:
        NotFound: this desk has no such mail. Conflict: it was sent.
    """
    mail = await mail_of(session, mail_id, desk=desk, for_update=True)
    if mail.state == SENT:
        raise Conflict(IS_SENT)
    note_sent(mail, now)
    return mail


def _verify_sendable(mail: Mail, config: Config) -> None:
    if mail.state == SENT:
        raise Conflict(IS_SENT)
    if not mail.text:
        raise Conflict(NO_TEXT)
    if config.smtp is None:
        raise Conflict(NO_SERVER)


async def _hand_over(session: AsyncSession, mail: Mail, now: datetime) -> None:
    mail.state, mail.tries, mail.problem, mail.code, mail.next_try_at = WAITING, 0, "", None, now
    await enqueue_sending(session, mail, now=now)
