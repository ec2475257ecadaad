"""The starter shelf: what public practice guides recommend, in our own words, for the first year and beside it.

From practice guides of the What Works Clearinghouse (Institute of Education Sciences, U.S. Department of Education;
public domain). No member's result: an entry has no ledger and no effect, and starting it makes no replication.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from nic_node.commons.named import NAMED, stems_of
from nic_node.commons.search import Search
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.mirror.search import query_words
from nic_node.mirror.words import index_text

RESEARCH: Final = "research"
"""The value of the facet `rung` that keeps members' results out."""
ASKED_OF_ENTRIES: Final = ("idea", "problem", "grade-band", "subject", "staff-time-band", "cost-band")
"""Facets that an entry has too; it is of no school, so that it has no place, decision or network."""
NO_ENTRY = N_("There is no such recommendation on the shelf.")


@dataclass(frozen=True, slots=True)
class Level:
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A recommendation: `payload` says what it is and how to do it, in the shape of a practice's."""

    id: str
    payload: Mapping[str, Any]
    guide: str
    year: int
    recommendation: str
    level: str
    stems: frozenset[str]

    @property
    def title(self) -> str:
        return str(self.payload["title"])

    def facet(self, name: str) -> Collection[str]:
        problem, cost = self.payload["problem"], self.payload["cost"]
        values: dict[str, Collection[str]] = {
            "idea": [self.payload["idea"]["category"]],
            "problem": [problem["category"]],
            "grade-band": problem["grade_bands"],
            "subject": [problem["subject"]],
            "staff-time-band": [cost["staff_time_band"]],
            "cost-band": [cost["cost_band"]],
        }
        return values[name]


@lru_cache(maxsize=1)
def _shelf() -> tuple[dict[str, Entry], dict[str, Level]]:
    content = json.loads((files("nic_node.commons.research") / "shelf.json").read_text("utf-8"))
    levels = {name: Level(**level) for name, level in content["levels"].items()}
    return {entry["id"]: _entry(entry) for entry in content["entries"]}, levels


def _entry(entry: Mapping[str, Any]) -> Entry:
    about = {name: entry[name] for name in ("id", "guide", "year", "recommendation", "level")}
    payload = {name: value for name, value in entry.items() if name not in about and value}
    written = frozenset(" ".join(index_text("practice", payload)).split())
    entry_read = Entry(**about, payload=payload, stems=written)
    named = (stems_of(facet, value) for facet in NAMED for value in entry_read.facet(facet))
    return replace(entry_read, stems=written.union(*named))


def all_entries() -> list[Entry]:
    return list(_shelf()[0].values())


def entry_of(entry_id: str) -> Entry:
    """Raises NotFound."""
    found = _shelf()[0].get(entry_id)
    if found is None:
        raise NotFound(NO_ENTRY)
    return found


def level_of(entry: Entry) -> Level:
    return _shelf()[1][entry.level]


def find_entries(search: Search, my_grades: Collection[str]) -> list[Entry]:
    """Those that a search of practices finds too, whatever it says of the evidence; the best proven first."""
    if any(values and name not in (*ASKED_OF_ENTRIES, "rung") for name, values in search.chosen.items()):
        return []
    words = query_words(search.words)
    fitting = [entry for entry in all_entries() if _fits(entry, search, words, my_grades)]
    order = list(_shelf()[1])
    return sorted(fitting, key=lambda entry: (order.index(entry.level), entry.title))


def is_wanted(search: Search) -> bool:
    """Whether the search's choice of evidence lets research in."""
    rungs = search.chosen.get("rung", ())
    return not rungs or RESEARCH in rungs


def _fits(entry: Entry, search: Search, words: Sequence[str], my_grades: Collection[str]) -> bool:
    if not entry.stems.issuperset(words):
        return False
    if search.like and my_grades and set(my_grades).isdisjoint(entry.facet("grade-band")):
        return False
    asked = ((name, search.chosen.get(name, ())) for name in ASKED_OF_ENTRIES)
    return all(not values or not set(values).isdisjoint(entry.facet(name)) for name, values in asked)
