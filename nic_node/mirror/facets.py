"""What people filter a library by: a row a value, taken from a record when it is kept, erased with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorFacet, MirrorRecord
from schemas.vocab.context import ANY

CONTEXT_FACETS: Final = ("level", "locale")
FACETS: Final = (
    "rung",
    "decision",
    "direction",
    "aim-result",
    "problem",
    "subject",
    "grade-band",
    "idea",
    "cost-band",
    "staff-time-band",
    "measure",
    "class",
    *CONTEXT_FACETS,
)
IDS_A_QUERY: Final = 500
"""SQLite takes so many values in one statement without complaint."""

Document = Mapping[str, Any]


def build_facets(payload: Document, lattice: Document | None) -> set[tuple[str, str]]:
    """(name, value) of a payload that was judged; `class` is `{lattice sha256}:{class id}`."""
    return {(name, value) for name, value in _facets(payload, lattice) if isinstance(value, str)}


def _facets(payload: Document, lattice: Document | None) -> Iterator[tuple[str, Any]]:
    problem, cost, context = (payload.get(name, {}) for name in ("problem", "cost", "context"))
    for name, key in (("rung", "rung"), ("decision", "decision"), ("direction", "direction")):
        yield name, payload.get(key)
    yield "aim-result", payload.get("aim_result")
    yield "problem", problem.get("category")
    yield "subject", problem.get("subject")
    yield from (("grade-band", band) for band in problem.get("grade_bands", ()))
    yield "idea", payload.get("idea", {}).get("category")
    yield "cost-band", cost.get("cost_band")
    yield "staff-time-band", cost.get("staff_time_band")
    yield from (("measure", measure["measure"]) for measure in payload.get("measures", ()))
    if context:
        yield "class", f"{context['lattice_sha256']}:{context['class']}"
        yield from _context_facets(context, lattice)


def _context_facets(context: Document, lattice: Document | None) -> Iterator[tuple[str, str]]:
    for known in (lattice or {}).get("classes", ()):
        if known["id"] == context["class"]:
            bands = known["bands"]
            yield from ((name, bands[name]) for name in CONTEXT_FACETS if bands[name] != ANY)


# Reading --------------------------------------------------------------------------------------------------------------


def select_living(log_ids: Collection[int], kinds: Collection[str]) -> Select[int]:
    """The ids of what may be shown, the newest first."""
    return (
        select(MirrorRecord.id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.kind.in_(kinds))
        .where(MirrorRecord.state == RecordState.LIVING)
        .order_by(MirrorRecord.id.desc())
    )


async def ids_with(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    kinds: Collection[str],
    chosen: Mapping[str, Collection[str]],
) -> list[int]:
    """Records that have, of each facet, one of the chosen values; the newest first."""
    statement = select_living(log_ids, kinds)
    for name, values in chosen.items():
        held = select(MirrorFacet.record_id).where(MirrorFacet.name == name, MirrorFacet.value.in_(values))
        statement = statement.where(MirrorRecord.id.in_(held))
    return list(await session.scalars(statement))


async def facet_counts(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    kinds: Collection[str],
    ids: Sequence[int] | None = None,
) -> dict[str, dict[str, int]]:
    """Facet -> value -> how many living records have it; of `ids` only, where given."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for part in _parts(ids):
        living = select_living(log_ids, kinds).order_by(None)
        if part is not None:
            living = living.where(MirrorRecord.id.in_(part))
        statement = (
            select(MirrorFacet.name, MirrorFacet.value, func.count())
            .where(MirrorFacet.record_id.in_(living))
            .group_by(MirrorFacet.name, MirrorFacet.value)
        )
        for name, value, count in await session.execute(statement):
            counts[name][value] = counts[name].get(value, 0) + count
    return counts


def _parts(ids: Sequence[int] | None) -> Iterator[Sequence[int] | None]:
    if ids is None:
        yield None
        return
    for start in range(0, len(ids), IDS_A_QUERY):
        yield ids[start : start + IDS_A_QUERY]
