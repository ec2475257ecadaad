"""What simulated schools publish: practices and replications of the usual length, in words that mean nothing.

The words are drawn, so that a bundle of records compresses no better than other people's texts do.
"""

import random
from typing import Any, Final

_CONSONANTS: Final = "bcdfghklmnprstvw"
_VOWELS: Final = "aeiou"
_VOCABULARY: Final = 1_500
"""About as many different words as people use for such things."""


class Writer:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._words = ["".join(self._syllable() for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(_VOCABULARY)]
        # Word frequencies fall as people's do (Zipf).
        self._weights = [1.0 / rank for rank in range(1, _VOCABULARY + 1)]

    def _syllable(self) -> str:
        return self._rng.choice(_CONSONANTS) + self._rng.choice(_VOWELS) + self._rng.choice(("", "", "n", "r", "s"))

    def sentence(self, words: int) -> str:
        return " ".join(self._rng.choices(self._words, self._weights, k=words)).capitalize() + "."

    def practice(self) -> dict[str, Any]:
        """By the schema of version 1, with a measured result."""
        return {
            "title": self.sentence(7),
            "problem": {"category": "chronic-absence", "grade_bands": ["6-8"], "statement": self.sentence(35)},
            "aim": {"measure": "absent-10pct-window", "better": "down", "by_days": 45},
            "idea": {"category": "two-way-texting", "summary": self.sentence(40)},
            "steps": [
                {"who": "aide", "does": self.sentence(15), "how_often": "daily", "minutes": 15} for _ in range(4)
            ],
            "core": [0, 1],
            "adaptable": [{"what": self.sentence(9)}],
            "dose": {"weeks": 7, "sessions_a_week": 5, "minutes": 25},
            "cost": {"cost_band": "under-500", "staff_time_band": "3-8h"},
            "materials": [{"kind": "script", "title": self.sentence(4), "text": self.sentence(80)}],
            "conditions": self.sentence(20),
            "measures": [self._measure()],
            "rung": "measured",
            "direction": "better",
            "aim_result": "reached",
            "decision": "adopt",
            "lessons": {"worked": self.sentence(30), "watch_out": self.sentence(20)},
        }

    def _measure(self) -> dict[str, Any]:
        low = self._rng.choice((40, 45, 50))
        points = [("baseline", low), ("middle", low - 10), ("end", low - 20)]
        return {
            "measure": "absent-10pct-window",
            "definition_version": 1,
            "kind": "outcome",
            "unit": "proportion",
            "window": "20-school-days",
            "design": "pre-post",
            "season": "not-ruled-out",
            "points": [{"at": at, "n": 60, "band": [low, low + 5]} for at, low in points],
        }

    def replication(self, origin: str) -> dict[str, Any]:
        """Of the practice with this record id."""
        return self.practice() | {"origin": origin, "kept": [0, 1], "changed": [{"what": self.sentence(9)}]}
