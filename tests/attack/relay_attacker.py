"""All relays together, without the network: see who sends what at which moment, and guess whose envelopes are no dummies."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from tests.attack.attackers import Attack, Tally, named_in
from tests.attack.seen import Seen, Transcripts
from tests.unit.network.log.stage import SLOT


@dataclass(frozen=True)
class Sender:
    """A school in a slot: its requests to relays, in their order."""

    seen: Transcripts
    slot: int
    entity: str
    sent: list[Seen]

    def first(self, feature: Callable[[Seen], float]) -> float:
        return feature(self.sent[0]) if self.sent else -1.0

    def all(self, feature: Callable[[Seen], float]) -> float:
        return sum(map(feature, self.sent))

    @property
    def lines(self) -> list[str]:
        return self.seen.lines[self.slot]

    @property
    def rows_elsewhere(self) -> list[str]:
        """What is new in the databases of the other nodes."""
        found = self.seen.relay_rows.items()
        return [row for (relay, slot), rows in found if slot == self.slot and relay != self.entity for row in rows]


def _number(text: str) -> float:
    return float(int.from_bytes(sha256(text.encode()).digest()[:6], "big"))


def _parameter(one: Seen, name: str) -> str:
    """Of the signature."""
    return one.header("Signature-Input").partition(f'{name}="')[2].partition('"')[0]


def _created(one: Seen) -> float:
    return float(one.header("Signature-Input").partition("created=")[2].partition(";")[0] or 0)


ATTACKS: dict[Attack, Callable[[Sender], float]] = {
    ("headers", "their number"): lambda its: its.first(lambda one: len(one.headers)),
    ("headers", "their length"): lambda its: its.first(lambda one: len(repr(one.headers))),
    ("headers", "their names"): lambda its: its.first(lambda one: _number(repr(sorted(dict(one.headers))))),
    ("ids", "digest"): lambda its: its.first(lambda one: _number(one.digest)),
    ("ids", "the nonce's beginning"): lambda its: its.first(lambda one: ord(_parameter(one, "nonce")[0])),
    ("sizes", "of the body"): lambda its: its.first(lambda one: one.size),
    ("order", "place in the slot"): lambda its: its.first(lambda one: one.order),
    ("order", "how many"): lambda its: len(its.sent),
    ("timing", "moment"): lambda its: its.first(lambda one: one.at.timestamp() % SLOT),
    ("timing", "signed long before"): lambda its: its.first(lambda one: one.at.timestamp() - _created(one)),
    ("keys", "known as its own"): lambda its: its.all(
        lambda one: _parameter(one, "keyid").partition("#")[2] in its.seen.keys[its.entity]
    ),
    ("log lines", "about its envelope"): lambda its: its.all(
        lambda one: sum(mark in line for mark in one.marks for line in its.lines)
    ),
    ("log lines", "about it"): lambda its: named_in(its.lines, its.entity),
    ("database rows", "about it"): lambda its: named_in(its.rows_elsewhere, its.entity),
    ("error messages", "the answer's length"): lambda its: its.all(lambda one: len(one.answer)),
    ("error messages", "status"): lambda its: its.all(lambda one: one.status),
}
"""What is looked at -> a number; those with the most, or the least, are named."""


def by_slot(seen: Transcripts) -> dict[Attack, Tally]:
    """For each slot as many guesses as it has authors."""
    found: dict[Attack, Tally] = defaultdict(Tally)
    for slot in seen.slots():
        sent: dict[str, list[Seen]] = {entity: [] for entity in seen.keys}
        for one in sorted(seen.sent(slot), key=lambda one: one.at):
            sent[one.signer].append(one)
        senders = [Sender(seen, slot, entity, mine) for entity, mine in sent.items()]
        for (aspect, attack), feature in ATTACKS.items():
            for sign, word in ((1, "most"), (-1, "least")):
                scores = {its.entity: sign * feature(its) for its in senders}
                found[aspect, f"{attack}, {word}"].guess(seen.authors(slot), scores)
    return found
