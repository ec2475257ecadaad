"""What a project knows of why it happens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.causes.tables import Cause, ConsensusCheck, CurrentProcess, Talk
from nic_node.school.causes.write import BRANCHES, READY

Row = TypeVar("Row", Cause, ConsensusCheck, Talk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """Attributes: people: who showed a hand. ready: with three fingers or more."""

    row: ConsensusCheck
    people: int
    ready: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Attributes: branches: (label, (depth, cause) in the order of the whys), of branches that hold any."""

    branches: Sequence[tuple[str, Sequence[tuple[int, Cause]]]]
    chosen: Sequence[Cause]
    process: CurrentProcess | None
    talks: Sequence[Talk]
    consensus: Sequence[Consensus]


@dataclass(frozen=True, slots=True)
class Why:
    """What a project begins from: `cause` that it works on, `talks` with those who live with it, `consensus` asked."""

    cause: bool = False
    talks: bool = False
    consensus: bool = False


async def why_of_projects(session: AsyncSession, ids: Collection[int]) -> dict[int, Why]:
    """Project id -> what it begins from; in one query, and without what was said."""
    there = union_all(
        select(Cause.project_id, literal("cause")).where(Cause.project_id.in_(ids), Cause.is_chosen).distinct(),
        *(
            select(table.project_id, literal(name)).where(table.project_id.in_(ids)).distinct()
            for table, name in ((Talk, "talks"), (ConsensusCheck, "consensus"))
        ),
    )
    found: dict[int, dict[str, bool]] = {of: {} for of in ids}
    for of, name in await session.execute(there):
        found[of][name] = True
    return {of: Why(**names) for of, names in found.items()}


async def causes_of(session: AsyncSession, project_id: int, *, with_talks: bool) -> Causes:
    """All of it in a bounded number of queries; `with_talks` for the team only."""
    rows = await _rows(session, Cause, project_id)
    checks = await _rows(session, ConsensusCheck, project_id)
    process = await session.scalar(select(CurrentProcess).where(CurrentProcess.project_id == project_id))
    branches = [(label, _tree(rows, branch)) for branch, label in BRANCHES.items()]
    return Causes(
        branches=[(label, listed) for label, listed in branches if listed],
        chosen=[row for row in rows if row.is_chosen],
        process=process,
        talks=await _rows(session, Talk, project_id) if with_talks else [],
        consensus=[Consensus(row=row, people=sum(row.fists), ready=sum(row.fists[READY:])) for row in reversed(checks)],
    )


async def chosen_causes(session: AsyncSession, project_id: int) -> list[str]:
    """What the project works on."""
    chosen = select(Cause.text).where(Cause.project_id == project_id, Cause.is_chosen)
    return list(await session.scalars(chosen.order_by(Cause.id)))


async def _rows(session: AsyncSession, table: type[Row], project_id: int) -> list[Row]:
    return list(await session.scalars(select(table).where(table.project_id == project_id).order_by(table.id)))


def _tree(rows: Sequence[Cause], branch: str) -> list[tuple[int, Cause]]:
    """Each cause under the one that it explains; what explains something that is gone stands by itself."""
    known = {row.id for row in rows}
    below: dict[int | None, list[Cause]] = {}
    for row in rows:
        if row.branch == branch:
            below.setdefault(row.why_id if row.why_id in known else None, []).append(row)
    found: list[tuple[int, Cause]] = []

    def put(row: Cause, depth: int) -> None:
        found.append((depth, row))
        for one in below.pop(row.id, []):
            put(one, depth + 1)

    for row in below.pop(None, []):
        put(row, 0)
    return found
