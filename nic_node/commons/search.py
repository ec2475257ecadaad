"""Search the library: words, filters, schools like ours; each hit with its reasons and its evidence."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.evidence import ClassKey, classes_of, evidence_of
from nic_node.commons.my_school import my_profile
from nic_node.commons.rank import (
    DEFAULT_SORT,
    ShelfEntry,
    build_conditions,
    count_facets,
    ranked,
    relaxations,
)
from nic_node.commons.results import PracticeEvidence
from nic_node.commons.shelf import CLASS, SEARCH_FACETS, read_shelf
from nic_node.evidence.similarity import Profile, Similarity, similarity
from nic_node.mirror.read import LivingRecord, LogView, list_living, living_by_ids, mirrored_logs
from nic_node.mirror.search import find_words, has_words
from nic_node.mirror.versions import version_ids
from nic_node.school.projects.tables import Project

PAGE_SIZE: Final = 10
MOST_MATCHES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for.

    Attributes:
        chosen: facet -> values, any of them.
        like: only practices of schools like ours: the same level or overlapping grades.
        sort: a key of `rank.SORTS`.
        page: from 1; `upto` is what `Found.upto` said on the first page, so that pages stay stable while the library
            grows.
    """

    words: str = ""
    chosen: Mapping[str, Collection[str]] = field(default_factory=dict)
    like: bool = False
    sort: str = DEFAULT_SORT
    page: int = 1
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A practice that was found; `started` is the newest project here that copied it.

    `from_network` is the name of a network that is only read.
    """

    record: LivingRecord
    likeness: Similarity
    evidence: PracticeEvidence
    started: int | None
    from_network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a search.

    Attributes:
        total: practices found; shelf: practices there are.
        facets: facet -> value -> how many it would leave; like: how many are of schools like ours.
        relax: where nothing was found: what to leave out ('words', 'like', a facet) -> how many there are then.
        logs: the libraries that were searched.
        wordless: words were typed, and none of them can be searched for ('the').
    """

    hits: Sequence[Hit]
    total: int
    shelf: int
    facets: Mapping[str, Mapping[str, int]]
    like: int
    relax: Mapping[str, int]
    logs: Sequence[LogView]
    page: int
    pages: int
    upto: int | None
    wordless: bool


class Likeness:
    """How like my school each practice's is; worked out once for each class and its grades."""

    def __init__(self, mine: Profile, classes: Mapping[ClassKey, Mapping[str, str]]) -> None:
        self._mine = mine
        self._classes = classes
        self._known: dict[tuple[str | None, frozenset[str]], Similarity] = {}

    def __call__(self, entry: ShelfEntry) -> Similarity:
        key = (entry.first(CLASS), frozenset(entry.facets.get("grade-band", ())))
        if key not in self._known:
            known = _class_key(key[0])
            bands = self._classes.get(known, {}) if known else {}
            self._known[key] = similarity(self._mine, bands, their_grade_bands=key[1])
        return self._known[key]


async def search_practices(session: AsyncSession, search: Search, *, now: datetime, limit: int = PAGE_SIZE) -> Found:
    """One page of what is found in all libraries that may be read now."""
    logs = await mirrored_logs(session, now=now)
    log_ids = [log.id for log in logs]
    entries = await read_shelf(
        session, log_ids, upto=search.upto, elsewhere=[log.id for log in logs if log.is_read_only]
    )
    likeness = await _likeness(session, entries)
    words, wordless = await _words(session, search.words, log_ids)
    comparable = {entry.id for entry in entries if likeness(entry).comparable}
    conditions = build_conditions(chosen=search.chosen, found=words, comparable=comparable if search.like else None)
    matching = conditions.matching(entries)
    order = ranked(matching, search.sort, words=words or {}, likeness=likeness)
    pages = max(1, math.ceil(len(order) / limit))
    page = min(search.page, pages)
    return Found(
        hits=await _hits(session, order[(page - 1) * limit : page * limit], likeness, logs),
        total=len(order),
        shelf=len(entries),
        facets=count_facets(entries, conditions, SEARCH_FACETS),
        like=sum(entry.id in comparable for entry in conditions.matching(entries, without="like")),
        relax={} if order else relaxations(entries, conditions),
        logs=logs,
        page=page,
        pages=pages,
        upto=search.upto if search.upto is not None else max((entry.id for entry in entries), default=None),
        wordless=wordless,
    )


async def newest_practices(session: AsyncSession, *, now: datetime, limit: int = 4) -> list[LivingRecord]:
    """What other pages show of the library."""
    logs = await mirrored_logs(session, now=now)
    return await list_living(session, log_ids=[log.id for log in logs], limit=limit)


async def projects_that_copied(session: AsyncSession, record_ids: Collection[str]) -> dict[str, list[int]]:
    """Record id -> projects here that copied it, the newest first."""
    chosen = (
        select(Project.origin_record, Project.id)
        .where(Project.origin_record.in_(record_ids))
        .order_by(Project.id.desc())
    )
    found: dict[str, list[int]] = {}
    for record_id, project_id in await session.execute(chosen):
        found.setdefault(str(record_id), []).append(project_id)
    return found


async def _words(session: AsyncSession, typed: str, log_ids: Sequence[int]) -> tuple[dict[int, float] | None, bool]:
    """id -> share of the words in the title, None where no words count; and whether words were typed in vain."""
    if not typed.strip():
        return None, False
    if not has_words(typed):
        return None, True
    matches = await find_words(session, typed, log_ids=log_ids, limit=MOST_MATCHES)
    return {match.id: match.title_hits / match.words for match in matches}, False


async def _likeness(session: AsyncSession, entries: Sequence[ShelfEntry]) -> Likeness:
    mine = await my_profile(session)
    keys = {key for entry in entries if (key := _class_key(entry.first(CLASS))) is not None}
    return Likeness(mine, await classes_of(session, keys))


def _class_key(facet: str | None) -> ClassKey | None:
    """The `class` facet is the lattice's hash, a colon and the id."""
    if facet is None:
        return None
    sha256, _, class_id = facet.partition(":")
    return sha256, class_id


async def _hits(
    session: AsyncSession, entries: Sequence[ShelfEntry], likeness: Likeness, logs: Sequence[LogView]
) -> list[Hit]:
    by_id = {entry.id: entry for entry in entries}
    records = await living_by_ids(session, list(by_id))
    versions = {record.record_id: await version_ids(session, record.record_id) for record in records}
    started = await projects_that_copied(session, {each for ids in versions.values() for each in ids})
    elsewhere = {log.id: log.name for log in logs if log.is_read_only}
    return [
        Hit(
            record,
            likeness(by_id[record.id]),
            await evidence_of(session, record),
            max((each for version in versions[record.record_id] for each in started.get(version, ())), default=None),
            elsewhere.get(record.log_id),
        )
        for record in records
    ]
