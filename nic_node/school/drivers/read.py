"""A project's driver diagram, drawn: each line with what is known of it here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.charts.drivers import DriverBox, IdeaRow, Way
from nic_node.school.cycles.tables import Cycle
from nic_node.school.drivers.tables import Driver, DriverVersion
from nic_node.school.measures.chart import Latest, latest_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverLine:
    """A line of the diagram in words.

    Attributes:
        depth: 0 under the aim. cycles: acts of the cycles that test this idea, and how many are undecided under ''.
        latest: the newest number of its measure.
    """

    row: Driver
    depth: int
    cycles: Mapping[str, int]
    latest: Latest | None


async def drivers_of(session: AsyncSession, project_id: int) -> list[Driver]:
    return list(await session.scalars(select(Driver).where(Driver.project_id == project_id).order_by(Driver.id)))


async def count_drivers(session: AsyncSession, project_id: int) -> int:
    return await session.scalar(select(func.count()).select_from(Driver).where(Driver.project_id == project_id)) or 0


async def versions_of(session: AsyncSession, project_id: int) -> list[DriverVersion]:
    """The newest first."""
    chosen = select(DriverVersion).where(DriverVersion.project_id == project_id)
    return list(await session.scalars(chosen.order_by(DriverVersion.number.desc())))


def depths_of(rows: Sequence[Driver]) -> list[tuple[int, Driver]]:
    """Each after what it stands under, with how deep that is; what stands under something gone comes first."""
    known = {row.id for row in rows}
    below: dict[int | None, list[Driver]] = {}
    for row in rows:
        below.setdefault(row.under_id if row.under_id in known else None, []).append(row)
    found: list[tuple[int, Driver]] = []

    def put(row: Driver, depth: int) -> None:
        found.append((depth, row))
        for one in below.pop(row.id, []):
            put(one, depth + 1)

    for row in below.pop(None, []):
        put(row, 0)
    return found


async def lines_of(session: AsyncSession, project_id: int) -> list[DriverLine]:
    """The diagram from the top, with its evidence, in a bounded number of queries."""
    rows = await drivers_of(session, project_id)
    measures = [row.measure_id for row in rows if row.measure_id is not None]
    latest = await latest_numbers(session, measures) if measures else {}
    acts = await session.scalars(select(Cycle.act).where(Cycle.project_id == project_id))
    cycles = Counter(act or "" for act in acts)
    return [
        DriverLine(row=row, depth=depth, cycles=cycles if row.is_tried else {}, latest=latest.get(row.measure_id or 0))
        for depth, row in depths_of(rows)
    ]


def boxes_of(lines: Sequence[DriverLine], says: Mapping[int, str]) -> list[DriverBox]:
    """For the drawing: a box for each driver that holds ideas, or none below it; `says`: idea's id -> its evidence."""
    boxes: list[tuple[str, list[IdeaRow], bool]] = []
    primary = ""
    for place, line in enumerate(lines):
        if line.row.level == "idea":
            cycles = sum(line.cycles.values())
            row = IdeaRow(label=line.row.text, says=says[line.row.id], results=cycles, way=_way(line.cycles))
            if boxes:
                boxes[-1][1].append(row)
            continue
        is_primary = line.row.level == "primary"
        primary = line.row.text if is_primary else primary
        after = lines[place + 1] if place + 1 < len(lines) else None
        only_heads = is_primary and after is not None and after.row.level == "secondary"
        boxes.append((line.row.text if is_primary else f"{primary}: {line.row.text}", [], only_heads))
    return [DriverBox(label=label, ideas=ideas) for label, ideas, only_heads in boxes if ideas or not only_heads]


def _way(cycles: Mapping[str, int]) -> Way:
    if not sum(cycles.values()):
        return "none"
    kept, dropped = cycles.get("adopt", 0), cycles.get("abandon", 0)
    return "better" if kept > dropped else "worse" if dropped > kept else "unclear"
