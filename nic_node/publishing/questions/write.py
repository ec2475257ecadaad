"""Asking and answering: the words become a draft, and go from there as a practice does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.membership.read import membership_in
from nic_node.publishing.drafts import audit_draft, editable_draft
from nic_node.publishing.questions.subject import (
    NOT_A_PRACTICE,
    answerable_question,
    askable_record,
    pointed_to,
)
from nic_node.publishing.release_log import log_release
from nic_node.publishing.states import DraftKind, DraftState, OutboxState
from nic_node.publishing.tables import DraftRow, OutboxRow, Release
from nic_node.publishing.terms import default_network
from nic_node.school.profile.tables import SchoolProfile
from schemas.canonical import document_sha256
from schemas.ids import parse_record_id
from schemas.practice import ANSWER_LENGTH, CHIPS_MAX, FACETS, QUESTION_LENGTH
from schemas.text import normal_text

MOST_UNDER_WAY: Final = 20
"""Questions and answers that did not reach the log yet: one envelope leaves a slot, so more would wait for weeks."""
ASKED_BY: Final = ("problem", "idea", "grade-band", "subject")
"""The facets that a call is asked by here. Those of a school's context stay out: they would say who asks."""
LENGTHS: Final[Mapping[str, int]] = {DraftKind.QUESTION: QUESTION_LENGTH, DraftKind.ANSWER: ANSWER_LENGTH}
IN_REVIEW: Final = N_("A second person reads it now. Ask them to send it back, then change it.")
NO_NETWORK: Final = N_("This school is in no network yet, so nobody could read a question.")
NOT_YOURS: Final = N_("Only who wrote it changes its words; others reword on the review page.")
FULL: Final = N_(
    "Twenty questions and answers of your school are under way already. One envelope leaves in each slot: wait until"
    " some stand in the log, or drop a draft."
)
TOO_LONG: Final[Mapping[int, str]] = {
    QUESTION_LENGTH: N_("Keep it within 800 characters."),
    ANSWER_LENGTH: N_("Keep it within 1,500 characters."),
}
UNKNOWN_CHIP: Final = N_("Choose from the list.")
PATHS_BEFORE: Final = ("/learn/practices/", "record=")


async def start_question(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    text: str,
    about: str | None = None,
    chips: Sequence[Mapping[str, str]] = (),
    network: str | None = None,
    now: datetime,
) -> DraftRow:
    """A question about a record, or (about None) a call to everybody of a network.

    Raises:
        NotFound: the record is not here.
        InvalidInput: no words or too many; a chip of no list; no such network.
        Conflict: it is our own practice, of a network that is only read, or too much is under way.
    """
    words = _verify_words(text, QUESTION_LENGTH)
    if about is not None:
        record, _ = await askable_record(session, node, about, now=now)
        network = record.network
    else:
        network = await _network_of_call(session, network)
    written: dict[str, Any] = {"text": words}
    if about is not None:
        written["target"] = about
    if chips:
        written["chips"] = _verify_chips(chips)
    return await _start(session, actor, DraftKind.QUESTION, network, written, now)


async def start_answer(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    question: str,
    text: str,
    practice: str | None = None,
    now: datetime,
) -> DraftRow:
    """An answer; one about our own practice will be signed by that practice's pseudonym.

    Args:
        practice: record id, or the address of the page, of a practice that it points to.

    Raises:
        NotFound: the question is not here.
        InvalidInput: no words or too many; it points to no practice.
        Conflict: the network is only read, the pseudonym can't sign any more, or too much is under way.
    """
    words = _verify_words(text, ANSWER_LENGTH)
    asked, _ = await answerable_question(session, node, question, now=now)
    written: dict[str, Any] = {"target": question, "text": words}
    if practice:
        found = await pointed_to(session, record_id_in(practice), asked, now=now)
        written["practice"] = found.record_id
    return await _start(session, actor, DraftKind.ANSWER, asked.network, written, now)


async def change_words(
    session: AsyncSession, *, actor: Actor, draft_id: int, text: str, version: int, now: datetime
) -> DraftRow:
    """The author's own words anew; what others reworded is gone with the words that it replaced.

    Raises:
        NotFound, Conflict: no such draft, a stale version, in review or approved. NotAllowed: somebody else's.
        InvalidInput: no words or too many.
    """
    row = await editable_draft(session, draft_id, version)
    if row.kind == DraftKind.PROJECT or actor.person_id != row.author_id:
        raise NotAllowed(NOT_YOURS)
    if row.state != DraftState.DRAFT:
        raise Conflict(IN_REVIEW)
    row.snapshot = row.snapshot | {"text": _verify_words(text, LENGTHS[row.kind])}
    row.snapshot_sha256, row.edits, row.updated_at = document_sha256(row.snapshot), {}, now
    await session.flush()
    await log_release(session, draft_id=row.id, stage="snapshot", code="changed", person_id=actor.person_id, now=now)
    return row


def record_id_in(text: str) -> str:
    """The record id in what somebody pasted: the id itself, or the address of the practice's page.

    Raises:
        InvalidInput: there is none.
    """
    pasted = text.strip().replace("%23", "#")
    for before in PATHS_BEFORE:
        pasted = pasted.partition(before)[2] or pasted
    try:
        parse_record_id(pasted)
    except ValueError as error:
        raise InvalidInput({"practice": [NOT_A_PRACTICE]}) from error
    return pasted


async def _start(
    session: AsyncSession, actor: Actor, kind: DraftKind, network: str, written: Mapping[str, Any], now: datetime
) -> DraftRow:
    await session.scalar(select(SchoolProfile.id).with_for_update())  # Who starts one at the same moment waits here.
    if await notes_under_way(session) >= MOST_UNDER_WAY:
        raise Conflict(FULL)
    row = DraftRow(
        kind=kind,
        target=written.get("target"),
        author_id=actor.person_id,
        network=network,
        state=DraftState.DRAFT,
        snapshot=dict(written),
        snapshot_sha256=document_sha256(written),
        edits={},
        names={},
        note="",
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    await log_release(session, draft_id=row.id, stage="snapshot", code="frozen", person_id=actor.person_id, now=now)
    await audit_draft(session, actor, row, f"{kind.value}.started", {"network": network}, now)
    return row


async def notes_under_way(session: AsyncSession) -> int:
    """Questions and answers that are drafted and do not stand in the log yet."""
    standing = (Release.draft_id == DraftRow.id) & Release.voided_at.is_(None)
    waiting = [OutboxState.QUEUED, OutboxState.ON_ITS_WAY, OutboxState.STOPPED]
    counted = (
        select(func.count(DraftRow.id))
        .outerjoin(Release, standing)
        .outerjoin(OutboxRow, OutboxRow.release_id == Release.id)
        .where(DraftRow.kind != DraftKind.PROJECT)
        .where(OutboxRow.id.is_(None) | OutboxRow.state.in_(waiting))
    )
    return await session.scalar(counted) or 0


async def _network_of_call(session: AsyncSession, network: str | None) -> str:
    if network is not None:
        membership = await membership_in(session, network)
        if membership is None or membership.read_under is not None:
            raise InvalidInput({"network": [N_("This school is in no such network.")]})
        return network
    chosen = await default_network(session)
    if chosen is None:
        raise Conflict(NO_NETWORK)
    return chosen


def _verify_words(text: str, most: int) -> str:
    words = normal_text(text, multiline=True)
    if not words:
        raise InvalidInput({"text": [N_("Write something.")]})
    if len(words) > most:
        raise InvalidInput({"text": [TOO_LONG[most]]})
    return words


def _verify_chips(chips: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    kept = list(dict.fromkeys((chip["facet"], chip["id"]) for chip in chips))
    if len(kept) > CHIPS_MAX or any(facet not in ASKED_BY or value not in FACETS[facet] for facet, value in kept):
        raise InvalidInput({"chips": [UNKNOWN_CHIP]})
    return [{"facet": facet, "id": value} for facet, value in kept]
