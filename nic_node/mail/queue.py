"""Writing an e-mail: its row, and the job that sends it, in the caller's transaction."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.config import Config
from nic_node.db.jobs import enqueue
from nic_node.mail.addresses import NAME_LENGTH, one_line, verified_address
from nic_node.mail.states import HELD, SENT, WAITING
from nic_node.mail.tables import Mail
from nic_node.mail.texts import write_texts

SEND: Final = "mail.send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a room wants to have said, and to whom.

    Attributes:
        folder: the room's `emails`; the event is a folder in it.
        desk: who looks after it when it can't be sent: 'accounts', or 'network:7'.
        holds_link: its text lets whoever reads it in; it is erased once sent.
        reply_to: where an answer goes; '' for the node's own address.
        unsubscribe: an address of this node that ends such e-mails with a bare POST, without signing in; '' for none.
        language: that whoever gets it chose; '' for the node's.
    """

    folder: Path
    event: str
    desk: str
    to_address: str
    to_name: str
    values: Mapping[str, Any]
    holds_link: bool = False
    reply_to: str = ""
    unsubscribe: str = ""
    language: str = ""


async def queue_mail(session: AsyncSession, config: Config, letter: Letter, *, now: datetime) -> Mail:
    """Write an e-mail down; the worker sends it after the commit.

    On a node without a mail server it is held: it never leaves by itself, also not when a server is set up later,
    since by then what it says may be over.

    Raises:
        InvalidInput: the address is none; under 'email'.
    """
    texts = write_texts(
        letter.folder,
        letter.event,
        {"node_url": config.public_url, "to_name": letter.to_name, **letter.values},
        language=letter.language or config.language,
        zone=config.time_zone,
    )
    mail = Mail(
        desk=letter.desk,
        event=letter.event,
        to_address=verified_address(letter.to_address),
        to_name=one_line(letter.to_name, NAME_LENGTH),
        reply_to=verified_address(letter.reply_to) if letter.reply_to else "",
        unsubscribe=letter.unsubscribe,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        holds_link=letter.holds_link,
        message_id=f"<{secrets.token_hex(16)}@{urlsplit(config.public_url).hostname}>",
        state=WAITING if config.smtp is not None else HELD,
        made_at=now,
        next_try_at=now if config.smtp is not None else None,
    )
    session.add(mail)
    await session.flush()
    if mail.state == WAITING:
        await enqueue_sending(session, mail, now=now)
    return mail


async def take_back_mails(session: AsyncSession, mail_ids: Collection[int]) -> None:
    """What they say was removed: those that have not gone out never will, and of the others no copy stays here."""
    ours = Mail.id.in_(mail_ids)
    await session.execute(delete(Mail).where(ours, Mail.state != SENT))
    await session.execute(update(Mail).where(ours).values(text="", html=""))


async def enqueue_sending(session: AsyncSession, mail: Mail, *, now: datetime) -> None:
    await enqueue(session, kind=SEND, key=str(mail.id), run_at=now, arguments={"mail_id": mail.id})
