"""My school as similarity compares it: exact, and only ever on this node."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, Select, String, bindparam, cast, delete, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.saved.tables import LikenessWeights
from nic_node.db.base import BigIntKey
from nic_node.db.insert import insert_if_missing
from nic_node.db.once import once_a_reading
from nic_node.errors import InvalidInput
from nic_node.evidence.similarity import SIMILARITY_WEIGHTS, Profile, Similarity, similarity
from nic_node.i18n import N_
from nic_node.school.measures.read import list_measures, numbers_of
from nic_node.school.profile.describe import grade_bands_between
from nic_node.school.profile.tables import SchoolProfile
from nic_node.school.projects.tables import Project

PERCENT = 100
PROFILE: Final = (
    SchoolProfile.level,
    SchoolProfile.low_grade,
    SchoolProfile.high_grade,
    SchoolProfile.locale,
    SchoolProfile.enrolment,
    SchoolProfile.lunch_percent,
    SchoolProfile.english_learners_percent,
    SchoolProfile.disabilities_percent,
    SchoolProfile.stage,
)
USUAL: Final = tuple(SIMILARITY_WEIGHTS.items())
MOST_WEIGHT: Final = 1.0
WRONG_WEIGHT = N_("A weight is a number from 0 to 100.")
ALL_NOTHING = N_("Let one of them count at least, or go back to what is usual.")


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where likeness is seen: my school, and what counts for whoever looks."""

    profile: Profile
    weights: tuple[tuple[str, float], ...] = USUAL

    def compare(self, bands: Mapping[str, str], **more: Any) -> Similarity:
        """`more` as `similarity` takes it."""
        return similarity(self.profile, bands, weights=dict(self.weights), **more)


@dataclass(frozen=True, slots=True)
class Here:
    """What a search needs to know of this school and of whoever looks.

    `copies`: record id -> the newest project here that copied it.
    """

    mine: Standpoint
    copies: Mapping[str, int]


@once_a_reading
async def here(session: AsyncSession, person_id: int | None) -> Here:
    """For a person; None: with the usual weights. One statement."""
    found = await (await session.connection()).execute(_asked_of_here(), {"person_id": person_id})
    row = found.one()
    weights = USUAL if row.weights is None else _ordered(row.weights)
    copies: dict[str, int] = {}
    for line in (row.copies or "").splitlines():
        record_id, _, project = line.rpartition(" ")
        copies[record_id] = max(int(project), copies.get(record_id, 0))
    return Here(Standpoint(_profile(row), weights), copies)


@cache
def _asked_of_here() -> Select[*tuple[Any, ...]]:
    """One row, also before the school is set up."""
    copied = Project.origin_record + " " + cast(Project.id, String)
    copies = select(func.aggregate_strings(copied, "\n")).where(Project.origin_record.is_not(None))
    always = select(literal(1).label("here")).subquery()
    own = LikenessWeights.person_id == bindparam("person_id", type_=BigIntKey)
    return (
        select(*PROFILE, LikenessWeights.weights, copies.scalar_subquery().label("copies"))
        .select_from(always)
        .outerjoin(SchoolProfile, true())
        .outerjoin(LikenessWeights, own)
        .limit(1)
    )


async def my_standpoint(session: AsyncSession, person_id: int | None) -> Standpoint:
    """Of a person; None: with the usual weights."""
    return (await here(session, person_id)).mine


async def weights_of(session: AsyncSession, person_id: int) -> dict[str, float]:
    own = await session.get(LikenessWeights, person_id)
    return dict(USUAL if own is None else _ordered(own.weights))


async def set_weights(session: AsyncSession, *, person_id: int, weights: Mapping[str, float] | None) -> None:
    """Keep what counts for a person; None: as usual again.

    Raises:
        InvalidInput: a weight below 0 or above `MOST_WEIGHT`, one for nothing known, or all of them 0.
    """
    await session.execute(delete(LikenessWeights).where(LikenessWeights.person_id == person_id))
    if weights is None:
        return
    wrong = [
        name for name, weight in weights.items() if name not in SIMILARITY_WEIGHTS or not 0 <= weight <= MOST_WEIGHT
    ]
    if wrong:
        raise InvalidInput({name: [WRONG_WEIGHT] for name in wrong}, WRONG_WEIGHT)
    if not any(weights.values()):
        raise InvalidInput({next(iter(SIMILARITY_WEIGHTS)): [ALL_NOTHING]}, ALL_NOTHING)
    kept = {name: float(weights.get(name, 0)) for name in SIMILARITY_WEIGHTS}
    await insert_if_missing(session, LikenessWeights, person_id=person_id, weights=kept)


def _ordered(weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((name, float(weights.get(name, 0))) for name in SIMILARITY_WEIGHTS)


async def my_profile(session: AsyncSession) -> Profile:
    """The school's profile; an empty one before the school is set up."""
    return (await my_standpoint(session, None)).profile


def _profile(row: Row[*tuple[Any, ...]]) -> Profile:
    return Profile(
        level=row.level,
        grade_bands=grade_bands_between(row.low_grade, row.high_grade),
        locale=row.locale,
        enrolment=row.enrolment,
        lunch=row.lunch_percent,
        english_learners=row.english_learners_percent,
        disabilities=row.disabilities_percent,
        stage=row.stage,
    )


async def my_share(session: AsyncSession, vocabulary: str) -> float | None:
    """My school's newest share of a measure of the vocabulary, as a fraction; None where it was never counted."""
    measures = [
        measure
        for measure in await list_measures(session)
        if measure.vocabulary == vocabulary and measure.unit == "proportion" and measure.comparison_of is None
    ]
    numbers = await numbers_of(session, measures)
    known = [
        (observation.period, observation.id, observation.value)
        for observations in numbers.values()
        for observation in observations
        if observation.value is not None and not observation.excluded_because
    ]
    return max(known)[2] / PERCENT if known else None
