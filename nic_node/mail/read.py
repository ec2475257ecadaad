"""Reading what was written down: by desk, by state, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.mail.states import STATES
from nic_node.mail.tables import Mail

NO_SUCH_MAIL = N_("There is no such e-mail here, or it was forgotten 30 days after it was sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """One page, the newest first.

    Attributes:
        next: go on with those older than this id; None at the end.
        counts: state -> how many there are in all.
    """

    items: list[Mail]
    next: int | None
    counts: Mapping[str, int]


async def list_mails(
    session: AsyncSession, *, desk: str | None = None, state: str | None = None, after: int | None = None, limit: int
) -> MailPage:
    """A page of a desk's mails, of all desks without one; those older than `after`."""
    chosen = select(Mail).where(*_of_desk(desk))
    if state is not None:
        chosen = chosen.where(Mail.state == state)
    if after is not None:
        chosen = chosen.where(Mail.id < after)
    items = list((await session.scalars(chosen.order_by(Mail.id.desc()).limit(limit + 1))).all())
    counts = select(Mail.state, func.count()).where(*_of_desk(desk)).group_by(Mail.state)
    counted = dict((await session.execute(counts)).all())
    return MailPage(
        items=items[:limit],
        next=items[limit - 1].id if len(items) > limit else None,
        counts={name: counted.get(name, 0) for name in STATES},
    )


async def mail_of(session: AsyncSession, mail_id: int, *, desk: str | None = None, for_update: bool = False) -> Mail:
    """One mail of a desk, of any without one.

    Raises:
        NotFound: there is none.
    """
    chosen = select(Mail).where(Mail.id == mail_id, *_of_desk(desk))
    mail: Mail | None = await session.scalar(chosen.with_for_update() if for_update else chosen)
    if mail is None:
        raise NotFound(NO_SUCH_MAIL)
    return mail


def _of_desk(desk: str | None) -> list[ColumnElement[bool]]:
    return [] if desk is None else [Mail.desk == desk]
