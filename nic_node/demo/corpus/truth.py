"""What really happens in the corpus's schools, and what each of them counts of it.

The true effect of a practice in a school is its idea's, its own, a slope over the school's context, and what is the
school's alone. The season moves a measure in every grade, with the change and without it. Effects are on the scale of
federation/effects.py, positive is better.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from nic_node.demo.corpus.schools import CorpusSchool
from nic_node.demo.corpus.texts import corpus_texts
from nic_node.disclosure.snapshot import Better, Count, Events, ExactMeasure, ExactPoint, Mean, Period
from schemas.vocab import MEASURES

BETWEEN_PRACTICES: Final = 0.10  # sd of practices of one idea
BETWEEN_SCHOOLS: Final = 0.12  # sd of schools alike in all that is known of them
SLOPE: Final = 0.12  # sd over ideas of what 40 more students in 100 on free lunch do to the effect
LUNCH_MIDDLE, LUNCH_SPAN = 60.0, 40.0
FALL_DRIFT, SPRING_DRIFT = -0.12, 0.05  # attendance and behavior within 45 days, change or none
SEASONAL: Final = frozenset({"attendance-rate", "absent-10pct-window", "tardies", "referrals"})
COMPARED: Final = 0.45  # share of projects with a grade without the change
LOGIT_TO_D: Final = 1.65
STAFF: Final = frozenset({"collective-efficacy", "staff-retention"})
STAFF_SHARE: Final = 12  # a teacher for so many students
PERIODS: Final = 2  # that a printed point is the mean of
SHARES: Final = {
    "absent-10pct-window": 0.28,
    "course-failure": 0.24,
    "on-track-9": 0.74,
    "advanced-course-enrolled": 0.22,
    "reading-benchmark": 0.48,
    "math-benchmark": 0.44,
    "exit-ticket-mastery": 0.55,
    "growth-target-met": 0.5,
    "el-progress": 0.46,
    "iep-goal-progress": 0.52,
    "belonging": 0.58,
    "engagement": 0.55,
    "family-contact": 0.5,
    "staff-retention": 0.8,
}
MEANS: Final = {
    "attendance-rate": (91.0, 9.0),
    "credits-earned": (5.1, 1.4),
    "assignments-submitted": (72.0, 20.0),
    "oral-reading-fluency": (88.0, 32.0),
    "writing-rubric": (2.3, 0.8),
    "unit-assessment": (64.0, 18.0),
    "instructional-minutes-lost": (38.0, 25.0),
    "collective-efficacy": (3.6, 0.7),
}
SCALES: Final = {"credits-earned": (0.0, 8.0), "writing-rubric": (0.0, 4.0), "collective-efficacy": (1.0, 5.0)}
RATES: Final = {"tardies": 0.06, "referrals": 0.012, "suspensions": 0.04}  # events a student-day, or a student
STUDENT_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class Truth:
    """What nobody in the network sees.

    `effect` of the practice in this school, `practice` in a school of middling context, `drift` of the season.
    """

    effect: float
    practice: float
    drift: float


@dataclass(frozen=True, slots=True)
class World:
    """Idea -> its mean effect and its slope over the share of students on free lunch."""

    means: dict[str, float]
    slopes: dict[str, float]

    @classmethod
    def drawn(cls, drawn: Random) -> "World":
        ideas = corpus_texts()["ideas"]
        return cls(
            {name: float(idea["effect"]) for name, idea in ideas.items()},
            {name: drawn.gauss(0, SLOPE) for name in ideas},
        )

    def practice_effect(self, idea: str, drawn: Random) -> float:
        return drawn.gauss(self.means[idea], BETWEEN_PRACTICES)

    def truth(
        self, idea: str, practice: float, school: CorpusSchool, measure: str, *, is_fall: bool, drawn: Random
    ) -> Truth:
        lunch = LUNCH_MIDDLE if school.profile.lunch is None else school.profile.lunch
        slope = self.slopes[idea] * (lunch - LUNCH_MIDDLE) / LUNCH_SPAN
        drift = (FALL_DRIFT if is_fall else SPRING_DRIFT) if measure in SEASONAL else 0.0
        return Truth(practice + slope + drawn.gauss(0, BETWEEN_SCHOOLS), practice, drift)


def observe(
    measure: str, school: CorpusSchool, truth: Truth, drawn: Random, chance: np.random.Generator
) -> ExactMeasure:
    """What the school counts at baseline, middle and end, with chance; half of the schools also in another grade."""
    n = group_size(measure, school, drawn)
    known = MEASURES[measure]
    better: Better = "up" if known.better == "up" else "down"
    start = drawn.gauss(0, 0.25)
    counted = _Counter(measure, n, start, 1 if better == "up" else -1, chance)
    parts = (("baseline", 0.0), ("middle", 0.6), ("end", 1.0))
    points = tuple(counted.point(at, part * (truth.effect + truth.drift)) for at, part in parts)
    is_compared = drawn.random() < COMPARED
    comparison = tuple(counted.point(at, part * truth.drift) for at, part in parts) if is_compared else ()
    season = "ruled-out" if is_compared else "not-ruled-out" if measure in SEASONAL else "no-season"
    return ExactMeasure(
        measure=measure,
        kind="outcome",
        unit=known.unit,
        window=known.window,
        design="comparison-group" if is_compared else "pre-post",
        season=season,
        points=points,
        comparison=comparison,
        scale=SCALES.get(measure),
    )


def group_size(measure: str, school: CorpusSchool, drawn: Random) -> int:
    """One to three grades of students, or a part of one; of staff all."""
    if measure in STAFF:
        return max(8, (school.profile.enrolment or 0) // STAFF_SHARE)
    return max(6, round(school.grade_size * drawn.choice((0.3, 0.6, 1, 1, 1, 2, 3))))


def share_of(measure: str, start: float, change: float) -> float:
    """Of a group that begins `start` above the usual level, on the scale of logits, after a change for the better."""
    usual = SHARES[measure]
    sign = 1 if MEASURES[measure].better == "up" else -1
    logit = math.log(usual / (1 - usual)) + start + LOGIT_TO_D * sign * change
    return 1 / (1 + math.exp(-logit))


class _Counter:
    """Counts one measure in groups of n: `start` is how far above or below the usual level the school begins."""

    def __init__(self, measure: str, n: int, start: float, sign: int, chance: np.random.Generator) -> None:
        self._measure, self._n, self._start, self._sign, self._chance = measure, n, start, sign, chance

    def point(self, at: str, change: float) -> ExactPoint:
        return ExactPoint(at, (self._period(change),) * PERIODS)

    def _period(self, change: float) -> Period:
        if self._measure in SHARES:
            return self._share(change)
        if self._measure in MEANS:
            return self._mean(change)
        exposure = float(self._n * STUDENT_DAYS)
        rate = RATES[self._measure] * math.exp(self._start + self._sign * change)
        return Events(float(self._chance.poisson(rate * exposure)), exposure, self._n)

    def _share(self, change: float) -> Count:
        share = share_of(self._measure, self._start, change)
        return Count(float(self._chance.binomial(self._n, share)), self._n)

    def _mean(self, change: float) -> Mean:
        usual, sd = MEANS[self._measure]
        mean = usual + sd * (self._start + self._sign * change)
        scale = MEASURES[self._measure].scale or SCALES.get(self._measure) or (0.0, math.inf)
        seen = float(self._chance.normal(mean, sd / math.sqrt(self._n)))
        return Mean(min(max(seen, scale[0]), scale[1]), sd * float(self._chance.uniform(0.9, 1.1)), self._n)
