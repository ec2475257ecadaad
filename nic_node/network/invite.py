"""Invitations: a link that pins the network's key and lets so many schools apply until a day."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import current_key
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.read import network_of
from nic_node.network.tables import Invitation, Network
from schemas.base64url import encode_base64url
from schemas.code import Code
from schemas.limits import WIRE_VERSION
from schemas.membership import build_invitation_link

TOKEN_BYTES: Final = 24
MOST_DAYS: Final = 366
MOST_USES: Final = 10_000
NOTE_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvitation:
    """The link is shown once; only a hash of its token is kept."""

    id: int
    link: str
    uses: int
    expires_at: datetime


async def create_invitation(
    session: AsyncSession,
    *,
    node: LocalNode,
    network_id: int,
    actor: Actor,
    days: int,
    uses: int,
    note: str = "",
    now: datetime,
) -> IssuedInvitation:
    """Make a link for `uses` schools that works for `days`.

    Raises:
        InvalidInput: days or uses are out of range.
        NotAllowed: the actor does not coordinate this network.
    """
    await verify_coordinator(session, network_id, actor)
    _verify_range(days, uses, note)
    network = await network_of(session, network_id)
    return await issue_invitation(
        session, node=node, network=network, actor=actor, days=days, uses=uses, note=note, now=now
    )


async def issue_invitation(
    session: AsyncSession,
    *,
    node: LocalNode,
    network: Network,
    actor: Actor,
    days: int,
    uses: int,
    note: str,
    now: datetime,
    of_list: bool = False,
) -> IssuedInvitation:
    """The link itself, in the name of somebody whose right to it was verified before."""
    token = encode_base64url(node.random_bytes(TOKEN_BYTES))
    expires_at = now + timedelta(days=days)
    made = Invitation(
        network_id=network.id,
        token_hash=hash_token(token),
        note=note.strip(),
        of_list=of_list,
        uses=uses,
        made_by=actor.name,
        made_by_id=actor.person_id,
        made_at=now,
        expires_at=expires_at,
    )
    session.add(made)
    await session.flush()
    await _note(session, actor, made, "invitation.created", now)
    link = await _link(session, network, token, expires_at, now)
    return IssuedInvitation(id=made.id, link=link, uses=uses, expires_at=expires_at)


async def _link(session: AsyncSession, network: Network, token: str, expires_at: datetime, now: datetime) -> str:
    key = await current_key(session, entity_id=network.entity, purpose=KeyPurpose.FEDERATION, now=now)
    return build_invitation_link(
        {
            "v": WIRE_VERSION,
            "kind": "invitation",
            "network": network.entity,
            "name": network.name,
            "jkt": key.kid,
            "token": token,
            "exp": int(expires_at.timestamp()),
        }
    )


def _verify_range(days: int, uses: int, note: str) -> None:
    said: dict[str, list[str]] = {}
    if not 1 <= days <= MOST_DAYS:
        said["days"] = [N_("An invitation works for 1 to 366 days.")]
    if not 1 <= uses <= MOST_USES:
        said["uses"] = [N_("An invitation is for 1 to 10,000 schools.")]
    if len(note) > NOTE_LENGTH:
        said["note"] = [N_("Use at most 200 characters.")]
    if said:
        raise InvalidInput(said)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def list_invitations(session: AsyncSession, network_id: int) -> list[Invitation]:
    """The newest first, but for those of the list of schools, which tells of them itself."""
    chosen = select(Invitation).where(Invitation.network_id == network_id, Invitation.of_list.is_(False))
    chosen = chosen.order_by(Invitation.id.desc()).limit(100)
    return list((await session.scalars(chosen)).all())


async def revoke_invitation(
    session: AsyncSession, *, network_id: int, invitation_id: int, actor: Actor, now: datetime
) -> None:
    """From now on the link lets nobody apply; who has applied by it stays.

    Raises:
        NotFound: the network made no such invitation.
    """
    await verify_coordinator(session, network_id, actor)
    invitation = await session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None or invitation.network_id != network_id:
        raise NotFound(N_("This network made no such invitation."))
    if invitation.revoked_at is None:
        invitation.revoked_at = now
        await _note(session, actor, invitation, "invitation.revoked", now)


async def use_invitation(session: AsyncSession, network_id: int, token: str | None, now: datetime) -> Invitation:
    """Count one use of the invitation with this token; two at once never share the last use.

    Raises:
        Untrusted: INVITATION_INVALID, INVITATION_EXPIRED, INVITATION_USED.
    """
    invitation = None
    if token is not None:
        chosen = select(Invitation).where(
            Invitation.network_id == network_id, Invitation.token_hash == hash_token(token)
        )
        invitation = await session.scalar(chosen.with_for_update())
    if invitation is None or invitation.revoked_at is not None:
        raise Untrusted(Code.INVITATION_INVALID, "This invitation is not one of this network, or was taken back.")
    if invitation.expires_at <= now:
        raise Untrusted(Code.INVITATION_EXPIRED, "This invitation has expired; ask the coordinator for a new link.")
    if invitation.used >= invitation.uses:
        raise Untrusted(Code.INVITATION_USED, "This invitation was used already; ask the coordinator for a new link.")
    invitation.used += 1
    return invitation


async def _note(session: AsyncSession, actor: Actor, invitation: Invitation, action: str, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="invitation",
        subject_id=invitation.id,
        before=None,
        after={"network": invitation.network_id, "uses": invitation.uses, "expires_at": invitation.expires_at},
        now=now,
    )
