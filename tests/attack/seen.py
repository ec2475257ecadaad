"""What each end of the wire saw: requests with their headers and answers, rows of its database, lines of its log.

What is beside it here, `origins` and what follows, is the truth; no attacker is told it.
"""

from base64 import b64decode, b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256


def digest_of(envelope: bytes) -> str:
    """As it stands in Content-Digest."""
    return f"sha-256=:{b64encode(sha256(envelope).digest()).decode()}:"


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

    @property
    def digest(self) -> str:
        return self.header("Content-Digest")

    @property
    def marks(self) -> tuple[str, str]:
        """The envelope's hash as the header spells it, and as tables do."""
        encoded = self.digest.partition(":")[2].rstrip(":")
        return encoded, b64decode(encoded).hex()

    @property
    def size(self) -> int:
        return int(self.header("Content-Length") or 0)

    def words(self) -> str:
        return repr((self.path, self.headers, self.answer))


@dataclass(frozen=True)
class Content:
    """What the network finds in an envelope that is no dummy: a leaf, whose pseudonym signed it, and what it is."""

    leaf: str
    kid: str
    kind: str


@dataclass
class Transcripts:
    """Of a run.

    Attributes:
        network, relays: requests that came there, relays by their entity.
        contents: digest -> what the network found in the envelope, when it opened the slot's.
        rows: of the network, new in each slot, as text. relay_rows: (entity of the relay, slot) -> the same.
        lines: slot -> what any node wrote to its log.
        polls: (moment, entity) of members that asked the network for its checkpoint.
        keys: entity -> thumbprints of the keys that the network and everybody knows.
        origins: digest -> entity whose envelope it is.
    """

    network: list[Seen] = field(default_factory=list)
    relays: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    contents: dict[str, Content] = field(default_factory=dict)
    rows: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    relay_rows: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    polls: list[tuple[datetime, str]] = field(default_factory=list)
    keys: dict[str, set[str]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def slots(self) -> list[int]:
        return sorted({one.slot for seen in self.relays.values() for one in seen})

    def sent(self, slot: int) -> list[Seen]:
        """What all relays saw of a slot."""
        return [one for seen in self.relays.values() for one in seen if one.slot == slot]

    def records(self) -> list[Seen]:
        """What came to the network and is no dummy; of what was sent again and again the last."""
        brought = [one for one in self.network if one.digest in self.contents]
        return list({self.contents[one.digest].leaf: one for one in brought}.values())

    def authors(self, slot: int) -> set[str]:
        """Whose envelope of this slot held something."""
        return {self.origins[one.digest] for one in self.sent(slot) if one.digest in self.contents}
