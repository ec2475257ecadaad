"""Who decides for a network: people of this node, named one by one."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, person_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.errors import InvalidInput, NotAllowed, NotFound
from nic_node.i18n import N_
from nic_node.network.tables import Coordinator, Network

NOT_COORDINATOR = N_("Only the coordinators of this network may do this. A coordinator can add you.")


async def is_coordinator(session: AsyncSession, person_id: int) -> bool:
    """Whether somebody coordinates any network of this node."""
    return bool(await session.scalar(select(exists().where(Coordinator.person_id == person_id))))


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


async def add_coordinator(session: AsyncSession, *, actor: Actor, network_id: int, email: str, now: datetime) -> Person:
    """Let somebody of this node decide for the network too.

    Raises:
        InvalidInput: nobody here has this address, or decides already.
    """
    await verify_coordinator(session, network_id, actor)
    person = await session.scalar(select(Person).where(Person.email_key == email.strip().casefold(), Person.active))
    if person is None:
        raise InvalidInput({"email": [N_("Nobody on this node has that address. Invite them under People first.")]})
    if person.id in {other.id for other in await coordinators_of(session, network_id)}:
        raise InvalidInput({"email": [N_("This person coordinates the network already.")]})
    session.add(Coordinator(network_id=network_id, person_id=person.id, since=now))
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="network.coordinator-added",
        subject="network",
        subject_id=network_id,
        before=None,
        after={"person": person.id},
        now=now,
    )
    return person
