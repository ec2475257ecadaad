"""Telling the network: the code came, the school leaves, asks for another term, appeals against its revocation."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from federation.errors import FederationError
from nic_node.accounts.actor import Actor
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.join import CHECK, note_membership
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, WAITING
from nic_node.membership.refusals import refusal_of
from nic_node.membership.tables import MembershipRow
from nic_node.membership.today_terms import Accepted
from nic_node.peerhttp.signing import RequestSigner
from schemas.canonical import canonical_bytes
from schemas.document import InvalidDocument, load_document
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import APPEAL_LENGTH, CONFIRMATION
from schemas.states import APPROVED, REVOKED
from schemas.text import normal_text


async def confirm(node: LocalNode, *, actor: Actor, membership_id: int, code: str, now: datetime) -> None:
    """Send the coordinator's one-time code back.

    Raises:
        InvalidInput: under 'code': of another form, wrong, expired, or the network gives no answer.
    """
    try:
        body = load_document(CONFIRMATION, {"code": code.strip().upper()})
    except InvalidDocument as error:
        sentence = N_("A code has capital letters, digits and a hyphen, such as KX4M-9TPA.")
        raise InvalidInput({"code": [sentence]}, sentence) from error
    await _tell(node, membership_id, "applications/{id}/confirmation", body, field="code")
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        assert row is not None
        row.confirmed = True
        await note_membership(session, actor, row, "membership.confirmed", now)


async def withdraw_application(node: LocalNode, *, actor: Actor, membership_id: int, now: datetime) -> None:
    """Take the application back. A member leaves by Share's page, which asks about each practice of its own.

    Raises:
        Conflict: the school is a member. InvalidInput: as `leave`.
    """
    async with node.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
    if row is not None and row.state in HELD:
        raise Conflict(N_("Say of each practice that you shared whether it stays: open the page Leave the network."))
    await leave(node, actor=actor, membership_id=membership_id, now=now)


async def leave(node: LocalNode, *, actor: Actor, membership_id: int, now: datetime) -> None:
    """End the membership, or withdraw the application; the network answers before anything changes here.

    Raises:
        InvalidInput: the network refused or gives no answer.
    """
    await _tell(node, membership_id, "members/{id}/leave", {}, field="")
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        assert row is not None
        await note_membership(session, actor, row, "membership.left", now)
        await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"membership_id": row.id})
    node.wake()


async def ask_for_renewal(
    node: LocalNode, *, actor: Actor, membership_id: int, accepted: Accepted, now: datetime
) -> None:
    """Ask for the next term; charter and policy are accepted with it.

    Raises:
        InvalidInput: the network refused or gives no answer.
    """
    body = {"policy_sha256": accepted.policy_sha256, "charter_sha256": accepted.charter_sha256}
    await _tell(node, membership_id, "members/{id}/renewal", body, field="", states=frozenset({APPROVED}))
    await _note_accepted(node, actor, membership_id, accepted, "membership.renewal-asked", now)


async def send_appeal(
    node: LocalNode, *, actor: Actor, membership_id: int, text: str, accepted: Accepted, now: datetime
) -> None:
    """Ask to be let in again after a revocation.

    Raises:
        InvalidInput: under 'text', it is empty or too long; the network refused or gives no answer.
    """
    body = {
        "text": verified_appeal(text),
        "policy_sha256": accepted.policy_sha256,
        "charter_sha256": accepted.charter_sha256,
    }
    await _tell(node, membership_id, "members/{id}/appeal", body, field="", states=frozenset({REVOKED}))
    await _note_accepted(node, actor, membership_id, accepted, "membership.appealed", now)


def verified_appeal(text: str) -> str:
    """The text as it is sent. Raises InvalidInput: under 'text', it is empty or too long."""
    said = normal_text(text, multiline=True)
    if not 1 <= len(said) <= APPEAL_LENGTH:
        raise InvalidInput({"text": [N_("Say in 1 to 2,000 characters why the network should let you in again.")]})
    return said


async def _note_accepted(
    node: LocalNode, actor: Actor, membership_id: int, accepted: Accepted, action: str, now: datetime
) -> None:
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        assert row is not None
        row.policy_accepted, row.charter_accepted = accepted.policy_sha256, accepted.charter_sha256
        await note_membership(session, actor, row, action, now)
        await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"membership_id": row.id})
    node.wake()


async def _tell(
    node: LocalNode,
    membership_id: int,
    path: str,
    body: Mapping[str, Any],
    *,
    field: str,
    states: Collection[str] = HELD | WAITING,
) -> None:
    async with node.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
        if row is None or row.application_id is None or row.state not in states:
            raise NotFound(N_("There is no such application or membership."))
        signs = await signer(node, session)
    await tell_network(node, f"{row.network}/v1/{path.format(id=row.application_id)}", body, field=field, signs=signs)


async def tell_network(
    node: LocalNode, address: str, body: Mapping[str, Any], *, field: str, signs: RequestSigner
) -> None:
    """Post a signed request to which a network answers with nothing (204).

    Raises:
        InvalidInput: under `field`, the network refused or gives no answer.
    """
    try:
        await node.client.post(
            address,
            body=canonical_bytes(dict(body)),
            body_type="application/json",
            content_type=(),
            max_bytes=REQUEST_MAX_BYTES,
            signer=signs,
            accept_status={204},
        )
    except FederationError as error:
        sentence = refusal_of(error).detail
        raise InvalidInput({field: [sentence]}, sentence) from error
