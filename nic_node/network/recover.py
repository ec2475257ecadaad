"""After a key or the log itself was lost: the network goes on with a log of the next generation.

Its entry 0 is signed by new keys and names the log before with its last checkpoint, so that everybody sees where it
goes on from. Who is a member is written into it again; terms, and the pseudonyms in them, begin anew. What was
published stays readable in everybody's copy of the log before, and can be taken back in the new one.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.keys import Jwk, public_jwk
from federation.leaves import read_leaf
from federation.tlog.checkpoint import Checkpoint, verify_checkpoint
from federation.tlog.note import build_vkey, parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import Job
from nic_node.errors import Conflict, InvalidInput, NicError, NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import all_public_keys, create_key, current_private_jwk, erase_key, retire_key
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.membership.local import LocalNode
from nic_node.mirror.tables import MirrorLog
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.log.erase import scour_soon
from nic_node.network.log.files import store_of
from nic_node.network.log.found import found_log
from nic_node.network.log.mend import MEND
from nic_node.network.log.queue import EPOCHS, SEQUENCE, log_of, queue_leaf, queue_member_leaf
from nic_node.network.log.tables import EpochRecord, Log, OpenedEnvelope, QueuedLeaf, SealedEnvelope
from nic_node.network.read import network_of
from nic_node.network.tables import Member, Network
from nic_node.network.transitions import ADMITTED
from schemas.ids import build_log_origin
from schemas.limits import CHECKPOINT_MAX_BYTES
from schemas.membership import SCHOOL_TYPE
from schemas.states import APPLIED, APPROVED, SUSPENDED

MOST_NOTE_BYTES: Final = 2_000
"""So that entry 0 stays within its 4 KiB: a note with more cosignatures goes in with the log's own signature only."""
NO_CHECKPOINT: Final = N_(
    "The last signed checkpoint of the log is needed, and it is neither in the data folder nor in this school's copy."
    " Ask a member for the file that its node keeps, and name it with --checkpoint."
)
SELDOM_ROTATED: Final = (KeyPurpose.FEDERATION, KeyPurpose.HTTP)
ALWAYS_NEW: Final = (KeyPurpose.LOG, KeyPurpose.LEAF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came of it. `has_new_pin`: members follow by a new invitation link only, since the old key is gone."""

    network: Network
    generation: int
    predecessor: Checkpoint
    members: int
    has_new_pin: bool


async def recover_network(
    node: LocalNode,
    *,
    network_id: int,
    actor: Actor,
    now: datetime,
    is_stolen: bool = False,
    checkpoint: bytes | None = None,
) -> Recovered:
    """Found the next generation of a network's log.

    Args:
        is_stolen: somebody else may have the network's keys: the federation and http keys are replaced too.
        checkpoint: the log's last signed checkpoint, where neither the folder nor the mirror has it any more.

    Raises:
        NotAllowed: somebody else coordinates it. InvalidInput: 'checkpoint', it is not this log's.
        Conflict: there is no checkpoint to go on from.
    """
    async with node.database.reading() as session:
        await verify_coordinator(session, network_id, actor)
        log = await log_of(session, network_id)
        lost = [each for each in SELDOM_ROTATED if is_stolen or not await _opens(node, session, log, each)]
        mirrored = await session.scalar(select(MirrorLog.checkpoint).where(MirrorLog.origin == log.origin))
    note, signed = await _last_note(node, log, checkpoint, mirrored)
    drawn = {purpose: await generate_key(purpose) for purpose in (*ALWAYS_NEW, *lost)}
    async with node.database.writing() as session:
        network = await network_of(session, network_id, for_update=True)
        if network.generation != log.generation:
            raise Conflict(N_("Somebody recovered this network a moment ago. Look at its log first."))
        await _change_keys(session, node, network, drawn, now, is_stolen=is_stolen)
        waiting = await _retire_log(session, log, signed, now)
        await scour_soon(session, now=now)
        _go_on(network, drawn)
        await session.flush()
        leaf_private = drawn[KeyPurpose.LEAF]
        await found_log(session, network=network, leaf_private=leaf_private, now=now, predecessor=(log.origin, note))
        members = await _log_members(session, node, network, now)
        for leaf in waiting:
            await queue_leaf(session, network.id, leaf, None, now)
        await _note(session, actor, network, signed, now)
    node.wake()
    return Recovered(
        network=network,
        generation=network.generation,
        predecessor=signed,
        members=members,
        has_new_pin=KeyPurpose.FEDERATION in lost,
    )


async def _opens(node: LocalNode, session: AsyncSession, log: Log, purpose: KeyPurpose) -> bool:
    try:
        await current_private_jwk(
            session, operator_key=node.operator_key, entity_id=log.network, purpose=purpose, now=node.clock()
        )
    except NicError:
        return False
    return True


async def _last_note(
    node: LocalNode, log: Log, given: bytes | None, mirrored: bytes | None
) -> tuple[bytes, Checkpoint]:
    """The longest checkpoint that the log's key signed, of those to be had."""
    on_disk = await asyncio.to_thread(store_of(node, log).read, CHECKPOINT_PATH)
    key = parse_vkey(log.log_key)
    if given is not None:
        try:
            verify_checkpoint(given[:CHECKPOINT_MAX_BYTES], key)
        except Untrusted as error:
            raise InvalidInput({"checkpoint": [error.detail]}, error.detail) from error
    found: list[tuple[bytes, Checkpoint]] = []
    for note in (on_disk, mirrored, given):
        if note is not None:
            try:
                found.append((note, verify_checkpoint(note, key).checkpoint))
            except Untrusted:
                continue
    if not found:
        raise Conflict(NO_CHECKPOINT)
    note, signed = max(found, key=lambda each: each[1].size)
    return _short(note), signed


def _short(note: bytes) -> bytes:
    if len(note) <= MOST_NOTE_BYTES:
        return note
    text, _, signatures = note.partition(b"\n\n")
    # The log's own signature is always the first line.
    return text + b"\n\n" + signatures.split(b"\n", 1)[0] + b"\n"


async def _change_keys(
    session: AsyncSession, node: LocalNode, network: Network, drawn: dict[KeyPurpose, Jwk], now: datetime, *,
    is_stolen: bool,
) -> None:  # fmt: skip
    """End those that are replaced now, and keep the new ones. The old log's private halves are destroyed."""
    reason = "compromised" if is_stolen else "unspecified"
    for purpose, private_jwk in drawn.items():
        for key in await all_public_keys(session, entity_id=network.entity, purpose=purpose, now=now, scope=""):
            await retire_key(session, entity_id=network.entity, kid=key.kid, at=now, reason=reason)
            await erase_key(session, entity_id=network.entity, kid=key.kid, now=now)
        await create_key(
            session,
            operator_key=node.operator_key,
            entity_id=network.entity,
            purpose=purpose,
            private_jwk=private_jwk,
            now=now,
        )


async def _retire_log(session: AsyncSession, log: Log, signed: Checkpoint, now: datetime) -> list[bytes]:
    """Nothing is appended to it any more; answers the retractions that waited, which the new log takes over.

    Its envelopes can't enter another log: their authors' nodes find out, and ask their people again.
    """
    retired = await session.get_one(Log, log.id, with_for_update=True)
    retired.signed_size = max(retired.signed_size, signed.size)
    # Files of which this database lacks the entries can't be made again from it.
    no_more = (SEQUENCE, EPOCHS) if signed.size <= retired.size else (SEQUENCE, EPOCHS, MEND)
    query = select(QueuedLeaf).where(QueuedLeaf.log_id == log.id).order_by(QueuedLeaf.id)
    waiting = [row.leaf for row in await session.scalars(query) if _is_retraction(row.leaf)]
    for table in (QueuedLeaf, SealedEnvelope, OpenedEnvelope):
        await session.execute(delete(table).where(table.log_id == log.id))
    await session.execute(delete(Job).where(Job.kind.in_(no_more), Job.key == str(log.id)))
    epochs = EpochRecord.log_id == log.id
    for record in await session.scalars(select(EpochRecord).where(epochs).with_for_update()):
        await _erase_epoch_keys(session, log, record, now)
    return waiting


def _is_retraction(leaf: bytes) -> bool:
    try:
        return read_leaf(leaf).t == "retract"
    except Untrusted:
        return False


async def _erase_epoch_keys(session: AsyncSession, log: Log, record: EpochRecord, now: datetime) -> None:
    scope = f"{log.network}#{record.number}"
    for purpose in (KeyPurpose.SUBMISSION, KeyPurpose.CREDENTIAL):
        for key in await all_public_keys(session, entity_id=log.network, purpose=purpose, now=now, scope=scope):
            try:
                await erase_key(session, entity_id=log.network, kid=key.kid, now=now)
            except NotFound:
                continue
    record.submission_key_erased_at = record.submission_key_erased_at or now
    record.issuing_closed_at = record.issuing_closed_at or now


def _go_on(network: Network, drawn: dict[KeyPurpose, Jwk]) -> None:
    network.generation += 1
    origin = build_log_origin(network.entity, network.generation)
    network.log_key = build_vkey(origin, public_jwk(drawn[KeyPurpose.LOG])).text
    network.leaf_jwk = public_jwk(drawn[KeyPurpose.LEAF])


async def _log_members(session: AsyncSession, node: LocalNode, network: Network, now: datetime) -> int:
    """Who belongs to the network stands in its new log before anything else; answers how many they are."""
    chosen = select(Member).where(
        Member.network_id == network.id, Member.state.in_(ADMITTED), Member.entity_type == SCHOOL_TYPE
    )
    members = (await session.scalars(chosen.order_by(Member.id))).all()
    for member in members:
        moves = [(APPLIED, APPROVED), *([(APPROVED, SUSPENDED)] if member.state == SUSPENDED else [])]
        for from_state, to_state in moves:
            await queue_member_leaf(
                session,
                operator_key=node.operator_key,
                network_id=network.id,
                entity=member.entity,
                jkt=member.jkt,
                from_state=from_state,
                to_state=to_state,
                now=now,
            )
    return len(members)


async def _note(session: AsyncSession, actor: Actor, network: Network, signed: Checkpoint, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action="network.recovered",
        subject="network",
        subject_id=network.id,
        before={"generation": network.generation - 1, "size": signed.size},
        after={"generation": network.generation, "predecessor": signed.origin},
        now=now,
    )
