"""One project on one page: its days, its chart with the cycles on it, its aim, measures and steps."""

from collections.abc import Sequence
from datetime import date, timedelta
from gettext import NullTranslations
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_name
from nic_node.i18n import N_, filled, say
from nic_node.school.actions.read import open_actions
from nic_node.school.advice.heed import advice_on
from nic_node.school.causes.read import chosen_causes
from nic_node.school.cycles.spiral import STAGES
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import FIDELITIES, cycles_of
from nic_node.school.drivers.read import count_drivers
from nic_node.school.measures.chart import MeasureChart, latest_of_measures, measure_chart
from nic_node.school.measures.read import measures_of_project
from nic_node.school.measures.tables import Measure
from nic_node.school.obstacles.read import obstacles_of_project
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.read import MIDWAY_DAY, closes_on, day_of, is_late, last_day_of, project_of, steps_of
from nic_node.school.projects.tables import Project
from nic_node.school.returns.read import spent_by
from nic_node.school.team.calendar import SchoolCalendar, calendar_of
from nic_node.school.today import school_day
from nic_node.school.visits.record import look_fors_of, tally_of
from nic_node.web.context import database
from nic_node.web.language import words_of
from nic_node.web.templating import render
from schemas.vocab import MEASURE_KINDS as KINDS
from schemas.vocab import PROBLEMS, ROLES

ACT_TAGS = {"adopt": (N_("Adopt"), "good"), "adapt": (N_("Adapt"), ""), "abandon": (N_("Abandon"), "")}
NOW_TAG = (N_("Now"), "line")
LATE_TAG = (N_("Late"), "warn")


async def show_project(request: web.Request) -> web.Response:
    today = school_day(request)
    catalogue, language = words_of(request)
    async with database(request).reading() as session:
        project = await project_of(session, int(request.match_info["id"]))
        measures = await measures_of_project(session, project.id)
        cycles = await cycles_of(session, project.id)
        calendar = await calendar_of(session)
        main = main_measure(project, measures)
        chart = None
        if main is not None:
            chart = await measure_chart(
                session,
                main.id,
                catalogue=catalogue,
                language=language,
                of_project=True,
            )
        values: dict[str, Any] = {
            "project": project,
            "goal": await session.get(Goal, project.goal_id) if project.goal_id else None,
            "lead": await person_name(session, project.lead_id),
            "steps": await steps_of(session, project.id),
            "advised": await advice_on(session, project.id, today),
            "spent": (await spent_by(session, [project.id]))[project.id],
            "drivers": await count_drivers(session, project.id),
            "chosen_causes": await chosen_causes(session, project.id),
            "look_fors": await look_fors_of(session, project.id),
            "tally": await tally_of(session, project.id),
            "obstacles": await obstacles_of_project(session, project.id, today),
            "open_actions": await open_actions(session, today, project_id=project.id),
            "cycles": cycles,
            "main": main,
            "chart_of_main": drawn(chart),
            "measures": await _measure_lines(session, measures, chart, catalogue),
        }
    values |= _days(project, calendar, today)
    values["ramp"] = [_ramp_cycle(request, cycle, catalogue, today) for cycle in cycles]
    values["roles"] = {role.id: role.label for role in ROLES.values()}
    values["problem_label"] = PROBLEMS[project.problem_category].label if project.problem_category else None
    values["measure_query"] = new_measure_query(project, measures)
    values["learn_query"] = {"problem": project.problem_category} if project.problem_category else {}
    return await render(request, "projects/show.html", values)


def new_measure_query(project: Project, measures: Sequence[Measure]) -> dict[str, str]:
    """Of a link to a new measure: what the aim is measured by is chosen already, until it is measured."""
    query = {"project": str(project.id)}
    if project.aim_measure and project.aim_measure not in {measure.vocabulary for measure in measures}:
        query["vocabulary"] = project.aim_measure
    return query


def main_measure(project: Project, measures: Sequence[Measure]) -> Measure | None:
    """The chart of the page: the finest-grained number of the project's own group, the aim's when none is daily."""
    own = [measure for measure in measures if measure.comparison_of is None]
    if not own:
        return None
    finest = [measure for measure in own if measure.cadence in ("day", "lesson")]
    aim = [measure for measure in own if measure.vocabulary == project.aim_measure]
    return (finest or aim or own)[0]


def drawn(chart: MeasureChart | None) -> MeasureChart | None:
    return chart if chart is not None and chart.wide else None


async def _measure_lines(
    session: AsyncSession, measures: Sequence[Measure], chart: MeasureChart | None, catalogue: NullTranslations
) -> list[dict[str, Any]]:
    latest = await latest_of_measures(session, measures)
    lines = []
    for measure in measures:
        number = latest.get(measure.id)
        of_group = measure.group_name or (
            catalogue.gettext(N_("the group without the change")) if measure.comparison_of else ""
        )
        note = " · ".join(part for part in (catalogue.gettext(KINDS[measure.kind].label).lower(), of_group) if part)
        text, signal = (number.text, number.signal) if number else ("", False)
        if chart is not None and chart.measure.id == measure.id:
            # The same stretch of days as the chart beside it.
            signal = chart.signal
        lines.append({"id": measure.id, "name": measure.name, "latest": text, "signal": signal, "note": note})
    return lines


def _days(project: Project, calendar: SchoolCalendar, today: date) -> dict[str, Any]:
    day = day_of(project, today)
    # 45 days are calendar days; what is left to work in are school days.
    left = calendar.school_days(today + timedelta(days=1), closes_on(project))
    return {
        "day": day,
        "days_left": left if project.state == "active" and left > 0 and day > 0 else None,
        "last_day": last_day_of(project),
        "midway_day": (project.midway_on - project.starts_on).days + 1 if project.midway_on else MIDWAY_DAY,
        "closes_on": closes_on(project),
        "late": is_late(project, today),
    }


def _stopped(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _ramp_cycle(request: web.Request, cycle: Cycle, catalogue: NullTranslations, today: date) -> dict[str, Any]:
    is_past = cycle.ends_on is not None and cycle.ends_on < today
    tag = ACT_TAGS[cycle.act] if cycle.act else LATE_TAG if is_past else NOW_TAG
    predicted = cycle.question
    if cycle.prediction:
        predicted = say(filled(N_("Predicted: {words}."), words=cycle.prediction.rstrip(".")), catalogue)
    seen = cycle.studied
    if cycle.form == "spiral":
        written = (catalogue.gettext(label).split(":")[0] for stage, label in STAGES.items() if getattr(cycle, stage))
        predicted, seen = _stopped(" · ".join((cycle.question, *written))), cycle.check
    parts = [predicted, say(filled(N_("Seen: {words}"), words=_stopped(seen)), catalogue) if seen else ""]
    if cycle.fidelity:
        how_far = catalogue.gettext(FIDELITIES[cycle.fidelity])
        parts.append(f"{how_far}: {cycle.differed}" if cycle.differed else f"{how_far}.")
    return {
        "title": f"{cycle.number} · {cycle.scale}" if cycle.scale else str(cycle.number),
        "tag": tag[0],
        "kind": tag[1],
        "text": " ".join(part for part in parts if part),
        "starts_on": cycle.starts_on,
        "ends_on": cycle.ends_on,
        "current": cycle.act is None and not is_past,
        "url": str(request.app.router["cycles.show"].url_for(id=str(cycle.id))),
    }
