"""Start a project from a practice that worked elsewhere: everything copied in one act, the origin kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.school.projects.tables import Project, ProjectStep


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSource:
    """What is copied, in the shapes of `schemas.practice`.

    Attributes:
        origin_record: the practice's record id; None for what is no school's, such as a recommendation of research.
        origin_title: where it comes from, in words; the practice's title where that is not said.
    """

    origin_record: str | None
    title: str
    origin_title: str = ""
    problem: Mapping[str, Any] = field(default_factory=dict)
    aim: Mapping[str, Any] = field(default_factory=dict)
    idea: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] = ()
    core: Sequence[int] = ()
    adaptable: Sequence[Mapping[str, Any]] = ()
    dose: Mapping[str, Any] = field(default_factory=dict)
    cost: Mapping[str, Any] = field(default_factory=dict)
    materials: Sequence[Mapping[str, Any]] = ()
    supports: Sequence[str] = ()
    conditions: str = ""


async def start_from_practice(
    session: AsyncSession, *, actor: Actor, source: PracticeSource, starts_on: date, now: datetime
) -> Project:
    """Open a project that copies `source`; all its steps count as kept until somebody says otherwise."""
    project = Project(
        title=source.title,
        lead_id=actor.person_id,
        author_id=actor.person_id,
        state="active",
        starts_on=starts_on,
        problem_category=source.problem.get("category"),
        problem_label=source.problem.get("label", ""),
        problem_statement=source.problem.get("statement", ""),
        grade_bands=list(source.problem.get("grade_bands", ())),
        subject=source.problem.get("subject"),
        aim_measure=source.aim.get("measure"),
        aim_label=source.aim.get("label", ""),
        aim_better=source.aim.get("better"),
        aim_by_days=source.aim.get("by_days", 45),
        idea_category=source.idea.get("category"),
        idea_label=source.idea.get("label", ""),
        idea_summary=source.idea.get("summary", ""),
        adaptable=[part["what"] for part in source.adaptable],
        dose=dict(source.dose),
        cost=dict(source.cost),
        materials=[dict(material) for material in source.materials],
        supports=list(source.supports),
        conditions=source.conditions,
        origin_record=source.origin_record,
        origin_title=source.origin_title or source.title,
        kept=list(range(len(source.steps))) if source.origin_record is not None else [],
        created_at=now,
        updated_at=now,
    )
    session.add(project)
    await session.flush()
    for position, step in enumerate(source.steps):
        known = {name: step[name] for name in ("who", "does", "how_often", "minutes") if name in step}
        session.add(ProjectStep(project_id=project.id, position=position, core=position in source.core, **known))
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="project.copied",
        subject="project",
        subject_id=project.id,
        before=None,
        after={"origin_record": source.origin_record, "title": source.title},
        now=now,
    )
    return project
