"""The one-time code: given by a coordinator through the school's published contact, sent back by the school's node."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.members import member_of
from nic_node.network.tables import Member
from schemas.code import Code
from schemas.states import APPLIED

CODE_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 signs without those that are taken for each other: 0, O, 1, I."""
CODE_SIGNS: Final = 8
CODE_LIFETIME: Final = timedelta(days=14)
MOST_TRIES: Final = 10


async def give_code(
    session: AsyncSession, *, node: LocalNode, network_id: int, member_id: int, actor: Actor, now: datetime
) -> str:
    """A new code such as 'KX4M-9TPA', shown once; an earlier one stops working.

    Raises:
        Conflict: the school does not wait for a decision.
    """
    await verify_coordinator(session, network_id, actor)
    member = await member_of(session, network_id, member_id, for_update=True)
    if member.state != APPLIED:
        raise Conflict(N_("Only a school that waits for a decision is given a code."))
    code = _draw_code(node)
    member.code_hash, member.code_given_at, member.code_tries = _hash_code(member, code), now, 0
    member.confirmed_at = None
    await record_audit(
        session,
        actor=actor,
        action="member.code-given",
        subject="member",
        subject_id=member.id,
        before=None,
        after=None,
        now=now,
    )
    return code


def _draw_code(node: LocalNode) -> str:
    signs = "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in node.random_bytes(CODE_SIGNS))
    return f"{signs[:4]}-{signs[4:]}"


def confirm_code(member: Member, code: str, *, now: datetime) -> bool:
    """Whether this is the code; the caller's transaction keeps the count of tries either way.

    Raises:
        Untrusted: CONFIRMATION_EXPIRED: none was given, it is too old, or was guessed at too often.
    """
    if member.confirmed_at is not None:
        return True
    given = member.code_given_at
    if member.code_hash is None or given is None or now > given + CODE_LIFETIME or member.code_tries >= MOST_TRIES:
        raise Untrusted(Code.CONFIRMATION_EXPIRED, "No code works now; ask the coordinator for a new one.")
    if hmac.compare_digest(member.code_hash, _hash_code(member, code)):
        member.confirmed_at = now
        return True
    member.code_tries += 1
    return False


def _hash_code(member: Member, code: str) -> str:
    """Without the hyphen, which people leave out; bound to the school that it was given to."""
    plain = code.upper().replace("-", "")
    return hashlib.sha256(f"{member.public_id}\x00{plain}".encode()).hexdigest()
