"""The worker's part: writing what is wanted, a link of its own to each, and reminding who does not answer."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM, Actor, person_actor
from nic_node.accounts.tables import Person
from nic_node.db.jobs import Again
from nic_node.mail.tables import Mail
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import coordinators_of
from nic_node.network.documents import current_charter
from nic_node.network.invite import issue_invitation
from nic_node.network.invitees.keep import REMIND, enqueue_writing, is_reminding, revoke_link, want
from nic_node.network.invitees.states import (
    INVITED_DAYS,
    REMIND_AFTER,
    REMINDED,
    SENT,
    SHOWN_STATE,
    UNSENT,
    with_states,
)
from nic_node.network.invitees.tables import Invitee
from nic_node.network.letters import send_invitation
from nic_node.network.read import network_of, networks
from nic_node.network.tables import Network

WRITTEN_AT_ONCE: Final = 25
WRITTEN_A_RUN: Final = 500


async def write_wanted(node: LocalNode, network_id: int) -> Again | None:
    """Write up to `WRITTEN_A_RUN`, a transaction a few; again at once while there are more."""
    for _ in range(WRITTEN_A_RUN // WRITTEN_AT_ONCE):
        async with node.database.writing() as session:
            done = await _write_some(session, node, network_id)
        if done < WRITTEN_AT_ONCE:
            node.wake()
            return None
    return Again(at=node.clock())


async def _write_some(session: AsyncSession, node: LocalNode, network_id: int) -> int:
    network = await network_of(session, network_id)
    chosen = select(Invitee).where(Invitee.network_id == network_id, Invitee.wants != "").order_by(Invitee.id)
    due = (await session.scalars(chosen.limit(WRITTEN_AT_ONCE).with_for_update(skip_locked=True))).all()
    charter = await current_charter(session, network_id) if due else {}
    for invitee in due:
        await _write_one(session, node, network, charter, invitee)
    return len(due)


async def _write_one(
    session: AsyncSession, node: LocalNode, network: Network, charter: dict[str, Any], invitee: Invitee
) -> None:
    """A reminder is a new link, since of the old one only a hash is kept; the old one stops working."""
    event, invitee.wants = invitee.wants, ""
    shown = await session.scalar(with_states(SHOWN_STATE).where(Invitee.id == invitee.id))
    if shown not in (UNSENT, SENT, REMINDED):
        return
    now = node.clock()
    actor, inviter, reply_to = await _who_asks(session, network, invitee)
    await revoke_link(session, invitee, now)
    issued = await issue_invitation(
        session,
        node=node,
        network=network,
        actor=actor,
        days=INVITED_DAYS,
        uses=1,
        note=invitee.name,
        now=now,
        of_list=True,
    )
    mail = await send_invitation(
        session,
        node,
        network,
        event=event,
        to_address=invitee.email,
        reply_to=reply_to,
        values={
            "school": invitee.name,
            "inviter": inviter,
            "purpose": charter["purpose"],
            "link": issued.link,
            "until": issued.expires_at,
        },
        now=now,
    )
    invitee.invitation_id, invitee.mail_id, invitee.written_at = issued.id, mail.id, now
    invitee.state = REMINDED if event == REMIND else SENT
    invitee.reminders = invitee.reminders + 1 if event == REMIND else 0


async def _who_asks(session: AsyncSession, network: Network, invitee: Invitee) -> tuple[Actor, str, str]:
    """(whose act it is, the name in the text, where answers go): a reminder by itself speaks for the coordinators."""
    person = None if invitee.asked_by is None else await session.get(Person, invitee.asked_by)
    if person is not None:
        return person_actor(person), person.name, person.email
    people = await coordinators_of(session, network.id)
    return SYSTEM, people[0].name if people else network.name, people[0].email if people else ""


async def remind_silent(node: LocalNode, *, now: datetime) -> int:
    """Mark who was invited, and has not answered for long enough, in networks that want it; how many."""
    count = 0
    async with node.database.reading() as session:
        found = [network.id for network in await networks(session) if await is_reminding(session, network.id)]
    for network_id in found:
        async with node.database.writing() as session:
            ids = await want(session, network_id, REMIND, _is_due(now), asked_by=None)
            if ids:
                await enqueue_writing(session, network_id, now)
        count += len(ids)
    return count


def _is_due(now: datetime) -> Any:
    """By when it was sent, not written: who could not be written to yet is not reminded."""
    sent_at = func.coalesce(Mail.sent_at, Invitee.written_at)
    late = [and_(Invitee.reminders == number, sent_at <= now - after) for number, after in enumerate(REMIND_AFTER)]
    return and_(SHOWN_STATE.in_((SENT, REMINDED)), or_(*late))
