"""A year on paper: the board's table, and the handover."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.school.handover.collect import Handover, collect_handover
from nic_node.school.papers.paper import Bullets, Facts, Paper, Section, Table, Text, Writer, section, whole
from nic_node.school.papers.plan_paper import ASK, STATES
from nic_node.school.papers.project_paper import NOT_ALONE
from nic_node.school.papers.results import DECISIONS, moved_words
from nic_node.school.plan.goals import plan_of_year
from nic_node.school.profile.name import school_name_and_year, year_in_words
from nic_node.school.returns.read import Row, board_table, retention
from nic_node.school.team.describe import days_of_year

EARLY = N_("Early win")
STOPPED = N_("What we stopped doing")
TRIED = {
    "adopt": N_("What we keep"),
    "adapt": N_("What we keep and change"),
    "abandon": N_("What we tried and stopped"),
    "": N_("What is under way"),
}


async def board_paper(session: AsyncSession, writer: Writer, *, school_year: str, today: date) -> Paper:
    """What projects took and what they moved; families get it without money."""
    first, last = days_of_year(school_year)
    rows = await board_table(session, since=first, until=last)
    school, _year = await school_name_and_year(session, today=today)
    year = year_in_words(school_year)
    if writer.is_families:
        tried = [_row_line(writer, row) for row in rows]
        sections = [
            section(writer.say(N_("What we tried, and what it brought")), Bullets(tried), _not_alone(writer, rows)),
            section(writer.say(N_("Talk with us")), Text(writer.say(ASK))),
        ]
        title = writer.say(N_("What we tried in {year}"), year=year)
    else:
        sections = [
            section(writer.say(N_("Projects")), _board(writer, rows), _not_alone(writer, rows)),
            await _who_stayed(session, writer),
        ]
        title = writer.say(N_("What it took, and what it moved: {year}"), year=year)
    return whole(writer, title, school, sections, school=school, today=today)


async def handover_paper(session: AsyncSession, writer: Writer, *, school_year: str, today: date) -> Paper:
    """Goals, what was tried, kept and stopped; names, acts and notes for staff alone."""
    handover = await collect_handover(session, school_year, today)
    school, _year = await school_name_and_year(session, today=today)
    plan = await plan_of_year(session, school_year)
    goals = [
        f"{writer.named('goal', goal.id, goal.title)[0]} ({writer.say(STATES[goal.state])})"
        for goal in (plan.goals if plan else ())
    ]
    stops = [writer.own(one.text) for one in handover.stops.things]
    sections = [
        section(writer.say(N_("Our goals")), Bullets(goals)),
        *(_tried(writer, decision, rows) for decision, rows in handover.by_decision.items()),
        section(writer.say(STOPPED), Bullets(stops, own=True)),
        *(_for_staff(writer, handover) if writer.is_staff else ()),
    ]
    if writer.is_families:
        sections.append(section(writer.say(N_("Talk with us")), Text(writer.say(ASK))))
    name = N_("Our school's year {year}") if writer.is_families else N_("Handover {year}")
    title = writer.say(name, year=year_in_words(school_year))
    return whole(writer, title, school, sections, school=school, today=today)


def _board(writer: Writer, rows: Sequence[Row]) -> Table:
    names = (N_("Project"), N_("Decision"), N_("What it moved"), N_("Hours"), N_("Dollars"))
    lines = [
        [
            writer.own(row.project.title) + (f" ({writer.say(EARLY).lower()})" if row.is_early_win else ""),
            writer.say(DECISIONS[row.project.decision or ""]),
            moved_words(writer, row.what) or "–",
            _of(f"{row.spent.hours:g}", row.spent.of_hours and f"{row.spent.of_hours:g}", writer),
            _of(f"${row.spent.dollars:,.0f}", row.spent.of_dollars and f"${row.spent.of_dollars:,.0f}", writer),
        ]
        for row in rows
    ]
    hours, dollars = sum(row.spent.hours for row in rows), sum(row.spent.dollars for row in rows)
    total = [writer.say(N_("All together")), "", "", f"{hours:g}", f"${dollars:,.0f}"]
    return Table([writer.say(name) for name in names], lines, frozenset({3, 4}), total)


def _of(spent: str, planned: str | float | None, writer: Writer) -> str:
    return writer.say(N_("{spent} of {planned}"), spent=spent, planned=planned) if planned else spent


def _not_alone(writer: Writer, rows: Sequence[Row]) -> Text | None:
    return Text(writer.say(NOT_ALONE), quiet=True) if any(row.what for row in rows) else None


def _row_line(writer: Writer, row: Row) -> str:
    moved = moved_words(writer, row.what)
    project = row.project
    said = [
        f"{writer.named('project', project.id, project.title)[0].rstrip('.')}.",
        writer.say(DECISIONS[row.project.decision or ""]),
    ]
    return " ".join([*said, f"{moved}."] if moved else said)


async def _who_stayed(session: AsyncSession, writer: Writer) -> Section | None:
    signs = {"": "", "least": "≥ ", "most": "≤ "}
    pairs = [
        (
            year_in_words(one.row.school_year),
            f"{signs[one.told.bound]}{one.told.value:g}\u202f%" if one.told else writer.say(N_("too few to tell")),
        )
        for one in await retention(session)
    ]
    return section(writer.say(N_("Staff who stayed the year after")), Facts(pairs))


def _tried(writer: Writer, decision: str, rows: Sequence[Row]) -> Section | None:
    lines = []
    for row in rows:
        parts = [_row_line(writer, row)]
        if not writer.is_families:
            parts += [
                f"{writer.say(name)}: {writer.own(text)}"
                for name, text in (
                    (N_("Worked"), row.project.worked),
                    (N_("Differently next time"), row.project.would_change),
                    (N_("Watch out"), row.project.watch_out),
                )
                if text
            ]
        lines.append(" ".join(parts))
    return section(writer.say(TRIED[decision]), Bullets(lines))


def _for_staff(writer: Writer, handover: Handover) -> list[Section | None]:
    acts = [f"{writer.own(line.item.text)} · {line.owner}" if line.owner else writer.own(line.item.text)
            for line in handover.actions]  # fmt: skip
    return [
        section(writer.say(N_("What stands nowhere else")), Text(writer.own(handover.note), own=True)),
        section(writer.say(N_("Leadership team")), Bullets([member.name for member in handover.team.members])),
        section(writer.say(N_("Still to do")), Bullets(acts, own=True)),
    ]
