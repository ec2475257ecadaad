"""Releases on their way: sealed once, sent in a slot, looked for in this node's own mirror, never published twice.

queued -> on-its-way -> in-the-log -> final; stopped where a person has to look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import KINDS_AFTER_EPOCH, UNSEALED_SLOTS
from federation.errors import Untrusted
from federation.judge.state import MODERATED
from federation.records import seal_record
from federation.rules import verify_payload_rules
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import EpochView, FoundRecord, epochs_of, find_record_leaf, newest_log
from nic_node.mirror.read import tombstone_of
from nic_node.mirror.refuse import refused_because
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorPseudonym
from nic_node.publishing.decide import void
from nic_node.publishing.participate import TERM_KEY_LOST, open_secrets, part_in
from nic_node.publishing.places import Place, place_of_release, seal_place
from nic_node.publishing.questions.subject import Voice, answerable_question
from nic_node.publishing.release_log import log_release
from nic_node.publishing.released import released_record
from nic_node.publishing.sealing import outbox_context, seal_document
from nic_node.publishing.sent import sent_as, submission_of
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import DraftRow, OutboxRow, Release
from nic_node.publishing.terms import writable_epoch
from nic_node.publishing.withdrawals import kept_withdrawal
from schemas.base64url import decode_base64url, encode_base64url
from schemas.blob import SALT_BYTES
from schemas.vocab import MODERATION_REASONS

RESEND_AFTER_SLOTS: Final = 3
PROBLEM_LENGTH: Final = 400
MOST_TRIES_AFTER_END: Final = 5
REFUSED_BY_TERM: Final = N_("The rules of the new term ask for another look: {why}")
TERM_ENDED: Final = N_("The term ended before it arrived. Look at it again by the rules of the new term.")
OWN_KEY_LOST: Final = N_(
    "The key that wrote your record is lost, and no other one may speak for it, so this can’t leave. Send it back, and"
    " drop it. What stands in the log can still be withdrawn."
)
REFUSED_BY_LOG: Final = N_(
    "It stands in the log, but your own copy of the log refused its content, and so will everybody’s. {why} Correct it,"
    " or withdraw it."
)
NOT_TAKEN: Final = N_(
    "It was sent {tries} times, and the log does not have it. Either the network refused it, which it can’t tell you:"
    " it does not know whose it is. Or your relay keeps it back: on Share’s page of how envelopes travel you can draw"
    " others. What was refused, a coordinator can see."
)
REMOVED: Final = N_("The coordinators of the network took it down. Their reason: {reason}. {meaning}")
REMOVED_UNTOLD: Final = N_("The coordinators of the network took it down.")
BLOCKED: Final = N_("The coordinators blocked the pseudonym that wrote it, so it is erased everywhere.")
SETTLED: Final = (
    OutboxState.ON_ITS_WAY,
    OutboxState.IN_THE_LOG,
    OutboxState.FINAL,
    OutboxState.BLOCKED,
    OutboxState.REFUSED,
)
"""What the mirror is asked about: also what arrived long ago may be taken down."""
TRIES_UNTOLD: Final = 2
"""An envelope may get lost; one that was sent more often than this and never arrived is told of."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes into one envelope: of a row of the outbox, a retraction, or (epoch) the pseudonym of that epoch."""

    leaf: bytes
    blob: bytes
    outbox_id: int | None = None
    retraction_id: int | None = None
    epoch: int | None = None


def goes_again(sent_slot: int | None, slot: int) -> bool:
    """It was not sent yet, or is late. Slots that a new policy makes longer are counted anew, from a lower number."""
    return sent_slot is None or not 0 <= slot - sent_slot <= RESEND_AFTER_SLOTS


async def waiting_rows(session: AsyncSession, network: str, *states: OutboxState) -> list[OutboxRow]:
    """Rows of these states, the oldest first, locked."""
    chosen = (
        select(OutboxRow)
        .where(OutboxRow.network == network, OutboxRow.state.in_(states))
        .order_by(OutboxRow.id)
        .with_for_update()
    )
    return list(await session.scalars(chosen))


async def next_record(
    session: AsyncSession, node: LocalNode, views: list[EpochView], *, slot: int, now: datetime
) -> Outgoing | None:
    """What the outbox has for this slot: something late first, else the oldest that can be sealed.

    `views`: all epochs of the network, at least one.
    """
    network = views[0].network
    for row in await waiting_rows(session, network, OutboxState.ON_ITS_WAY):
        if goes_again(row.sent_slot, slot):
            return _sent(node, row, slot, now)
    queued = await waiting_rows(session, network, OutboxState.QUEUED)
    running = await writable_epoch(session, views, now) if queued else None
    for row in queued:
        if await _seal(session, node, row, views, running, now):
            return _sent(node, row, slot, now)
    return None


def _sent(node: LocalNode, row: OutboxRow, slot: int, now: datetime) -> Outgoing:
    """Note the slot before anything is sent: who is killed in between sends it again only when it is late."""
    assert row.sealed_submission is not None
    row.state, row.sent_slot, row.tries, row.updated_at = OutboxState.ON_ITS_WAY, slot, row.tries + 1, now
    submission = submission_of(node, row)
    return Outgoing(decode_base64url(submission["leaf"]), decode_base64url(submission["blob"]), outbox_id=row.id)


async def _seal(
    session: AsyncSession,
    node: LocalNode,
    row: OutboxRow,
    views: Sequence[EpochView],
    running: EpochView | None,
    now: datetime,
) -> bool:
    """Seal the approved bytes under the pseudonym that has to sign them.

    False: they wait for a term in which this school has one, or the term's rules refuse them and a person looks again.
    """
    release = await session.get_one(Release, row.release_id)
    payload = released_record(node, release)
    try:
        voice = await _voice_of(session, node, release, payload, running, now)
    except (NotFound, Conflict) as refusal:
        await _return_to_review(session, row, release, refusal.sentence, now)
        return False
    view = next((one for one in views if voice is not None and one.number == voice.epoch), None)
    if voice is None or view is None:
        return False
    policy = await document_of(session, view.epoch.policy_sha256)
    lattice = await document_of(session, view.lattice_sha256) if view.lattice_sha256 else None
    if policy is None or (view.lattice_sha256 and lattice is None):
        return False
    try:
        verify_payload_rules(release.kind, payload, policy, lattice)
    except Untrusted as refusal:
        await _return_to_review(session, row, release, REFUSED_BY_TERM.format(why=refusal.detail), now)
        return False
    try:
        private = await load_private_jwk(
            session, operator_key=node.operator_key, entity_id=node.entity_id, kid=voice.jkt
        )
    except NotFound:
        await _key_lost(session, row, release, voice, now)
        return False
    sealed = seal_record(
        release.kind,
        payload,
        private,
        network=row.network,
        epoch=view.number,
        salt=node.random_bytes(SALT_BYTES),
    )
    submission = {
        "leaf": encode_base64url(sealed.leaf),
        "blob": encode_base64url(sealed.blob),
        "blob_sha256": sealed.blob_sha256,
        "jkt": voice.jkt,
    }
    row.epoch, row.problem = view.number, ""
    row.sealed_submission = seal_document(node.operator_key, submission, context=outbox_context(row.release_id))
    return True


async def _voice_of(
    session: AsyncSession,
    node: LocalNode,
    release: Release,
    payload: Mapping[str, Any],
    running: EpochView | None,
    now: datetime,
) -> Voice | None:
    """Who signs: the running term's pseudonym; else, also after its term, the one of a record of our own.

    That is what a correction takes the place of, or what an answer is about.

    Raises:
        NotFound, Conflict: an answer whose question is gone, so that nobody can tell which of the two it has to be.
    """
    place = None if release.corrects is None else await place_of_release(session, node, release.corrects)
    if place is not None:
        return Voice(place.epoch, place.jkt)
    if release.kind == "answer":
        _, voice = await answerable_question(session, node, payload["target"], now=now)
        if voice is not None:
            return voice
    if running is None:
        return None
    part = await part_in(session, running.network, running.number)
    assert part is not None
    return Voice(running.number, open_secrets(node, part)["jkt"], of_term=True)


async def _key_lost(session: AsyncSession, row: OutboxRow, release: Release, voice: Voice, now: datetime) -> None:
    """What another term's pseudonym may sign waits for it; what no other one may sign goes back to people."""
    if not voice.of_term:
        await _return_to_review(session, row, release, OWN_KEY_LOST, now)
    elif row.problem != TERM_KEY_LOST:
        row.problem, row.updated_at = TERM_KEY_LOST, now


async def settle(session: AsyncSession, node: LocalNode, network: str, now: datetime) -> None:
    """Look for what was sent in the mirror, and move it on."""
    views = {view.number: view for view in await epochs_of(session, network)}
    log = await newest_log(session, network)
    read_at = log.current_at if log is not None else None
    for row in await waiting_rows(session, network, *SETTLED):
        found = await find_record_leaf(session, network, sent_as(node, row).blob_sha256)
        if found is not None:
            await _arrived(session, node, row, found, now)
        elif row.state == OutboxState.ON_ITS_WAY and row.tries > TRIES_UNTOLD:
            row.problem = NOT_TAKEN.format(tries=row.tries)
        if found is not None or await _is_correction(session, row):
            continue  # a correction is taken whenever it comes
        if row.state == OutboxState.ON_ITS_WAY and views and await _is_of_a_lost_log(session, node, row, log):
            await _give_up(session, row, now)
        elif row.state == OutboxState.ON_ITS_WAY and row.epoch in views:
            await _give_up_after_end(session, row, views[row.epoch], now, read_at)


async def _arrived(session: AsyncSession, node: LocalNode, row: OutboxRow, found: FoundRecord, now: datetime) -> None:
    """Keep where the record stands, sealed: nothing else links this school to it. And what became of it since."""
    state, problem = await _what_became(session, row.network, found)
    if row.state == state:
        return
    sent = sent_as(node, row)
    withdrawal = await kept_withdrawal(session, node, row, jkt=sent.jkt, record_id=found.record_id)
    place = Place(found.record_id, found.epoch, found.is_witnessed, sent.jkt, withdrawal, sent.blob_sha256)
    row.sealed_place = seal_place(node, row, place)
    row.state, row.problem, row.updated_at = state, problem[:PROBLEM_LENGTH], now
    release = await session.get(Release, row.release_id)
    assert release is not None
    if release.draft_id is not None:
        await log_release(session, draft_id=release.draft_id, stage="release", code=state, now=now)


async def _what_became(session: AsyncSession, network: str, found: FoundRecord) -> tuple[OutboxState, str]:
    """The state of a record that stands in the log, and in words what its author has to know."""
    if found.state == RecordState.GONE and found.gone == MODERATED:
        return OutboxState.REMOVED, await _reason_words(session, found)
    if found.state == RecordState.BLOCKED:
        return OutboxState.BLOCKED, BLOCKED
    if found.state == RecordState.REFUSED:
        why = await refused_because(session, network, found.index)
        return OutboxState.REFUSED, REFUSED_BY_LOG.format(why=why)
    return (OutboxState.FINAL if found.is_final else OutboxState.IN_THE_LOG), ""


async def _reason_words(session: AsyncSession, found: FoundRecord) -> str:
    stone = await tombstone_of(session, found.record_id)
    entry = MODERATION_REASONS.get(stone.reason) if stone is not None and stone.reason is not None else None
    if entry is None:
        return REMOVED_UNTOLD
    return REMOVED.format(reason=entry.label, meaning=entry.definition)


async def _is_correction(session: AsyncSession, row: OutboxRow) -> bool:
    return (await session.get_one(Release, row.release_id)).corrects is not None


async def _is_of_a_lost_log(session: AsyncSession, node: LocalNode, row: OutboxRow, log: MirrorLog | None) -> bool:
    """Whether its pseudonym belongs to a log before this one, which takes nothing by it.

    A network that was restored may number its terms as the lost log did: their numbers tell nothing.
    """
    if log is None or log.generation == 1 or log.current_at is None or log.mirrored < log.size:
        return False
    ours = (MirrorPseudonym.log_id == log.id, MirrorPseudonym.jkt == sent_as(node, row).jkt)
    return await session.scalar(select(MirrorPseudonym.leaf_index).where(*ours)) is None


async def _give_up_after_end(
    session: AsyncSession, row: OutboxRow, view: EpochView, now: datetime, read_at: datetime | None
) -> None:
    """Once the term takes nothing any more, a person looks again: nothing is sent twice on its own.

    Answers are taken also after it, so that these are sent again a few times first.

    Args:
        read_at: when the log was last read to its end. A node that was down as the term ended reads it first: what was
            sent may have arrived.
    """
    policy = await document_of(session, view.epoch.policy_sha256)
    release = await session.get_one(Release, row.release_id)
    if policy is None or (release.kind in KINDS_AFTER_EPOCH and row.tries < MOST_TRIES_AFTER_END):
        return
    grace = timedelta(seconds=(UNSEALED_SLOTS + RESEND_AFTER_SLOTS + 1) * policy["slot_seconds"])
    if read_at is not None and read_at >= view.epoch.windows.active_to + grace:
        await _give_up(session, row, now)


async def _give_up(session: AsyncSession, row: OutboxRow, now: datetime) -> None:
    release = await session.get(Release, row.release_id)
    assert release is not None
    await _return_to_review(session, row, release, TERM_ENDED, now)


async def _return_to_review(session: AsyncSession, row: OutboxRow, release: Release, why: str, now: datetime) -> None:
    """The approval was for other rules: it is void, and the draft says why."""
    draft = await session.get(DraftRow, release.draft_id, with_for_update=True) if release.draft_id else None
    if draft is None:
        row.state, row.problem, row.updated_at = OutboxState.STOPPED, why, now
        return
    draft.note = why
    await void(session, draft, release, row, now)
    await log_release(session, draft_id=draft.id, stage="release", code="voided", now=now)
