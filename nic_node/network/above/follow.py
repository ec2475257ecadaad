"""Keeping the place below another network true: send, ask, and validate the chain up to it."""

from datetime import datetime
from typing import Any, Final

from federation.applications import build_application
from federation.errors import FederationError, Untrusted
from federation.keys import thumbprint
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.ask import ask_status
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import network_metadata
from nic_node.membership.refusals import refusal_of
from nic_node.membership.resolve import Resolution, resolve_chain
from nic_node.network.above.belong import network_signer
from nic_node.network.above.read import ASKED, REFUSED, SENDING
from nic_node.network.above.tables import NetworkSuperior
from nic_node.network.keys import network_private, network_public_keys
from nic_node.network.read import network_of
from nic_node.network.statements import network_configuration
from schemas.code import Code
from schemas.document import InvalidDocument, load_document
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import APPLICATION_ANSWER, APPLICATION_CONTENT_TYPE, NETWORK_TYPE
from schemas.states import APPROVED

PROBLEM_LENGTH: Final = 500


async def check_superior(node: LocalNode, superior_id: int) -> bool:
    """One look at how things stand above; False when something went wrong, which is kept as a sentence."""
    try:
        await _check(node, superior_id)
    except FederationError as error:
        async with node.database.writing() as session:
            row = await session.get(NetworkSuperior, superior_id, with_for_update=True)
            if row is not None:
                row.problem = error.detail[:PROBLEM_LENGTH]
        return False
    return True


async def _check(node: LocalNode, superior_id: int) -> None:
    row = await _read(node, superior_id)
    if row is not None and row.state == SENDING:
        await _send(node, row)
        row = await _read(node, superior_id)
    if row is None or row.application_id is None or row.state not in ASKED:
        return
    await _tell_keys(node, row)
    status = await _ask_status(node, row)
    await _keep_status(node, superior_id, status)
    if status["state"] == APPROVED:
        await _keep_chain(node, row, await _resolve(node, row), node.clock())


async def _read(node: LocalNode, superior_id: int) -> NetworkSuperior | None:
    async with node.database.reading() as session:
        return await session.get(NetworkSuperior, superior_id)


async def _send(node: LocalNode, row: NetworkSuperior) -> None:
    async with node.database.reading() as session:
        network = await network_of(session, row.network_id)
        token = build_application(
            await network_private(node, session, network, KeyPurpose.FEDERATION),
            entity=network.entity,
            network=row.entity,
            keys=await network_public_keys(node, session, network, KeyPurpose.FEDERATION),
            http_keys=await network_public_keys(node, session, network, KeyPurpose.HTTP),
            contact=row.contact,
            profile={"name": network.name},
            policy_sha256=row.policy_accepted,
            charter_sha256=row.charter_accepted,
            jti=row.jti,
            issued_at=node.clock(),
            invitation=row.invitation,
            entity_type=NETWORK_TYPE,
        )
    try:
        answer = await node.client.post(
            f"{row.entity}/v1/applications",
            body=token.encode(),
            body_type=APPLICATION_CONTENT_TYPE,
            content_type="application/json",
            max_bytes=REQUEST_MAX_BYTES,
            accept_status={202},
        )
        said = load_document(APPLICATION_ANSWER, answer.body)
    except InvalidDocument as error:
        raise Untrusted(error.code, "The network above answered in a way that can't be read.") from error
    except Untrusted as error:
        await _keep(node, row.id, state=REFUSED)
        raise refusal_of(error) from error
    await _keep(node, row.id, state=said["state"], application_id=said["id"], problem="")


async def _tell_keys(node: LocalNode, row: NetworkSuperior) -> None:
    """A new key is published days before it signs: by the mouth of the one that signs till then."""
    async with node.database.reading() as session:
        network = await network_of(session, row.network_id)
        purposes = (KeyPurpose.FEDERATION, KeyPurpose.HTTP)
        published = [await network_public_keys(node, session, network, purpose) for purpose in purposes]
        kids = sorted(thumbprint(key) for keys in published for key in keys)
        if kids == row.keys_told:
            return
        token = await network_configuration(node, session, network)
        signs = await network_signer(node, session, network)
    await node.client.post(
        f"{row.entity}/v1/members/{row.application_id}/keys",
        body=token.encode(),
        body_type=ENTITY_STATEMENT_CONTENT_TYPE,
        content_type=(),
        max_bytes=REQUEST_MAX_BYTES,
        signer=signs,
        accept_status={204},
    )
    await _keep(node, row.id, keys_told=kids)


async def _ask_status(node: LocalNode, row: NetworkSuperior) -> dict[str, Any]:
    assert row.application_id is not None
    async with node.database.reading() as session:
        signs = await network_signer(node, session, await network_of(session, row.network_id))
    return await ask_status(node, row.entity, row.application_id, signs)


async def _keep_status(node: LocalNode, superior_id: int, status: dict[str, Any]) -> None:
    ended = {} if status["state"] == APPROVED else {"holds_until": None}
    await _keep(
        node, superior_id, state=status["state"], confirmed=status["confirmed"], told=status, problem="", **ended
    )


async def _resolve(node: LocalNode, row: NetworkSuperior) -> Resolution:
    """Our own chain: that the network above vouches for us, by keys that we hold to."""
    async with node.database.reading() as session:
        network = await network_of(session, row.network_id)
        own = await network_configuration(node, session, network)
    return await resolve_chain(
        node.client,
        network.entity,
        anchors={row.entity: row.pinned},
        now=node.clock(),
        configuration=own,
        allow_insecure_loopback=node.config.allow_insecure_loopback,
    )


async def _keep_chain(node: LocalNode, row: NetworkSuperior, resolution: Resolution, now: datetime) -> None:
    anchor = resolution.chain.anchor_configuration
    metadata = network_metadata(anchor)
    policy = await obtain_document(node, row.entity, metadata["policy_sha256"])
    if policy["kind"] != "policy":
        raise Untrusted(Code.UNKNOWN_KIND, "What the network above names as its policy is none.")
    await obtain_document(node, row.entity, metadata["charter_sha256"])
    await _keep(
        node,
        row.id,
        name=metadata["name"],
        pinned=sorted(anchor.keys),
        policy_sha256=metadata["policy_sha256"],
        charter_sha256=metadata["charter_sha256"],
        reads_across=bool(policy.get("reads_across", False)),
        holds_until=resolution.chain.expires_at,
        checked_at=now,
    )


async def _keep(node: LocalNode, superior_id: int, **values: Any) -> None:
    """A coordinator may have left meanwhile: what has ended here stays so."""
    async with node.database.writing() as session:
        row = await session.get(NetworkSuperior, superior_id, with_for_update=True)
        if row is not None and row.state in ASKED:
            for name, value in values.items():
                setattr(row, name, value)
