"""What this room does by itself: takes part in epochs, sends one envelope a slot, follows what it sent."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.db.jobs import Again, Handler, Job, enqueue
from nic_node.db.rewrite import keep_no_samples
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.membership.peers import renew_peers
from nic_node.membership.read import current_memberships, is_writing_allowed, memberships
from nic_node.mirror.epochs import epochs_of, member_keys
from nic_node.mirror.forks.read import is_frozen
from nic_node.publishing import sent
from nic_node.publishing.incidents.report import TELL, follow_incidents, tell_network
from nic_node.publishing.leave import ENDED, send_what_waits
from nic_node.publishing.outbox import settle
from nic_node.publishing.oversight.retention import erase_old_pages
from nic_node.publishing.participate import take_part
from nic_node.publishing.relays import forget as relay_forget
from nic_node.publishing.relays.forget import FORGET, forget_passed
from nic_node.publishing.retract import RETRACT, send_retraction, settle_retractions
from nic_node.publishing.sent import SCOUR, drop_sent, overwrite_sent, scour_handler, scour_soon
from nic_node.publishing.slots import send_in_slot

FOLLOW: Final = "publishing.follow"
SLOT: Final = "publishing.slot"
ERASE: Final = "publishing.erase-pages"
ERASE_EVERY: Final = timedelta(days=1)
LONGEST_WAIT: Final = timedelta(seconds=60)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def follow(arguments: dict[str, Any]) -> Again:
        await follow_networks(node)
        return Again(at=node.clock() + _pause(node))

    async def slot(arguments: dict[str, Any]) -> Again | None:
        due = await send_in_slot(node, arguments["network"])
        # Nobody to send to: `follow` asks for this job again once there is.
        return None if due is None else Again(at=due)

    async def retract(arguments: dict[str, Any]) -> Again | None:
        due = await send_retraction(node, arguments["retraction_id"])
        return None if due is None else Again(at=due)

    async def tell(arguments: dict[str, Any]) -> Again | None:
        due = await tell_network(node, arguments["incident_id"])
        return None if due is None else Again(at=due)

    async def erase(arguments: dict[str, Any]) -> Again:
        now = node.clock()
        async with node.database.writing() as session:
            if await erase_old_pages(session, node, now):
                await scour_soon(session, now=now)
        return Again(at=now + ERASE_EVERY)

    async def forget(arguments: dict[str, Any]) -> Again:
        return await forget_passed(node)

    return {
        ERASE: erase,
        FOLLOW: follow,
        FORGET: forget,
        RETRACT: retract,
        SCOUR: scour_handler(node),
        SLOT: slot,
        TELL: tell,
    }


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await enqueue(session, kind=FOLLOW, key="", run_at=now)
    await enqueue(session, kind=ERASE, key="", run_at=now)
    await enqueue(session, kind=FORGET, key="", run_at=now)
    await keep_no_samples(session, {**relay_forget.NOT_SAMPLED, **sent.NOT_SAMPLED})


async def follow_networks(node: LocalNode) -> None:
    """For each network: documents of its terms, this school's pseudonym, what was sent; and the slot's job stands."""
    async with node.database.reading() as session:
        current = await current_memberships(session)
        known: dict[str, str] = {}
        for one in current:
            known |= await member_keys(session, one.network)
    await renew_peers(node, known)
    await _send_what_waits_of_ended(node)
    for membership in current:
        async with node.database.reading() as session:
            stands_still = await is_frozen(session, membership.network)
        may_write = is_writing_allowed(membership, node.clock()) and not stands_still
        await _obtain_documents(node, membership.network)
        await take_part(node, membership.network, may_write=may_write)
        async with node.database.writing() as session:
            await settle(session, node, membership.network, node.clock())
            await settle_retractions(session, node, membership.network, node.clock())
            await follow_incidents(session, node, membership.network, node.clock())
            if may_write:
                await _ensure_slots(session, membership.network, node.clock())
    async with node.database.writing() as session:
        await drop_sent(session, node, node.clock())


async def erase_sent(node: LocalNode) -> datetime | None:
    """What this school sent itself of records that are gone leaves its rows and its files.

    None once that is done, else when to try again. It is erased with the mirror's copy, before that is promised.
    """
    async with node.database.writing() as session:
        for membership in await current_memberships(session):
            await settle(session, node, membership.network, node.clock())
            await settle_retractions(session, node, membership.network, node.clock())
        await drop_sent(session, node, node.clock())
    return await overwrite_sent(node)


async def _send_what_waits_of_ended(node: LocalNode) -> None:
    """Also where a network ended it: nobody was asked anything here then."""
    async with node.database.writing() as session:
        for membership in await memberships(session):
            if membership.state in ENDED:
                await send_what_waits(session, node, membership, node.clock())


async def _ensure_slots(session: AsyncSession, network: str, now: datetime) -> None:
    """The slot's job stands. One that stands is left alone: asking again would pull its drawn moment forward."""
    standing = await session.scalar(select(Job.id).where(Job.kind == SLOT, Job.key == network, Job.dead.is_(False)))
    if standing is None:
        await enqueue(session, kind=SLOT, key=network, run_at=now, arguments={"network": network})


async def _obtain_documents(node: LocalNode, network: str) -> None:
    """Policies and lattices of the terms, so that drafts and seals need no answer from anybody."""
    async with node.database.reading() as session:
        views = await epochs_of(session, network)
    wanted = {view.epoch.policy_sha256 for view in views} | {view.lattice_sha256 for view in views}
    # What can't be had now is asked for again at the next turn; nothing is sealed without it.
    with suppress(FederationError):
        for sha256 in wanted:
            if sha256 is not None:
                await obtain_document(node, network, sha256)


def _pause(node: LocalNode) -> timedelta:
    return min(timedelta(seconds=node.config.poll_seconds), LONGEST_WAIT)
