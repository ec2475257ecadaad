"""Who does something: a person here, the node itself, or another node."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from nic_node.accounts.tables import Person
from nic_node.errors import SignInNeeded
from nic_node.i18n import N_
from nic_node.web.visitor import visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """As every verb takes it and the audit log keeps it; kind link: whoever has a link to one measure."""

    person_id: int | None
    name: str
    kind: Literal["person", "system", "peer", "link"]


SYSTEM = Actor(person_id=None, name="this node", kind="system")


def person_actor(person: Person) -> Actor:
    return Actor(person_id=person.id, name=person.name, kind="person")


def peer_actor(entity_id: str) -> Actor:
    """Another node, by its entity id."""
    return Actor(person_id=None, name=entity_id, kind="peer")


def own_id(request: web.Request) -> int:
    """The id of the person who makes this request. Raises SignInNeeded."""
    person_id = actor_of(request).person_id
    assert person_id is not None
    return person_id


def actor_of(request: web.Request) -> Actor:
    """The person who makes this request.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    person = visitor(request)
    if person is None:
        raise SignInNeeded(N_("Sign in, then try again."))
    return Actor(person_id=person.person_id, name=person.name, kind="person")


def person_id_of(request: web.Request) -> int:
    """Who makes this request, for what is theirs alone.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    person_id = actor_of(request).person_id
    assert person_id is not None
    return person_id
