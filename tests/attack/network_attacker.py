"""Whoever runs the network: sees what relays bring, opens it, knows all members; and guesses who wrote each record."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tests.attack.attackers import Attack, Tally, ids_of, named_beside, named_in
from tests.attack.seen import Seen, Transcripts
from tests.unit.network.log.stage import SLOT

ENVELOPE = 65_536


@dataclass
class Slot:
    """What the network knows of a slot."""

    seen: Transcripts
    number: int

    @cached_property
    def requests(self) -> list[Seen]:
        return [one for one in self.seen.network if one.slot == self.number]

    @property
    def rows(self) -> list[str]:
        return self.seen.rows[self.number]

    @property
    def lines(self) -> list[str]:
        return self.seen.lines[self.number]

    @cached_property
    def moments(self) -> dict[str, list[datetime]]:
        """Entity -> when it was heard of: as a relay, or as it asked for the checkpoint."""
        heard: dict[str, list[datetime]] = defaultdict(list)
        for one in self.requests:
            heard[one.signer].append(one.at)
        for at, entity in self.seen.polls:
            if int(at.timestamp()) // SLOT == self.number:
                heard[entity].append(at)
        return heard

    @cached_property
    def turns(self) -> list[tuple[datetime, str]]:
        """Who was heard of, in this order."""
        return sorted((at, entity) for entity, times in self.moments.items() for at in times)


@dataclass(frozen=True)
class Suspicion:
    """That a school wrote the record that came in a request."""

    slot: Slot
    one: Seen
    entity: str

    @property
    def kid(self) -> str:
        return self.slot.seen.contents[self.one.digest].kid

    @property
    def refusals(self) -> list[str]:
        return [row for row in self.slot.rows if row.startswith("network_log_refusals")]

    def seconds_to(self, sign: int) -> float:
        """To the next moment (sign 1), or from the last one (-1), at which the school was heard of."""
        gaps = [sign * (at - self.one.at).total_seconds() for at in self.slot.moments.get(self.entity, ())]
        return min((gap for gap in gaps if gap >= 0), default=float(SLOT))

    def turns_to(self, sign: int) -> int:
        """How many others were heard of in between."""
        turns = [name for at, name in self.slot.turns[::sign] if sign * (at - self.one.at).total_seconds() >= 0]
        return next((place for place, name in enumerate(turns) if name == self.entity), len(self.slot.turns))

    def likeness(self) -> int:
        """Of the form of the request's headers to those that the school signs itself."""
        own = [other for other in self.slot.requests if other.signer == self.entity]
        return sum(_form(self.one) == _form(other) for other in own)

    def number(self) -> int:
        return _rank(self.slot.seen.keys, self.entity)

    def ranks_apart(self) -> int:
        """In the order of their thumbprints, of a pseudonym among pseudonyms and of the school among schools."""
        kids = {content.kid for content in self.slot.seen.contents.values()}
        smallest = {entity: min(keys) for entity, keys in self.slot.seen.keys.items()}
        return abs(_rank(kids, self.kid) - _rank(smallest.values(), smallest[self.entity]))


def _form(one: Seen) -> list[tuple[str, int]]:
    return [(name, len(value)) for name, value in one.headers]


def _rank(names: Iterable[str], name: str) -> int:
    return sorted(names).index(name)


ATTACKS: dict[Attack, Callable[[Suspicion], float]] = {
    ("headers", "named with it"): lambda its: its.one.words().count(its.entity),
    ("headers", "as it signs its own"): Suspicion.likeness,
    ("ids", "made from its name"): lambda its: sum(
        name in text for name in ids_of(its.entity) for text in (its.one.words(), *its.slot.rows)
    ),
    ("sizes", "tells its number"): lambda its: -abs(ENVELOPE - its.one.size - its.number()),
    ("order", "heard of next"): lambda its: -its.turns_to(1),
    ("order", "heard of just before"): lambda its: -its.turns_to(-1),
    ("timing", "soon after"): lambda its: -its.seconds_to(1),
    ("timing", "shortly before"): lambda its: -its.seconds_to(-1),
    ("keys", "its own"): lambda its: its.kid in its.slot.seen.keys[its.entity],
    ("log lines", "named beside it"): lambda its: named_beside(its.slot.lines, its.one.marks, its.entity),
    ("log lines", "named most"): lambda its: named_in(its.slot.lines, its.entity),
    ("database rows", "named beside it"): lambda its: named_beside(its.slot.rows, its.one.marks, its.entity),
    ("database rows", "named most"): lambda its: named_in(its.slot.rows, its.entity),
    ("database rows", "named least"): lambda its: -named_in(its.slot.rows, its.entity),
    ("error messages", "named in its answer"): lambda its: its.one.answer.count(its.entity),
    ("error messages", "named in refusals"): lambda its: named_in(its.refusals, its.entity),
}
"""What is looked at -> how much speaks for a suspicion."""
OF_PSEUDONYMS: dict[Attack, Callable[[Suspicion], float]] = ATTACKS | {
    ("keys", "of the same rank"): lambda its: -its.ranks_apart(),
}
"""With what says the same of all records of a pseudonym: a lucky guess is lucky for each of them."""


def suspects(seen: Transcripts) -> Iterable[tuple[Seen, list[Suspicion]]]:
    """Each record, and who may have written it: not the relays that brought it, since no author is its own relay."""
    slots = {number: Slot(seen, number) for number in seen.slots()}
    brought: dict[str, set[str]] = defaultdict(set)
    for one in seen.network:
        brought[one.digest].add(one.signer)
    for one in seen.records():
        yield one, [Suspicion(slots[one.slot], one, entity) for entity in sorted(set(seen.keys) - brought[one.digest])]


def by_record(seen: Transcripts) -> dict[Attack, Tally]:
    """A guess a record."""
    found: dict[Attack, Tally] = defaultdict(Tally)
    for one, suspicions in suspects(seen):
        for attack, score in ATTACKS.items():
            found[attack].guess({seen.origins[one.digest]}, {its.entity: score(its) for its in suspicions})
    return found


def by_pseudonym(seen: Transcripts) -> dict[Attack, Tally]:
    """A guess a pseudonym, by all that came under it: who stands out in the mean, where once is not enough."""
    ranks: dict[tuple[Attack, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    authors: dict[str, str] = {}
    times: dict[str, int] = defaultdict(int)
    for one, suspicions in suspects(seen):
        kid = seen.contents[one.digest].kid
        authors[kid] = seen.origins[one.digest]
        times[kid] += 1
        for attack, score in OF_PSEUDONYMS.items():
            scores = {its.entity: score(its) for its in suspicions}
            for entity, value in scores.items():
                lead = sum((value > other) - (value < other) for other in scores.values())
                ranks[attack, kid][entity].append(lead)
    found: dict[Attack, Tally] = defaultdict(Tally)
    for (attack, kid), leads in ranks.items():
        # Who ever brought one of them is no suspect any more.
        always = {entity: sum(each) for entity, each in leads.items() if len(each) == times[kid]}
        found[attack].guess({authors[kid]}, always)
    return found
