"""One number at a time: add, correct, leave out with a reason, remove."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, Stale
from nic_node.i18n import N_, too_long
from nic_node.school.bin.keep import bin_rows
from nic_node.school.editing import CHANGED_MEANWHILE
from nic_node.school.measures.derived import WORKED_OUT, is_derived
from nic_node.school.measures.numbers import NUMBER_FIELDS, Numbers, bounds_of, build_numbers
from nic_node.school.measures.read import measure_of, observation_of
from nic_node.school.measures.tables import Measure, Observation

EARLIEST = date(1990, 1, 1)
LONGEST_NOTE = 400
LONGEST_REASON = 200
THERE_ALREADY = N_("There is a number for this day already. Open it below the chart to correct it.")


def numbers_of(measure: Measure, given: Mapping[str, Any]) -> Numbers:
    """What was given, checked for this measure. Raises InvalidInput."""
    return build_numbers(measure.unit, bounds_of(measure.unit, measure.scale_low, measure.scale_high), given)


def period_fault(period: date, today: date) -> str | None:
    """Why a number can't stand for this day; `today` is the school's."""
    if period < EARLIEST:
        return N_("This day is too long ago; check the year.")
    if period > today:
        return N_("This day is still to come; check the date.")
    return None


async def add_observation(
    session: AsyncSession,
    *,
    actor: Actor,
    measure_id: int,
    period: date,
    given: Mapping[str, Any],
    note: str = "",
    today: date,
    now: datetime,
) -> Observation:
    """Add the number of a day or of the period that ends on it.

    Args:
        given: some of value, x, n, sd, exposure, as the measure's unit needs.

    Raises:
        NotFound.
        Conflict: the measure is worked out from others.
        InvalidInput: impossible numbers, a day to come, a day that has its number.
    """
    measure = await measure_of(session, measure_id, locked=True)
    if is_derived(measure):
        raise Conflict(WORKED_OUT)
    fault = period_fault(period, today)
    if fault is None and await _is_taken(session, measure_id, period):
        fault = THERE_ALREADY
    if fault:
        raise InvalidInput({"period": [fault]}, fault)
    _verify_lengths(note, "")
    numbers = numbers_of(measure, given)
    observation = Observation(
        measure_id=measure_id,
        period=period,
        note=note.strip(),
        entered_by=actor.person_id,
        entered_at=now,
        **numbers.document(),
    )
    session.add(observation)
    await session.flush()
    await _audit(session, actor, "observation.added", observation, None, _told(observation), now)
    return observation


async def change_observation(
    session: AsyncSession,
    *,
    actor: Actor,
    measure_id: int,
    observation_id: int,
    given: Mapping[str, Any] | None,
    note: str,
    excluded_because: str,
    version: int,
    now: datetime,
) -> Observation:
    """Correct a number, or leave it out of chart and evidence with a reason ('' puts it back).

    Args:
        given: the new numbers, None to let them stand.

    Raises:
        NotFound.
        Conflict: a stale version.
        InvalidInput: impossible numbers; a day without a number can't be put back.
    """
    measure = await measure_of(session, measure_id, locked=True)
    observation = await observation_of(session, measure_id, observation_id, locked=True)
    if observation.version != version:
        raise Stale(CHANGED_MEANWHILE)
    _verify_lengths(note, excluded_because)
    before = _told(observation)
    if given is not None:
        set_numbers(observation, numbers_of(measure, given))
    if observation.value is None and not excluded_because.strip():
        sentence = N_("There is no number for this day; write one, or say why it is left out.")
        raise InvalidInput({"excluded_because": [sentence]}, sentence)
    observation.note, observation.excluded_because = note.strip(), excluded_because.strip()
    # No import may take back what a person has touched since.
    observation.import_id, observation.entered_by, observation.entered_at = None, actor.person_id, now
    await session.flush()
    await _audit(session, actor, "observation.changed", observation, before, _told(observation), now)
    return observation


async def remove_observation(
    session: AsyncSession,
    *,
    actor: Actor,
    measure_id: int,
    observation_id: int,
    version: int,
    now: datetime,
    to_bin: bool = True,
) -> None:
    """Into the bin, unless what made it makes it again. Raises NotFound; Conflict for a stale version."""
    measure = await measure_of(session, measure_id, locked=True)
    observation = await observation_of(session, measure_id, observation_id, locked=True)
    if observation.version != version:
        raise Stale(CHANGED_MEANWHILE)
    before = _told(observation)
    label = f"{measure.name}, {observation.period.isoformat()}"
    if to_bin:
        await bin_rows(session, kind="observation", label=label, rows=[observation], actor=actor, now=now)
    else:
        await session.delete(observation)
        await session.flush()
    await _audit(session, actor, "observation.removed", observation, before, None, now)


def set_numbers(observation: Observation, numbers: Numbers) -> None:
    for name, number in numbers.document().items():
        setattr(observation, name, number)


def _verify_lengths(note: str, reason: str) -> None:
    said = {}
    if len(note.strip()) > LONGEST_NOTE:
        said["note"] = [too_long(LONGEST_NOTE)]
    if len(reason.strip()) > LONGEST_REASON:
        said["excluded_because"] = [too_long(LONGEST_REASON)]
    if said:
        raise InvalidInput(said)


async def _is_taken(session: AsyncSession, measure_id: int, period: date) -> bool:
    chosen = select(Observation.id).where(Observation.measure_id == measure_id, Observation.period == period)
    return await session.scalar(chosen) is not None


def _told(observation: Observation) -> dict[str, Any]:
    """For the audit log: the numbers that are there."""
    names = ("period", *NUMBER_FIELDS, "note", "excluded_because")
    return {name: getattr(observation, name) for name in names if getattr(observation, name) not in (None, "")}


async def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    observation: Observation,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="measure",
        subject_id=observation.measure_id,
        before=before,
        after=after,
        now=now,
    )
