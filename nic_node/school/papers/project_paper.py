"""The report on one project, with its charts."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_name
from nic_node.i18n import N_
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import FIDELITIES, cycles_of
from nic_node.school.measures.read import measures_of_project
from nic_node.school.papers.paper import Bullets, Chart, Facts, Paper, Section, Table, Text, Writer, section, whole
from nic_node.school.papers.plan_paper import ASK
from nic_node.school.papers.results import DECISIONS, moved_words, plain_says, told_charts
from nic_node.school.profile.name import school_name_and_year
from nic_node.school.projects.read import closes_on, project_of, steps_of
from nic_node.school.projects.tables import Project
from nic_node.school.returns.read import moved_by, spent_by

MOST_CHARTS = 4
AIM_RESULTS = {
    "reached": N_("The aim was reached."),
    "partly": N_("The aim was partly reached."),
    "not": N_("The aim was not reached."),
}
ACTS = {"adopt": N_("adopted"), "adapt": N_("adapted"), "abandon": N_("abandoned")}
NOT_ALONE = N_("Before and after, without a comparison: what moved may have had other reasons too.")


async def project_paper(session: AsyncSession, writer: Writer, *, project_id: int, today: date) -> Paper:
    """Raises NotFound."""
    project = await project_of(session, project_id)
    measures = await measures_of_project(session, project.id)
    charts = await told_charts(session, project, measures, writer)
    charts.sort(key=lambda one: -len(one.rows))  # what shows a change soonest comes first
    moved = moved_words(writer, (await moved_by(session, [project])).get(project.id))
    school, _year = await school_name_and_year(session, today=today)
    held = writer.say(N_("Some measures count too few people to be shown.")) if writer.held else ""
    drawn = [
        Chart(one.title, plain_says(writer, one) if writer.is_families else one.says, one)
        for one in charts[: 1 if writer.is_families else MOST_CHARTS]
    ]
    way = section(writer.say(N_("How it goes")), *drawn, Text(held, quiet=True))
    steps = [writer.own(step.does) for step in await steps_of(session, project.id)]
    sections = [
        _result(writer, project, moved),
        section(writer.say(N_("What we want to change")), Text(writer.own(project.problem_statement), own=True)),
        section(writer.say(N_("What we want to reach")), Text(writer.own(project.aim_text), own=True)),
        section(
            writer.say(N_("What we try")), Text(writer.own(project.idea_summary), own=True), Bullets(steps, own=True)
        ),
        way,
    ]
    if writer.is_families:
        sections.append(section(writer.say(N_("Talk with us")), Text(writer.say(ASK))))
    else:
        sections.append(
            section(writer.say(N_("Small tests on the way")), _cycles(writer, await cycles_of(session, project.id)))
        )
        sections.append(await _facts(session, writer, project))
    return whole(
        writer, writer.named("project", project.id, project.title)[0], school, sections, school=school, today=today
    )


def _result(writer: Writer, project: Project, moved: str) -> Section | None:
    if project.state != "closed":
        until = writer.say(
            N_("It runs from {first} to {last}."),
            first=writer.day(project.starts_on),
            last=writer.day(closes_on(project)),
        )
        return section(writer.say(N_("Where it stands")), Text(f"{writer.say(DECISIONS[''])} {until}"))
    said = [writer.say(DECISIONS[project.decision or "adapt"])]
    if project.aim_result:
        said.append(writer.say(AIM_RESULTS[project.aim_result]))
    learned = writer.each(
        (N_("What worked"), writer.own(project.worked)),
        (N_("What we would do differently"), writer.own(project.would_change)),
        (N_("What to watch out for"), "" if writer.is_families else writer.own(project.watch_out)),
    )
    numbers = [Text(f"{moved}."), Text(writer.say(NOT_ALONE), quiet=True)] if moved else []
    return section(writer.say(N_("What came of it")), Text(" ".join(said)), *numbers, Facts(learned))


def _cycles(writer: Writer, cycles: Sequence[Cycle]) -> Table:
    names = [N_("Test"), N_("With whom"), N_("We expected"), N_("We saw"), N_("Decision")]
    rows = [
        [
            f"{cycle.number}. {writer.own(cycle.question)}",
            writer.own(cycle.scale),
            writer.own(cycle.hunch if cycle.form == "spiral" else cycle.prediction),
            writer.own(cycle.check if cycle.form == "spiral" else cycle.studied),
            writer.say(ACTS[cycle.act]) if cycle.act else "–",
        ]
        for cycle in cycles
    ]
    if writer.is_staff and any(cycle.fidelity for cycle in cycles):
        names.append(N_("As planned?"))
        for row, cycle in zip(rows, cycles, strict=True):
            how_far = writer.say(FIDELITIES[cycle.fidelity]) if cycle.fidelity else "–"
            row.append(": ".join(part for part in (how_far, writer.own(cycle.differed)) if part))
    return Table([writer.say(name) for name in names], rows)


async def _facts(session: AsyncSession, writer: Writer, project: Project) -> Section | None:
    spent = (await spent_by(session, [project.id]))[project.id]
    lead = await person_name(session, project.lead_id) if writer.is_staff else ""
    pairs = writer.each(
        (N_("Led by"), lead),
        (N_("Began"), writer.day(project.starts_on)),
        (N_("Closed"), writer.day(project.closed_on)),
        (N_("Hours of staff"), f"{spent.hours:g}" if spent.hours else ""),
        (N_("Dollars"), f"${spent.dollars:,.0f}" if spent.dollars else ""),
    )
    return section(writer.say(N_("Days, hours and money")), Facts(pairs))
