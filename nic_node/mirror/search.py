"""Words to records: all of them must occur; a last word that nobody has whole also as the beginning of one."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.full_text import ids_with_word
from nic_node.mirror.living import select_living
from nic_node.mirror.rows import parts
from nic_node.mirror.tables import MirrorRecord
from nic_node.mirror.words import stem_words

MOST_WORDS: Final = 12
SHORTEST_BEGINNING: Final = 3
MOST_BYTES: Final = 64 * 2**20
BYTES_AN_ENTRY: Final = 400  # what a word takes beside its ids, so that words which nobody has are bounded too

Ids = NDArray[np.signedinteger[Any]]


class Posting(NamedTuple):
    """Which records hold a word, and which have it in their title; ascending."""

    ids: Ids
    titles: Ids

    @property
    def bytes(self) -> int:
        return self.ids.nbytes + self.titles.nbytes + BYTES_AN_ENTRY


class Postings:
    """Which records hold a word, read from the index once and held as long as they are among the last used.

    Args:
        most_bytes: that all of them may take together; the frequent words are the large ones.
        place: what is held instead of the ids, such as their rows in arrays; ascending too.
        named: stem -> what holds that word by name, without writing it; placed already.
    """

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        place: Callable[[Ids], Ids] = lambda ids: ids,
        named: Callable[[str], Ids] | None = None,
    ) -> None:
        self._place = place
        self._named = named
        self._held: OrderedDict[tuple[str, bool], Posting] = OrderedDict()
        self._most_bytes = most_bytes
        self.bytes = 0

    async def of(self, session: AsyncSession, word: str, *, is_beginning: bool = False) -> Posting:
        """Of a stem, or of all words that begin with it."""
        key = (word, is_beginning)
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        found = Posting(*map(self._placed, await ids_with_word(session, word, is_beginning=is_beginning)))
        if self._named and not is_beginning:
            found = found._replace(ids=_either(found.ids, self._named(word)))
        if key not in self._held:  # somebody else may have read it meanwhile
            self._keep(key, found)
        return found

    def _placed(self, ids: Ids) -> Ids:
        return _small(self._place(ids))

    def _keep(self, key: tuple[str, bool], found: Posting) -> None:
        self._held[key] = found
        self.bytes += found.bytes
        while self.bytes > self._most_bytes:
            self.bytes -= self._held.popitem(last=False)[1].bytes


def _either(written: Ids, named: Ids) -> Ids:
    return _small(np.union1d(written, named)) if len(named) else written


def _small(ids: Ids) -> Ids:
    """In half the room where they fit; ascending."""
    return ids.astype(np.int32) if len(ids) and ids[-1] <= np.iinfo(np.int32).max else ids


def query_words(query: str) -> list[str]:
    """The stems of a query, each once: 'to the' has none."""
    return list(dict.fromkeys(stem_words(query)))[:MOST_WORDS]


async def postings_of(session: AsyncSession, words: Sequence[str], postings: Postings) -> list[Posting]:
    """One a word, of the last one as the beginning of words where nobody has it whole."""
    found = [await postings.of(session, word) for word in words]
    if found and not len(found[-1].ids) and len(words[-1]) >= SHORTEST_BEGINNING:
        found[-1] = await postings.of(session, words[-1], is_beginning=True)
    return found


async def find_words(
    session: AsyncSession,
    query: str,
    *,
    log_ids: Collection[int],
    kinds: Collection[str] = ("practice",),
    limit: int = 500,
) -> list[int]:
    """Ids of living records with all words of the query, the newest first; of a query without words none."""
    words = query_words(query)
    if not words:
        return []
    first, *rest = [posting.ids for posting in await postings_of(session, words, Postings())]
    for ids in rest:
        first = np.intersect1d(first, ids, assume_unique=True)
    living: list[int] = []
    for part in parts(first[::-1].tolist()):
        living += await session.scalars(select_living(log_ids, kinds).where(MirrorRecord.id.in_(part)))
        if len(living) >= limit:
            break
    return living[:limit]
