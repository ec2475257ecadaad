"""The corpus's texts: sentences with slots, filled from a seed. No school stands behind any of them."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Any, Final

TEXTS: Final = files("nic_node.demo") / "data" / "corpus_texts.json"
SYNTHETIC: Final = "Synthetic example, made by a generator: no school stands behind it."
"""Stands in every payload, so that nobody takes it for a school's result."""
STEPS_LEAST: Final = 3
SENTENCES: Final = 4
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
CALLED: Final = "We called it {name}."
NAME_SYLLABLES: Final = 3
NAMES: Final = (len(CONSONANTS) * len(VOWELS)) ** NAME_SYLLABLES


@lru_cache(maxsize=1)
def corpus_texts() -> Mapping[str, Any]:
    """slots, problems, sentences, ideas: as the file has them."""
    texts: Mapping[str, Any] = json.loads(TEXTS.read_text("utf-8"))
    return texts


class Words:
    """What fills the slots of one practice's sentences: the same group and topic all through, the rest anew."""

    def __init__(self, drawn: Random, *, grade_band: str, subject: str) -> None:
        self._drawn = drawn
        self.subject = subject
        slots = corpus_texts()["slots"]
        self._slots: dict[str, Sequence[str]] = {
            name: slots[name] for name in ("time", "day", "adult", "number", "place", "students")
        }
        self._slots["group"] = (drawn.choice(slots["groups"][grade_band]),)
        self._slots["topic"] = tuple(drawn.sample(slots["topics"][subject], 2))
        self._slots["name"] = (_project_name(drawn),)

    def fill(self, template: str) -> str:
        """A slot in capitals begins with a capital."""
        return template.format_map(self)

    def __getitem__(self, slot: str) -> str:
        said = self._drawn.choice(self._slots[slot.lower()])
        return said[0].upper() + said[1:] if slot[0].isupper() else said

    def one_of(self, sentences: Sequence[str]) -> str:
        return self.fill(self._drawn.choice(sentences))

    def some_of(self, sentences: Sequence[str], count: int = SENTENCES) -> str:
        return " ".join(self.fill(each) for each in self._drawn.sample(sentences, min(count, len(sentences))))


def describe(words: Words, idea: Mapping[str, Any], problem: Mapping[str, Any], drawn: Random) -> dict[str, Any]:
    """What it is and how to do it: the parts of a payload that tell nothing of results."""
    sentences = corpus_texts()["sentences"]
    steps = idea["steps"][: drawn.randint(STEPS_LEAST, len(idea["steps"]))]
    material = idea["material"]
    return {
        "title": words.one_of(idea["titles"]),
        "statement": words.some_of(problem["statements"]),
        "summary": words.fill(idea["summary"]),
        "steps": [
            {
                "who": step["who"],
                "does": words.fill(step["does"]),
                "how_often": words.fill(step["how_often"]),
                "minutes": drawn.choice((5, 10, 15, 20, 30, 45)),
            }
            for step in steps
        ],
        "core": sorted(drawn.sample(range(len(steps)), 2)),
        "adaptable": [{"what": words.fill(each)} for each in drawn.sample(sentences["adaptable"], 2)],
        "materials": [material],
        "conditions": f"{SYNTHETIC} {words.fill(CALLED)} {words.some_of(sentences['conditions'], 2)}",
    }


def _project_name(drawn: Random) -> str:
    """Syllables without meaning: the rare words that real texts have, a few of them far more often than the rest."""
    place = int(NAMES ** drawn.random()) - 1
    name = ""
    for _ in range(NAME_SYLLABLES):
        place, consonant = divmod(place, len(CONSONANTS))
        place, vowel = divmod(place, len(VOWELS))
        name += CONSONANTS[consonant] + VOWELS[vowel]
    return name.capitalize()


def lessons(words: Words, direction: str | None) -> dict[str, str]:
    """What the school learned; where it did not get better it says so."""
    sentences = corpus_texts()["sentences"]
    told = {"no-clear-change": "unchanged", "worse": "worse"}.get(direction or "", "")
    worked = words.some_of(sentences["worked"], SENTENCES if not told else 1)
    return {
        "worked": f"{words.one_of(sentences[told])} {worked}" if told else worked,
        "would_change": words.some_of(sentences["would_change"]),
        "watch_out": words.some_of(sentences["watch_out"], 2),
    }


def changes(words: Words, drawn: Random) -> list[dict[str, str]]:
    """What a school that copied it did in another way, and why."""
    sentences = corpus_texts()["sentences"]
    return [
        {"what": words.fill(what), "why": words.one_of(sentences["whys"])}
        for what in drawn.sample(sentences["changed"], drawn.randint(1, 2))
    ]
