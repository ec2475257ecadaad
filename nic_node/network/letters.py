"""The e-mails of a network: each is a folder under `emails`, written where what it tells of happens.

To the contact of a school, or of a network below, about its own membership; to the coordinators about who applied.
A contact without a usable address gets none: its node shows the same words.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.mail.tables import Mail
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import coordinators_of
from nic_node.network.read import network_of
from nic_node.network.tables import Member, Network
from schemas.states import APPROVED, EXPIRED, REJECTED, REVOKED, SUSPENDED
from schemas.vocab import MEMBERSHIP_REASONS

EMAILS: Final = Path(__file__).parent / "emails"
EMAILS_TO_NETWORKS: Final = Path(__file__).parent / "above" / "emails"
"""The same events, in the words of a network that belongs under this one."""
TOLD: Final = frozenset({APPROVED, REJECTED, SUSPENDED, REVOKED, EXPIRED})
"""Moves that somebody else makes for the school; of its own it knows."""
ANSWERS: Final = frozenset({"renewed", "renewal-declined", "appeal-granted", "appeal-declined"})
"""Reasons that answer what the school asked for: each has an e-mail of its own, whatever the state."""


def desk_of(network_id: int) -> str:
    """Who looks after this network's mail: see `mail.tables.Mail.desk`."""
    return f"network:{network_id}"


async def tell_member(
    session: AsyncSession,
    node: LocalNode,
    member: Member,
    *,
    before: str | None,
    reason: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell the school's contact what was decided about its membership, in the transaction of the decision."""
    if reason not in ANSWERS and member.state not in TOLD:
        return
    entry = MEMBERSHIP_REASONS[reason]
    values = {"reason": entry.label, "says": entry.definition, "note": note, "expires_at": member.expires_at}
    event = "reinstated" if (before, member.state) == (SUSPENDED, APPROVED) else member.state
    event = reason if reason in ANSWERS else event
    network = await network_of(session, member.network_id)
    await _to_contact(
        session, node, network, member, event, values, reply_to=await _address_of(session, actor), now=now
    )


async def tell_of_application(
    session: AsyncSession, node: LocalNode, network: Network, member: Member, *, now: datetime
) -> None:
    """An application has arrived: to the school's contact, and to each coordinator."""
    people = await coordinators_of(session, network.id)
    addresses = [person.email for person in people if is_address(person.email)]
    await _to_contact(
        session, node, network, member, "applied", {}, reply_to=addresses[0] if addresses else "", now=now
    )
    values = {"school": member.name, "entity": member.entity}
    await _to_coordinators(
        session, node, network, "application", values, page="applications", now=now, folder=_folder_for(member)
    )


async def tell_of_incident(
    session: AsyncSession, node: LocalNode, network: Network, member: Member, *, record: str, now: datetime
) -> None:
    """A member's own record should not have left: to each coordinator."""
    values = {"school": member.name, "record": record}
    await _to_coordinators(session, node, network, "incident", values, page="moderation#incidents", now=now)


async def tell_of_fork(
    session: AsyncSession, node: LocalNode, network: Network, member: Member, *, now: datetime
) -> None:
    """A member proved that the network's log signed two histories: to each coordinator."""
    await _to_coordinators(session, node, network, "fork", {"school": member.name}, page="log#forks", now=now)


async def tell_of_end(
    session: AsyncSession, node: LocalNode, network: Network, member: Member, *, days: int, now: datetime
) -> None:
    """The membership ends in so many days."""
    values = {"days": days, "expires_at": member.expires_at}
    await _to_contact(session, node, network, member, "expiring", values, reply_to="", now=now)


async def send_invitation(
    session: AsyncSession,
    node: LocalNode,
    network: Network,
    *,
    event: str,
    to_address: str,
    reply_to: str,
    values: Mapping[str, Any],
    now: datetime,
) -> Mail:
    """'invited' or 'reminded', with a link that lets a school apply."""
    letter = _letter(
        network.id,
        event,
        to_address,
        "",
        {"network": network.name, **values},
        holds_link=True,
        reply_to=reply_to if is_address(reply_to) else "",
    )
    return await queue_mail(session, node.config, letter, now=now)


async def _to_contact(
    session: AsyncSession,
    node: LocalNode,
    network: Network,
    member: Member,
    event: str,
    values: Mapping[str, Any],
    *,
    reply_to: str,
    now: datetime,
) -> None:
    address = member.contact.get("email", "")
    if not is_address(address):
        return
    common = {"network": network.name, "school": member.name, "school_link": _page_of(member)}
    name = member.contact.get("name") or member.name
    told = {**common, **values}
    letter = _letter(network.id, event, address, name, told, folder=_folder_for(member), reply_to=reply_to)
    await queue_mail(session, node.config, letter, now=now)


async def _to_coordinators(
    session: AsyncSession,
    node: LocalNode,
    network: Network,
    event: str,
    values: Mapping[str, Any],
    *,
    page: str,
    now: datetime,
    folder: Path = EMAILS,
) -> None:
    link = f"{node.config.public_url}/network/{network.id}/{page}"
    told = {"network": network.name, "link": link, **values}
    for person in await coordinators_of(session, network.id):
        if person.active and is_address(person.email):
            letter = _letter(network.id, event, person.email, person.name, told, folder=folder)
            await queue_mail(session, node.config, letter, now=now)


def _folder_for(member: Member) -> Path:
    return EMAILS_TO_NETWORKS if member.is_network else EMAILS


def _page_of(member: Member) -> str:
    """Where its own node shows how it stands: a network's entity id is an address below its node's."""
    home = member.entity.partition("/net/")[0] if member.is_network else member.entity
    return f"{home}/network"


def _letter(
    network_id: int,
    event: str,
    to_address: str,
    to_name: str,
    values: Mapping[str, Any],
    *,
    folder: Path = EMAILS,
    **more: Any,
) -> Letter:
    return Letter(
        folder=folder,
        event=event,
        desk=desk_of(network_id),
        to_address=to_address,
        to_name=to_name,
        values=values,
        **more,
    )


async def _address_of(session: AsyncSession, actor: Actor) -> str:
    """Where the school's answer goes: to whoever decided."""
    person = None if actor.person_id is None else await session.get(Person, actor.person_id)
    return person.email if person is not None and is_address(person.email) else ""
