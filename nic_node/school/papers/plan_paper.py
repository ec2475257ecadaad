"""The plan on one page, or whole."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.i18n import N_
from nic_node.school.actions.read import open_actions
from nic_node.school.papers.paper import Block, Bullets, Facts, Paper, Section, Text, Writer, section, whole
from nic_node.school.papers.results import DECISIONS, Outcome, outcomes_of
from nic_node.school.plan.changes import OF_STAFF, SAYS, PlanChange, changes_since, last_time, meeting_days
from nic_node.school.plan.goals import PlanView
from nic_node.school.plan.supports import KINDS, plan_with_supports
from nic_node.school.plan.tables import Goal, GoalSupport
from nic_node.school.profile.name import school_name_and_year, year_in_words
from nic_node.school.profile.name import school_year as year_of
from nic_node.school.projects.read import closes_on
from nic_node.school.projects.tables import Project

STATES: Mapping[str, str] = {
    "active": N_("We work on it now"),
    "resting": N_("It rests"),
    "reached": N_("Reached"),
    "dropped": N_("Dropped"),
    "carried": N_("Goes on next year"),
}
TITLES = {"staff": N_("Our plan {year}"), "district": N_("School improvement plan {year}")}
FOR_FAMILIES = N_("What our school works on: {year}")
FAMILY_KINDS: Mapping[str, str] = {
    "development": N_("What our teachers learn"),
    "coaching": N_("Coaching for our teachers"),
    "money": N_("Money for it"),
    "time": N_("Time for it"),
}
NO_PLAN = N_("There is no plan for this school year yet.")
ASK = N_("Do you have a question or an idea? Talk to any teacher, or call the office. You are welcome.")


async def plan_paper(
    session: AsyncSession, writer: Writer, *, school_year: str, is_whole: bool, today: date, time_zone: str
) -> Paper:
    """The year's plan, or that there is none yet."""
    plan = await plan_with_supports(session, school_year)
    school, _year = await school_name_and_year(session, today=today)
    title = writer.say(FOR_FAMILIES if writer.is_families else TITLES[writer.audience], year=year_in_words(school_year))
    if plan is None:
        return whole(writer, title, school, [section("", Text(writer.say(NO_PLAN)))], school=school, today=today)
    goal_ids = [goal.id for goal in plan.goals]
    serving = select(Project).where(Project.goal_id.in_(goal_ids), Project.state != "draft")
    projects = list(await session.scalars(serving.order_by(Project.starts_on, Project.id)))
    outcomes = await outcomes_of(session, projects, writer)
    owners = await person_names(session, {goal.owner_id for goal in plan.goals}) if writer.is_staff else {}
    shown = [goal for goal in plan.goals if goal.horizon != "two-year"] if is_whole else plan.worked_on
    vision = (
        section(writer.say(N_("What we want for every student")), Text(*writer.named("vision", plan.id, plan.vision))),
        section(writer.say(N_("What we believe")), Text(writer.own(plan.beliefs), own=True)) if is_whole else None,
    )
    sections: list[Section | None] = [*vision, _big_goal(writer, plan, is_whole=is_whole)]
    if shown:
        sections.append(Section(writer.say(N_("What we work on this year")), ()))
    by_goal = {goal.id: [outcomes[one.id] for one in projects if one.goal_id == goal.id] for goal in shown}
    sections += [_goal(writer, plan, goal, by_goal[goal.id], owners, is_whole=is_whole) for goal in shown]
    if is_whole and school_year == year_of(today):
        sections.append(await _what_changed(session, writer, plan, today, time_zone))
    if is_whole and writer.is_staff:
        sections.append(await _next_acts(session, writer, today))
    if writer.is_families:
        sections.append(section(writer.say(N_("Talk with us")), Text(writer.say(ASK))))
    return whole(writer, title, school, sections, school=school, today=today)


def _big_goal(writer: Writer, plan: PlanView, *, is_whole: bool) -> Section | None:
    goal = plan.two_year_goal
    if goal is None:
        return None
    lines: list[Block] = [Text(*writer.named("goal", goal.id, goal.title)), *_way(writer, goal)]
    lines.append(_supports(writer, plan, goal, is_whole=is_whole))
    return section(writer.say(N_("Our big goal for two years")), *lines)


def _goal(
    writer: Writer,
    plan: PlanView,
    goal: Goal,
    outcomes: Sequence[Outcome],
    owners: Mapping[int, str],
    *,
    is_whole: bool,
) -> Section:
    blocks: list[Block | None] = list(_way(writer, goal))
    if is_whole:
        blocks.append(Text(writer.own(goal.why), own=True))
    said = writer.each(
        (N_("Owner"), owners.get(goal.owner_id or 0, "")),
        (N_("By"), "" if writer.is_families else writer.day(goal.due)),
        (N_("State"), writer.say(STATES[goal.state]) if is_whole else ""),
    )
    blocks += [Facts(said), _supports(writer, plan, goal, is_whole=is_whole)]
    blocks.append(Bullets([project_line(writer, one, is_whole=is_whole) for one in outcomes]))
    if not outcomes and goal.state == "active":
        blocks.append(Text(writer.say(N_("We are choosing what to try first.")), quiet=True))
    title, is_own = writer.named("goal", goal.id, goal.title)
    return section(title, *blocks, level=3, own_title=is_own) or Section(title, (), 3, own_title=is_own)


def _way(writer: Writer, goal: Goal) -> list[Block]:
    """What will show that it moves, and from where to where."""
    indicator, ends = writer.own(goal.indicator), (writer.own(goal.baseline), writer.own(goal.target))
    said = [writer.say(N_("We will see it by: {what}."), what=indicator.rstrip("."))] if indicator else []
    if all(ends):
        said.append(writer.say(N_("From {baseline} to {target}."), baseline=ends[0], target=ends[1]))
    return [Text(" ".join(said), quiet=True)] if said else []


def _supports(writer: Writer, plan: PlanView, goal: Goal, *, is_whole: bool) -> Block:
    """What the goal gets, a line a kind; how much and when only on the whole plan."""
    of_goal = [one for one in plan.supports if one.goal_id == goal.id]
    pairs = [
        (label, "; ".join(_support(writer, one, is_whole=is_whole) for one in of_goal if one.kind == kind))
        for kind, label in (FAMILY_KINDS if writer.is_families else KINDS).items()
    ]
    return Facts(writer.each(*pairs))


def _support(writer: Writer, support: GoalSupport, *, is_whole: bool) -> str:
    parts = [writer.own(support.what)]
    if is_whole:
        parts.append(writer.own(support.how_much))
        first, last = writer.day(support.starts_on), writer.day(support.ends_on)
        parts.append(writer.say(N_("from {day}"), day=first) if first else "")
        parts.append(writer.say(N_("until {day}"), day=last) if last else "")
    return ", ".join(part for part in parts if part)


async def _what_changed(
    session: AsyncSession, writer: Writer, plan: PlanView, today: date, time_zone: str
) -> Section | None:
    since = last_time(await meeting_days(session), today)
    changes = await changes_since(session, plan, since=since, today=today, time_zone=time_zone)
    lines = [_change(writer, one) for one in changes if writer.is_staff or one.kind not in OF_STAFF]
    return section(writer.say(N_("What changed since {day}"), day=writer.day(since)), Bullets(lines))


def _change(writer: Writer, change: PlanChange) -> str:
    title, _is_own = writer.named(change.about, change.about_id, change.title)
    values = {name: text if name == "owner" else writer.own(text) for name, text in change.values.items()}
    return writer.say(SAYS[change.kind], title=title, **values)


def project_line(writer: Writer, outcome: Outcome, *, is_whole: bool = False) -> str:
    """'Tea at the gate. We keep it. Attendance: from 82 % to 90 %.', in one line."""
    project = outcome.project
    parts = [
        f"{writer.named('project', project.id, project.title)[0].rstrip('.')}.",
        writer.say(DECISIONS[outcome.decision]),
    ]
    if outcome.moved:
        parts.append(f"{outcome.moved}.")
    if is_whole and not writer.is_families:
        until = project.closed_on or closes_on(project)
        parts.append(f"({writer.day(project.starts_on)} – {writer.day(until)})")
        if project.aim_text:
            parts.append(writer.say(N_("Aim: {aim}"), aim=writer.own(project.aim_text)))
    return " ".join(parts)


async def _next_acts(session: AsyncSession, writer: Writer, today: date) -> Section | None:
    lines = [
        " · ".join(part for part in (writer.own(line.item.text), line.owner, writer.day(line.item.due)) if part)
        for line in await open_actions(session, today)
        if line.item.goal_id or line.item.project_id
    ]
    return section(writer.say(N_("Who does what next")), Bullets(lines[:30]))
