"""A member's new keys: from its own entity configuration, signed by a key that the network vouches for already."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.entities import EntityStatement, verify_entity_configuration
from federation.errors import Untrusted
from federation.keys import Jwk, read_jwks
from federation.tlog.note import COSIGNATURE_V1, parse_vkey
from nic_node.accounts.actor import peer_actor
from nic_node.accounts.audit import record_audit
from nic_node.membership.local import LocalNode
from nic_node.network.log.queue import queue_member_leaf
from nic_node.network.tables import Member
from schemas.code import Code
from schemas.ids import build_witness_name
from schemas.membership import SCHOOL_TYPE
from schemas.states import APPROVED


async def take_keys(session: AsyncSession, node: LocalNode, *, member: Member, token: str, now: datetime) -> None:
    """Replace a member's keys by those that it states; the log learns of the key that signs from now on.

    Args:
        member: its row, locked.

    Raises:
        Untrusted: KEY_NOT_PINNED, the statement is not signed by a key that the network knows; ISSUER_SUBJECT_MISMATCH,
            STATEMENT_EXPIRED (also: older than the one taken last), METADATA_INVALID, MEMBER_KEY_TAKEN, and what
            `verify_entity_configuration` finds.
    """
    statement = verify_entity_configuration(
        token, now=now, pinned=set(member.keys), allow_insecure_loopback=node.config.allow_insecure_loopback
    )
    if statement.subject != member.entity:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, "A school tells its own keys and nobody else's.")
    if member.keys_at is not None and statement.issued_at < member.keys_at:
        raise Untrusted(Code.STATEMENT_EXPIRED, "A newer statement of this school's keys was taken before.")
    http_keys = _http_keys(statement, member.entity_type)
    await _verify_free(session, member, statement)
    before = {"keys": sorted(member.keys), "http_keys": sorted(member.http_keys), "signs": member.jkt}
    member.keys = {kid: dict(jwk) for kid, jwk in statement.keys.items()}
    member.http_keys, member.keys_at = http_keys, statement.issued_at
    member.witness_key = stated_witness_key(statement)
    if statement.kid != member.jkt:
        await _change_signing_key(session, node, member, statement.kid, now)
    after = {"keys": sorted(member.keys), "http_keys": sorted(http_keys), "signs": member.jkt}
    if after != before:
        await record_audit(
            session,
            actor=peer_actor(member.entity),
            action="member.keys-changed",
            subject="member",
            subject_id=member.id,
            before=before,
            after=after,
            now=now,
        )


def _http_keys(statement: EntityStatement, entity_type: str) -> dict[str, Jwk]:
    keys = read_jwks(statement.metadata.get(entity_type, {}).get("jwks", {"keys": []}), kinds=HTTP_KEYS)
    if not keys:
        raise Untrusted(Code.METADATA_INVALID, "The statement names no key that signs requests.")
    return {kid: dict(jwk) for kid, jwk in keys.items()}


def stated_witness_key(statement: EntityStatement) -> str | None:
    """The key by which a school's node says that it cosigns; None where it is none, or under another name."""
    text = statement.metadata.get(SCHOOL_TYPE, {}).get("witness_key")
    if text is None:
        return None
    key = parse_vkey(text)
    is_own = key.key_type == COSIGNATURE_V1 and key.name == build_witness_name(statement.subject)
    return key.text if is_own else None


async def _verify_free(session: AsyncSession, member: Member, statement: EntityStatement) -> None:
    taken = select(Member.id).where(
        Member.network_id == member.network_id, Member.jkt.in_(statement.keys), Member.entity != member.entity
    )
    if await session.scalar(taken.limit(1)) is not None:
        raise Untrusted(Code.MEMBER_KEY_TAKEN, "Another school has one of these keys; each school needs its own.")


async def _change_signing_key(session: AsyncSession, node: LocalNode, member: Member, kid: str, now: datetime) -> None:
    """Who is suspended gets its leaf when it is reinstated; who waits, when it is admitted."""
    member.jkt = kid
    if member.state == APPROVED and not member.is_network:
        await queue_member_leaf(
            session,
            operator_key=node.operator_key,
            network_id=member.network_id,
            entity=member.entity,
            jkt=kid,
            from_state=APPROVED,
            to_state=APPROVED,
            now=now,
        )
