"""What each end of the wire saw: requests with their headers and answers, and the rows of its database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Seen:
    """One request as its receiver saw it, and what it answered."""

    slot: int
    at: datetime
    order: int
    path: str
    headers: tuple[tuple[str, str], ...]
    signer: str
    status: int
    answer: str

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")

    def words(self) -> str:
        return repr((self.path, self.headers, self.answer))


@dataclass
class Transcripts:
    """Of a run. `rows` and `relay_rows`: rows that are new at the end of each slot, as text.

    Attributes:
        authors: slot -> entities of its records' authors: the truth, which no attacker is told.
        records: digests of the envelopes that hold a record; the network knows them, since it opens what it gets.
    """

    network: list[Seen] = field(default_factory=list)
    relays: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[int, str] = field(default_factory=dict)
    relay_rows: dict[tuple[str, int], str] = field(default_factory=dict)
    authors: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    records: set[str] = field(default_factory=set)

    def slots(self) -> list[int]:
        return sorted(self.authors)

    def sent(self, slot: int) -> list[Seen]:
        """What all relays saw of a slot."""
        return [one for seen in self.relays.values() for one in seen if one.slot == slot]

    def author_of(self, brought: Seen) -> str:
        """The truth about a request to the network: who signed the envelope's first way."""
        digest = brought.header("Content-Digest")
        return next(
            (one.signer for one in self.sent(brought.slot) if one.header("Content-Digest") == digest), brought.signer
        )
