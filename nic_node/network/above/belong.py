"""Belonging under another network: applying with its invitation link, confirming, accepting its terms, leaving.

An application is written before it is sent, with its jti: sent again it is the same application.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.documents import document_of, keep_copy
from nic_node.membership.introduce import read_contact
from nic_node.membership.join import JTI_BYTES
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import Offer
from nic_node.membership.refusals import READ_AGAIN
from nic_node.membership.tell import tell_network
from nic_node.network.above.read import FOLLOWED, SENDING, superior_of
from nic_node.network.above.tables import NetworkSuperior
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.keys import network_private
from nic_node.network.read import network_of
from nic_node.network.tables import Network
from nic_node.peerhttp.signing import RequestSigner
from schemas.base64url import encode_base64url
from schemas.document import InvalidDocument, load_document
from schemas.membership import CONFIRMATION
from schemas.states import APPLIED, APPROVED, REVOKED, SUSPENDED

CHECK: Final = "network.check_superior"
APPLIED_ALREADY: Final = N_("This network has applied there already; the page shows how it stands.")
APPEAL_FIRST: Final = N_("The network above revoked this one. An appeal opens the door again; a new link does not.")
ITSELF: Final = N_("A network does not belong under itself. Paste the link of the network above.")
NOT_NOW: Final = N_("There is no such application, or it does not stand so that this can be asked.")
CODE_SHAPE: Final = N_("A code has capital letters, digits and a hyphen, such as KX4M-9TPA.")


async def apply_above(
    node: LocalNode, *, actor: Actor, network_id: int, offer: Offer, contact: Mapping[str, str], now: datetime
) -> int:
    """Write the application to the network that the link pins; the worker sends it.

    Raises:
        NotAllowed: the actor does not coordinate the network.
        InvalidInput: whom to call is missing, or the link is the network's own.
        Conflict: it has applied there already.
    """
    async with node.database.writing() as session:
        await verify_coordinator(session, network_id, actor)
        network = await network_of(session, network_id, for_update=True)
        if offer.network == network.entity:
            raise InvalidInput({"invitation": [ITSELF]}, ITSELF)
        row = await _row(session, node, network, offer, read_contact(contact), now)
        for sha256, content in offer.contents.items():
            await keep_copy(session, network=offer.network, sha256=sha256, content=content, now=now)
        await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"superior_id": row.id})
        await note_above(session, actor, row, "network.applied-above", now)
    node.wake()
    return row.id


async def _row(
    session: AsyncSession, node: LocalNode, network: Network, offer: Offer, contact: dict[str, str], now: datetime
) -> NetworkSuperior:
    chosen = select(NetworkSuperior).where(
        NetworkSuperior.network_id == network.id, NetworkSuperior.entity == offer.network
    )
    row = await session.scalar(chosen.with_for_update())
    if row is not None and row.state == REVOKED:
        raise Conflict(APPEAL_FIRST)
    if row is not None and row.state in FOLLOWED:
        raise Conflict(APPLIED_ALREADY)
    reads_across = bool(offer.policy.get("reads_across", False))
    values: dict[str, Any] = {
        "name": offer.name,
        "state": SENDING,
        "pinned": list(offer.pinned),
        "jti": encode_base64url(node.random_bytes(JTI_BYTES)),
        "invitation": offer.token,
        "contact": contact,
        "policy_accepted": offer.policy_sha256,
        "charter_accepted": offer.charter_sha256,
        "reads_across_accepted": reads_across,
        "policy_sha256": offer.policy_sha256,
        "charter_sha256": offer.charter_sha256,
        "reads_across": reads_across,
        "application_id": None,
        "keys_told": None,
        "confirmed": False,
        "holds_until": None,
        "told": None,
        "checked_at": None,
        "problem": "",
    }
    if row is None:
        row = NetworkSuperior(network_id=network.id, entity=offer.network, created_at=now, **values)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    await session.flush()
    return row


async def confirm_above(
    node: LocalNode, *, actor: Actor, network_id: int, superior_id: int, code: str, now: datetime
) -> None:
    """Send the one-time code back that the coordinator above gave.

    Raises:
        InvalidInput: under 'code': of another form, wrong, expired, or no answer.
    """
    try:
        body = load_document(CONFIRMATION, {"code": code.strip().upper()})
    except InvalidDocument as error:
        raise InvalidInput({"code": [CODE_SHAPE]}, CODE_SHAPE) from error
    await tell_above(node, actor, network_id, superior_id, "applications/{id}/confirmation", body, field="code")
    async with node.database.writing() as session:
        row = await superior_of(session, network_id, superior_id, for_update=True)
        row.confirmed = True
        await note_above(session, actor, row, "network.confirmed-above", now)


async def leave_above(node: LocalNode, *, actor: Actor, network_id: int, superior_id: int, now: datetime) -> None:
    """Belong there no more, or withdraw the application; reading across ends at once.

    Raises:
        InvalidInput: the network above refused or gives no answer.
    """
    await tell_above(node, actor, network_id, superior_id, "members/{id}/leave", {}, field="")
    async with node.database.writing() as session:
        row = await superior_of(session, network_id, superior_id, for_update=True)
        row.state, row.holds_until = ("withdrawn" if row.state == APPLIED else "left"), None
        await note_above(session, actor, row, "network.left-above", now)


async def accept_above(
    session: AsyncSession, *, actor: Actor, network_id: int, superior_id: int, policy_sha256: str, now: datetime
) -> None:
    """Accept the policy and charter above as they stand today, by the policy's hash that was read.

    Raises:
        NotAllowed. Conflict: they changed since they were read, or this node has not fetched them yet.
    """
    await verify_coordinator(session, network_id, actor)
    row = await superior_of(session, network_id, superior_id, for_update=True)
    policy = await document_of(session, row.policy_sha256)
    if policy_sha256 != row.policy_sha256 or policy is None:
        raise Conflict(READ_AGAIN)
    row.policy_accepted, row.charter_accepted = row.policy_sha256, row.charter_sha256
    row.reads_across_accepted = bool(policy.get("reads_across", False))
    await note_above(session, actor, row, "network.accepted-above", now)


async def network_signer(node: LocalNode, session: AsyncSession, network: Network) -> RequestSigner:
    """Signs what the network itself asks of the network above."""
    return RequestSigner(network.entity, await network_private(node, session, network, KeyPurpose.HTTP))


async def tell_above(
    node: LocalNode,
    actor: Actor,
    network_id: int,
    superior_id: int,
    path: str,
    body: Mapping[str, Any],
    *,
    field: str,
    states: Collection[str] = frozenset({APPLIED, APPROVED, SUSPENDED}),
) -> None:
    """A signed request about this network's own application or membership.

    Raises:
        NotAllowed. Conflict: the state is none of these.
        InvalidInput: under `field`, the network above refused or gives no answer.
    """
    async with node.database.reading() as session:
        await verify_coordinator(session, network_id, actor)
        row = await superior_of(session, network_id, superior_id)
        signs = await network_signer(node, session, await network_of(session, network_id))
    if row.application_id is None or row.state not in states:
        raise Conflict(NOT_NOW)
    await tell_network(node, f"{row.entity}/v1/{path.format(id=row.application_id)}", body, field=field, signs=signs)


async def note_above(session: AsyncSession, actor: Actor, row: NetworkSuperior, action: str, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="network",
        subject_id=row.network_id,
        before=None,
        after={"superior": row.entity, "policy": row.policy_accepted, "reads_across": row.reads_across_accepted},
        now=now,
    )
