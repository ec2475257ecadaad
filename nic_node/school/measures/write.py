"""Add, change and remove a measure. What the vocabulary fixes about a measure is taken from it."""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.base import Base
from nic_node.errors import Conflict, InvalidInput, Stale
from nic_node.i18n import N_, too_long
from nic_node.school.bin.keep import bin_rows, verify_free
from nic_node.school.discussion.read import what_stands_beside
from nic_node.school.editing import CHANGED_MEANWHILE, no_such_owner
from nic_node.school.measures.belongs import home_of
from nic_node.school.measures.chosen_chart import ANOTHER_UNIT, RULE_NAMES, is_kind_of
from nic_node.school.measures.read import measure_of
from nic_node.school.measures.tables import Measure, MeasureImport, MeasureLink, MeasureMark, MeasureRecipe, Observation
from schemas.vocab import MEASURE_KINDS, MEASURES, UNITS, WINDOWS
from schemas.vocab.entry import OTHER

MEASURE_FIELDS = (
    "project_id", "goal_id", "comparison_of", "name", "definition", "vocabulary", "label", "kind", "unit", "better",
    "window", "cadence", "scale_low", "scale_high", "group_name", "group_size", "class_count", "baseline", "target",
    "owner_id", "numerator_id", "denominator_id", "chart_kind", "run_rules", "screen_ranges",
)  # fmt: skip
CADENCES: Mapping[str, str] = {
    "day": N_("Every school day"),
    "week": N_("Every week"),
    "lesson": N_("Every lesson"),
    "month": N_("Every month"),
    "point": N_("Now and then"),
}
BETTER: Mapping[str, str] = {"up": N_("Up is better"), "down": N_("Down is better"), "neither": N_("Neither")}
LENGTHS = {"name": 120, "definition": 1000, "label": 80, "group_name": 80}
GOES_ALONG, GOES_FOR_GOOD = (MeasureRecipe, MeasureMark), (MeasureImport, MeasureLink)
FIXED_BY_NUMBERS = ("vocabulary", "unit")


async def add_measure(session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], now: datetime) -> Measure:
    """Add a measure to a project or a goal.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    settled = settled_values(values)
    await _verify(session, settled, measure_id=None)
    measure = Measure(**settled, created_at=now, updated_at=now)
    session.add(measure)
    await session.flush()
    await _audit(session, actor, "measure.added", measure, None, {"name": measure.name}, now)
    return measure


async def change_measure(
    session: AsyncSession, *, actor: Actor, measure_id: int, values: Mapping[str, Any], version: int, now: datetime
) -> Measure:
    """Change a measure; fields that `values` lacks stay.

    Raises:
        NotFound.
        Conflict: a stale version.
        InvalidInput: also for another unit, vocabulary measure or counts while there are numbers.
    """
    measure = await measure_of(session, measure_id, locked=True)
    if measure.version != version:
        raise Stale(CHANGED_MEANWHILE)
    settled = settled_values({name: values.get(name, getattr(measure, name)) for name in MEASURE_FIELDS})
    await _verify(session, settled, measure_id=measure_id)
    before = {name: getattr(measure, name) for name in MEASURE_FIELDS if getattr(measure, name) != settled[name]}
    if any(name in before for name in FIXED_BY_NUMBERS) and await _has_numbers(session, measure_id):
        sentence = N_("This measure has numbers already, so what it counts stays. Add another measure instead.")
        raise InvalidInput({"vocabulary": [sentence]}, sentence)
    for name in before:
        setattr(measure, name, settled[name])
    if before:
        measure.updated_at = now
        await session.flush()
        await _audit(session, actor, "measure.changed", measure, before, {n: settled[n] for n in before}, now)
    return measure


async def remove_measure(session: AsyncSession, *, actor: Actor, measure_id: int, version: int, now: datetime) -> None:
    """Remove a measure that holds nothing yet, into the bin.

    Raises:
        NotFound.
        Conflict: a stale version, or there are numbers, or another measure or a cycle uses it.
    """
    measure = await measure_of(session, measure_id, locked=True)
    if measure.version != version:
        raise Stale(CHANGED_MEANWHILE)
    if await _has_numbers(session, measure_id):
        raise Conflict(N_("This measure has numbers; remove them first, or let it stand."))
    if await session.scalar(select(exists().where(Measure.comparison_of == measure_id))):
        raise Conflict(N_("Another measure compares with this one; change that one first."))
    parts = (Measure.numerator_id == measure_id) | (Measure.denominator_id == measure_id)
    if await session.scalar(select(exists().where(parts))):
        raise Conflict(N_("Another measure is worked out from this one; change that one first."))
    table = Base.metadata.tables[Measure.__tablename__]
    await verify_free(session, table, [measure_id], [one.__tablename__ for one in (*GOES_ALONG, *GOES_FOR_GOOD)])
    # A way in is not put back, nor a file that waited.
    for gone in GOES_FOR_GOOD:
        await session.execute(delete(gone).where(gone.measure_id == measure_id))
    rows: list[Base] = [measure]
    for kind in GOES_ALONG:
        rows += await session.scalars(select(kind).where(kind.measure_id == measure_id))
    rows += await what_stands_beside(session, "measure", measure_id)
    await bin_rows(session, kind="measure", label=measure.name, rows=rows, actor=actor, now=now)
    await _audit(session, actor, "measure.removed", measure, {"name": measure.name}, None, now)


def settled_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """All fields of a measure: what the vocabulary fixes is taken from it, what was left blank gets its default."""
    settled = {name: values.get(name) for name in MEASURE_FIELDS}
    for name in LENGTHS:
        settled[name] = (settled[name] or "").strip()
    known = MEASURES.get(settled["vocabulary"] or "")
    settled["cadence"] = settled["cadence"] or "week"
    settled["chart_kind"] = settled["chart_kind"] or "run"
    settled["run_rules"] = settled["run_rules"] or "anhoej"
    settled["screen_ranges"] = settled["screen_ranges"] is not False
    if known is None:
        return settled
    settled["kind"] = settled["kind"] or known.kind
    if known.id == OTHER:
        settled["unit"] = settled["unit"] or known.unit
        settled["better"] = settled["better"] or known.better
    else:
        settled["unit"], settled["better"], settled["label"] = known.unit, known.better, ""
        settled["name"] = settled["name"] or known.label
        if known.scale is not None:
            settled["scale_low"], settled["scale_high"] = known.scale
    usual = settled["cadence"] if settled["cadence"] == "day" and known.window == "week" else known.window
    settled["window"] = settled["window"] or usual
    return settled


async def _verify(session: AsyncSession, values: Mapping[str, Any], *, measure_id: int | None) -> None:
    said = {**_faults_of_words(values), **_faults_of_numbers(values)}
    if (values["project_id"] is None) == (values["goal_id"] is None):
        said["belongs"] = [N_("Choose the project or the goal that it belongs to.")]
    elif await home_of(session, project_id=values["project_id"], goal_id=values["goal_id"]) is None:
        said["belongs"] = [N_("That project or goal is gone; choose another.")]
    before = await session.get(Measure, measure_id) if measure_id is not None else None
    fault = await no_such_owner(session, values["owner_id"], before.owner_id if before else None)
    if fault:
        said["owner_id"] = [fault]
    if values["comparison_of"] is not None:
        fault = await _comparison_fault(session, values, measure_id)
        if fault:
            said["comparison_of"] = [fault]
    fault = await _derived_fault(session, values, measure_id)
    if fault:
        said["numerator_id"] = [fault]
    if said:
        raise InvalidInput(said)


def _faults_of_words(values: Mapping[str, Any]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {
        name: [too_long(longest)] for name, longest in LENGTHS.items() if len(values[name]) > longest
    }
    if not values["name"]:
        said["name"] = [N_("Give it a name, such as 'Daily attendance of the 46 students'.")]
    if values["vocabulary"] not in MEASURES:
        said["vocabulary"] = [N_("Choose what is measured, or 'Other'.")]
        return said
    if values["vocabulary"] == OTHER and not values["label"]:
        said["label"] = [N_("Say in a few words what is measured.")]
    closed: Mapping[str, Container[str]] = {
        "kind": MEASURE_KINDS,
        "unit": UNITS,
        "window": WINDOWS,
        "cadence": CADENCES,
        "better": BETTER,
        "run_rules": RULE_NAMES,
    }
    said |= {name: [N_("Choose one of the list.")] for name, ids in closed.items() if values[name] not in ids}
    if values["unit"] in UNITS and not is_kind_of(values["chart_kind"], values["unit"]):
        said["chart_kind"] = [ANOTHER_UNIT]
    return said


def _faults_of_numbers(values: Mapping[str, Any]) -> dict[str, list[str]]:
    said = {}
    if values["group_size"] is not None and not 1 <= values["group_size"] <= 100_000:
        said["group_size"] = [N_("How many people are in the group? Write 1 or more, or leave it blank.")]
    if values["class_count"] is not None and not 1 <= values["class_count"] <= 1000:
        said["class_count"] = [N_("In how many classes do they sit? Write 1 or more, or leave it blank.")]
    low, high = values["scale_low"], values["scale_high"]
    if (low is None) != (high is None) or (low is not None and low >= high):
        said["scale_high"] = [N_("Write both ends of the scale, the lower one first, or leave both blank.")]
    if values["unit"] == "proportion":
        for name in ("baseline", "target"):
            if values[name] is not None and not 0 <= values[name] <= 100:
                said[name] = [N_("A percent lies between 0 and 100.")]
    return said


async def _comparison_fault(session: AsyncSession, values: Mapping[str, Any], measure_id: int | None) -> str | None:
    other = await session.get(Measure, values["comparison_of"])
    if other is None or other.id == measure_id or other.project_id != values["project_id"]:
        return N_("Choose another measure of the same project.")
    if other.comparison_of is not None:
        return N_("That one is itself a comparison; choose the measure of the group with the change.")
    if (other.vocabulary, other.unit) != (values["vocabulary"], values["unit"]):
        return N_("A comparison measures the same thing; choose the same measure for the other group.")
    return None


async def _derived_fault(session: AsyncSession, values: Mapping[str, Any], measure_id: int | None) -> str | None:
    parts = [values["numerator_id"], values["denominator_id"]]
    if parts == [None, None]:
        return None
    if None in parts or parts[0] == parts[1] or measure_id in parts:
        return N_("Choose two counts: of what, and out of what.")
    found = [await session.get(Measure, part) for part in parts]
    if any(part is None or part.unit != "count" for part in found):
        return N_("Both have to be counts.")
    if values["unit"] not in ("rate", "proportion"):
        return N_("Only a rate or a percent can be worked out from two counts.")
    if measure_id is not None and await _has_numbers(session, measure_id):
        return N_("This measure has numbers of its own already. Add another measure instead.")
    return None


async def _has_numbers(session: AsyncSession, measure_id: int) -> bool:
    return bool(await session.scalar(select(exists().where(Observation.measure_id == measure_id))))


async def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    measure: Measure,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="measure",
        subject_id=measure.id,
        before=before,
        after=after,
        now=now,
    )
