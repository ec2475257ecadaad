"""Which numbers may be told outside the team, on whatever paper: the same everywhere, so that no two papers tell more.

A group of fewer than ten, or of whom nobody knows how many they are, is held back; so is a group that another one
leaves as a small remainder ('all of grade 6' beside 'grade 6 without newcomers'). Of the others no counts are told,
percents are whole, and at either end of the scale, where one or two people would show, only that it is 'at least' so.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.rules_printing import CELL_MINIMUM, END_BAND_HOLDS
from nic_node.disclosure.groups import Relation, relation, words_of
from nic_node.i18n import N_
from nic_node.school.measures.tables import Measure, Observation, Observed
from nic_node.school.measures.words import value_words
from schemas.vocab import OTHER

MOST_PARTS = 8
"""Of more groups within one, all combinations are too many to try: none of them is told."""
EVENTS = frozenset({"count", "rate"})
PERCENT = 100
NOT_TOLD: Mapping[str, Any] = {
    **dict.fromkeys(("x", "n", "sd", "exposure", "import_id", "entered_by")),
    "note": "",
    "id": 0,
    "version": 0,
}
"""Of an observation: all but its measure, its day, its value and when it was entered."""
LEFT_OUT = N_("left out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many people a measure counts, at least and at most, in its periods; None where nobody said.

    Attributes:
        has_small_count: of events, a period has between one and nine.
    """

    measure: Measure
    low: int | None
    high: int | None
    first: date
    last: date
    has_small_count: bool

    @property
    def is_small(self) -> bool:
        if self.measure.unit in EVENTS and self.low is None:
            return self.has_small_count
        return self.low is None or self.low < CELL_MINIMUM or self.has_small_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People whom measures of one kind count. Attributes: beside: measures that it is only compared with."""

    name: str
    low: int
    high: int
    first: date
    last: date
    ids: frozenset[int]
    beside: frozenset[int]


@dataclass(frozen=True, slots=True)
class ToldValue:
    """`bound` is '', 'least' or 'most': the value is only known to lie beyond."""

    value: float
    bound: str = ""


async def held_back(session: AsyncSession, measures: Iterable[Measure]) -> frozenset[int]:
    """Which of these measures are not told, held against every measure of the school that counts the same."""
    wanted = list(measures)
    vocabularies = {measure.vocabulary for measure in wanted}
    alike = list(await session.scalars(select(Measure).where(Measure.vocabulary.in_(vocabularies))))
    counted = await _counted(session, alike)
    return find_held_back(counted) & {measure.id for measure in wanted}


def find_held_back(counted: Sequence[Counted]) -> frozenset[int]:
    """Small groups, and those whose difference from others would be one."""
    held = {one.measure.id for one in counted if one.is_small}
    families: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for one in counted:
        if one.measure.id not in held and one.low is not None:
            families[_what(one.measure)].append(one)
    for family in families.values():
        held |= _by_subtraction(_groups(family))
    return frozenset(held)


def told_numbers(measure: Measure, numbers: Iterable[Observed]) -> list[Observed]:
    """Copies with nothing but what may be told, for a chart of a measure that is not held back."""
    return [
        one._replace(
            value=None if one.value is None else told_value(measure, one.value, one.n).value,
            **NOT_TOLD,
            excluded_because=LEFT_OUT if one.excluded_because else "",
        )
        for one in numbers
    ]


def told_value(measure: Measure, value: float, n: int | None = None) -> ToldValue:
    """A percent whole, and never so near to an end that one or two people show; anything else to one decimal."""
    if measure.unit != "proportion":
        return ToldValue(round(value, 1))
    return told_percent(value, n or measure.group_size or CELL_MINIMUM)


def told_percent(value: float, of: int) -> ToldValue:
    """`value`, 0 to 100, of so many people."""
    end = -(-PERCENT * END_BAND_HOLDS // of)
    whole = round(value)
    if whole < end:
        return ToldValue(end, "most")
    return ToldValue(PERCENT - end, "least") if whole > PERCENT - end else ToldValue(whole)


def told_words(measure: Measure, told: ToldValue) -> str:
    """'≥ 95 %': signs, so that it reads in every language."""
    sign = {"": "", "least": "≥ ", "most": "≤ "}[told.bound]
    return f"{sign}{value_words(measure, told.value)}"


def _what(measure: Measure) -> tuple[str, str]:
    """Measures that count the same thing, and so could be subtracted."""
    return measure.vocabulary, measure.label.casefold().strip() if measure.vocabulary == OTHER else ""


def _groups(family: Iterable[Counted]) -> list[Group]:
    """Groups of one name and size are one, however often they were measured."""
    found: dict[tuple[frozenset[str], int, int], list[Counted]] = defaultdict(list)
    for one in family:
        found[(words_of(one.measure.group_name), one.low or 0, one.high or 0)].append(one)
    return [
        Group(
            name=some[0].measure.group_name,
            low=low,
            high=high,
            first=min(one.first for one in some),
            last=max(one.last for one in some),
            ids=frozenset(one.measure.id for one in some),
            beside=frozenset(one.measure.comparison_of for one in some if one.measure.comparison_of),
        )
        for (_words, low, high), some in found.items()
    ]


def _by_subtraction(groups: Sequence[Group]) -> set[int]:
    told, held = list(groups), set[int]()
    while found := _small_remainder(told):
        held.update(*(one.ids for one in found))
        told = [one for one in told if one not in found]
    return held


def _small_remainder(told: Sequence[Group]) -> list[Group]:
    """What to hold back next: the smallest of the groups that together leave a small part of another one."""
    for whole in told:
        parts = [one for one in told if one is not whole and _may_lie_within(one, whole)]
        if len(parts) > MOST_PARTS:
            return parts
        for count in range(1, len(parts) + 1):
            for some in itertools.combinations(parts, count):
                if _leaves_few(whole, some) and _are_apart(some):
                    return [min(some, key=lambda one: (one.high, min(one.ids)))]
    return []


def _may_lie_within(part: Group, whole: Group) -> bool:
    is_beside = bool(part.beside & whole.ids or whole.beside & part.ids)
    if part.last < whole.first or whole.last < part.first or is_beside:
        return False
    lies = relation(part.name, whole.name, {})
    # Of one name and about one size it is one group, whose people come and go; of another size it is not.
    is_another = part.high < whole.low
    return lies in (Relation.WITHIN, Relation.UNCLEAR) or (lies is Relation.SAME and is_another)


def _are_apart(parts: Collection[Group]) -> bool:
    """Groups that share people do not add up."""
    lies = (relation(one.name, other.name, {}) for one, other in itertools.combinations(parts, 2))
    return all(one in (Relation.APART, Relation.UNCLEAR) for one in lies)


def _leaves_few(whole: Group, parts: Collection[Group]) -> bool:
    """Whether between one and nine people may be left, as far as the groups' sizes went up and down."""
    least = whole.low - sum(one.high for one in parts)
    most = whole.high - sum(one.low for one in parts)
    return most >= 1 and least < CELL_MINIMUM


async def _counted(session: AsyncSession, measures: Sequence[Measure]) -> list[Counted]:
    """Of those that have numbers, in one query; a derived measure counts what its two counts do."""
    sources = {measure.id: measure.denominator_id or measure.id for measure in measures}
    small = case((and_(Observation.x > 0, Observation.x < CELL_MINIMUM), 1), else_=0)
    chosen = (
        select(
            Observation.measure_id, func.min(Observation.n), func.max(Observation.n), func.count(Observation.n),
            func.count(), func.min(Observation.value), func.max(Observation.value), func.max(small),
            func.min(Observation.period), func.max(Observation.period),
        )
        .where(Observation.measure_id.in_(set(sources.values())), Observation.value.is_not(None))
        .where(Observation.excluded_because == "")
        .group_by(Observation.measure_id)
    )  # fmt: skip
    rows = {row[0]: tuple(row) for row in await session.execute(chosen)}
    return [_one(measure, rows[source]) for measure in measures if (source := sources[measure.id]) in rows]


def _one(measure: Measure, row: tuple[object, ...]) -> Counted:
    _id, low, high, told, periods, least, most, small, first, last = row
    sizes = _sizes(measure, (low, high), is_told=told == periods, values=(least, most))
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Counted(
        measure=measure,
        low=sizes[0],
        high=sizes[1],
        first=first,
        last=last,
        has_small_count=measure.unit in EVENTS and bool(small),
    )


def _sizes(
    measure: Measure, counted: tuple[object, object], *, is_told: bool, values: tuple[object, object]
) -> tuple[int | None, int | None]:
    """The least and the largest group: as entered with the numbers, else as the measure says."""
    if measure.denominator_id:
        return tuple(int(value) if isinstance(value, float | int) else None for value in values)  # type: ignore[return-value]
    found = [size for size in (*counted, measure.group_size) if isinstance(size, int)]
    if not found or not (is_told or measure.group_size):
        return None, None
    return min(found), max(found)
