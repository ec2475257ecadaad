"""A closed project as the disclosure pipeline takes it: field by field, exact, and frozen from then on."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.snapshot import (
    Aim,
    Better,
    Change,
    Cost,
    Dose,
    ExactMeasure,
    Idea,
    Lessons,
    Lineage,
    Material,
    Problem,
    Snapshot,
    Step,
)
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.measures.periods import exact_measure
from nic_node.school.measures.read import measures_of_project
from nic_node.school.projects.read import closes_on, day_of, project_of, steps_of
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.returns.read import bands_of, spent_by
from schemas.vocab import MEASURES, OTHER

NOT_CLOSED = N_("Close the project with a decision first; what is still running can't be shared.")
NOT_CLASSIFIED = N_(
    "Readers find a practice by its problem and its idea: reopen the project, choose both, and close it again."
)


async def snapshot_of_project(session: AsyncSession, project_id: int, *, today: date) -> Snapshot:
    """The facts of a closed project, with all that its measures counted until today.

    Raises:
        NotFound: there is no such project.
        Conflict: it is not closed, or its problem or idea is on no list.
    """
    project = await project_of(session, project_id)
    if project.state != "closed" or project.decision is None:
        raise Conflict(NOT_CLOSED)
    if project.problem_category is None or project.idea_category is None:
        raise Conflict(NOT_CLASSIFIED)
    steps = await steps_of(session, project_id)
    # What the people of the project said of its cost goes before what they noted on the way.
    spent = (await spent_by(session, [project_id]))[project_id]
    noted = bands_of(spent, days=day_of(project, project.closed_on or today))
    cost = {**noted, **{name: said for name, said in project.cost.items() if said}}
    return _snapshot(project, steps, await _exact_measures(session, project, today), cost)


async def _exact_measures(session: AsyncSession, project: Project, today: date) -> list[ExactMeasure]:
    ended = project.closed_on or closes_on(project)
    found = [
        await exact_measure(session, measure.id, starts_on=project.starts_on, closes_on=ended, until=today)
        for measure in await measures_of_project(session, project.id)
        if measure.comparison_of is None
    ]
    return [measure for measure in found if measure is not None]


def _snapshot(
    project: Project, steps: list[ProjectStep], measures: list[ExactMeasure], cost: dict[str, str]
) -> Snapshot:
    assert project.problem_category
    assert project.idea_category
    assert project.decision
    return Snapshot(
        title=project.title,
        problem=Problem(
            project.problem_category,
            project.problem_statement,
            tuple(project.grade_bands),
            project.subject,
            _label(project.problem_category, project.problem_label),
        ),
        idea=Idea(project.idea_category, project.idea_summary, _label(project.idea_category, project.idea_label)),
        decision=project.decision,
        aim=_aim(project),
        steps=tuple(Step(step.does, step.who, step.how_often, step.minutes) for step in steps),
        core=tuple(index for index, step in enumerate(steps) if step.core),
        adaptable=tuple(project.adaptable),
        dose=Dose(**_known(project.dose, "weeks", "sessions_a_week", "minutes")) if project.dose else None,
        cost=Cost(**_known(cost, "cost_band", "staff_time_band")) if cost else None,
        materials=tuple(
            Material(material["kind"], material["title"], material["text"]) for material in project.materials
        ),
        supports=tuple(project.supports),
        conditions=project.conditions,
        measures=tuple(measures),
        aim_result=project.aim_result,
        lessons=Lessons(project.worked, project.would_change, project.watch_out),
        lineage=_lineage(project),
    )


def _aim(project: Project) -> Aim | None:
    """Which way is better comes from the vocabulary; the school says it for a measure of its own."""
    if project.aim_measure is None:
        return None
    better: Better = "down" if _better(project) == "down" else "up"
    return Aim(project.aim_measure, better, project.aim_by_days, _label(project.aim_measure, project.aim_label))


def _better(project: Project) -> str | None:
    listed = MEASURES[project.aim_measure or OTHER].better
    return listed if listed in {"up", "down"} else project.aim_better


def _lineage(project: Project) -> Lineage | None:
    if project.origin_record is None:
        return None
    changed = tuple(Change(change["what"], change.get("why", "")) for change in project.changed)
    return Lineage(project.origin_record, tuple(project.kept), changed)


def _label(category: str, label: str) -> str | None:
    """The wire has a label beside 'other' only."""
    return label if category == OTHER and label else None


def _known(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) not in (None, "")}
