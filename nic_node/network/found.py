"""Founding a network on this node: its keys, its documents, its first coordinator, and entry 0 of its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk, public_jwk
from federation.tlog.note import build_vkey
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode
from nic_node.network.documents import keep
from nic_node.network.keys import draw_network_keys, keep_network_keys
from nic_node.network.log.found import found_log
from nic_node.network.tables import Coordinator, Network
from schemas.document import InvalidDocument, load_document
from schemas.ids import build_log_origin, build_network_id
from schemas.limits import WIRE_VERSION
from schemas.policy import CHARTER, POLICY_FLOORS, build_policy
from schemas.text import normal_text

CHARTER_TEXTS: Final = ("aim", "theory", "conduct", "contact")
SLUG_SHAPE = N_("Use lower-case letters, digits and hyphens only, such as north-coast.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What a founder said.

    Attributes:
        charter: purpose and any of CHARTER_TEXTS, as typed.
        policy: numbers and lists of `schemas.policy` that differ from its defaults.
    """

    slug: str
    name: str
    charter: Mapping[str, str]
    policy: Mapping[str, Any] = field(default_factory=dict)


async def found_network(node: LocalNode, *, actor: Actor, founding: Founding, now: datetime) -> Network:
    """Make a network; whoever founds it is its first coordinator.

    Opens its own transaction: keys are drawn before it. The caller wakes the worker.

    Raises:
        InvalidInput: the short name is taken or of another form, a number lies below the federation's floor.
    """
    entity = verify_slug(node.entity_id, founding.slug)
    policy = policy_document(entity, 1, founding.policy)
    charter = charter_document(entity, 1, founding.name, founding.charter)
    if actor.person_id is None:
        raise Conflict(N_("A network is founded by a person with an account, who then coordinates it."))
    drawn = await draw_network_keys()
    async with node.database.writing() as session:
        if await session.scalar(select(Network.id).where(Network.slug == founding.slug)) is not None:
            raise InvalidInput({"slug": [N_("A network of this short name is here already; choose another.")]})
        network = _network_row(entity, founding, drawn, now)
        session.add(network)
        await session.flush()
        network.policy_sha256 = await keep(session, network.id, policy, now)
        network.charter_sha256 = await keep(session, network.id, charter, now)
        await keep_network_keys(node, session, entity, drawn)
        session.add(Coordinator(network_id=network.id, person_id=actor.person_id, since=now))
        await found_log(session, network=network, leaf_private=drawn[KeyPurpose.LEAF], now=now)
        await _note(session, actor, network, now)
    return network


def verify_slug(base_url: str, slug: str) -> str:
    """The entity id of the network that gets this short name.

    Raises:
        InvalidInput: the name is of another form.
    """
    try:
        return build_network_id(base_url, slug)
    except ValueError as error:
        raise InvalidInput({"slug": [SLUG_SHAPE]}) from error


def policy_document(entity: str, version: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with these numbers.

    Raises:
        InvalidInput: one sentence for each number below its floor or beyond all sense.
    """
    said = {
        name: [f"The federation allows {POLICY_FLOORS[name]} at the least."]
        for name, value in values.items()
        if name in POLICY_FLOORS and isinstance(value, int) and value < POLICY_FLOORS[name]
    }
    if said:
        raise InvalidInput(said)
    try:
        return build_policy(network=entity, version=version, **without_plain_no(values))
    except InvalidDocument as error:
        raise InvalidInput({_field_of(error): [error.message]}) from error


def without_plain_no(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be left out is left out where it says no, so that equal policies have equal bytes."""
    return {name: value for name, value in values.items() if name != "reads_across" or value}


def charter_document(entity: str, version: int, name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The charter with these texts; empty ones are left out.

    Raises:
        InvalidInput: name or purpose are missing, or a text is too long.
    """
    document: dict[str, Any] = {"v": WIRE_VERSION, "kind": "charter", "network": entity, "version": version}
    document |= {"name": normal_text(name), "purpose": normal_text(texts.get("purpose", ""), multiline=True)}
    said = {key: [sentence] for key, sentence in _MISSING.items() if not document[key]}
    if said:
        raise InvalidInput(said)
    for key in CHARTER_TEXTS:
        text = normal_text(texts.get(key) or "", multiline=True)
        document |= {key: text} if text else {}
    try:
        return load_document(CHARTER, document)
    except InvalidDocument as error:
        raise InvalidInput({_field_of(error): [error.message]}) from error


_MISSING: Final = {
    "name": N_("Give the network a name."),
    "purpose": N_("Say what the network is for: schools accept this text when they join."),
}


def _field_of(error: InvalidDocument) -> str:
    return error.path.strip("/").partition("/")[0]


def _network_row(entity: str, founding: Founding, drawn: Mapping[KeyPurpose, Jwk], now: datetime) -> Network:
    log_key = build_vkey(build_log_origin(entity, 1), public_jwk(drawn[KeyPurpose.LOG]))
    return Network(
        slug=founding.slug,
        entity=entity,
        name=normal_text(founding.name),
        generation=1,
        log_key=log_key.text,
        leaf_jwk=public_jwk(drawn[KeyPurpose.LEAF]),
        charter_sha256="",
        policy_sha256="",
        created_at=now,
    )


async def _note(session: AsyncSession, actor: Actor, network: Network, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action="network.founded",
        subject="network",
        subject_id=network.id,
        before=None,
        after={"entity": network.entity, "policy": network.policy_sha256, "charter": network.charter_sha256},
        now=now,
    )
