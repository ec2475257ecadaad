"""Guessing by scores, and how often chance alone is right. What no school stands out by is drawn."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from schemas.base64url import encode_base64url

ASPECTS: Final = (
    "headers", "ids", "sizes", "order", "timing", "keys", "log lines", "database rows", "error messages",
)  # fmt: skip
"""All that could tell who wrote: each is attacked from both ends, and each attack has a leak that it finds."""
Attack = tuple[str, str]
"""(aspect, what is looked at)."""
ALPHA: Final = 1e-6
"""How seldom a sound run is called unsound, for each attack: moments and keys are drawn afresh in each run."""
ID_LENGTH: Final = 16


@dataclass
class Tally:
    """Hits of an attack, and how likely each of its guesses hits by chance."""

    hits: int = 0
    chances: list[float] = field(default_factory=list)

    def guess(self, right: set[str], scores: Mapping[str, float]) -> None:
        """Name as many as there are."""
        self.hits += len(right & best(scores, len(right)))
        self.chances += [len(right) / len(scores)] * len(right)

    @property
    def most_by_chance(self) -> int:
        """So many hits are exceeded with probability ALPHA at most."""
        exactly = [1.0]
        for chance in self.chances:
            exactly = [
                (1 - chance) * stay + chance * move for stay, move in zip([*exactly, 0.0], [0.0, *exactly], strict=True)
            ]
        reached, hits = exactly[0], 0
        while reached < 1 - ALPHA:
            hits += 1
            reached += exactly[hits]
        return hits


def best(scores: Mapping[str, float], count: int = 1) -> set[str]:
    """Those with the most."""
    return set(sorted(scores, key=lambda name: (scores[name], secrets.token_bytes(8)), reverse=True)[:count])


def ids_of(entity: str) -> tuple[str, str]:
    """What somebody might make of an entity instead of drawing at random."""
    digest = sha256(entity.encode()).digest()
    return digest.hex()[:ID_LENGTH], encode_base64url(digest)[:ID_LENGTH]


def named_in(lines: Iterable[str], entity: str) -> int:
    return sum(line.count(entity) for line in lines)


def named_beside(lines: Iterable[str], marks: Iterable[str], entity: str) -> int:
    """In how many lines an entity stands beside one of the marks."""
    held = list(marks)
    return sum(entity in line and any(mark in line for mark in held) for line in lines)
