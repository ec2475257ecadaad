"""A new invitation link of a network that this school belongs to: its key was lost, and the link pins the new one."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.membership.join import CHECK
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import Offer
from nic_node.membership.read import HELD, Membership, view_of
from nic_node.membership.tables import MembershipRow

GOES_BACK: Final = N_(
    "This link leads to an earlier log of the network than the one that is known here. Nothing was changed. Ask the"
    " coordinator, by phone."
)
KNOWN_ALREADY: Final = N_("This link pins the key that is known here already. Nothing has to be done.")


async def repin(node: LocalNode, *, actor: Actor, offer: Offer, now: datetime) -> int:
    """Hold to the link's key from now on, and follow the log that the network names; answers the membership's id.

    Nothing is applied for: the network knows the school by its own key, which has not changed.

    Raises:
        NotFound: this school is no member there.
        Conflict: the key is known already, or the link leads back to an earlier generation of the log.
    """
    async with node.database.writing() as session:
        row = await session.scalar(
            select(MembershipRow).where(MembershipRow.network == offer.network).with_for_update()
        )
        if row is None or row.state not in HELD:
            raise NotFound(N_("This school is no member of that network. Apply with the link instead."))
        verify_new(view_of(row), offer)
        before = {"pinned": list(row.pinned), "generation": row.network_metadata["generation"]}
        row.pinned, row.name = list(offer.pinned), offer.name
        row.network_metadata, row.endpoints = dict(offer.metadata), dict(offer.endpoints)
        # What the old key vouched for proves nothing any more; the check renews it in a moment.
        row.chain, row.chain_expires_at, row.trust_marks, row.checked_at = [], None, {}, None
        await record_audit(
            session,
            actor=actor,
            action="membership.repinned",
            subject="membership",
            subject_id=row.id,
            before=before,
            after={"pinned": list(offer.pinned), "generation": offer.metadata["generation"]},
            now=now,
        )
        await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"membership_id": row.id})
    node.wake()
    return row.id


def verify_new(held: Membership, offer: Offer) -> None:
    """Raises Conflict: the link's key is known here already, or it leads back to a log that has ended."""
    if offer.metadata["generation"] < held.generation:
        raise Conflict(GOES_BACK)
    if offer.signed_by in held.pinned:
        raise Conflict(KNOWN_ALREADY)
