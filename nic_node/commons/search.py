"""Search the library: words, filters, schools like ours; each hit with its reasons and its evidence."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.cards import Cards
from nic_node.commons.chips import GRADE_BAND, LOCALE, understand
from nic_node.commons.columns import Columns, Ids
from nic_node.commons.evidence import by_practice
from nic_node.commons.my_school import Here, here
from nic_node.commons.rank import DEFAULT_SORT, Likenesses, Query, Ranked, Words, count, find
from nic_node.commons.results import PracticeEvidence, build_evidence_of_all
from nic_node.commons.shelf import SEARCH_FACETS, Shelf
from nic_node.commons.spelling import corrected
from nic_node.evidence.sentence import Sentence
from nic_node.evidence.similarity import Similarity
from nic_node.mirror.read import LivingRecord, LogView, list_living, living_with_replications, mirrored_logs
from nic_node.mirror.search import MOST_WORDS, postings_of, query_words
from nic_node.school.projects.tables import Project

PAGE_SIZE: Final = 20
MOST_FEWER: Final = 3  # offers to search for a word less


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
        search: what was looked for: with words that name a kind of school as filters.
        notes: what became of such words, where that needs saying.
        my_grades: the grade bands of my school.
        instead: the words as somebody may have meant them, where one of them stands in no practice.
        total: practices found; shelf: practices there are.
        facets: facet -> value -> how many it would leave; like: how many are of schools like ours.
        relax: where nothing was found: what to leave out ('words', 'like', a facet) -> how many there are then.
        fewer: likewise, with one word less: the words that are left -> how many there are then.
        logs: the libraries that were searched.
        wordless: words were typed, and none of them can be searched for ('the').
    """

    search: Search
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
    notes: Sequence[Sentence] = ()
    instead: str = ""
    fewer: Mapping[str, int] = field(default_factory=dict)
    my_grades: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Ids in their order, with counts, before anything of a record is read; the rest as in `Found`."""

    search: Search
    notes: Sequence[Sentence]
    logs: Sequence[LogView]
    here: Here
    columns: Columns
    cards: Cards
    asked: Query
    likenesses: Likenesses
    ranked: Ranked
    page: int
    pages: int
    wordless: bool

    @property
    def elsewhere(self) -> Mapping[int, str]:
        """Log -> the name of its network, of those that are only read."""
        return {log.id: log.name for log in self.logs if log.is_read_only}

    def started(self, row_id: int, record_id: str) -> int | None:
        """The newest project here that copied a practice or an earlier version of it."""
        versions = self.columns.versions.get(row_id, (record_id,))
        return max((self.here.copies[each] for each in versions if each in self.here.copies), default=None)


async def look_up(
    session: AsyncSession,
    shelf: Shelf,
    search: Search,
    *,
    now: datetime,
    limit: int,
    since: int = 0,
    person_id: int | None = None,
) -> LookUp:
    """Search the arrays and the full-text index.

    Args:
        since: only what came after this id.
        person_id: who looks, for what counts as like our school.
    """
    logs = await mirrored_logs(session, now=now)
    looking = await here(session, person_id)
    columns = await shelf.columns(session, logs)
    cards = shelf.cards  # of these columns: another search may let the shelf read anew while this one waits
    likenesses = await shelf.likenesses(session, columns, looking.mine)
    search, notes = _understood(search, columns)
    words = await _words(session, shelf, search.words)
    asked = Query(
        chosen=search.chosen,
        words=words,
        like=search.like,
        sort=search.sort,
        since=since,
        upto=search.upto,
        skip=(search.page - 1) * limit,
        limit=limit,
    )
    ranked = find(columns, asked, likenesses, SEARCH_FACETS)
    pages = max(1, math.ceil(ranked.total / limit))
    page = min(search.page, pages)
    if page < search.page:
        ranked = find(columns, replace(asked, skip=(page - 1) * limit), likenesses, SEARCH_FACETS)
    return LookUp(
        search=search,
        notes=notes,
        logs=logs,
        here=looking,
        columns=columns,
        cards=cards,
        asked=asked,
        likenesses=likenesses,
        ranked=ranked,
        page=page,
        pages=pages,
        wordless=bool(search.words.strip()) and words is None,
    )


def _understood(search: Search, columns: Columns) -> tuple[Search, Sequence[Sentence]]:
    """The search with kinds of school as filters, and what to say of them."""
    if not search.words:
        return search, ()
    shown = {facet: frozenset().union(*columns.facets[facet].sets) for facet in (LOCALE, GRADE_BAND)}
    found = understand(search.words, shown)
    chosen = {facet: list(values) for facet, values in search.chosen.items()}
    for facet, values in found.chosen.items():
        held = chosen.setdefault(facet, [])
        held += [value for value in values if value not in held]
    return replace(search, words=found.words, chosen=chosen, like=search.like or found.like), found.notes


async def search_practices(
    session: AsyncSession,
    shelf: Shelf,
    search: Search,
    *,
    now: datetime,
    limit: int = PAGE_SIZE,
    person_id: int | None = None,
) -> Found:
    """One page of what is found in all libraries that may be read now; `person_id` as `look_up` takes it."""
    found = await look_up(session, shelf, search, now=now, limit=limit, person_id=person_id)
    hits = await hits_of(session, shelf, found, found.ranked.ids)
    return await found_of(session, shelf, search, found, hits)


async def found_of(session: AsyncSession, shelf: Shelf, search: Search, found: LookUp, hits: Sequence[Hit]) -> Found:
    """What a look-up tells of the whole search, with the `hits` that were read."""
    is_helped = bool(found.search.words) and not found.ranked.total
    instead = await _instead(session, shelf, found) if is_helped else ""
    fewer = await _fewer(session, shelf, found) if is_helped else {}
    return Found(
        search=found.search,
        notes=found.notes,
        instead=instead,
        fewer=fewer,
        my_grades=found.here.mine.profile.grade_bands,
        hits=hits,
        total=found.ranked.total,
        shelf=found.ranked.shelf,
        facets=found.ranked.facets,
        like=found.ranked.like,
        relax=found.ranked.relax,
        logs=found.logs,
        page=found.page,
        pages=found.pages,
        upto=search.upto if search.upto is not None else found.columns.newest or None,
        wordless=found.wordless,
    )


async def _instead(session: AsyncSession, shelf: Shelf, found: LookUp) -> str:
    async def has_word(word: str) -> bool:
        return len((await shelf.postings.of(session, word)).ids) > 0

    return await corrected(found.search.words, has_word)


async def _fewer(session: AsyncSession, shelf: Shelf, found: LookUp) -> dict[str, int]:
    """With one word less, the most helpful first; nothing of a search for one word, which is 'without it'."""
    typed = found.search.words.split()[:MOST_WORDS]
    counts: dict[str, int] = {}
    for place in range(len(typed) if len(query_words(found.search.words)) > 1 else 0):
        left = " ".join([*typed[:place], *typed[place + 1 :]])
        words = await _words(session, shelf, left)
        if words is not None:
            counts[left] = count(found.columns, replace(found.asked, words=words), found.likenesses)
    helpful = sorted(filter(counts.get, counts), key=lambda left: -counts[left])
    return {left: counts[left] for left in helpful[:MOST_FEWER]}


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
    for record_id, project_id in await session.execute(chosen) if record_ids else ():
        found.setdefault(str(record_id), []).append(project_id)
    return found


async def _words(session: AsyncSession, shelf: Shelf, typed: str) -> Words | None:
    """The rows with all words; None where there is nothing to search for ('to the')."""
    words = query_words(typed)
    if not words:
        return None
    postings = await postings_of(session, words, shelf.postings)
    rows = [posting.ids for posting in postings]
    having = reduce(lambda some, more: np.intersect1d(some, more, assume_unique=True), sorted(rows, key=len))
    in_title = np.zeros(len(having))
    for posting in postings if len(having) else ():
        in_title += np.isin(having, posting.titles, assume_unique=True)
    return Words(having, in_title / len(words))


async def hits_of(session: AsyncSession, shelf: Shelf, found: LookUp, ids: Ids) -> list[Hit]:
    """The practices of these ids with their results, in their order; by one statement, pooled in one go."""
    ascending = np.sort(ids)
    kinds = dict(zip(ascending.tolist(), shelf.kinds(found.columns, found.columns.rows_of(ascending)), strict=True))
    corrected = found.columns.versions
    earlier = {version for each in ids.tolist() for version in corrected.get(each, ())}
    records, copies = await living_with_replications(session, ids.tolist(), earlier)
    versions = {record.record_id: corrected.get(record.id, (record.record_id,)) for record in records}
    replications = by_practice(copies, versions)
    bands = await shelf.bands(session, [*records, *(each for of in replications.values() for each in of)])
    elsewhere = found.elsewhere
    evidence = build_evidence_of_all([(record, replications[record.record_id]) for record in records], bands)
    return [
        Hit(
            record,
            shelf.compare(found.here.mine, *kinds[record.id]),
            results,
            found.started(record.id, record.record_id),
            elsewhere.get(record.log_id),
        )
        for record, results in zip(records, evidence, strict=True)
    ]
