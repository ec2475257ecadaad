"""Asking an applicant's host who it is, reading the directory, and settling what only a person can."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.entities import verify_entity_configuration
from federation.errors import FederationError
from federation.keys import read_jwks
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.in_force import sha256_in_force
from nic_node.network.members import member_of
from nic_node.network.tables import DirectoryEntry, Member, Network
from nic_node.network.vetting import SETTLED_BY_PERSON, Vetting, vet
from schemas.states import APPLIED
from schemas.text import normal_text

PROBLEM_LENGTH: Final = 300
NOTE_LENGTH: Final = 200


async def ask_host(node: LocalNode, member_id: int) -> bool:
    """Fetch the applicant's entity configuration and keep what it showed; a host that is down is a finding too.

    False when it showed nothing and the school still waits: then it is worth asking again.
    """
    async with node.database.reading() as session:
        member = await session.get(Member, member_id)
    if member is None or member.state != APPLIED:
        return True
    found = await _ask(node, member.entity, member.entity_type)
    # Past the row's version: a coordinator's decision is not stale because a host was asked meanwhile.
    async with node.database.writing() as session:
        chosen = update(Member).where(Member.id == member_id, Member.state == APPLIED)
        await session.execute(chosen.values(found=found, found_at=node.clock()))
    return not found["problem"]


async def _ask(node: LocalNode, entity: str, entity_type: str) -> dict[str, Any]:
    started = node.clock()
    try:
        token = await fetch_configuration(node.client, entity)
        statement = verify_entity_configuration(
            token, now=node.clock(), allow_insecure_loopback=node.config.allow_insecure_loopback
        )
        http_jwks = statement.metadata.get(entity_type, {}).get("jwks", {"keys": []})
        http_keys = read_jwks(http_jwks, kinds=HTTP_KEYS)
    except FederationError as error:
        return {"problem": error.detail[:PROBLEM_LENGTH], "code": error.code.value}
    if statement.subject != entity:
        return {"problem": "Its host serves the configuration of another entity.", "code": "issuer-subject-mismatch"}
    seconds = (node.clock() - started).total_seconds()
    return {"problem": "", "seconds": seconds, "kids": sorted(statement.keys), "http_kids": sorted(http_keys)}


async def vettings_of(session: AsyncSession, network: Network, members: Sequence[Member]) -> dict[int, Vetting]:
    """Member id -> its checks."""
    has_directory = bool(await session.scalar(select(exists().where(DirectoryEntry.network_id == network.id))))
    entries = await _entries(session, network.id, members)
    in_force = await sha256_in_force(session, network)
    return {
        member.id: vet(
            member,
            network,
            entries.get(member.profile.get("directory_id", "")),
            has_directory=has_directory,
            in_force=in_force,
        )
        for member in members
    }


async def vetting_of(session: AsyncSession, network: Network, member: Member) -> Vetting:
    return (await vettings_of(session, network, [member]))[member.id]


async def _entries(session: AsyncSession, network_id: int, members: Sequence[Member]) -> Mapping[str, DirectoryEntry]:
    wanted = {member.profile["directory_id"] for member in members if "directory_id" in member.profile}
    chosen = select(DirectoryEntry).where(
        DirectoryEntry.network_id == network_id, DirectoryEntry.directory_id.in_(wanted)
    )
    return {entry.directory_id: entry for entry in await session.scalars(chosen)}


async def settle_check(
    session: AsyncSession,
    *,
    network_id: int,
    member_id: int,
    check: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Member:
    """A coordinator looked into what no directory could tell; `note` says what they found.

    Raises:
        InvalidInput: this check settles itself, or the note is too long.
        Conflict: the school does not wait for a decision.
    """
    found = normal_text(note)
    if len(found) > NOTE_LENGTH:
        raise InvalidInput({"note": [N_("Use at most 200 characters.")]})
    member = await _waiting_member(session, network_id, member_id, check, actor)
    settled = {"by": actor.name, "by_id": actor.person_id, "at": now.isoformat(), "note": found}
    member.settled = {**member.settled, check: settled}
    await _note_check(session, actor, member, "member.check-settled", {"check": check, "note": found}, now)
    return member


async def reopen_check(
    session: AsyncSession, *, network_id: int, member_id: int, check: str, actor: Actor, now: datetime
) -> Member:
    """Undo a settlement: the check speaks for itself again.

    Raises:
        InvalidInput: this check settles itself.
        Conflict: the school does not wait for a decision.
    """
    member = await _waiting_member(session, network_id, member_id, check, actor)
    if check in member.settled:
        member.settled = {name: settled for name, settled in member.settled.items() if name != check}
        await _note_check(session, actor, member, "member.check-reopened", {"check": check}, now)
    return member


async def _waiting_member(session: AsyncSession, network_id: int, member_id: int, check: str, actor: Actor) -> Member:
    """The row, locked, for its coordinator."""
    await verify_coordinator(session, network_id, actor)
    if check not in SETTLED_BY_PERSON:
        raise InvalidInput({"check": [N_("Only the host and the directory entry are settled by a person.")]})
    member = await member_of(session, network_id, member_id, for_update=True)
    if member.state != APPLIED:
        raise Conflict(N_("This school does not wait for a decision."))
    return member


async def _note_check(
    session: AsyncSession, actor: Actor, member: Member, action: str, after: dict[str, str], now: datetime
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="member",
        subject_id=member.id,
        before=None,
        after=after,
        now=now,
    )
