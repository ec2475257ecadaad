"""What the district sees: made anew for each look, from what the district's papers say, with small cells held back.

Nothing of coaching, pulse or people is read here. As on papers, a student's name that stands in a text all the same is
held back like a small number.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.clock import day_at
from nic_node.district.tables import Sharing
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.school.known_names import KnownNames
from nic_node.school.obstacles.read import ObstacleLine, obstacle_lines
from nic_node.school.papers.ask import new_writer
from nic_node.school.papers.paper import Block, Bullets, Facts, Paper, Text, Writer
from nic_node.school.papers.plan_paper import plan_paper
from nic_node.school.plan.goals import plan_of_year
from nic_node.school.profile.name import FIRST_MONTH, school_name_and_year, school_year
from nic_node.school.projects.read import closes_on
from nic_node.school.projects.tables import Project
from schemas.canonical import canonical_bytes
from schemas.district import (
    LONGEST_FACT,
    LONGEST_LINE,
    MOST_GOALS,
    MOST_LINES,
    MOST_OBSTACLES,
    MOST_PROJECTS,
    MOST_SECTIONS,
    RUNNING,
    SHARED,
    SHARED_MAX_BYTES,
    SHARES,
)
from schemas.document import load_document
from schemas.limits import WIRE_VERSION
from schemas.text import normal_text

UNNAMED: Final = "A school"
TOO_LARGE: Final = N_(
    "What is shared is more than the 512 KB that a district's node reads. Shorten the plan's long texts, or share less."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upward:
    """Attributes: document: a `schemas.district.SharedSchema`. held_back: how much stands there as ▒▒▒."""

    document: dict[str, Any]
    held_back: int

    def of(self, shares: Collection[str]) -> dict[str, Any]:
        """The document when these are shared, of all that it was built with."""
        return {name: value for name, value in self.document.items() if name not in SHARES or name in shares}

    def is_too_large(self, shares: Collection[str]) -> bool:
        """Whether a district would refuse to read so much."""
        return len(canonical_bytes(self.of(shares))) > SHARED_MAX_BYTES


async def build_shared(
    node: LocalNode, session: AsyncSession, names: KnownNames, sharing: Sharing, *, shares: Collection[str]
) -> Upward:
    """What this school shares with the district of `sharing` when it shares these, as of now."""
    now = node.clock()
    today = day_at(now, node.config.time_zone)
    writer = new_writer("district", node.config.language, names)
    school, _year = await school_name_and_year(session, today=today)
    document: dict[str, Any] = {}
    if "plan" in shares:
        document["plan"] = await _plan(session, writer, today, node.config.time_zone)
    if "projects" in shares:
        document["projects"] = [_project(writer, one) for one in await _projects(session, today)]
    if "obstacles" in shares:
        lines = (await obstacle_lines(session, today))[:MOST_OBSTACLES]
        document["obstacles"] = [_obstacle(writer, line, since=sharing.created_at) for line in lines]
    head = {
        "v": WIRE_VERSION,
        "entity": node.entity_id,
        "district": sharing.entity,
        "name": normal_text(school) or UNNAMED,
        "at": int(now.timestamp()),
    }
    # Our own rule too: what a district refuses, no school sends.
    return Upward(document=load_document(SHARED, head | document), held_back=writer.held)


async def _plan(session: AsyncSession, writer: Writer, today: date, time_zone: str) -> dict[str, Any]:
    year = school_year(today)
    paper = await plan_paper(session, writer, school_year=year, is_whole=False, today=today, time_zone=time_zone)
    plan = await plan_of_year(session, year)
    goals = [goal for goal in plan.goals if goal.horizon != "two-year"][:MOST_GOALS] if plan else []
    return _filled(
        title=paper.title,
        subtitle=paper.subtitle,
        sections=_sections(paper),
        goals=[_filled(title=writer.own(goal.title), state=goal.state) for goal in goals],
    )


def _sections(paper: Paper) -> list[dict[str, Any]]:
    return [
        _filled(title=one.title, level=one.level, blocks=[found for block in one.blocks if (found := _block(block))])
        for one in paper.sections[:MOST_SECTIONS]
    ]


def _block(block: Block) -> dict[str, Any] | None:
    """The one-page plan has texts, lists and facts; whatever else a paper may hold does not go upward."""
    match block:
        case Text():
            lines = [_clean(block.text)[:LONGEST_LINE]]
        case Bullets():
            lines = [_clean(line)[:LONGEST_LINE] for line in block.items[:MOST_LINES]]
        case Facts():
            pairs = [_filled(name=name, text=text[:LONGEST_FACT]) for name, text in block.pairs]
            return {"kind": "facts", "pairs": pairs} if pairs else None
        case _:
            return None
    lines = [line for line in lines if line]
    return {"kind": block.kind, "lines": lines} if lines else None


async def _projects(session: AsyncSession, today: date) -> list[Project]:
    """Running ones, and those that were closed in this school year; no drafts."""
    begins = date(today.year if today.month >= FIRST_MONTH else today.year - 1, FIRST_MONTH, 1)
    chosen = select(Project).where(Project.state != "draft")
    chosen = chosen.where(or_(Project.state == "active", Project.closed_on >= begins))
    chosen = chosen.order_by(Project.state, Project.starts_on, Project.id).limit(MOST_PROJECTS)
    return list(await session.scalars(chosen))


def _project(writer: Writer, project: Project) -> dict[str, Any]:
    return _filled(
        title=writer.own(project.title),
        state=(project.decision or "adapt") if project.state == "closed" else RUNNING,
        starts_on=project.starts_on.isoformat(),
        last_on=closes_on(project).isoformat(),
        closed_on=project.closed_on.isoformat() if project.closed_on else "",
    )


def _obstacle(writer: Writer, line: ObstacleLine, *, since: datetime) -> dict[str, Any]:
    """What a district said that was named before `since` is no answer of this one."""
    row = line.row
    return _filled(
        id=row.id,
        what=writer.own(row.what),
        asks=writer.own(row.asks),
        kind=row.kind,
        of="" if line.is_of_draft else writer.own(line.in_the_way_of),
        since=row.since.isoformat(),
        removed_on=row.removed_on.isoformat() if row.removed_on else "",
        answer=row.answer if row.answered_at and row.answered_at >= since else "",
    )


def _filled(**values: Any) -> dict[str, Any]:
    """As the wire takes it: texts in its form, in one line but for 'text'; nothing where nothing is said."""
    cleaned = {
        name: normal_text(value, multiline=name == "text") if isinstance(value, str) else value
        for name, value in values.items()
    }
    return {name: value for name, value in cleaned.items() if value != ""}


def _clean(text: str) -> str:
    return normal_text(text, multiline=True)
