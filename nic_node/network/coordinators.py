"""Who decides for a network: people of this node, named one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, person_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict, InvalidInput, NotAllowed, NotFound
from nic_node.i18n import N_
from nic_node.network.read import network_of
from nic_node.network.tables import Coordinator, Network

NOT_COORDINATOR = N_("Only the coordinators of this network may do this. A coordinator can add you.")
LAST_COORDINATOR = N_("Somebody has to decide for this network: add another coordinator first.")


def coordinates() -> ColumnElement[bool]:
    """Whether a `Person` coordinates any network of this node."""
    return exists().where(Coordinator.person_id == Person.id)


async def networks_coordinated_by(session: AsyncSession, person_id: int) -> list[Network]:
    chosen = select(Network).join(Coordinator, Coordinator.network_id == Network.id)
    return list((await session.scalars(chosen.where(Coordinator.person_id == person_id).order_by(Network.id))).all())


async def verify_coordinator(session: AsyncSession, network_id: int, actor: Actor) -> int:
    """The person id of a coordinator of this network.

    Raises:
        NotAllowed: it is none, or not a person.
    """
    if actor.person_id is not None:
        chosen = select(Coordinator.id).where(
            Coordinator.network_id == network_id, Coordinator.person_id == actor.person_id
        )
        if await session.scalar(chosen) is not None:
            return actor.person_id
    raise NotAllowed(NOT_COORDINATOR)


async def coordinators_of(session: AsyncSession, network_id: int) -> list[Person]:
    chosen = select(Person).join(Coordinator, Coordinator.person_id == Person.id)
    return list((await session.scalars(chosen.where(Coordinator.network_id == network_id).order_by(Person.name))).all())


async def coordinator_actor(session: AsyncSession, network_id: int, email: str | None = None) -> Actor:
    """The coordinator in whose name a command on this machine acts: the one with this address, else the first.

    Raises:
        NotFound: no coordinator has this address.
    """
    chosen = select(Person).join(Coordinator, Coordinator.person_id == Person.id)
    chosen = chosen.where(Coordinator.network_id == network_id, Person.active).order_by(Coordinator.id)
    if email is not None:
        chosen = chosen.where(Person.email_key == email.strip().casefold())
    person = await session.scalar(chosen.limit(1))
    if person is None:
        raise NotFound(N_("This network has no active coordinator with that e-mail address."))
    return person_actor(person)


async def deciding_ids(session: AsyncSession, network_id: int) -> frozenset[int]:
    """Ids of the people who decide today: coordinators whose account is open. Only their voices count."""
    chosen = select(Person.id).join(Coordinator, Coordinator.person_id == Person.id)
    chosen = chosen.where(Coordinator.network_id == network_id, Person.active)
    return frozenset((await session.scalars(chosen)).all())


async def add_coordinator(session: AsyncSession, *, actor: Actor, network_id: int, email: str, now: datetime) -> Person:
    """Let somebody of this node decide for the network too.

    Raises:
        InvalidInput: nobody here has this address, or decides already.
    """
    await verify_coordinator(session, network_id, actor)
    return await _add(session, actor, network_id, email, "network.coordinator-added", now)


async def restore_coordinator(
    session: AsyncSession, *, actor: Actor, network_id: int, email: str, now: datetime
) -> Person:
    """Let somebody decide for a network that nobody decides for any more; for whoever runs this machine.

    Raises:
        Conflict: somebody still decides. InvalidInput: as `add_coordinator`.
    """
    await network_of(session, network_id, for_update=True)
    if await deciding_ids(session, network_id):
        raise Conflict(N_("This network has a coordinator who can add others; nobody needs to step in."))
    return await _add(session, actor, network_id, email, "network.coordinator-restored", now)


async def _add(session: AsyncSession, actor: Actor, network_id: int, email: str, action: str, now: datetime) -> Person:
    person = await session.scalar(select(Person).where(Person.email_key == email.strip().casefold(), Person.active))
    if person is None:
        raise InvalidInput({"email": [N_("Nobody on this node has that address. Invite them under People first.")]})
    if person.id in {other.id for other in await coordinators_of(session, network_id)}:
        raise InvalidInput({"email": [N_("This person coordinates the network already.")]})
    session.add(Coordinator(network_id=network_id, person_id=person.id, since=now))
    await session.flush()
    await _note(session, actor, network_id, action, None, {"person": person.id, "name": person.name}, now)
    return person


async def remove_coordinator(
    session: AsyncSession, *, actor: Actor, network_id: int, person_id: int, now: datetime
) -> Person:
    """From now on this person decides nothing here, and a yes they gave that was not yet enough no longer counts.

    Raises:
        NotFound: this person does not coordinate the network.
        Conflict: nobody would be left who decides.
    """
    # Two who would each remove the other take turns here; the second is none any more.
    await network_of(session, network_id, for_update=True)
    await verify_coordinator(session, network_id, actor)
    chosen = select(Coordinator).where(Coordinator.network_id == network_id, Coordinator.person_id == person_id)
    coordinator = await session.scalar(chosen)
    person = await session.get(Person, person_id)
    if coordinator is None or person is None:
        raise NotFound(N_("This person does not coordinate the network."))
    if not await deciding_ids(session, network_id) - {person_id}:
        raise Conflict(LAST_COORDINATOR)
    await session.delete(coordinator)
    await session.flush()
    was = {"person": person.id, "name": person.name}
    await _note(session, actor, network_id, "network.coordinator-removed", was, None, now)
    return person


async def _note(
    session: AsyncSession,
    actor: Actor,
    network_id: int,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="network",
        subject_id=network_id,
        before=before,
        after=after,
        now=now,
    )
