"""Announcing an epoch: its keys, its windows, its policy and its first lattice, fixed by one leaf."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import Epoch, EpochStatus, EpochWindows, plan_windows
from federation.keys import Jwk, public_jwk
from federation.leaves import build_epoch
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.disclosure.lattice import build_lattice
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.keyring.keys import create_key
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.membership.local import LocalNode
from nic_node.network.documents import current_policy, keep_document
from nic_node.network.log.cosigners import name_witnesses
from nic_node.network.log.profiles import profiles_of
from nic_node.network.log.queue import EPOCHS, log_of, queue_network_leaf
from nic_node.network.log.supplement import Supplement, supplement_of, verify_may_supplement
from nic_node.network.log.tables import EpochRecord, Log, LogMember
from nic_node.network.read import network_of
from schemas.canonical import canonical_bytes
from schemas.states import APPROVED

ANNOUNCED_AHEAD: Final = timedelta(days=7)
"""The next epoch is announced so long before it issues, or as long as it issues where that is shorter."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What can be announced now; `supplement` where it is an epoch beside the one that is open, with its policy."""

    number: int
    policy: Mapping[str, Any]
    windows: EpochWindows
    supplement: Supplement | None


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """The two private keys of one epoch."""

    credential: Jwk
    submission: Jwk


async def draw_epoch_keys() -> EpochKeys:
    """New keys, in a thread: RSA takes seconds, so before any transaction."""
    return EpochKeys(await generate_key(KeyPurpose.CREDENTIAL), await generate_key(KeyPurpose.SUBMISSION))


async def announce_epoch(
    node: LocalNode, *, network_id: int, actor: Actor, now: datetime, issue_from: datetime | None = None
) -> int:
    """Announce the next epoch, issuing from `issue_from` or at once; answers its number. It is in the log soon after.

    Raises:
        NotFound: no such network here.
        Conflict: too few members, an epoch that has not opened yet, or too few who wait beside an open one.
    """
    async with node.database.reading() as session:
        await plan_announcement(session, await log_of(session, network_id), issue_from=issue_from or now)
    keys = await draw_epoch_keys()
    async with node.database.writing() as session:
        number = await keep_announcement(
            session, node, network_id=network_id, actor=actor, keys=keys, issue_from=issue_from or now, now=now
        )
    node.wake()
    return number


async def plan_announcement(session: AsyncSession, log: Log, *, issue_from: datetime) -> Announcement:
    """The epoch that would be announced now, to issue from `issue_from` on.

    Raises:
        Conflict: it can't be announced now; the sentence says what to wait for.
    """
    policy: Mapping[str, Any] = await current_policy(session, log.network_id)
    supplement = await supplement_of(session, log, policy, issue_from)
    policy = policy if supplement is None else supplement.policy
    if log.approved_members < policy["min_issued"]:
        raise Conflict(
            N_(
                "An epoch needs more members: approve applications until the number that the policy asks for is"
                " reached, then announce it."
            )
        )
    running = select(EpochRecord.number).where(EpochRecord.log_id == log.id)
    if await session.scalar(running.where(EpochRecord.status == EpochStatus.ANNOUNCED).limit(1)):
        raise Conflict(N_("The epoch that was announced last has not opened yet. Wait until it has."))
    windows = windows_on_grid(policy, issue_from)
    if supplement is not None:
        verify_may_supplement(supplement, windows)
        windows = replace(windows, active_to=supplement.ends)
    return Announcement(await _next_number(session, log), policy, windows, supplement)


async def _next_number(session: AsyncSession, log: Log) -> int:
    """Numbers go on through the generations of the log: a credential names its network and number only.

    Of a log that was lost nobody here knows the last entries. Each may have announced an epoch, so that the first one
    of the log after it leaves as many numbers out.
    """
    of_network = select(EpochRecord).join(Log, Log.id == EpochRecord.log_id).where(Log.network_id == log.network_id)
    known = (await session.scalars(of_network)).all()
    number = max((record.number for record in known), default=0) + 1
    if any(record.log_id == log.id for record in known):
        return number
    before = select(Log).where(Log.network_id == log.network_id, Log.generation < log.generation)
    return number + sum(max(0, lost.signed_size - lost.size) for lost in await session.scalars(before))


async def keep_announcement(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    actor: Actor,
    keys: EpochKeys,
    issue_from: datetime,
    now: datetime,
) -> int:
    """Keep the keys and the lattice, and queue the epoch's leaf; answers the epoch's number.

    Raises:
        Conflict: as `plan_announcement` says.
    """
    # Two who announce at once come one after the other.
    await network_of(session, network_id, for_update=True)
    log = await log_of(session, network_id)
    planned = await plan_announcement(session, log, issue_from=issue_from)
    number, policy = planned.number, planned.policy
    lattice = await _first_lattice(session, log, policy, number)
    epoch = Epoch(
        network=log.network,
        number=number,
        rsa_jwk=public_jwk(keys.credential),
        submission_key=public_jwk(keys.submission),
        policy_sha256=await keep_document(session, network_id, canonical_bytes(policy)),
        lattice_sha256=await keep_document(session, network_id, canonical_bytes(lattice)),
        witnesses=await name_witnesses(session, log, number),
        windows=planned.windows,
        min_issued=policy["min_issued"],
    )
    await _keep_keys(session, node, log, number, keys, now)
    payload = build_epoch(epoch)
    record = EpochRecord(log_id=log.id, number=number, payload=payload, status=EpochStatus.ANNOUNCED.value)
    record.announced_at = now
    session.add(record)
    await session.flush()
    await queue_network_leaf(session, operator_key=node.operator_key, network_id=network_id, payload=payload, now=now)
    await enqueue(session, kind=EPOCHS, key=str(log.id), run_at=now, arguments={"log_id": log.id})
    await record_audit(
        session,
        actor=actor,
        action="epoch.announced",
        subject="epoch",
        subject_id=number,
        before=None,
        after={
            "network": log.network,
            "issue_to": epoch.windows.issue_to,
            "active_to": epoch.windows.active_to,
            "supplementary": planned.supplement is not None,
        },
        now=now,
    )
    return number


def windows_on_grid(policy: Mapping[str, Any], issue_from: datetime) -> EpochWindows:
    """The policy's windows, in whole seconds, opened at the end of a slot.

    Whatever was sent before active_from has then been sequenced before the `open` leaf counts it.
    """
    windows = plan_windows(policy, datetime.fromtimestamp(int(issue_from.timestamp()), UTC))
    slot = policy["slot_seconds"]
    opens = -(-int(windows.active_from.timestamp()) // slot) * slot
    active_from = datetime.fromtimestamp(opens, UTC)
    return replace(
        windows, active_from=active_from, active_to=active_from + timedelta(seconds=policy["active_seconds"])
    )


def announced_ahead(policy: Mapping[str, Any]) -> timedelta:
    return min(ANNOUNCED_AHEAD, timedelta(seconds=policy["issue_seconds"]))


async def _first_lattice(session: AsyncSession, log: Log, policy: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Over the members of today; it is merged when issuing closes and it is known who takes part."""
    approved = select(LogMember.entity).where(LogMember.log_id == log.id, LogMember.state == APPROVED)
    entities = (await session.scalars(approved)).all()
    profiles = await profiles_of(session, log.network_id, entities)
    return build_lattice(
        profiles, network=log.network, epoch=number, k=policy["context_k"], ranking=policy["context_ranking"]
    )


async def _keep_keys(
    session: AsyncSession, node: LocalNode, log: Log, number: int, keys: EpochKeys, now: datetime
) -> None:
    for purpose, private_jwk in (
        (KeyPurpose.CREDENTIAL, keys.credential),
        (KeyPurpose.SUBMISSION, keys.submission),
    ):
        await create_key(
            session,
            operator_key=node.operator_key,
            entity_id=log.network,
            purpose=purpose,
            private_jwk=private_jwk,
            now=now,
            scope=f"{log.network}#{number}",
        )
