"""A synthetic network from a seed: schools over real contexts, what they tried, how it went, failures included.

Practices go over all idea categories. Schools copy what others tried, what was copied before more often than the rest,
and publish the result whatever it was. All numbers are printed by the printer that schools use.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final

import numpy as np

from federation.effects import direction_word
from federation.rules_printing import CELL_MINIMUM
from nic_node.demo.corpus.schools import CorpusSchool, draw_schools
from nic_node.demo.corpus.texts import Words, changes, corpus_texts, describe, lessons
from nic_node.demo.corpus.truth import Truth, World, observe
from nic_node.disclosure.context import context_class
from nic_node.disclosure.lattice import build_lattice
from nic_node.disclosure.printer import NotPrinted, print_measure
from nic_node.disclosure.rungs import exact_effect
from nic_node.disclosure.snapshot import ExactMeasure
from schemas.canonical import document_sha256
from schemas.ids import build_log_origin, build_record_id
from schemas.vocab import MEASURES

NETWORK: Final = "https://synthetic.example/net/corpus"
CONTEXT_K: Final = 5
POLICY: Final = {"cell_minimum": CELL_MINIMUM}
TOLD_NOTHING: Final = 0.1  # share of projects of which the school tells what was done only
DECISIONS: Final[Mapping[str, Sequence[str]]] = {
    "better": ("adopt",) * 6 + ("adapt",) * 3 + ("abandon",),
    "no-clear-change": ("adopt",) * 2 + ("adapt",) * 4 + ("abandon",) * 4,
    "worse": ("adapt",) * 2 + ("abandon",) * 8,
    "cannot-tell": ("adopt",) * 4 + ("adapt",) * 4 + ("abandon",) * 2,
}
SUBJECTS: Final[Mapping[str, Sequence[str]]] = {
    "early-literacy": ("reading",),
    "adolescent-reading": ("reading", "social-studies"),
    "writing": ("writing",),
    "early-numeracy": ("math",),
    "algebra-readiness": ("math",),
    "science": ("science",),
    "english-proficiency": ("languages", "reading"),
    "instructional-quality": ("math", "reading", "science", "social-studies"),
    "course-failure": ("math", "science", "none"),
    "engagement": ("arts", "social-studies", "technical", "none"),
}
PROBLEM_GRADES: Final[Mapping[str, frozenset[str]]] = {
    "early-literacy": frozenset({"pk-2", "3-5"}),
    "early-numeracy": frozenset({"pk-2", "3-5"}),
    "adolescent-reading": frozenset({"6-8", "9-12"}),
    "algebra-readiness": frozenset({"6-8", "9-12"}),
    "grade-9-transition": frozenset({"9-12"}),
    "credit-recovery": frozenset({"9-12"}),
    "graduation": frozenset({"9-12"}),
    "postsecondary-readiness": frozenset({"9-12"}),
    "opportunity-gap": frozenset({"6-8", "9-12"}),
    "course-failure": frozenset({"6-8", "9-12"}),
}
"""Problems that not every grade has."""
POPULAR: Final = 4_000  # of the practices that may be copied so many are held in mind, the oldest forgotten first


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusPlan:
    """How large, and from which seed; `copied` is the share of records that are replications."""

    schools: int
    records: int
    seed: int = 1
    copied: float = 0.4
    terms: int = 6
    first_index: int = 0


@dataclass(frozen=True, slots=True)
class CorpusRecord:
    """One record as its log would hold it, with the truth behind it; `author` is a pseudonym of its epoch."""

    index: int
    record_id: str
    kind: str
    author: str
    epoch: int
    school: int
    payload: dict[str, Any]
    truth: Truth

    def document(self) -> dict[str, Any]:
        """As `nic corpus` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a school needs to copy a practice."""

    record_id: str
    idea: str
    effect: float
    measure: str
    grade_band: str
    payload: dict[str, Any]


class Corpus:
    """`schools` and the `lattice` of their classes; `records()` may be read once, in the order of the log."""

    def __init__(self, plan: CorpusPlan) -> None:
        self.plan = plan
        self._drawn = Random(plan.seed)  # noqa: S311 - a seed that repeats is the point here
        self._chance = np.random.default_rng(plan.seed)
        self.origin = build_log_origin(NETWORK, 1)
        self.schools = draw_schools(plan.schools, self._drawn)
        self.lattice = build_lattice([school.profile for school in self.schools], network=NETWORK, epoch=1, k=CONTEXT_K)
        self.lattice_sha256 = document_sha256(self.lattice)
        self._classes = [context_class(school.profile, self.lattice) for school in self.schools]
        self._world = World.drawn(self._drawn)
        self._by_band: dict[str, list[CorpusSchool]] = {}
        for school in self.schools:
            for band in school.grade_bands:
                self._by_band.setdefault(band, []).append(school)
        self._popular: list[_Origin] = []

    def records(self) -> Iterator[CorpusRecord]:
        for place in range(self.plan.records):
            index = self.plan.first_index + place
            epoch = 1 + place * self.plan.terms // self.plan.records
            is_copy = bool(self._popular) and self._drawn.random() < self.plan.copied
            yield self._replication(index, epoch) if is_copy else self._practice(index, epoch)

    def _practice(self, index: int, epoch: int) -> CorpusRecord:
        drawn, texts = self._drawn, corpus_texts()
        idea = drawn.choice(list(texts["ideas"]))
        problem, band, school = self._problem(texts["ideas"][idea]["problems"])
        measure = drawn.choice(texts["problems"][problem]["measures"])
        words = self._words(problem, band)
        said = describe(words, texts["ideas"][idea], texts["problems"][problem], drawn)
        effect = self._world.practice_effect(idea, drawn)
        truth = self._world.truth(idea, effect, school, measure, is_fall=bool(epoch % 2), drawn=drawn)
        payload = self._payload(said, texts["ideas"][idea], (problem, idea, measure, band, words.subject))
        self._tell_result(payload, measure, school, truth, words)
        record_id = build_record_id(self.origin, index)
        self._remember(_Origin(record_id, idea, effect, measure, band, payload))
        return CorpusRecord(index, record_id, "practice", _author(school, epoch), epoch, school.number, payload, truth)

    def _replication(self, index: int, epoch: int) -> CorpusRecord:
        drawn = self._drawn
        origin = drawn.choice(self._popular)
        school = drawn.choice(self._by_band[origin.grade_band])
        truth = self._world.truth(
            origin.idea, origin.effect, school, origin.measure, is_fall=bool(epoch % 2), drawn=drawn
        )
        copied = ("title", "problem", "aim", "idea", "steps", "core", "adaptable", "dose", "cost", "conditions")
        payload = {name: origin.payload[name] for name in copied}
        steps = len(payload["steps"])
        words = self._words(payload["problem"]["category"], origin.grade_band)
        payload |= {"origin": origin.record_id, "changed": changes(words, drawn)}
        payload["kept"] = sorted(drawn.sample(range(steps), drawn.randint(max(1, steps - 2), steps)))
        self._tell_result(payload, origin.measure, school, truth, words)
        if payload.get("direction") == "better":
            self._remember(origin)
        record_id = build_record_id(self.origin, index)
        return CorpusRecord(
            index, record_id, "replication", _author(school, epoch), epoch, school.number, payload, truth
        )

    def _problem(self, problems: Sequence[str]) -> tuple[str, str, CorpusSchool]:
        """A problem of the idea's that the grades of a school in the network have."""
        drawn = self._drawn
        fitting = [
            (problem, band)
            for problem in problems
            for band in sorted(PROBLEM_GRADES.get(problem, frozenset(self._by_band)) & self._by_band.keys())
        ]
        problem, band = drawn.choice(fitting or [(problems[0], next(iter(self._by_band)))])
        return problem, band, drawn.choice(self._by_band[band])

    def _words(self, problem: str, band: str) -> Words:
        subject = self._drawn.choice(SUBJECTS.get(problem, ("none",)))
        return Words(self._drawn, grade_band=band, subject=subject)

    def _payload(
        self, said: dict[str, Any], idea: Mapping[str, Any], chosen: tuple[str, str, str, str, str]
    ) -> dict[str, Any]:
        drawn = self._drawn
        problem, idea_id, measure, band, subject = chosen
        return {
            "title": said["title"],
            "problem": {
                "category": problem, "grade_bands": [band], "subject": subject, "statement": said["statement"],
            },
            "aim": {"measure": measure, "better": MEASURES[measure].better, "by_days": 45},
            "idea": {"category": idea_id, "summary": said["summary"]},
            "steps": said["steps"],
            "core": said["core"],
            "adaptable": said["adaptable"],
            "dose": {
                "weeks": drawn.randint(6, 9), "sessions_a_week": drawn.randint(1, 5),
                "minutes": drawn.choice((10, 20, 30, 45)),
            },
            "cost": {"cost_band": idea["cost"], "staff_time_band": idea["staff_time"]},
            "materials": said["materials"],
            "supports": drawn.sample(("coaching", "plc", "training", "material", "schedule"), 2),
            "conditions": said["conditions"],
        }  # fmt: skip

    def _tell_result(
        self, payload: dict[str, Any], measure: str, school: CorpusSchool, truth: Truth, words: Words
    ) -> None:
        """Context, rung, numbers, direction, decision and lessons, by what the school counted."""
        drawn = self._drawn
        found = self._classes[school.number]
        if found is not None:
            payload["context"] = {"lattice_sha256": self.lattice_sha256, "class": found}
        counted = observe(measure, school, truth, drawn, self._chance)
        direction = None
        payload["rung"] = "described"
        people = counted.points[0].periods[0].n or 0
        if people >= CELL_MINIMUM and drawn.random() >= TOLD_NOTHING:
            direction = _direction(counted)
            payload |= {"rung": "direction", "direction": direction}
            payload |= _printed(counted)
        payload["decision"] = drawn.choice(DECISIONS[direction or "cannot-tell"])
        if direction is not None:
            payload["aim_result"] = drawn.choice(
                ("reached", "partly") if direction == "better" else ("partly", "not", "not")
            )
        payload["lessons"] = lessons(words, direction)

    def _remember(self, origin: _Origin) -> None:
        """Once more with every success: what worked is copied more."""
        if len(self._popular) < POPULAR:
            self._popular.append(origin)
        else:
            self._popular[self._drawn.randrange(POPULAR)] = origin


def _author(school: CorpusSchool, epoch: int) -> str:
    return f"school{school.number}-term{epoch}-".ljust(43, "x")


def _direction(counted: ExactMeasure) -> str:
    better = MEASURES[counted.measure].better
    effect = exact_effect(counted, "up" if better == "up" else "down", compared=bool(counted.comparison))
    return direction_word(effect)


def _printed(counted: ExactMeasure) -> dict[str, Any]:
    """The rung 'measured' with its numbers; nothing where the group is too small for numbers."""
    try:
        return {"rung": "measured", "measures": [print_measure(counted, POLICY)]}
    except NotPrinted:
        return {}
