"""The e-mails of those who want notices by e-mail, each written once."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import Person
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.db.jobs import Handler
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.school.notices.tables import Notice
from nic_node.school.notices.tell import MAIL

EMAILS: Final = Path(__file__).parent / "emails"
DESK: Final = "accounts"


def job_handlers(database: Database, config: Config, clock: Callable[[], datetime]) -> dict[str, Handler]:
    async def handle(arguments: dict[str, Any]) -> None:
        async with database.writing() as session:
            await mail_notices(session, config, now=clock())

    return {MAIL: handle}


async def mail_notices(session: AsyncSession, config: Config, *, now: datetime) -> int:
    """Queue an e-mail for each notice that waits for one; how many."""
    waiting = (
        select(Notice, Person).join(Person, Person.id == Notice.person_id).where(Notice.is_for_mail, Person.active)
    )
    rows = (await session.execute(waiting.order_by(Notice.id))).all()
    written = 0
    for notice, person in rows:
        notice.is_for_mail = False
        if not is_address(person.email):
            continue
        letter = Letter(
            folder=EMAILS,
            event="notice",
            desk=DESK,
            to_address=person.email,
            to_name=person.name,
            language=person.language,
            values={"notice": notice, "link": f"{config.public_url}/notices"},
        )
        notice.mail_id = (await queue_mail(session, config, letter, now=now)).id
        written += 1
    return written
