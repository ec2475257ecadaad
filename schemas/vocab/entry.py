"""What a closed list is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """One id of a list. `label` and `definition` are msgids, translated when shown."""

    id: str
    label: str
    definition: str


EntryT = TypeVar("EntryT", bound=Entry)


class Vocabulary(Mapping[str, EntryT]):
    """A closed list: id -> entry, in the order in which it is shown.

    Ids are stable and lists only grow; `version` counts how often this one has grown.
    """

    def __init__(self, name: str, *entries: EntryT, version: int = 1) -> None:
        self.name = name
        self.version = version
        self._entries = {entry.id: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise ValueError(f"the list {name} holds an id twice")

    def __getitem__(self, entry_id: str) -> EntryT:
        return self._entries[entry_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Vocabulary {self.name} v{self.version}: {len(self)} ids>"

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._entries)

    @property
    def has_other(self) -> bool:
        """Whether 'other' is among the ids; it needs a label of its own beside it."""
        return OTHER in self._entries
