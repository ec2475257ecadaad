"""How like mine another school is, with the reasons in words.

Weighted Gower distance (Gower 1971), reweighted over what both sides show. Mine is exact, theirs is a band of the
epoch's lattice: the distance is 0 inside the band, else to its nearest edge, as a share of the span between the
outermost inner edges of the finest bands (enrolment by its logarithm). Level or grades are a filter, not a distance;
the improvement stage breaks ties: a school learns best from those level with it or one step ahead.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from types import MappingProxyType

from nic_node.errors import InvalidInput
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from schemas.vocab import CONTEXT, STAGES, Band

SIMILARITY_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "lunch": 0.30,
        "english_learners": 0.20,
        "disabilities": 0.15,
        "locale": 0.15,
        "enrolment": 0.10,
        "baseline": 0.10,
    }
)

SAME_GROUP = 0.5  # locale: half credit within a coarser group
BASELINE_SPAN = 0.5  # a start 50 percentage points away is as far as can be
FAR = 0.5  # a distance that deserves 'far' or 'much' in its words
TOLD_DIFFERENCE = 0.02  # smaller weighted differences are not worth a reader's time


@dataclass(frozen=True, slots=True)
class _Words:
    """How an attribute compares: their value as against mine."""

    alike: str
    below: str
    above: str
    far_below: str
    far_above: str


WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "lunch": _Words(
            N_("nearly the same lunch share"),
            N_("they have fewer students on free or reduced-price lunch"),
            N_("they have more students on free or reduced-price lunch"),
            N_("they have far fewer students on free or reduced-price lunch"),
            N_("they have far more students on free or reduced-price lunch"),
        ),
        "english_learners": _Words(
            N_("about as many English learners"),
            N_("they have fewer English learners"),
            N_("they have more English learners"),
            N_("they have far fewer English learners"),
            N_("they have far more English learners"),
        ),
        "disabilities": _Words(
            N_("about as many students with disabilities"),
            N_("they have fewer students with disabilities"),
            N_("they have more students with disabilities"),
            N_("they have far fewer students with disabilities"),
            N_("they have far more students with disabilities"),
        ),
        "enrolment": _Words(
            N_("about the same size"),
            N_("they are smaller"),
            N_("they are larger"),
            N_("they are much smaller"),
            N_("they are much larger"),
        ),
        "baseline": _Words(
            N_("they started about where you are"),
            N_("they started lower than you are"),
            N_("they started higher than you are"),
            N_("they started much lower than you are"),
            N_("they started much higher than you are"),
        ),
    }
)

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "city": N_("in a city"),
        "suburb": N_("in a suburb"),
        "town": N_("in a town"),
        "rural": N_("rural"),
        "city-suburb": N_("in a city or suburb"),
        "town-rural": N_("in a town or rural"),
    }
)

LEVEL_GRADES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "early": frozenset({"pk-2"}),
        "elementary": frozenset({"pk-2", "3-5"}),
        "middle": frozenset({"6-8"}),
        "high": frozenset({"9-12"}),
        "combined": frozenset({"pk-2", "3-5", "6-8", "9-12"}),
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """My school, exactly; what is not known is None.

    Percentages run from 0 to 100; `locale` is an NCES code 11 to 43; `baseline` is the outcome's share at the start
    of my project, 0 to 1.
    """

    level: str | None = None
    grade_bands: Collection[str] = ()
    locale: int | None = None
    enrolment: float | None = None
    lunch: float | None = None
    english_learners: float | None = None
    disabilities: float | None = None
    stage: str | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One attribute's share of the distance: `distance` 0 to 1, `weight` after reweighting."""

    attribute: str
    weight: float
    distance: float
    words: Sentence


@dataclass(frozen=True, slots=True)
class Similarity:
    """How like mine a school is. `distance` is 0 to 1, None where nothing is known of both.

    `stage_fits`: they are level with my school or one step ahead; None where a stage is not known.
    """

    comparable: bool
    distance: float | None
    parts: tuple[Part, ...]
    stage: Sentence | None
    stage_fits: bool | None

    @property
    def alike(self) -> tuple[Sentence, ...]:
        """What both have in common, what weighs most first."""
        same = sorted((part for part in self.parts if part.distance == 0), key=lambda part: -part.weight)
        return tuple(part.words for part in same)

    @property
    def different(self) -> tuple[Sentence, ...]:
        """Where they differ, what adds most to the distance first."""
        told = [part for part in self.parts if part.weight * part.distance > TOLD_DIFFERENCE]
        return tuple(part.words for part in sorted(told, key=lambda part: -part.weight * part.distance))

    @property
    def rank(self) -> tuple[float, int]:
        """Sorts the most similar first; the stage breaks ties."""
        return (2.0 if self.distance is None else self.distance, 0 if self.stage_fits else 1)

    def said(self, catalogue: NullTranslations = ENGLISH) -> tuple[str, str]:
        """The reason in two phrases: what is alike, and how they differ; either may be empty."""
        alike = self.alike[:2]
        different = self.different[:1]
        if self.stage and len(different) + len(alike) < 3:
            different = (*different, self.stage)
        return _joined(alike, catalogue), _joined(different, catalogue)


def similarity(
    mine: Profile,
    theirs: Mapping[str, str],
    *,
    their_grade_bands: Collection[str] = (),
    their_baseline: tuple[float, float] | None = None,
    weights: Mapping[str, float] = SIMILARITY_WEIGHTS,
) -> Similarity:
    """Compare my school with a context class.

    Args:
        mine: my exact profile; it stays on this node.
        theirs: attribute -> band id or 'any', as in a lattice's class; {} where no context left.
        their_grade_bands: the grades that the practice was tried with.
        their_baseline: the printed band of their outcome at the start, as fractions (low, high).
        weights: attribute -> weight, 0 or more; attributes that are absent do not count.

    Raises:
        InvalidInput: a weight below 0, or an attribute that has none.
    """
    _check_weights(weights)
    bands = _known_bands(theirs)
    distances = {
        attribute: found
        for attribute, weight in weights.items()
        if weight > 0 and (found := _compared(attribute, mine, bands, their_baseline)) is not None
    }
    total = sum(weights[attribute] for attribute in distances)
    parts = tuple(
        Part(attribute, weights[attribute] / total, distance, words)
        for attribute, (distance, words) in distances.items()
    )
    stage_fits, stage = _stage(mine.stage, bands.get("stage"))
    return Similarity(
        comparable=_is_comparable(mine, bands.get("level"), their_grade_bands),
        distance=sum(part.weight * part.distance for part in parts) if parts else None,
        parts=parts,
        stage=stage,
        stage_fits=stage_fits,
    )


def _check_weights(weights: Mapping[str, float]) -> None:
    wrong = [name for name, weight in weights.items() if name not in SIMILARITY_WEIGHTS or not weight >= 0]
    if wrong:
        sentence = f"A weight must be 0 or more, for one of {', '.join(SIMILARITY_WEIGHTS)}: correct {wrong[0]}."
        raise InvalidInput({wrong[0]: [sentence]}, sentence)


def _known_bands(theirs: Mapping[str, str]) -> dict[str, Band]:
    """Their bands by attribute; 'any', and a band that this version does not know, say nothing."""
    found = {name: CONTEXT[name].bands.get(band_id) for name, band_id in theirs.items() if name in CONTEXT}
    return {name: band for name, band in found.items() if band is not None}


def _is_comparable(mine: Profile, level: Band | None, their_grade_bands: Collection[str]) -> bool:
    """Same level or overlapping grades; what is not known does not exclude."""
    if mine.level is not None and level is not None and level.holds(mine.level):
        return True
    my_grades = set(mine.grade_bands) or LEVEL_GRADES.get(mine.level or "", frozenset())
    their_levels = (LEVEL_GRADES[str(member)] for member in (level.members if level else ()))
    their_grades = set(their_grade_bands) or frozenset().union(*their_levels)
    return not my_grades or not their_grades or bool(my_grades & their_grades)


def _compared(
    attribute: str, mine: Profile, bands: Mapping[str, Band], their_baseline: tuple[float, float] | None
) -> tuple[float, Sentence] | None:
    """The distance of one attribute and its words, None where one side does not show it."""
    value = getattr(mine, attribute)
    if value is None:
        return None
    if attribute == "baseline":
        return None if their_baseline is None else _baseline(value, their_baseline)
    band = bands.get(attribute)
    if band is None:
        return None
    return _locale(value, band) if attribute == "locale" else _number(attribute, value, band)


def _locale(code: int, band: Band) -> tuple[float, Sentence]:
    if band.holds(code):
        return 0.0, Sentence(N_("both {place}"), {"place": _place(band)})
    kinds, groups = CONTEXT["locale"].granularities[-2:]
    mine = next((kind for kind in kinds if kind.holds(code)), band)
    places = {"theirs": _place(band), "mine": _place(mine)}
    same_kind = places["theirs"] == places["mine"]
    words = Sentence(
        N_("both {mine}, but not quite alike") if same_kind else N_("they are {theirs}, you are {mine}"), places
    )
    related = any(group.holds(code) and band.is_within(group) for group in groups)
    return (SAME_GROUP if related else 1.0), words


def _place(band: Band) -> Sentence:
    """In words that a sentence can hold; a fine band is told by its kind."""
    kind = next((known for known in CONTEXT["locale"].granularities[-2] if band.is_within(known)), band)
    return Sentence(PLACES[kind.id])


def _number(attribute: str, value: float, band: Band) -> tuple[float, Sentence]:
    """Distance to the nearest edge of a band [low, high), relative to the span of the finest bands' inner edges."""
    finest = CONTEXT[attribute].granularities[0]
    first, last = float(finest[0].high or 0), float(finest[-1].low or 0)
    scaled: Callable[[float], float] = _logarithm if attribute == "enrolment" else float
    low = scaled(band.low or 0)
    high = math.inf if band.high is None else scaled(band.high)
    return _apart(attribute, scaled(value), low, high, span=scaled(last) - scaled(first))


def _baseline(mine: float, theirs: tuple[float, float]) -> tuple[float, Sentence]:
    return _apart("baseline", mine, *theirs, span=BASELINE_SPAN)


def _apart(attribute: str, value: float, low: float, high: float, *, span: float) -> tuple[float, Sentence]:
    words = WORDS[attribute]
    if low <= value < high or value == low:
        return 0.0, Sentence(words.alike)
    they_are_below = value >= high
    distance = min(1.0, (value - high if they_are_below else low - value) / span)
    if distance >= FAR:
        return distance, Sentence(words.far_below if they_are_below else words.far_above)
    return distance, Sentence(words.below if they_are_below else words.above)


def _logarithm(students: float) -> float:
    return math.log(max(students, 1.0))


def _stage(mine: str | None, theirs: Band | None) -> tuple[bool | None, Sentence | None]:
    order = STAGES.ids
    if mine not in order or theirs is None:
        return None, None
    if theirs.holds(mine):
        return True, Sentence(N_("at about the same stage"))
    place = order.index(mine)
    if place + 1 < len(order) and theirs.holds(order[place + 1]):
        return True, Sentence(N_("they are one step ahead of you"))
    behind = all(order.index(str(member)) < place for member in theirs.members)
    return False, Sentence(N_("they are at an earlier stage") if behind else N_("they are far ahead of you"))


def _joined(phrases: Sequence[Sentence], catalogue: NullTranslations) -> str:
    return "; ".join(phrase.said(catalogue) for phrase in phrases)
