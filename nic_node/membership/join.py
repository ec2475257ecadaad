"""Applying to a network, confirming by the coordinator's code, leaving again.

An application is written here before it is sent, with its jti: if the network can't be reached, or this node stops,
it is sent again as the same application, and nothing that was typed is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import build_application
from federation.errors import Unreachable, Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.documents import keep_copy
from nic_node.membership.introduce import read_contact, read_profile
from nic_node.membership.keys import federation_private, public_keys
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import Offer
from nic_node.membership.read import HELD, REFUSED, SENDING, WAITING
from nic_node.membership.refusals import READ_AGAIN, refusal_of
from nic_node.membership.tables import MembershipRow
from schemas.base64url import encode_base64url
from schemas.document import InvalidDocument, load_document
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import (
    APPLICATION_ANSWER,
    APPLICATION_CONTENT_TYPE,
)
from schemas.states import REVOKED

CHECK: Final = "membership.check"
JTI_BYTES: Final = 18
APPLIED_ALREADY: Final = N_("This school has applied to that network already; its page shows how it stands.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a person accepted, by hash, and whom the coordinator may call: {name, email, role, phone} as typed."""

    policy_sha256: str
    charter_sha256: str
    contact: Mapping[str, str]


async def apply(node: LocalNode, *, actor: Actor, offer: Offer, acceptance: Acceptance, now: datetime) -> int:
    """Write the application, send it, and return the membership's id; what can't be sent now is sent by the worker.

    Raises:
        InvalidInput: contact or profile lack something, or the network refused: its reason, in one sentence.
        Conflict: the school is a member already, or waits; the documents have changed since they were read.
    """
    if (acceptance.policy_sha256, acceptance.charter_sha256) != (offer.policy_sha256, offer.charter_sha256):
        raise Conflict(READ_AGAIN)
    contact = read_contact(acceptance.contact)
    async with node.database.writing() as session:
        profile = await read_profile(session)
        row = await _write(session, node, offer, contact, profile, now)
        await note_membership(session, actor, row, "membership.applied", now)
    try:
        await send_application(node, row.id)
    except Unreachable:
        node.wake()
    except Untrusted as error:
        raise InvalidInput({"": [error.detail]}, error.detail) from error
    return row.id


async def _write(
    session: AsyncSession,
    node: LocalNode,
    offer: Offer,
    contact: dict[str, str],
    profile: dict[str, Any],
    now: datetime,
) -> MembershipRow:
    row = await session.scalar(select(MembershipRow).where(MembershipRow.network == offer.network).with_for_update())
    if row is not None and row.state in HELD:
        raise Conflict(N_("This school is a member of that network already."))
    if row is not None and row.state in WAITING:
        raise Conflict(APPLIED_ALREADY)
    if row is not None and row.state == REVOKED:
        raise Conflict(N_("This membership was revoked; only an appeal to the coordinators opens the door again."))
    is_new = row is None
    row = row or MembershipRow(network=offer.network, created_at=now)
    _fill(row, offer, contact, profile, jti=encode_base64url(node.random_bytes(JTI_BYTES)))
    if is_new:
        await _add(session, row)
    for sha256, content in offer.contents.items():
        await keep_copy(session, network=offer.network, sha256=sha256, content=content, now=now)
    await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"membership_id": row.id})
    return row


async def _add(session: AsyncSession, row: MembershipRow) -> None:
    """Where no row is there to lock, the unique network tells two applications at once apart."""
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(APPLIED_ALREADY) from error


def _fill(row: MembershipRow, offer: Offer, contact: dict[str, str], profile: dict[str, Any], *, jti: str) -> None:
    row.read_under = row.read_through = None
    row.name, row.state, row.pinned = offer.name, SENDING, list(offer.pinned)
    row.jti, row.invitation, row.contact, row.profile = jti, offer.token, contact, profile
    row.application_id, row.status_version, row.confirmed, row.expires_at, row.moves = None, 0, False, None, []
    row.policy_accepted, row.charter_accepted = offer.policy_sha256, offer.charter_sha256
    row.network_metadata, row.endpoints = dict(offer.metadata), dict(offer.endpoints)
    row.chain, row.chain_expires_at, row.trust_marks = [], None, {}
    row.checked_at, row.problem, row.keys_told = None, "", None


async def send_application(node: LocalNode, membership_id: int) -> None:
    """Send what was written, once or again; the network tells it from its jti.

    Raises:
        Untrusted: it was refused for good; the row keeps the reason and waits for another application.
        Unreachable: it is sent again later.
    """
    async with node.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
        if row is None or row.state != SENDING:
            return
        token = await _build(node, session, row)
        url = f"{row.network}/v1/applications"
    try:
        answer = await node.client.post(
            url,
            body=token.encode(),
            body_type=APPLICATION_CONTENT_TYPE,
            content_type="application/json",
            max_bytes=REQUEST_MAX_BYTES,
            accept_status={202},
        )
        said = load_document(APPLICATION_ANSWER, answer.body)
    except InvalidDocument as error:
        raise Untrusted(error.code, "The network answered the application in a way that can't be read.") from error
    except Untrusted as error:
        refusal = refusal_of(error)
        await _keep_refusal(node, membership_id, refusal.detail)
        raise refusal from error
    async with node.database.writing() as session:
        kept = await session.get(MembershipRow, membership_id, with_for_update=True)
        if kept is not None and kept.state == SENDING:
            kept.state, kept.application_id, kept.problem = said["state"], said["id"], ""


async def _build(node: LocalNode, session: AsyncSession, row: MembershipRow) -> str:
    return build_application(
        await federation_private(node, session),
        entity=node.entity_id,
        network=row.network,
        keys=await public_keys(node, session, KeyPurpose.FEDERATION),
        http_keys=await public_keys(node, session, KeyPurpose.HTTP),
        contact=row.contact,
        profile=row.profile,
        policy_sha256=row.policy_accepted,
        charter_sha256=row.charter_accepted,
        jti=row.jti,
        issued_at=node.clock(),
        invitation=row.invitation,
    )


async def _keep_refusal(node: LocalNode, membership_id: int, sentence: str) -> None:
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        if row is not None and row.state == SENDING:
            row.state, row.problem = REFUSED, sentence


async def note_membership(session: AsyncSession, actor: Actor, row: MembershipRow, action: str, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="membership",
        subject_id=row.id,
        before=None,
        after={"network": row.network, "policy": row.policy_accepted, "charter": row.charter_accepted},
        now=now,
    )
