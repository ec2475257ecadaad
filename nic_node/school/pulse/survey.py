"""Ask, answer, close. Results come once, after the close, as means of a whole audience that is large enough.

Opening and closing stand in the audit log; an answer does not, since its time would tell whose it was. Nothing is
shown under the audience's smallest number. There are no groups to subtract from each other, no result before the
close, and four weeks between two surveys of the same people: so that the difference of two is never one person's
answer. At the close a mean of each question is kept and every count is erased; an export holds no count, since the
difference of two exports would be one person's answer too.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.clock import day_at
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_, filled
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.sealing import tag_bytes
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.pulse.slips import MOST_SLIPS, survey_of_slip
from nic_node.school.pulse.tables import PulseCount, PulseItem, PulseSurvey, PulseTurn

SMALLEST: Mapping[str, int] = {"staff": 5, "students": 10, "families": 10}
"""Fewer answers than these are not told, and erased."""
AUDIENCES: Mapping[str, str] = {"staff": N_("Staff"), "students": N_("Students"), "families": N_("Families")}
WAYS: Mapping[str, str] = {
    "slips": N_("One-time links: a slip for each, to hand out or to send. Each is good for one answer."),
    "link": N_("One open link, for a poster or a newsletter. It counts devices, not people."),
}
"""How students and families answer; staff answer with their accounts."""
CONSTRUCTS: Mapping[str, str] = {
    "efficacy": N_("Collective efficacy"),
    "climate": N_("Climate"),
    "coherence": N_("Coherence"),
    "own": N_("Our own question"),
}
USUAL: Mapping[str, tuple[str, ...]] = {
    "efficacy": (
        N_("Together we can reach the students who find it hardest."),
        N_("When a student does not learn, we find another way."),
    ),
    "climate": (N_("People here treat each other with respect."), N_("I can say here when something does not work.")),
    "coherence": (
        N_("I know what our most important goal is this year."),
        N_("What we are asked to do fits together."),
    ),
}
SCALE: tuple[str, ...] = (
    N_("Not at all"), N_("Rather not"), N_("Partly"), N_("Mostly"), N_("Fully"),
)  # fmt: skip
APART = timedelta(weeks=4)
LONGEST = timedelta(weeks=6)
MOST_ITEMS = 12
NO_SURVEY = N_("There is no such survey.")
IS_CLOSED = N_("This survey is closed. Thank you all the same.")
ANSWERED = N_("You have answered this one. Once is enough.")
SLIP_USED = N_("This link was used already: it is good for one answer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """Attributes: mean: 1 to 5, or None where nothing may be told."""

    text: str
    construct: str
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyView:
    """Attributes: results: empty while it is open. is_told: closed, and enough have answered."""

    survey: PulseSurvey
    items: Sequence[PulseItem]
    results: Sequence[ItemResult]
    is_open: bool
    is_told: bool

    @property
    def smallest(self) -> int:
        return SMALLEST[self.survey.audience]


async def open_survey(
    session: AsyncSession,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    items: Sequence[tuple[str, str]],
    zone: str,
    now: datetime,
) -> PulseSurvey:
    """Ask an audience, whole and at once.

    Args:
        values: title, audience, asked, opens_on, closes_on; answered_by, one of WAYS, if it is not the staff.
        items: (construct, text) each.
        zone: the school's: surveys begin and end with its days.

    Raises:
        InvalidInput: with sentences beside the fields; also for a second survey of the same people within four weeks.
    """
    audience = values.get("audience") or ""
    said = long_ones(values, {"title": 120})
    if not (values.get("title") or "").strip():
        said["title"] = N_("Give it a name.")
    if audience not in AUDIENCES:
        said["audience"] = N_("Choose whom you ask.")
    elif (values.get("asked") or 0) < SMALLEST[audience]:
        said["asked"] = filled(N_("Ask {n} people or more: of fewer nothing may be told."), n=SMALLEST[audience])
    answered_by = "account" if audience == "staff" else values.get("answered_by") or "slips"
    said |= _faults_of_way(answered_by, values.get("asked") or 0)
    said |= _faults_of_days(values, day_at(now, zone))
    if not 1 <= len(items) <= MOST_ITEMS or any(not text.strip() for _construct, text in items):
        said["items"] = filled(N_("Write from one to {most} questions."), most=MOST_ITEMS)
    elif any(construct not in CONSTRUCTS or len(text) > 200 for construct, text in items):
        said["items"] = N_("Keep each question within 200 characters, and choose what it is about.")
    verify(said)
    await _verify_apart(session, audience, values["opens_on"], zone)
    names = ("title", "audience", "asked", "opens_on", "closes_on")
    link = secrets.token_urlsafe(32)
    row = PulseSurvey(**{name: values[name] for name in names}, answered_by=answered_by, link=link)
    survey = await keep_new(session, row, actor=actor, action="pulse.opened", now=now, is_told=False)
    for position, (construct, text) in enumerate(items):
        session.add(PulseItem(survey_id=survey.id, position=position, construct=construct, text=text.strip()))
    await session.flush()
    return survey


async def answer_as_staff(
    session: AsyncSession,
    key: OperatorKey,
    *,
    actor: Actor,
    survey_id: int,
    answers: Mapping[int, int],
    today: date,
) -> None:
    """Answer once, signed in.

    Args:
        answers: item id -> 1 to 5; a question may be left out.

    Raises:
        NotFound.
        Conflict: it is closed, or this person has answered.
        InvalidInput: no answer, or not one of the five.
    """
    survey = await locked_row(session, PulseSurvey, survey_id, missing=NO_SURVEY)
    if survey.audience != "staff":
        raise NotFound(NO_SURVEY)
    tag = tag_bytes(key, f"{survey_id} {actor.person_id}", context="pulse")
    await _count(session, survey, tag, answers, today, twice=ANSWERED)


async def answer_by_link(
    session: AsyncSession, key: OperatorKey, *, link: str, answers: Mapping[int, int], today: date
) -> None:
    """Answer as a student or a family, who need no account; no more often than people were asked.

    Args:
        link: a slip, or the open link's secret; who counts devices does so before.

    Raises:
        NotFound.
        Conflict: it is closed, the slip was used, or as many have answered as were asked.
        InvalidInput: as `answer_as_staff`.
    """
    found = await survey_by_link(session, key, link)
    survey = await locked_row(session, PulseSurvey, found.id, missing=NO_SURVEY)
    by_slip = survey.answered_by == "slips"
    tag = tag_bytes(key, link, context="pulse slip") if by_slip else secrets.token_bytes(32)
    await _count(session, survey, tag, answers, today, twice=SLIP_USED)


async def close_survey(session: AsyncSession, *, actor: Actor, survey_id: int, now: datetime) -> PulseSurvey:
    """Close it for good: of enough answers the means are kept, of fewer nothing; the counts are erased.

    Raises:
        NotFound.
    """
    survey = await locked_row(session, PulseSurvey, survey_id, missing=NO_SURVEY)
    if survey.closed_at is None:
        answers = await _turns(session, survey_id)
        if answers < SMALLEST[survey.audience]:
            answers = 0
        else:
            await _keep_means(session, survey)
        values = {"closed_at": now, "answers": answers}
        await keep_changes(session, survey, values, actor=actor, action="pulse.closed", now=now, is_told=False)
        await _forget(session, survey_id)
    return survey


async def close_overdue(session: AsyncSession, *, actor: Actor, today: date, now: datetime) -> None:
    """Those whose last day has passed."""
    chosen = select(PulseSurvey.id).where(PulseSurvey.closed_at.is_(None), PulseSurvey.closes_on < today)
    for survey_id in (await session.scalars(chosen)).all():
        await close_survey(session, actor=actor, survey_id=survey_id, now=now)


async def survey_by_link(session: AsyncSession, key: OperatorKey, link: str) -> PulseSurvey:
    """A survey of students or families, by its open link or by one of its slips. Raises NotFound."""
    chosen = select(PulseSurvey).where(PulseSurvey.link == link, PulseSurvey.answered_by == "link")
    survey: PulseSurvey | None = await session.scalar(chosen)
    return survey or await survey_of_slip(session, key, link, missing=NO_SURVEY)


async def list_surveys(session: AsyncSession) -> list[PulseSurvey]:
    """The newest first."""
    return list(await session.scalars(select(PulseSurvey).order_by(PulseSurvey.opens_on.desc(), PulseSurvey.id.desc())))


async def open_for_staff(session: AsyncSession, today: date) -> list[PulseSurvey]:
    """Surveys that staff can answer today."""
    chosen = select(PulseSurvey).where(
        PulseSurvey.audience == "staff",
        PulseSurvey.closed_at.is_(None),
        PulseSurvey.opens_on <= today,
        PulseSurvey.closes_on >= today,
    )
    return list(await session.scalars(chosen.order_by(PulseSurvey.id)))


async def items_of(session: AsyncSession, survey_id: int) -> list[PulseItem]:
    chosen = select(PulseItem).where(PulseItem.survey_id == survey_id).order_by(PulseItem.position)
    return list(await session.scalars(chosen))


async def view_survey(session: AsyncSession, survey_id: int, today: date) -> SurveyView:
    """Raises NotFound."""
    survey = await row_of(session, PulseSurvey, survey_id, missing=NO_SURVEY)
    items = await items_of(session, survey_id)
    is_open = survey.closed_at is None and survey.closes_on >= today
    results = [ItemResult(text=item.text, construct=item.construct, mean=item.mean) for item in items]
    is_told = survey.answers > 0
    return SurveyView(survey=survey, items=items, results=[] if is_open else results, is_open=is_open, is_told=is_told)


async def trend(session: AsyncSession) -> list[tuple[str, str, list[tuple[date, float]]]]:
    """(construct, audience, (last day, mean) of each survey that is told, the oldest first), for what is told twice."""
    found: dict[tuple[str, str], list[tuple[date, float]]] = {}
    surveys = list(reversed(await list_surveys(session)))
    chosen = select(PulseItem).where(PulseItem.mean.is_not(None), PulseItem.construct != "own")
    items = list(await session.scalars(chosen.order_by(PulseItem.position)))
    for survey in surveys:
        by_construct: dict[str, list[float]] = {}
        for item in items:
            if item.survey_id == survey.id and item.mean is not None:
                by_construct.setdefault(item.construct, []).append(item.mean)
        for construct, means in by_construct.items():
            told = found.setdefault((construct, survey.audience), [])
            told.append((survey.closes_on, round(sum(means) / len(means), 1)))
    return [(construct, audience, points) for (construct, audience), points in found.items()]


async def has_answered(session: AsyncSession, key: OperatorKey, survey_id: int, person_id: int) -> bool:
    return bool(await answered_by(session, key, [survey_id], person_id))


async def answered_by(session: AsyncSession, key: OperatorKey, survey_ids: Iterable[int], person_id: int) -> set[int]:
    """Which of these surveys a person has answered."""
    tags = [tag_bytes(key, f"{survey_id} {person_id}", context="pulse") for survey_id in survey_ids]
    return set(await session.scalars(select(PulseTurn.survey_id).where(PulseTurn.tag.in_(tags)))) if tags else set()


async def _turns(session: AsyncSession, survey_id: int) -> int:
    return await session.scalar(select(func.count()).where(PulseTurn.survey_id == survey_id)) or 0


async def _count(
    session: AsyncSession, survey: PulseSurvey, tag: bytes, answers: Mapping[int, int], today: date, *, twice: str
) -> None:
    """`twice` is said to whoever has answered by this tag: after all else, so that asking uses up one's answer."""
    if survey.closed_at is not None or not survey.opens_on <= today <= survey.closes_on:
        raise Conflict(IS_CLOSED)
    ids = {item.id for item in await items_of(session, survey.id)}
    if not answers or not set(answers) <= ids:
        raise InvalidInput({"": [N_("Answer at least one question.")]})
    if not all(1 <= value <= len(SCALE) for value in answers.values()):
        raise InvalidInput({"": [N_("Choose one of the five.")]})
    if await session.scalar(select(PulseTurn.id).where(PulseTurn.survey_id == survey.id, PulseTurn.tag == tag)):
        raise Conflict(twice)
    if await _turns(session, survey.id) >= survey.asked:
        raise Conflict(N_("As many have answered as were asked. Tell whoever sent you the link."))
    # The survey's own row stays as it is: its version would tell that somebody answered.
    session.add(PulseTurn(survey_id=survey.id, tag=tag))
    chosen = select(PulseCount).where(PulseCount.item_id.in_(ids)).with_for_update()
    counts = {(row.item_id, row.value): row for row in await session.scalars(chosen)}
    if not counts:
        # All of them at once, so that not even the order of the rows says what somebody chose.
        session.add_all(
            PulseCount(item_id=item_id, value=value, count=int(answers.get(item_id) == value))
            for item_id in sorted(ids)
            for value in range(1, len(SCALE) + 1)
        )
    else:
        for item_id, value in answers.items():
            counts[item_id, value].count += 1
    await session.flush()


async def _keep_means(session: AsyncSession, survey: PulseSurvey) -> None:
    """A question that few answered is not told, whatever the others had."""
    items = {item.id: item for item in await items_of(session, survey.id)}
    sums = dict.fromkeys(items, (0, 0))
    for row in await session.scalars(select(PulseCount).where(PulseCount.item_id.in_(items))):
        total, people = sums[row.item_id]
        sums[row.item_id] = (total + row.value * row.count, people + row.count)
    for item_id, (total, people) in sums.items():
        if people >= SMALLEST[survey.audience]:
            items[item_id].mean = round(total / people, 1)


async def _forget(session: AsyncSession, survey_id: int) -> None:
    """Who has answered, and what was counted, serve nothing any more."""
    items = select(PulseItem.id).where(PulseItem.survey_id == survey_id)
    await session.execute(delete(PulseTurn).where(PulseTurn.survey_id == survey_id))
    await session.execute(delete(PulseCount).where(PulseCount.item_id.in_(items)))


async def _verify_apart(session: AsyncSession, audience: str, opens_on: date, zone: str) -> None:
    same = select(PulseSurvey).where(PulseSurvey.audience == audience).with_for_update()
    for other in await session.scalars(same):
        last = day_at(other.closed_at, zone) if other.closed_at else other.closes_on
        if opens_on < last + APART and other.opens_on < opens_on + APART:
            says = N_("The same people were asked less than four weeks before. Ask them from {day} on.")
            raise InvalidInput({"opens_on": [filled(says, day=last + APART)]})


def _faults_of_way(answered_by: str, asked: int) -> dict[str, str | None]:
    if answered_by != "account" and answered_by not in WAYS:
        return {"answered_by": N_("Choose one of the list.")}
    if answered_by == "slips" and asked > MOST_SLIPS:
        return {"asked": N_("Slips are made for 5,000 people at most: choose the open link for more.")}
    return {}


def _faults_of_days(values: Mapping[str, Any], today: date) -> dict[str, str | None]:
    opens, closes = values.get("opens_on"), values.get("closes_on")
    if opens is None or closes is None:
        return {"opens_on" if opens is None else "closes_on": N_("Say from which day to which.")}
    if not opens <= closes <= opens + LONGEST:
        return {"closes_on": N_("It ends after it begins, within six weeks.")}
    return {"opens_on": far_off(opens, today)}
