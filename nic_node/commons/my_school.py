"""My school as similarity compares it: exact, and only ever on this node."""

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.evidence.similarity import Profile
from nic_node.school.measures.read import list_measures, observations_by_measure
from nic_node.school.profile.describe import profile_of_school

PERCENT = 100


async def my_profile(session: AsyncSession) -> Profile:
    """The school's profile; an empty one before the school is set up."""
    try:
        profile = await profile_of_school(session)
    except NotFound:
        return Profile()
    return Profile(
        level=profile.level,
        grade_bands=profile.grade_bands,
        locale=profile.locale,
        enrolment=profile.enrolment,
        lunch=profile.lunch_percent,
        english_learners=profile.english_learners_percent,
        disabilities=profile.disabilities_percent,
        stage=profile.stage,
    )


async def my_share(session: AsyncSession, vocabulary: str) -> float | None:
    """My school's newest share of a measure of the vocabulary, as a fraction; None where it was never counted."""
    measures = [
        measure
        for measure in await list_measures(session)
        if measure.vocabulary == vocabulary and measure.unit == "proportion" and measure.comparison_of is None
    ]
    numbers = await observations_by_measure(session, [measure.id for measure in measures])
    known = [
        (observation.period, observation.id, observation.value)
        for observations in numbers.values()
        for observation in observations
        if observation.value is not None and not observation.excluded_because
    ]
    return max(known)[2] / PERCENT if known else None
