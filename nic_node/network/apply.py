"""Taking an application: verified, counted against its invitation, kept once however often it is sent."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import Application as SignedApplication
from federation.applications import verify_application
from federation.errors import Untrusted
from nic_node.accounts.actor import peer_actor
from nic_node.db.jobs import enqueue
from nic_node.membership.local import LocalNode
from nic_node.network.invite import use_invitation
from nic_node.network.invitees.applied import note_applied
from nic_node.network.letters import tell_of_application
from nic_node.network.members import member_by_entity
from nic_node.network.tables import Application, Invitation, Member, Network
from nic_node.network.transitions import Move, add_transition
from schemas.base64url import encode_base64url
from schemas.code import Code
from schemas.states import APPLIED, APPROVED, SUSPENDED, By, who_moves

VET: Final = "network.vet"
PUBLIC_ID_BYTES: Final = 16


async def take_application(
    session: AsyncSession, node: LocalNode, *, network_id: int, token: bytes, now: datetime
) -> Member:
    """Keep an application to the network and ask its host for its keys.

    The same (iss, jti) again answers as before and changes nothing.

    Raises:
        Untrusted: the codes of `verify_application`; POLICY_NOT_ACCEPTED, INVITATION_*, APPLICATION_PENDING,
            MEMBERSHIP_ENDED, MEMBER_KEY_TAKEN.
    """
    # Applications to one network queue up here, so that two of the same school never race.
    network = await session.get(Network, network_id, with_for_update=True)
    assert network is not None
    signed = verify_application(
        token, network=network.entity, now=now, allow_insecure_loopback=node.config.allow_insecure_loopback
    )
    known = await _known_application(session, network.id, signed)
    if known is not None:
        return known
    member = await member_by_entity(session, network.id, signed.entity, for_update=True)
    await _verify_acceptable(session, network, member, signed)
    invitation = await use_invitation(session, network.id, signed.invitation, now)
    if member is None:
        member = _new_member(node, network)
        session.add(member)
    before = member.state
    _fill(member, signed, invitation, now)
    await session.flush()
    session.add(
        Application(
            network_id=network.id,
            member_id=member.id,
            entity=signed.entity,
            jti=signed.jti,
            token=signed.token,
            received_at=now,
        )
    )
    move = Move(to_state=APPLIED, reason="applied", actor=peer_actor(signed.entity))
    await add_transition(session, member, before, move, "", now)
    await tell_of_application(session, node, network, member, now=now)
    await note_applied(session, member)
    await enqueue(session, kind=VET, key=str(member.id), run_at=now, arguments={"member_id": member.id})
    return member


async def _known_application(session: AsyncSession, network_id: int, signed: SignedApplication) -> Member | None:
    chosen = select(Member).join(Application, Application.member_id == Member.id)
    chosen = chosen.where(
        Application.network_id == network_id, Application.entity == signed.entity, Application.jti == signed.jti
    )
    member: Member | None = await session.scalar(chosen)
    # Whoever repeats it must hold the key that signed it first.
    if member is not None and signed.kid not in member.keys:
        raise Untrusted(Code.APPLICATION_INVALID, "This application was sent before, signed by another key.")
    return member


async def _verify_acceptable(
    session: AsyncSession, network: Network, member: Member | None, signed: SignedApplication
) -> None:
    verify_documents(network, signed.policy_sha256, signed.charter_sha256)
    if member is not None and not _may_apply(member):
        raise _not_again(member)
    taken = select(Member.id).where(
        Member.network_id == network.id, Member.jkt == signed.kid, Member.entity != signed.entity
    )
    if await session.scalar(taken.limit(1)) is not None:
        raise Untrusted(Code.MEMBER_KEY_TAKEN, "Another school applied with this key; each school needs its own.")


def verify_documents(network: Network, policy_sha256: str, charter_sha256: str) -> None:
    """Raises Untrusted POLICY_NOT_ACCEPTED where these are not today's."""
    if (policy_sha256, charter_sha256) != (network.policy_sha256, network.charter_sha256):
        raise Untrusted(
            Code.POLICY_NOT_ACCEPTED,
            "The network has another policy or charter by now; read it, accept it, and ask again.",
        )


def _may_apply(member: Member) -> bool:
    """Who was revoked comes back by an appeal alone (`appeal.py`)."""
    return who_moves(member.state, APPLIED) is By.SCHOOL


def _not_again(member: Member) -> Untrusted:
    if member.state == APPLIED:
        return Untrusted(Code.APPLICATION_PENDING, "An application of this school is waiting already.")
    if member.state in (APPROVED, SUSPENDED):
        return Untrusted(Code.APPLICATION_PENDING, "This school is a member already.")
    return Untrusted(Code.MEMBERSHIP_ENDED, "This membership was revoked; only an appeal opens the door again.")


def _new_member(node: LocalNode, network: Network) -> Member:
    public_id = encode_base64url(node.random_bytes(PUBLIC_ID_BYTES))
    return Member(network_id=network.id, public_id=public_id, last_seen_at=None)


def _fill(member: Member, signed: SignedApplication, invitation: Invitation, now: datetime) -> None:
    """What the newest application says replaces what an earlier one said; nothing of its checks is carried over."""
    member.entity, member.jkt, member.name = signed.entity, signed.kid, signed.profile["name"]
    member.entity_type = signed.entity_type
    member.state = APPLIED
    member.keys, member.http_keys, member.keys_at = dict(signed.keys), dict(signed.http_keys), None
    member.profile, member.contact = dict(signed.profile), dict(signed.contact)
    member.policy_sha256, member.charter_sha256 = signed.policy_sha256, signed.charter_sha256
    member.invitation_id, member.applied_at = invitation.id, now
    member.approved_at = member.expires_at = member.renewal_asked_at = None
    member.code_hash = member.code_given_at = member.confirmed_at = None
    member.code_tries = 0
    member.found = member.found_at = None
    member.settled = {}
