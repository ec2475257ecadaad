"""Noting that a school of the list has applied, so that nobody reminds it."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.network.invitees.states import REMOVED
from nic_node.network.invitees.tables import Invitee
from nic_node.network.tables import Member


async def note_applied(session: AsyncSession, member: Member) -> None:
    """Whoever came by a link of the list, else by its directory id, else by an address that only one school has."""
    email, directory_id = member.contact.get("email", "").casefold(), member.profile.get("directory_id", "")
    chosen = select(Invitee).where(
        Invitee.network_id == member.network_id,
        Invitee.state != REMOVED,
        or_(
            Invitee.invitation_id == member.invitation_id,
            (Invitee.directory_id == directory_id) & (Invitee.directory_id != ""),
            Invitee.email_key == email,
        ),
    )
    found = (await session.scalars(chosen.order_by(Invitee.id).with_for_update())).all()
    by_link = [one for one in found if one.invitation_id == member.invitation_id]
    by_id = [one for one in found if directory_id and one.directory_id == directory_id]
    by_address = [one for one in found if one.email_key == email]
    for fitting in (by_link, by_id, by_address):
        if len(fitting) == 1:
            fitting[0].member_id, fitting[0].wants = member.id, ""
            return
