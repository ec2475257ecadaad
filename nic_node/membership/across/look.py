"""What stands above the networks that this school belongs to, and which other networks are below it.

A network states its superiors and their keys in its own configuration, which is signed by a key that the invitation
pinned. So the superior's keys are pinned too, and everything it says of other networks can be validated.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, select

from federation.chain import Anchors
from federation.entities import EntityStatement, verify_entity_configuration
from federation.errors import FederationError, Untrusted
from nic_node.db.insert import insert_if_missing
from nic_node.membership.documents import obtain_document
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import network_metadata
from nic_node.membership.read import is_reading_allowed, memberships
from nic_node.membership.resolve import Resolution, resolve_chain
from nic_node.membership.tables import MembershipRow, NetworkAbove
from schemas.canonical import read_json
from schemas.code import Code
from schemas.ids import is_entity_id
from schemas.membership import NETWORK_TYPE
from schemas.states import APPROVED

MOST_NETWORKS: Final = 500
NAMES_A_RUN: Final = 20
"""So many networks are asked for their names at once; the others follow at the next look."""
LIST_MAX_BYTES: Final = 256 * 1024


async def look_above(node: LocalNode) -> list[NetworkAbove]:
    """Ask every network above ours what it allows and whom it vouches for; what went wrong is kept as a sentence."""
    wanted = await _pinned_superiors(node)
    async with node.database.writing() as session:
        for row in await session.scalars(select(NetworkAbove)):
            if (row.through, row.superior) not in wanted:
                await session.execute(delete(NetworkAbove).where(NetworkAbove.id == row.id))
    for (through, superior), pinned in wanted.items():
        await _look_at(node, through, superior, pinned)
    async with node.database.reading() as session:
        return list((await session.scalars(select(NetworkAbove).order_by(NetworkAbove.id))).all())


async def _pinned_superiors(node: LocalNode) -> dict[tuple[str, str], list[str]]:
    """(our network, its superior) -> the superior's keys, as networks that we are approved in state them."""
    found: dict[tuple[str, str], list[str]] = {}
    async with node.database.reading() as session:
        for membership in await memberships(session):
            if membership.state != APPROVED or not is_reading_allowed(membership, node.clock()):
                continue
            row = await session.get_one(MembershipRow, membership.id)
            for above in row.network_metadata.get("superiors", ()):
                found[membership.network, above["entity"]] = list(above["jkts"])
    return found


async def _look_at(node: LocalNode, through: str, superior: str, pinned: Sequence[str]) -> None:
    try:
        values = await _ask(node, through, superior, pinned)
    except FederationError as error:
        values = {"problem": error.detail[:500]}
    async with node.database.writing() as session:
        await insert_if_missing(
            session, NetworkAbove, through=through, superior=superior, pinned=list(pinned), networks=[]
        )
        chosen = select(NetworkAbove).where(NetworkAbove.through == through, NetworkAbove.superior == superior)
        row = (await session.scalars(chosen.with_for_update())).one()
        row.pinned, row.checked_at = list(pinned), node.clock()
        for name, value in values.items():
            setattr(row, name, value)


async def _ask(node: LocalNode, through: str, superior: str, pinned: Sequence[str]) -> dict[str, Any]:
    now, allow = node.clock(), node.config.allow_insecure_loopback
    token = await fetch_configuration(node.client, superior)
    statement = verify_entity_configuration(token, now=now, pinned=set(pinned), allow_insecure_loopback=allow)
    if statement.subject != superior:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, "At the superior's address stands the statement of another.")
    metadata = network_metadata(statement)
    policy = await obtain_document(node, superior, metadata["policy_sha256"])
    allows = policy["kind"] == "policy" and bool(policy.get("reads_across", False))
    values: dict[str, Any] = {"name": metadata["name"], "allows": allows, "networks": [], "problem": ""}
    if allows:
        entities = await _list(node, statement)
        if through not in entities:
            # Our own network belongs there no more, whatever it says itself.
            return values | {"allows": False}
        others = [entity for entity in entities if entity != through]
        values["networks"] = await _named(node, superior, pinned, others)
    return values


async def _list(node: LocalNode, superior: EntityStatement) -> list[str]:
    """The networks below it (OpenID Federation 1.0, section 8.2)."""
    endpoint = superior.metadata["federation_entity"].get("federation_list_endpoint")
    if endpoint is None:
        raise Untrusted(Code.METADATA_INVALID, "The network above has no list of those below it.")
    mark = "&" if "?" in endpoint else "?"
    answer = await node.client.get(
        f"{endpoint}{mark}entity_type={NETWORK_TYPE}", content_type="application/json", max_bytes=LIST_MAX_BYTES
    )
    found = read_json(answer.body, max_bytes=LIST_MAX_BYTES)
    if not isinstance(found, list):
        raise Untrusted(Code.METADATA_INVALID, "The network above has a list that is none.")
    return [entity for entity in found if isinstance(entity, str) and is_entity_id(entity)][:MOST_NETWORKS]


async def _named(
    node: LocalNode, superior: str, pinned: Sequence[str], entities: Sequence[str]
) -> list[dict[str, Any]]:
    async with node.database.reading() as session:
        rows = (await session.scalars(select(NetworkAbove).where(NetworkAbove.superior == superior))).all()
    names: dict[str, str | None] = {one["entity"]: one["name"] for row in rows for one in row.networks}
    unknown = [entity for entity in entities if names.get(entity) is None][:NAMES_A_RUN]
    found = await asyncio.gather(*(_name_of(node, superior, pinned, entity) for entity in unknown))
    names |= dict(zip(unknown, found, strict=True))
    return [{"entity": entity, "name": names.get(entity)} for entity in entities]


async def _name_of(node: LocalNode, superior: str, pinned: Sequence[str], entity: str) -> str | None:
    try:
        resolution = await resolve_network(node, entity, {superior: list(pinned)})
    except FederationError:
        return None
    return str(metadata_of(resolution)["name"])


async def resolve_network(node: LocalNode, network: str, anchors: Anchors) -> Resolution:
    """The chain from a network to the superior that we hold to.

    Raises:
        Untrusted: what `resolve_chain` finds; CHAIN_BROKEN, the superior is not the one right above it.
        Unreachable.
    """
    resolution = await resolve_chain(
        node.client,
        network,
        anchors=anchors,
        now=node.clock(),
        allow_insecure_loopback=node.config.allow_insecure_loopback,
    )
    if len(resolution.chain.path) != len(("network", "superior")):
        raise Untrusted(Code.CHAIN_BROKEN, "The network does not stand right below the common superior.")
    metadata_of(resolution)
    return resolution


def metadata_of(resolution: Resolution) -> Mapping[str, Any]:
    """What the network says of its log and documents, with its superior's policy applied.

    Raises:
        Untrusted: METADATA_INVALID, it is no network, or its log lies at an address that is not its own.
    """
    chain = resolution.chain
    metadata = chain.metadata.get(NETWORK_TYPE)
    if metadata is None or not str(metadata["log_url"]).startswith(f"{chain.subject}/"):
        raise Untrusted(Code.METADATA_INVALID, f"{chain.subject} is no network whose log lies under its own address.")
    return metadata
