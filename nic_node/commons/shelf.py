"""The shelf that a search runs over: every living practice of the networks that may be read, held in memory as arrays.

A process reads it once; afterwards it reads what changed. Which state it holds is told by the logs' own counters
(`MirrorLog.shelf`), read in the transaction of each search, so that every process sees every change at once.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from aiohttp import web
from markupsafe import Markup
from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from nic_node import i18n
from nic_node.commons.cards import Cards
from nic_node.commons.columns import Column, Columns, Ids, Places, Replications, kinds_of, places_in
from nic_node.commons.evidence import ClassKey, bands_by_record, class_keys, classes_of
from nic_node.commons.my_school import Standpoint
from nic_node.commons.named import rows_named
from nic_node.commons.rank import Likeness, Likenesses
from nic_node.commons.why import why_words
from nic_node.db.one_of import one_of
from nic_node.evidence.similarity import Similarity
from nic_node.mirror.describe import BETWEEN
from nic_node.mirror.full_text import ids_of
from nic_node.mirror.read import LivingRecord, LogView
from nic_node.mirror.rows import parts
from nic_node.mirror.search import Postings
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorProperties, MirrorRecord, MirrorReference, MirrorVersion
from schemas.ids import build_record_id, parse_record_id

PRACTICE: Final = "practice"
CLASS, GRADES = "class", "grade-band"
LIBRARY, OURS, THEIRS = "library", "ours", "others"
SEARCH_FACETS: Final = (
    "rung",
    "idea",
    "problem",
    GRADES,
    "locale",
    "subject",
    "staff-time-band",
    "cost-band",
    "decision",
    LIBRARY,
)
"""What people filter by, in the order of the page."""
STORED: Final[Mapping[str, InstrumentedAttribute[str | None]]] = {
    "rung": MirrorProperties.rung,
    "idea": MirrorProperties.idea,
    "problem": MirrorProperties.problem,
    GRADES: MirrorProperties.grade_bands,
    "locale": MirrorProperties.locale,
    "subject": MirrorProperties.subject,
    "staff-time-band": MirrorProperties.staff_time_band,
    "cost-band": MirrorProperties.cost_band,
    "decision": MirrorProperties.decision,
    CLASS: MirrorProperties.context_class,
}
"""Facet -> where a record's own is kept; LIBRARY is its log's."""
FEW: Final = 2_000
"""So many new practices are looked up one by one; more by reading each property whole."""
MOST_STANDPOINTS: Final = 8  # held likenesses: one school, with the weights of some of its people

Kind = tuple[ClassKey | None, frozenset[str]]
"""Of schools: its context class, and the grades that the practice was tried with."""
Version = tuple[tuple[int, int, bool], ...]
"""(id, counter, whether it is only read) of each log."""
Rows = dict[int, tuple[Ids, Ids]]
"""Log -> ids and leaf indexes of its living practices, in the same order."""


class Shelf:
    """What this process holds of one database's libraries. Searches of several people share it."""

    def __init__(self) -> None:
        self.postings = Postings()
        self.cards = Cards()
        self._version: Version | None = None
        self._columns: Columns | None = None
        self._classes: dict[ClassKey, Mapping[str, str]] = {}
        self._likenesses: dict[Standpoint, dict[Kind, Likeness]] = {}
        self._of_columns: dict[Standpoint, Likenesses] = {}
        self._reasons: dict[Standpoint, dict[tuple[Kind, str], Markup]] = {}
        self._lock = asyncio.Lock()

    async def columns(self, session: AsyncSession, logs: Sequence[LogView]) -> Columns:
        """Of these logs, as this transaction sees them."""
        async with self._lock:
            version = tuple((log.id, log.shelf, log.is_read_only) for log in logs)
            if self._columns is None or version != self._version:
                held = [log_id for log_id, *_ in self._version or ()]
                before = self._columns if held == [log.id for log in logs] else None
                self._columns = await load_columns(session, logs, before)
                self._version = version
                self.postings = Postings(place=self._columns.rows_of, named=partial(rows_named, self._columns))
                self.cards = Cards()
                self._of_columns.clear()
            return self._columns

    async def likenesses(self, session: AsyncSession, columns: Columns, mine: Standpoint) -> Likenesses:
        """How like mine each kind of school is; a kind is compared once, as long as my school stays as it is."""
        if mine in self._of_columns and columns is self._columns:
            return self._of_columns[mine]
        known = self._likenesses.setdefault(mine, {})
        while len(self._likenesses) > MOST_STANDPOINTS:
            oldest = next(iter(self._likenesses))
            del self._likenesses[oldest]
            self._of_columns.pop(oldest, None)
            self._reasons.pop(oldest, None)
        kinds = [self._kind(columns, *codes) for codes in columns.kind_codes]
        new = [kind for kind in kinds if kind not in known]
        await self._read_classes(session, {key for key, _ in new if key is not None})
        for kind in new:
            known[kind] = Likeness.of(self.compare(mine, *kind))
        found = Likenesses.of([known[kind] for kind in kinds])
        if columns is self._columns:
            self._of_columns[mine] = found
        return found

    def compare(self, mine: Standpoint, key: ClassKey | None, grades: Collection[str]) -> Similarity:
        """With the reasons; of a kind that `likenesses` has looked at."""
        bands = self._classes.get(key, {}) if key is not None else {}
        return mine.compare(bands, their_grade_bands=grades)

    async def reasons(
        self, session: AsyncSession, mine: Standpoint, kinds: Sequence[Kind], language: str
    ) -> list[Markup]:
        """What is alike and what differs, in words; found once for a kind, a standpoint and a language."""
        known = self._reasons.setdefault(mine, {})
        new = [kind for kind in dict.fromkeys(kinds) if (kind, language) not in known]
        await self._read_classes(session, {key for key, _ in new if key is not None})
        catalogue = i18n.translations(language)
        found = {kind: why_words(self.compare(mine, *kind), catalogue) for kind in new}
        # A class whose lattice has yet to come is looked for again.
        known |= {(kind, language): why for kind, why in found.items() if kind[0] is None or kind[0] in self._classes}
        return [found[kind] if kind in found else known[kind, language] for kind in kinds]

    async def bands(self, session: AsyncSession, records: Sequence[LivingRecord]) -> dict[str, Mapping[str, str]]:
        """Record id -> its context class, for the records that show one."""
        await self._read_classes(session, class_keys(records))
        return bands_by_record(records, self._classes)

    async def _read_classes(self, session: AsyncSession, keys: Collection[ClassKey]) -> None:
        missing = keys - self._classes.keys()
        if missing:
            self._classes |= await classes_of(session, missing)

    def kinds(self, columns: Columns, rows: Places) -> list[Kind]:
        """The kind of school of each row."""
        return [self._kind(columns, *columns.kind_codes[kind]) for kind in columns.kinds[rows].tolist()]

    @staticmethod
    def _kind(columns: Columns, class_code: int, grades_code: int) -> Kind:
        shown = next(iter(columns.facets[CLASS].sets[class_code]), None)
        return _class_key(shown), columns.facets[GRADES].sets[grades_code]


SHELF = web.AppKey("shelf", Shelf)


async def load_columns(session: AsyncSession, logs: Sequence[LogView], before: Columns | None = None) -> Columns:
    """Read the library of these logs; `before` is what was held of them, whose rows are not read again."""
    rows = await _rows(session, [log.id for log in logs])
    ids = np.sort(np.concatenate([each for each, _ in rows.values()])) if rows else np.zeros(0, np.int64)
    facets = await _facets(session, ids, before)
    facets[LIBRARY] = _library(ids, rows, logs)
    by_record = _Records(logs, ids, rows)
    newer = await _newer_versions(session, logs)
    replications = await _replications(session, logs, by_record, newer)
    stands = np.ones(len(ids), np.bool_)
    corrected = by_record.rows(list(newer))
    stands[corrected[corrected >= 0]] = False
    kinds, kind_codes = kinds_of(facets[CLASS], facets[GRADES])
    newest = max((int(each.max()) for each in (ids, replications.ids) if len(each)), default=0)
    return Columns(ids, facets, stands, replications, kinds, kind_codes, newest, _histories(newer, ids, by_record))


class _Records:
    """From the ids that logs give records to their rows."""

    def __init__(self, logs: Sequence[LogView], ids: Ids, rows: Rows) -> None:
        self._by_origin: dict[str, tuple[Ids, Places]] = {}
        for log in logs:
            of_log, leaves = rows.get(log.id, (ids[:0], ids[:0]))
            order = np.argsort(leaves)
            self._by_origin[log.origin] = leaves[order], np.searchsorted(ids, of_log[order])

    def rows(self, record_ids: Sequence[str]) -> Places:
        """-1 for what is no living practice of these logs."""
        found = np.full(len(record_ids), -1, np.int64)
        by_origin: dict[str, tuple[list[int], list[int]]] = {}
        for place, record_id in enumerate(record_ids):
            origin, _, index = record_id.rpartition("#")  # they were checked when they were judged
            places, indexes = by_origin.setdefault(origin, ([], []))
            places.append(place)
            indexes.append(int(index))
        for origin, (places, indexes) in by_origin.items():
            if origin in self._by_origin:
                leaves, rows = self._by_origin[origin]
                at, known = places_in(leaves, np.array(indexes, np.int64))
                found[np.array(places)[known]] = rows[at[known]]
        return found


async def _rows(session: AsyncSession, log_ids: Collection[int]) -> Rows:
    listed = [
        func.aggregate_strings(cast(column, String), ",") for column in (MirrorRecord.id, MirrorRecord.leaf_index)
    ]
    rows: Rows = {}
    for log_id in log_ids:
        living = select(*listed).where(
            MirrorRecord.log_id == log_id, MirrorRecord.kind == PRACTICE, MirrorRecord.state == RecordState.LIVING
        )
        found = (await session.execute(living)).one()
        rows[log_id] = _numbers(found[0]), _numbers(found[1])
    return rows


def _numbers(listed: str | None) -> Ids:
    return np.fromstring(listed or "", dtype=np.int64, sep=",")


async def _facets(session: AsyncSession, ids: Ids, before: Columns | None) -> dict[str, Column]:
    """What was held moves to its new rows; the rest is read."""
    if before is None:
        kept = np.zeros(0, np.int64), np.zeros(0, np.int64)
        new = ids
    else:
        places, known = places_in(ids, before.ids)
        kept = places[known], np.flatnonzero(known)
        new = np.setdiff1d(ids, before.ids, assume_unique=True)
    columns = {}
    read = _read_few if len(new) <= FEW else _read_all
    values = await read(session, new)
    for facet in STORED:
        column = Column.empty(len(ids)) if before is None else before.facets[facet].moved(len(ids), *kept)
        found = {}
        for value, having in values.get(facet, {}).items():
            rows, known = places_in(ids, np.sort(having))
            found[value] = rows[known]
        columns[facet] = column.with_values(found)
    return columns


Values = dict[str, dict[str, Ids]]
"""Facet -> value -> ids."""


async def _read_few(session: AsyncSession, ids: Ids) -> Values:
    listed: dict[str, dict[str, list[int]]] = {}
    for part in parts(ids.tolist()):
        rows = select(MirrorProperties.record_id, *STORED.values()).where(one_of(MirrorProperties.record_id, part))
        for record, *properties in await session.execute(rows):
            for name, joined in zip(STORED, properties, strict=True):
                for value in _values(joined):
                    listed.setdefault(name, {}).setdefault(value, []).append(record)
    return {
        name: {value: np.array(having, np.int64) for value, having in by_value.items()}
        for name, by_value in listed.items()
    }


async def _read_all(session: AsyncSession, ids: Ids) -> Values:
    """Of every record in the database: a text with all ids a value, since a row each would take ten times as long."""
    listed = func.aggregate_strings(cast(MirrorProperties.record_id, String), ",")
    found: Values = {}
    for name, column in STORED.items():
        having: dict[str, list[Ids]] = {}
        for joined, numbers in await session.execute(select(column, listed).group_by(column)):
            held = ids_of(numbers)
            for value in _values(joined):
                having.setdefault(value, []).append(held[places_in(ids, held)[1]])
        found[name] = {value: np.sort(np.concatenate(several)) for value, several in having.items()}
    return found


def _values(joined: str | None) -> list[str]:
    return [] if joined is None else joined.split(BETWEEN)


def _library(ids: Ids, rows: Rows, logs: Sequence[LogView]) -> Column:
    column = Column.empty(len(ids))
    sides: dict[str, list[Ids]] = {}
    for log in logs:
        sides.setdefault(THEIRS if log.is_read_only else OURS, []).append(rows[log.id][0])
    return column.with_values({side: np.searchsorted(ids, np.concatenate(of)) for side, of in sides.items()})


async def _newer_versions(session: AsyncSession, logs: Sequence[LogView]) -> dict[str, str]:
    """Practice -> the follow-up or correction that stands for it."""
    found = await session.execute(
        select(MirrorVersion.target, MirrorLog.origin, MirrorRecord.leaf_index)
        .join(MirrorRecord, MirrorRecord.id == MirrorVersion.record_id)
        .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
        .where(MirrorRecord.log_id.in_([log.id for log in logs]))
        .order_by(MirrorRecord.leaf_index)
    )
    return {target: build_record_id(origin, index) for target, origin, index in found}


async def _replications(
    session: AsyncSession, logs: Sequence[LogView], by_record: _Records, newer: Mapping[str, str]
) -> Replications:
    """What was counted for an earlier version counts for the one that stands for it."""
    first = (
        select(MirrorReference.target, func.min(MirrorReference.record_id))
        .join(MirrorRecord, MirrorRecord.id == MirrorReference.record_id)
        .where(MirrorRecord.log_id.in_([log.id for log in logs]), MirrorRecord.state == RecordState.LIVING)
        .where(MirrorReference.name == "origin")
        .group_by(MirrorReference.target, MirrorReference.jkt)
    )
    found = (await session.execute(first)).all()
    rows = by_record.rows([_newest(target, newer) for target, _ in found])
    return Replications(rows[rows >= 0], np.array([record for _, record in found], np.int64)[rows >= 0])


def _histories(newer: Mapping[str, str], ids: Ids, by_record: _Records) -> dict[int, Sequence[str]]:
    """Of each practice that was corrected, by the id of its newest version: the record ids of all of them."""
    by_newest: dict[str, set[str]] = {}
    for earlier in newer:
        newest = _newest(earlier, newer)
        by_newest.setdefault(newest, {newest}).add(earlier)
    rows = by_record.rows(list(by_newest))
    return {
        int(ids[row]): sorted(versions, key=parse_record_id)
        for row, versions in zip(rows.tolist(), by_newest.values(), strict=True)
        if row >= 0
    }


def _newest(practice: str, newer: Mapping[str, str]) -> str:
    while practice in newer:  # a record supersedes only what stands before it in the log, so this ends
        practice = newer[practice]
    return practice


def _class_key(facet: str | None) -> ClassKey | None:
    """The `class` facet is the lattice's hash, a colon and the id."""
    if facet is None:
        return None
    sha256, _, class_id = facet.partition(":")
    return sha256, class_id
