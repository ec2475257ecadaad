"""Measures and their numbers, as other rooms read them."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.measures.derived import derive, is_derived
from nic_node.school.measures.tables import Measure, Observation, Observed

COLUMNS = [getattr(Observation, name) for name in Observed._fields]
NO_MEASURE = N_("There is no such measure here.")
NO_OBSERVATION = N_("There is no such number here; perhaps somebody removed it.")


async def measure_of(session: AsyncSession, measure_id: int, *, locked: bool = False) -> Measure:
    """Raises NotFound. `locked` holds the row until the transaction ends."""
    measure = await session.get(Measure, measure_id, with_for_update=locked or None, populate_existing=locked)
    if measure is None:
        raise NotFound(NO_MEASURE)
    return measure


async def list_measures(session: AsyncSession, measure_ids: Iterable[int] | None = None) -> list[Measure]:
    """All of them, or those with these ids."""
    chosen = select(Measure).order_by(Measure.id)
    return list(await session.scalars(chosen if measure_ids is None else chosen.where(Measure.id.in_(measure_ids))))


async def has_measures(session: AsyncSession) -> bool:
    return await session.scalar(select(Measure.id).limit(1)) is not None


async def measures_of_project(session: AsyncSession, project_id: int) -> list[Measure]:
    """In the order in which they were added; measures of a comparison group are among them."""
    return list(await session.scalars(select(Measure).where(Measure.project_id == project_id).order_by(Measure.id)))


async def measures_of_goal(session: AsyncSession, goal_id: int) -> list[Measure]:
    return list(await session.scalars(select(Measure).where(Measure.goal_id == goal_id).order_by(Measure.id)))


async def comparison_measure(session: AsyncSession, measure_id: int) -> Measure | None:
    """The same measure for a group without the change, the first one if there are several."""
    chosen = select(Measure).where(Measure.comparison_of == measure_id).order_by(Measure.id).limit(1)
    found: Measure | None = await session.scalar(chosen)
    return found


async def observations_of(
    session: AsyncSession, measure_id: int, *, since: date | None = None, until: date | None = None
) -> list[Observed]:
    """In time order, points that are left out among them; both ends are included."""
    return (await observations_by_measure(session, [measure_id], since=since, until=until))[measure_id]


async def observations_by_measure(
    session: AsyncSession, measure_ids: Iterable[int], *, since: date | None = None, until: date | None = None
) -> dict[int, list[Observed]]:
    """For several measures at once, each in time order; of derived ones as their two counts make them."""
    wanted = list(measure_ids)
    found = await numbers_of(session, await list_measures(session, wanted), since=since, until=until)
    return {measure_id: found.get(measure_id, []) for measure_id in wanted}


async def numbers_of(
    session: AsyncSession, measures: Sequence[Measure], *, since: date | None = None, until: date | None = None
) -> dict[int, list[Observed]]:
    """As `observations_by_measure`, of measures that were read before."""
    derived = [measure for measure in measures if is_derived(measure)]
    parts = {part for measure in derived for part in (measure.numerator_id, measure.denominator_id) if part}
    stored = await _stored(session, {*(measure.id for measure in measures), *parts}, since, until)
    for measure in derived:
        stored[measure.id] = derive(measure, stored[measure.numerator_id or 0], stored[measure.denominator_id or 0])
    return {measure.id: stored[measure.id] for measure in measures}


async def _stored(
    session: AsyncSession, measure_ids: Iterable[int], since: date | None, until: date | None
) -> dict[int, list[Observed]]:
    found: dict[int, list[Observed]] = {measure_id: [] for measure_id in measure_ids}
    chosen = select(*COLUMNS).where(Observation.measure_id.in_(found)).order_by(Observation.period)
    if since is not None:
        chosen = chosen.where(Observation.period >= since)
    if until is not None:
        chosen = chosen.where(Observation.period <= until)
    for observation in map(Observed._make, await session.execute(chosen)):
        found[observation.measure_id].append(observation)
    return found


async def stored_observations(session: AsyncSession, measure_id: int) -> list[Observation]:
    """The rows themselves, for whoever changes them."""
    chosen = select(Observation).where(Observation.measure_id == measure_id)
    return list(await session.scalars(chosen.order_by(Observation.period)))


async def observation_of(
    session: AsyncSession, measure_id: int, observation_id: int, *, locked: bool = False
) -> Observation:
    """Raises NotFound, also for another measure's observation."""
    found = await session.get(Observation, observation_id, with_for_update=locked or None, populate_existing=locked)
    if found is None or found.measure_id != measure_id:
        raise NotFound(NO_OBSERVATION)
    return found
