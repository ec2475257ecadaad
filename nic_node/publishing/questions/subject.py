"""What a question or an answer may be about, and in whose name an answer speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.practice import readable_record
from nic_node.commons.threads.read import readable_question
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import is_blocked, newest_log
from nic_node.mirror.read import LivingRecord, LogView
from nic_node.publishing.places import own_places
from nic_node.publishing.states import DraftKind
from schemas.ids import parse_record_id

LONGEST_TITLE: Final = 120
READ_ONLY: Final = N_("Your school reads this network without belonging to it, so it can't ask or answer there.")
OWN: Final = N_("This practice is your school's own: whoever asks about it asks you.")
LOG_LOST: Final = N_(
    "The log in which your practice stood was lost, and its pseudonym with it. An answer under another one would show"
    " that both are yours, so it can't be given."
)
BLOCKED: Final = N_("The network blocked the pseudonym of this practice, so nothing can be answered under it.")
NOT_A_PRACTICE: Final = N_("Give the address or the record id of a practice that stands in the same library.")


@dataclass(frozen=True, slots=True)
class Voice:
    """The pseudonym that has to sign; `of_term`: because its term runs now, so that the next term's would do as well.

    Else it is the one of a record of our own, whatever term it is now.
    """

    epoch: int
    jkt: str
    of_term: bool = False


def title_of(written: Mapping[str, Any]) -> str:
    """A question or an answer is known by its beginning."""
    text = " ".join(str(written.get("text", "")).split())
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"


async def askable_record(
    session: AsyncSession, node: LocalNode, record_id: str, *, now: datetime
) -> tuple[LivingRecord, LogView]:
    """A practice or result that this school may ask about.

    Raises:
        NotFound: it is not here. Conflict: it is our own, or of a network that is only read.
    """
    record, log = await readable_record(session, record_id, now=now)
    if log.is_read_only:
        raise Conflict(READ_ONLY)
    if record.record_id in await own_places(session, node):
        raise Conflict(OWN)
    return record, log


async def answerable_question(
    session: AsyncSession, node: LocalNode, record_id: str, *, now: datetime
) -> tuple[LivingRecord, Voice | None]:
    """A question that this school may answer, and the pseudonym that it must speak under if it is bound to one.

    Raises:
        NotFound: it is not here. Conflict: the network is only read, or that pseudonym can't sign any more.
    """
    question, log = await readable_question(session, record_id, now=now)
    if log.is_read_only:
        raise Conflict(READ_ONLY)
    return question, await own_voice(session, node, question)


async def own_voice(session: AsyncSession, node: LocalNode, question: LivingRecord) -> Voice | None:
    """The pseudonym of our practice that it asks about, or of our own question; None: that of the running term.

    Raises:
        Conflict: it can't sign any more.
    """
    places = await own_places(session, node)
    place = places.get(question.payload.get("target", "")) or places.get(question.record_id)
    if place is None:
        return None
    log = await newest_log(session, question.network)
    if log is None or parse_record_id(place.record_id)[0] != log.origin:
        raise Conflict(LOG_LOST)
    if await is_blocked(session, question.network, place.jkt):
        raise Conflict(BLOCKED)
    return Voice(place.epoch, place.jkt)


async def verify_note_subject(
    session: AsyncSession, node: LocalNode, kind: str, written: Mapping[str, Any], *, now: datetime
) -> None:
    """What `askable_record` and `answerable_question` ask, of a draft.

    Raises:
        NotFound, Conflict: as these. InvalidInput: an answer points to no practice of the library.
    """
    if kind == DraftKind.ANSWER:
        question, _ = await answerable_question(session, node, written["target"], now=now)
        if "practice" in written:
            await pointed_to(session, written["practice"], question, now=now)
    elif "target" in written:
        await askable_record(session, node, written["target"], now=now)


async def pointed_to(session: AsyncSession, record_id: str, question: LivingRecord, *, now: datetime) -> LivingRecord:
    """The practice that an answer points to: of the question's own network.

    Raises:
        InvalidInput: there is none.
    """
    try:
        record, _ = await readable_record(session, record_id, now=now)
    except NotFound as error:
        raise InvalidInput({"practice": [error.sentence]}) from error
    if record.network != question.network:
        raise InvalidInput({"practice": [NOT_A_PRACTICE]})
    return record
