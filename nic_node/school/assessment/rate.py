"""Rate practices, each for themselves; where the ratings differ is what to talk about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled
from nic_node.school.assessment.tables import AssessedPractice, Assessment, PracticeRating
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, row_of, verify

RATINGS: tuple[str, ...] = (N_("Not yet"), N_("Starting"), N_("In place"), N_("Sustained"))
IN_PLACE = 2
WEAKEST = 3
QUESTIONS: Mapping[str, str] = {
    "vision": N_("What do we want to be true of every student here?"),
    "priorities": N_("What are the few things that matter most now?"),
    "leverage": N_("What gives us leverage, and what holds us back?"),
    "short_steps": N_("What do we do in the next weeks?"),
    "monitoring": N_("How will we see early whether it works?"),
}
USUAL_PRACTICES: tuple[str, ...] = (
    N_("We have one goal that everybody here would say alike."),
    N_("The leadership team meets on time, with an agenda, and decides."),
    N_("Teachers of a grade or subject plan and look at student work together every week."),
    N_("We agree on what good teaching looks like, and visit each other's classrooms to see it."),
    N_("Every lesson has a clear aim, and we check whether students reached it."),
    N_("We know within weeks, not at the end of the year, which students fall behind."),
    N_("A student who falls behind gets more time and another way, soon."),
    N_("Every student is known well by at least one adult here."),
    N_("Families hear from us before there is a problem."),
    N_("We try changes small, with a prediction and a number, before everybody does them."),
    N_("We stop what does not help."),
)
MOST_PRACTICES = 40
FAR_APART = 2
"""Steps between the lowest and the highest rating from which on a practice is talked about first."""
MOVED = 0.5
FIELDS = ("title", "held_on", *QUESTIONS)
NO_ASSESSMENT = N_("There is no such self-assessment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPractice:
    """A practice with what the team thinks; nobody's rating is told with a name.

    Attributes:
        counts: how many chose each of RATINGS.
        evidence: what people have seen, without their names, in the order of the alphabet.
        mine: this person's own rating, or None.
        before: the mean of the self-assessment before this one, where it rated the same words; else None.
    """

    practice: AssessedPractice
    counts: Sequence[int]
    evidence: Sequence[str]
    mine: PracticeRating | None
    before: float | None = None

    @property
    def has_moved(self) -> bool:
        """By half a step or more since the last time."""
        return self.mean is not None and self.before is not None and abs(self.mean - self.before) >= MOVED

    @property
    def spread(self) -> int:
        """Steps between the lowest and the highest."""
        chosen = [rating for rating, count in enumerate(self.counts) if count]
        return chosen[-1] - chosen[0] if chosen else 0

    @property
    def is_far_apart(self) -> bool:
        return self.spread >= FAR_APART

    @property
    def mean(self) -> float | None:
        raters = sum(self.counts)
        return sum(rating * count for rating, count in enumerate(self.counts)) / raters if raters else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """Attributes: raters: how many people rated at least one practice."""

    assessment: Assessment
    practices: Sequence[RatedPractice]
    raters: int

    @property
    def i_rated(self) -> bool:
        """Until then the team's ratings stay covered, so that they sway nobody."""
        return any(rated.mine is not None for rated in self.practices)

    @property
    def to_talk_about(self) -> list[RatedPractice]:
        """First where the ratings differ most, then the lowest."""
        return sorted(self.practices, key=lambda rated: (-rated.spread, rated.mean if rated.mean is not None else 9))


async def assessments(session: AsyncSession) -> list[Assessment]:
    """The newest first."""
    return list(await session.scalars(select(Assessment).order_by(Assessment.held_on.desc(), Assessment.id.desc())))


async def assessment_of(session: AsyncSession, assessment_id: int) -> Assessment:
    """Raises NotFound."""
    return await row_of(session, Assessment, assessment_id, missing=NO_ASSESSMENT)


async def usual_practices(session: AsyncSession) -> list[str]:
    """Those of the newest self-assessment, so that versions can be held against each other; else our list."""
    newest = select(Assessment.id).order_by(Assessment.held_on.desc(), Assessment.id.desc()).limit(1)
    chosen = select(AssessedPractice.text).where(AssessedPractice.assessment_id == newest.scalar_subquery())
    return list(await session.scalars(chosen.order_by(AssessedPractice.position))) or list(USUAL_PRACTICES)


async def open_assessment(
    session: AsyncSession, *, actor: Actor, title: str, held_on: date | None, practices: Sequence[str], today: date,
    now: datetime,
) -> Assessment:  # fmt: skip
    """Begin one.

    Raises:
        InvalidInput: no title, no day, no practices or too many.
    """
    said = long_ones({"title": title}, {"title": 120})
    if not title.strip():
        said["title"] = N_("Give it a name, such as Fall 2026.")
    said["held_on"] = far_off(held_on, today) if held_on else N_("Say of which day it is.")
    texts = [text.strip() for text in practices if text.strip()]
    if not 1 <= len(texts) <= MOST_PRACTICES:
        said["practices"] = filled(
            N_("Write from one to {most} practices, each in a line of its own."), most=MOST_PRACTICES
        )
    elif any(len(text) > 200 for text in texts):
        said["practices"] = N_("Keep each practice within 200 characters.")
    verify(said)
    assert held_on is not None
    row = Assessment(title=title.strip(), held_on=held_on)
    made = await keep_new(session, row, actor=actor, action="assessment.opened", now=now)
    for position, text in enumerate(texts):
        one = AssessedPractice(assessment_id=made.id, position=position, text=text)
        await keep_new(session, one, actor=actor, action="practice.listed", now=now)
    return made


async def answer_questions(
    session: AsyncSession, *, actor: Actor, assessment_id: int, values: Mapping[str, Any], version: int, now: datetime
) -> Assessment:
    """Write the team's answers to the five questions; those that `values` lacks stay.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: too long.
    """
    row = await locked_row(session, Assessment, assessment_id, missing=NO_ASSESSMENT, version=version)
    known = {name: values[name] for name in QUESTIONS if name in values}
    verify(long_ones(known, dict.fromkeys(QUESTIONS, 2000)))
    return await keep_changes(session, row, known, actor=actor, action="assessment.answered", now=now)


async def rate_practices(
    session: AsyncSession,
    *,
    actor: Actor,
    assessment_id: int,
    ratings: Mapping[int, tuple[int | None, str]],
    now: datetime,
) -> int:
    """Keep this person's own ratings, anew if they had rated before; how many.

    Args:
        ratings: practice id -> (0 to 3, what they have seen); None for a practice that they leave out.

    Raises:
        NotFound.
        InvalidInput: fields 'rating_ID' and 'evidence_ID'.
    """
    await row_of(session, Assessment, assessment_id, missing=NO_ASSESSMENT)
    assert actor.person_id is not None
    chosen = select(AssessedPractice.id).where(AssessedPractice.assessment_id == assessment_id)
    ids = set(await session.scalars(chosen))
    said: dict[str, str | None] = {}
    for practice_id, (rating, evidence) in ratings.items():
        if practice_id not in ids:
            raise InvalidInput({"": [N_("These practices are of another self-assessment. Load the page anew.")]})
        if rating is not None and not 0 <= rating < len(RATINGS):
            said[f"rating_{practice_id}"] = N_("Choose one of the four.")
        if rating is None and evidence.strip():
            said[f"rating_{practice_id}"] = N_("Say how far it is, too.")
        said |= long_ones({f"evidence_{practice_id}": evidence}, {f"evidence_{practice_id}": 400})
    verify(said)
    old = select(PracticeRating).where(PracticeRating.practice_id.in_(ids), PracticeRating.person_id == actor.person_id)
    known = {row.practice_id: row for row in await session.scalars(old.with_for_update())}
    kept = 0
    for practice_id, (rating, evidence) in ratings.items():
        if rating is None:
            continue
        values = {"rating": rating, "evidence": evidence.strip()}
        if practice_id in known:
            row = known[practice_id]
            await keep_changes(session, row, values, actor=actor, action="practice.rated", now=now, is_told=False)
        else:
            row = PracticeRating(practice_id=practice_id, person_id=actor.person_id, **values)
            await keep_new(session, row, actor=actor, action="practice.rated", now=now, is_told=False)
        kept += 1
    return kept


async def view_assessment(session: AsyncSession, assessment_id: int, person_id: int) -> AssessmentView:
    """As this person sees it. Raises NotFound."""
    assessment = await assessment_of(session, assessment_id)
    listed = select(AssessedPractice).where(AssessedPractice.assessment_id == assessment_id)
    practices = (await session.scalars(listed.order_by(AssessedPractice.position))).all()
    chosen = select(PracticeRating).where(PracticeRating.practice_id.in_([practice.id for practice in practices]))
    by_practice: dict[int, list[PracticeRating]] = {practice.id: [] for practice in practices}
    for rating in await session.scalars(chosen):
        by_practice[rating.practice_id].append(rating)
    before = await _means_before(session, assessment)
    return AssessmentView(
        assessment=assessment,
        practices=[
            _rated(practice, by_practice[practice.id], person_id, before.get(practice.text)) for practice in practices
        ],
        raters=len({rating.person_id for ratings in by_practice.values() for rating in ratings}),
    )


async def newest_vision(session: AsyncSession) -> str:
    """What the newest self-assessment answered about the vision: where the plan's begins. '' for nothing."""
    newest = select(Assessment.vision).where(Assessment.vision != "")
    return await session.scalar(newest.order_by(Assessment.held_on.desc(), Assessment.id.desc()).limit(1)) or ""


async def _means_before(session: AsyncSession, assessment: Assessment) -> dict[str, float]:
    """Text -> mean in the self-assessment before this one, of what was rated then."""
    earlier = (Assessment.held_on < assessment.held_on) | (
        (Assessment.held_on == assessment.held_on) & (Assessment.id < assessment.id)
    )
    last = select(Assessment.id).where(earlier).order_by(Assessment.held_on.desc(), Assessment.id.desc()).limit(1)
    chosen = (
        select(AssessedPractice.text, func.avg(PracticeRating.rating * 1.0))
        .join(PracticeRating, PracticeRating.practice_id == AssessedPractice.id)
        .where(AssessedPractice.assessment_id == last.scalar_subquery())
        .group_by(AssessedPractice.id, AssessedPractice.text)
    )
    return {text: float(mean) for text, mean in await session.execute(chosen)}


async def weakest(session: AsyncSession, person_id: int) -> list[RatedPractice]:
    """What the newest assessment found furthest from being in place, for the plan; nothing to who has not rated yet."""
    newest = select(Assessment.id).order_by(Assessment.held_on.desc(), Assessment.id.desc()).limit(1)
    assessment_id = await session.scalar(newest)
    if assessment_id is None:
        return []
    view = await view_assessment(session, assessment_id, person_id)
    low = [rated for rated in view.practices if rated.mean is not None and rated.mean < IN_PLACE]
    return sorted(low, key=lambda rated: rated.mean or 0.0)[:WEAKEST] if view.i_rated else []


async def count_raters(session: AsyncSession) -> dict[int, int]:
    """Self-assessment id -> how many people rated."""
    chosen = (
        select(AssessedPractice.assessment_id, func.count(func.distinct(PracticeRating.person_id)))
        .join(PracticeRating, PracticeRating.practice_id == AssessedPractice.id)
        .group_by(AssessedPractice.assessment_id)
    )
    return dict((await session.execute(chosen)).all())


def _rated(
    practice: AssessedPractice, ratings: Sequence[PracticeRating], person_id: int, before: float | None
) -> RatedPractice:
    return RatedPractice(
        before=before,
        practice=practice,
        counts=[sum(rating.rating == step for rating in ratings) for step in range(len(RATINGS))],
        evidence=sorted(rating.evidence for rating in ratings if rating.evidence),
        mine=next((rating for rating in ratings if rating.person_id == person_id), None),
    )
