"""Who reads the transcripts of a network or a relay and guesses which school wrote what: best guess, by feature."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable

from tests.attack.seen import Seen, Transcripts
from tests.unit.network.log.stage import SLOT

Scores = dict[str, float]


def best(scores: Scores, count: int = 1) -> set[str]:
    """Those with the most; ties are drawn."""
    return set(sorted(scores, key=lambda name: (scores[name], secrets.token_bytes(8)), reverse=True)[:count])


def network_attacks(seen: Transcripts, entities: list[str]) -> dict[str, tuple[int, int]]:
    """What whoever runs the network makes of it: attack -> (hits, guesses), a guess a record."""
    hits: dict[str, int] = defaultdict(int)
    brought = [one for one in seen.network if one.header("Content-Digest") in seen.records]
    for one in brought:
        author = seen.author_of(one)
        hits["who brought it"] += one.signer == author
        others = [entity for entity in entities if entity != one.signer]
        for attack, score in _network_scores(seen, one).items():
            hits[attack] += author in best({entity: score(entity) for entity in others})
    return {attack: (count, len(brought)) for attack, count in hits.items()}


def _network_scores(seen: Transcripts, one: Seen) -> dict[str, Callable[[str], float]]:
    slot = [other for other in seen.network if other.slot == one.slot]
    words = "".join(other.words() for other in slot) + seen.rows[one.slot]
    turns: dict[str, list[float]] = defaultdict(list)
    for other in slot:
        turns[other.signer].append((other.at - one.at).total_seconds())
    later = {entity: min([t for t in times if t >= 0], default=SLOT) for entity, times in turns.items()}
    earlier = {entity: min([-t for t in times if t <= 0], default=SLOT) for entity, times in turns.items()}
    return {
        "named with it": lambda entity: one.words().count(entity),
        "named most in its slot": words.count,
        "named least in its slot": lambda entity: -words.count(entity),
        "named most in new rows": seen.rows[one.slot].count,
        "heard of next": lambda entity: -later.get(entity, SLOT),
        "heard of just before": lambda entity: -earlier.get(entity, SLOT),
        "its port and its nonce": lambda entity: -abs(hash((entity, one.header("Signature-Input"))) % 997),
    }


def relay_attacks(seen: Transcripts, entities: list[str]) -> dict[str, tuple[int, int]]:
    """What all relays together, but without the network, make of it: for each slot as many guesses as it has authors."""
    hits: dict[str, int] = defaultdict(int)
    guesses = 0
    for slot in seen.slots():
        authors = seen.authors[slot]
        guesses += len(authors)
        sent: dict[str, list[Seen]] = {entity: [] for entity in entities}
        for one in seen.sent(slot):
            sent[one.signer].append(one)
        for attack, feature in RELAY_FEATURES.items():
            for sign, word in ((1, "most"), (-1, "least")):
                scores = {entity: sign * feature(mine) for entity, mine in sent.items()}
                hits[f"{attack}, {word}"] += len(authors & best(scores, len(authors)))
    return {attack: (count, guesses) for attack, count in hits.items()}


def _number(text: str) -> float:
    return float(int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big"))


def _first(feature: Callable[[Seen], float]) -> Callable[[list[Seen]], float]:
    return lambda mine: feature(mine[0]) if mine else -1.0


RELAY_FEATURES: dict[str, Callable[[list[Seen]], float]] = {
    "how many": len,
    "moment": _first(lambda one: one.at.timestamp() % SLOT),
    "order": _first(lambda one: one.order),
    "size": _first(lambda one: float(one.header("Content-Length") or 0)),
    "headers' length": _first(lambda one: len(repr(one.headers))),
    "headers' names": _first(lambda one: _number(repr(sorted(name for name, _ in one.headers)))),
    "signed long before": _first(lambda one: one.at.timestamp() - _created(one)),
    "digest": _first(lambda one: _number(one.header("Content-Digest"))),
    "answer's length": _first(lambda one: len(one.answer)),
    "status": _first(lambda one: one.status),
}


def _created(one: Seen) -> float:
    return float(one.header("Signature-Input").partition("created=")[2].partition(";")[0] or 0)
