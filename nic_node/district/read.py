"""What a district sees of its schools: a line each, and their obstacles together, so that one answer helps several."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.district.tables import NAMED, OURS, REFUSED, DistrictAnswer, DistrictSchool
from nic_node.school.plan.goals import WORKED_ON
from schemas.district import OBSTACLE_KINDS, RUNNING

OLD_AFTER: Final = timedelta(hours=24)
"""A copy of this age is called old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProject:
    """Attributes: day: of `last_day`; 0 or less before it begins. late: days since its last day without a decision."""

    title: str
    state: str
    day: int
    last_day: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenObstacle:
    """Attributes: answer: this district's newest, sent or not; the school's own copy of it where there is none."""

    school: DistrictSchool
    id: int
    what: str
    asks: str
    kind: str
    of: str
    days: int
    is_open: bool
    answer: str
    note: str
    is_sent: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSchool:
    """Attributes: goals: titles of those that are worked on. open: obstacles in the way now, the oldest first."""

    row: DistrictSchool
    goals: Sequence[str]
    projects: Sequence[SeenProject]
    obstacles: Sequence[SeenObstacle]

    @property
    def running(self) -> list[SeenProject]:
        return [one for one in self.projects if one.state == RUNNING]

    @property
    def late(self) -> list[SeenProject]:
        return [one for one in self.running if one.late]

    @property
    def open(self) -> list[SeenObstacle]:
        return [one for one in self.obstacles if one.is_open]

    @property
    def count_running(self) -> int:
        return len(self.running)

    @property
    def count_late(self) -> int:
        return len(self.late)

    @property
    def oldest(self) -> int:
        """Days that the oldest open obstacle is open."""
        return max((one.days for one in self.open), default=0)

    def shows(self, part: str) -> bool:
        return part in (self.row.shared or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleGroup:
    """Open obstacles of one kind, unanswered ones first. Attributes: schools: how many have one."""

    kind: str
    obstacles: Sequence[SeenObstacle]
    schools: int
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Attributes: obstacles: unanswered, of so many schools, the oldest open for so many days. named: not kept yet."""

    obstacles: int
    schools: int
    oldest: int
    named: int


def has_schools() -> ColumnElement[bool]:
    """Whether some school named this node its district; before, the room is not shown."""
    return exists().where(DistrictSchool.state != REFUSED)


async def our_schools(session: AsyncSession, today: date) -> tuple[list[SeenSchool], list[DistrictSchool]]:
    """(ours by name, those that only say so themselves)."""
    chosen = select(DistrictSchool).where(DistrictSchool.state.in_((NAMED, OURS)))
    rows = list(await session.scalars(chosen.order_by(DistrictSchool.name, DistrictSchool.id)))
    answers = await _answers(session, [row.id for row in rows])
    ours = [seen_school(row, answers, today) for row in rows if row.state == OURS]
    return ours, [row for row in rows if row.state == NAMED]


async def what_waits(session: AsyncSession, today: date) -> Waiting | None:
    """For Today; None where this node is nobody's district, or nothing waits."""
    ours, named = await our_schools(session, today)
    waiting = [one for school in ours for one in school.open if not one.answer]
    if not waiting and not named:
        return None
    return Waiting(
        obstacles=len(waiting),
        schools=len({one.school.id for one in waiting}),
        oldest=max((one.days for one in waiting), default=0),
        named=len(named),
    )


async def one_school(session: AsyncSession, row: DistrictSchool, today: date) -> SeenSchool:
    return seen_school(row, await _answers(session, [row.id]), today)


def seen_school(row: DistrictSchool, answers: Mapping[tuple[int, int], DistrictAnswer], today: date) -> SeenSchool:
    shared = row.shared or {}
    obstacles = [_obstacle(row, one, answers.get((row.id, one["id"])), today) for one in shared.get("obstacles", ())]
    return SeenSchool(
        row=row,
        goals=[one["title"] for one in shared.get("plan", {}).get("goals", ()) if one["state"] in WORKED_ON],
        projects=[_project(one, today) for one in shared.get("projects", ())],
        obstacles=obstacles,
    )


def grouped(schools: Sequence[SeenSchool]) -> list[ObstacleGroup]:
    """Open obstacles of all schools by kind: first the kinds that most schools wait for, in each the oldest first."""
    by_kind: dict[str, list[SeenObstacle]] = defaultdict(list)
    for school in schools:
        for one in school.open:
            by_kind[one.kind].append(one)
    groups = [
        ObstacleGroup(
            kind=kind,
            obstacles=sorted(found, key=lambda one: (bool(one.answer), -one.days, one.school.name, one.id)),
            schools=len({one.school.id for one in found}),
            unanswered=sum(not one.answer for one in found),
        )
        for kind, found in by_kind.items()
    ]
    return sorted(groups, key=lambda group: (-group.unanswered, -group.schools, OBSTACLE_KINDS.index(group.kind)))


def _project(one: Mapping[str, Any], today: date) -> SeenProject:
    starts_on, last_on = date.fromisoformat(one["starts_on"]), date.fromisoformat(one["last_on"])
    until = min(today, date.fromisoformat(one["closed_on"])) if "closed_on" in one else today
    return SeenProject(
        title=one["title"],
        state=one["state"],
        day=(until - starts_on).days + 1,
        last_day=(last_on - starts_on).days + 1,
        late=max((today - last_on).days, 0) if one["state"] == RUNNING else 0,
    )


def _obstacle(row: DistrictSchool, one: Mapping[str, Any], answer: DistrictAnswer | None, today: date) -> SeenObstacle:
    until = date.fromisoformat(one["removed_on"]) if "removed_on" in one else today
    return SeenObstacle(
        school=row,
        id=one["id"],
        what=one["what"],
        asks=one["asks"],
        kind=one["kind"],
        of=one.get("of", ""),
        days=max((until - date.fromisoformat(one["since"])).days, 0),
        is_open="removed_on" not in one,
        answer=answer.answer if answer else one.get("answer", ""),
        note=answer.note if answer else "",
        is_sent=answer is None or answer.sent_at is not None,
        problem=answer.problem if answer else "",
    )


async def _answers(session: AsyncSession, school_ids: Sequence[int]) -> dict[tuple[int, int], DistrictAnswer]:
    if not school_ids:
        return {}
    found = await session.scalars(select(DistrictAnswer).where(DistrictAnswer.school_id.in_(school_ids)))
    return {(one.school_id, one.obstacle_id): one for one in found}
