"""The library as arrays: a row a practice, in the order of their ids; what a search filters, counts and sorts by. Pure.

A million practices take some 40 bytes each, so that a search looks at arrays, never at records.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Places = NDArray[np.int64]
"""Rows of the arrays, ascending."""
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One property of every practice: `sets[codes[i]]` are the values of row i; `sets[0]` is empty."""

    sets: tuple[frozenset[str], ...]
    codes: NDArray[np.uint16] | NDArray[np.int32]

    @classmethod
    def empty(cls, rows: int) -> "Column":
        return cls((frozenset(),), np.zeros(rows, np.uint16))

    def has(self, values: Collection[str]) -> Mask:
        """Code -> whether it holds one of the values."""
        return np.array([not held.isdisjoint(values) for held in self.sets])

    def count(self, places: Places | slice) -> dict[str, int]:
        """Value -> how many of these rows have it; none where nobody has."""
        counted: dict[str, int] = {}
        for code, count in enumerate(np.bincount(self.codes[places], minlength=len(self.sets)).tolist()):
            for value in self.sets[code] if count else ():
                counted[value] = counted.get(value, 0) + count
        return counted

    def moved(self, rows: int, to: Places, of: Places) -> "Column":
        """The column of other rows: `to[i]` holds what `of[i]` held; the rest nothing."""
        codes = np.zeros(rows, self.codes.dtype)
        codes[to] = self.codes[of]
        return replace(self, codes=codes)

    def with_values(self, rows_by_value: Mapping[str, Places]) -> "Column":
        """With further values of some rows."""
        sets = {held: code for code, held in enumerate(self.sets)}
        codes = self.codes.astype(np.int32)
        for value, rows in rows_by_value.items():
            before = codes[rows]
            for code in np.unique(before).tolist():
                held = list(sets)[code] | {value}
                codes[rows[before == code]] = sets.setdefault(held, len(sets))
        return Column(tuple(sets), codes.astype(np.uint16) if len(sets) < np.iinfo(np.uint16).max else codes)


@dataclass(frozen=True, slots=True)
class Replications:
    """The first replication of each pseudonym with each practice: `rows` of practices, and the ids of its records."""

    rows: Places
    ids: Ids

    @classmethod
    def none(cls) -> "Replications":
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def count(self, rows: int, upto: int | None = None) -> NDArray[np.int64]:
        """Row -> how many; `upto` leaves out those that came after that id."""
        counted = self.rows if upto is None else self.rows[self.ids <= upto]
        return np.bincount(counted, minlength=rows)


@dataclass(frozen=True, slots=True)
class Columns:
    """Every living practice of some logs.

    Attributes:
        ids: of their rows in the database, ascending: a higher id is newer.
        facets: name -> column.
        stands: False for what a correction took the place of.
        kinds: which (context class, grades) each is of: the code of `class` and that of `grade-band`.
        newest: the highest id among practices and replications; 0 for none.
        versions: id -> the record ids of all its versions in the order of the log, for the few that were corrected.
    """

    ids: Ids
    facets: Mapping[str, Column]
    stands: Mask
    replications: Replications
    kinds: NDArray[np.int32]
    kind_codes: Sequence[tuple[int, int]]
    newest: int
    versions: Mapping[int, Sequence[str]] = field(default_factory=dict)
    all_stand: bool = field(init=False)
    _copies: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "all_stand", bool(self.stands.all()))
        object.__setattr__(self, "_copies", self.replications.count(len(self.ids)))

    def __len__(self) -> int:
        return len(self.ids)

    def standing(self, end: int) -> Places:
        """The rows before `end` that no correction took the place of."""
        return np.arange(end) if self.all_stand else np.flatnonzero(self.stands[:end])

    def count_standing(self, end: int) -> int:
        return end if self.all_stand else int(self.stands[:end].sum())

    def copies_upto(self, upto: int | None) -> NDArray[np.int64]:
        """Row -> how many pseudonyms replicated it, up to that id."""
        if upto is None or upto >= self.newest:
            return self._copies
        return self.replications.count(len(self), upto)

    def rows_of(self, ids: NDArray[np.signedinteger[Any]]) -> Places:
        """The rows of those ids that are practices here; `ids` ascending."""
        rows, known = places_in(self.ids, ids)
        return rows[known]


def places_in(ids: Ids, wanted: NDArray[np.signedinteger[Any]]) -> tuple[Places, Mask]:
    """Where in `ids` (ascending) each of `wanted` stands, and whether it does; both as long as `wanted`."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    places = np.searchsorted(ids, wanted)
    places[places == len(ids)] = 0
    return places, ids[places] == wanted


def kinds_of(classes: Column, grades: Column) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
    """Schools' kinds as codes: there are far fewer than practices, and likeness is worked out once for each."""
    width = len(grades.sets)
    found, kinds = np.unique(classes.codes.astype(np.int64) * width + grades.codes, return_inverse=True)
    return kinds.astype(np.int32), [divmod(int(code), width) for code in found]
