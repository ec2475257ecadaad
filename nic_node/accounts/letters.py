"""The e-mails of this room; each is a folder under `emails` and a function here."""

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.links import IssuedLink
from nic_node.accounts.tables import Person
from nic_node.config import Config
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail

EMAILS: Final = Path(__file__).parent / "emails"
DESK: Final = "accounts"


async def mail_invitation(
    session: AsyncSession, config: Config, *, actor: Actor, person: Person, link: IssuedLink, now: datetime
) -> None:
    """The link with which an invited person chooses a password; an address that takes no mail is let be."""
    if not is_address(person.email):
        return
    letter = Letter(
        folder=EMAILS,
        event="invited",
        desk=DESK,
        to_address=person.email,
        to_name=person.name,
        language=person.language,
        values={
            "inviter": actor.name,
            "link": f"{config.public_url}/invitation/{link.token}",
            "expires_at": link.expires_at,
        },
        holds_link=True,
    )
    await queue_mail(session, config, letter, now=now)
