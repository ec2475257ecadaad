"""Start in our school what worked elsewhere: one act makes a project that carries its origin."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.commons.research.read import entry_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.mirror.read import LivingRecord, living_record
from nic_node.mirror.tables import MirrorRecord
from nic_node.mirror.versions import version_ids
from nic_node.school.measures.write import add_measure
from nic_node.school.projects.adopt import PracticeSource, start_from_practice
from nic_node.school.projects.read import projects_from
from nic_node.school.projects.tables import Project
from schemas.vocab import MEASURES, OTHER

RUNS_ALREADY = N_("Your school runs a project from this practice already. Open it, or close it before you start again.")
NOT_A_PRACTICE = N_("This is another school's result with a practice. Start the practice itself; its page links to it.")
WITHOUT_THE_CHANGE = N_("{measure}: a group without the change")
LONGEST_NAME = 120


async def adopt_practice(
    session: AsyncSession, *, actor: Actor, record_id: str, starts_on: date, now: datetime
) -> Project:
    """Open a project that copies the practice: its steps and materials, and its measures to be counted the same way.

    Raises:
        NotFound: the practice is not here, or was taken back.
        InvalidInput: the record is no practice.
        Conflict: a project from it runs here.
    """
    record = await living_record(session, record_id)
    if record.kind != "practice":
        raise InvalidInput({"record": [NOT_A_PRACTICE]}, NOT_A_PRACTICE)
    # Two people who press the button at once wait for each other here.
    await session.execute(select(MirrorRecord.id).where(MirrorRecord.id == record.id).with_for_update())
    for version in await version_ids(session, record_id):
        if any(project.state != "closed" for project in await projects_from(session, version)):
            raise Conflict(RUNS_ALREADY)
    project = await start_from_practice(session, actor=actor, source=source_of(record), starts_on=starts_on, now=now)
    for measure in record.payload.get("measures", ()):
        await _copy_measure(session, actor, project.id, measure, now)
    return project


async def adopt_entry(session: AsyncSession, *, actor: Actor, entry_id: str, starts_on: date, now: datetime) -> Project:
    """Open a project from a recommendation of the starter shelf. What comes of it is a practice, not a replication.

    Raises:
        NotFound: there is no such recommendation.
    """
    entry = entry_of(entry_id)
    source = replace(_source(entry.payload, None), origin_title=entry.guide[:LONGEST_NAME])
    return await start_from_practice(session, actor=actor, source=source, starts_on=starts_on, now=now)


def source_of(record: LivingRecord) -> PracticeSource:
    """What of a practice is copied: all that says how to do it, nothing of how it went."""
    return _source(record.payload, record.record_id)


def _source(payload: Mapping[str, Any], origin_record: str | None) -> PracticeSource:
    return PracticeSource(
        origin_record=origin_record,
        title=payload["title"],
        problem=payload["problem"],
        aim=payload.get("aim", {}),
        idea=payload["idea"],
        steps=payload.get("steps", ()),
        core=payload.get("core", ()),
        adaptable=payload.get("adaptable", ()),
        dose=payload.get("dose", {}),
        cost=payload.get("cost", {}),
        materials=payload.get("materials", ()),
        supports=payload.get("supports", ()),
        conditions=payload.get("conditions", ""),
    )


async def _copy_measure(
    session: AsyncSession, actor: Actor, project_id: int, measure: Mapping[str, Any], now: datetime
) -> None:
    """The measure without its numbers, and where they had one a second group to compare with."""
    values = _measure_values(measure) | {"project_id": project_id}
    added = await add_measure(session, actor=actor, values=values, now=now)
    if measure.get("comparison"):
        name = WITHOUT_THE_CHANGE.format(measure=values["name"])[:LONGEST_NAME]
        await add_measure(session, actor=actor, values=values | {"name": name, "comparison_of": added.id}, now=now)


def _measure_values(measure: Mapping[str, Any]) -> dict[str, Any]:
    low, high = measure.get("scale", (None, None))
    is_other = measure["measure"] == OTHER
    return {
        "name": measure["label"] if is_other else MEASURES[measure["measure"]].label,
        "vocabulary": measure["measure"],
        "label": measure.get("label", ""),
        "kind": measure["kind"],
        "unit": measure["unit"],
        "better": measure.get("better"),
        "window": measure["window"],
        "cadence": "day" if measure["window"] == "day" else "week",
        "scale_low": low,
        "scale_high": high,
    }
