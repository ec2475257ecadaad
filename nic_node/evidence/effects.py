"""One result's effect and what stands on it: its design, its season, whether it may be pooled, what would raise it.

The formulas and the rule for direction words are the federation's (`federation.effects`), because every reader must
come to the same number from what is printed. Here an effect gets the school's point of view: positive is always
'got better', and a result that can't be pooled says why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

import scipy

from federation.effects import (
    LOGIT_TO_D,
    Better,
    Direction,
    Effect,
    MeanArm,
    RateArm,
    Share,
    cox_index,
    direction_word,
    hedges_g,
    log_rate_ratio,
    net_effect,
    oriented,
    printed_effect,
)
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from schemas.vocab import MEASURES, OTHER

Metric = Literal["d", "log-rate-ratio"]
Arm = Share | MeanArm | RateArm

ESSA_TIER = 4  # a single school's cycle 'demonstrates a rationale'; nothing raises that by itself
GAP_FINE = 0.05  # WWC: groups this close at the start need no adjustment
GAP_ADJUST = 0.25  # beyond it they are not comparable
WIDE_SE = 0.2  # an effect known less well than this would gain from more students


class WhyNot(StrEnum):
    """Why a result has no effect, or one that is not pooled."""

    NO_END = "no-end"
    EVENTS = "events"
    NO_EVENTS = "no-events"
    NO_SPREAD = "no-spread"
    OWN_MEASURE = "own-measure"
    NOT_POOLED = "not-pooled"
    COMPARISON_MISSING = "comparison-missing"
    SEASON = "season"


WHY_NOT = {
    WhyNot.NO_END: N_("It shows no start or no end to compare."),
    WhyNot.EVENTS: N_("It counts what was done, not how students fared."),
    WhyNot.NO_EVENTS: N_("One of its periods had no events, so no ratio can be formed."),
    WhyNot.NO_SPREAD: N_("Its scores do not differ from each other, so no effect can be scaled."),
    WhyNot.OWN_MEASURE: N_("It uses a measure of its own, which no other result shares."),
    WhyNot.NOT_POOLED: N_("Its measure adds up over the year, so a start and an end do not compare."),
    WhyNot.COMPARISON_MISSING: N_("It speaks of a comparison but shows none."),
    WhyNot.SEASON: N_("Its season is not ruled out: the same change may come every year."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured: only results that agree in all of it are pooled."""

    measure: str
    definition_version: int
    window: str
    unit: str
    better: Better


@dataclass(frozen=True, slots=True)
class MeasuredEffect:
    """The effect of one result, oriented so that positive means 'got better'.

    `n` is printed and stands at the end of the project. `baseline` is the middle of the first printed band, as a
    fraction, None for other units. `baseline_gap` is how far apart the two groups started, in d, without sign.
    """

    outcome: Outcome
    effect: Effect | None
    n: int | None
    design: str
    season: str
    baseline: float | None
    baseline_gap: float | None
    why_not: WhyNot | None

    @property
    def metric(self) -> Metric:
        return "log-rate-ratio" if self.outcome.unit == "rate" else "d"

    @property
    def d(self) -> float | None:
        return self.effect.estimate if self.effect else None

    @property
    def se(self) -> float | None:
        return self.effect.se if self.effect else None

    @property
    def ci(self) -> tuple[float, float] | None:
        return self.effect.ci if self.effect else None

    @property
    def poolable(self) -> bool:
        return self.why_not is None

    @property
    def why_not_words(self) -> Sentence | None:
        return Sentence(WHY_NOT[self.why_not]) if self.why_not else None

    @property
    def gap_words(self) -> Sentence | None:
        """How well the two groups compare, by how near they started; None without a comparison."""
        if self.baseline_gap is None:
            return None
        if self.baseline_gap <= GAP_FINE:
            return Sentence(N_("Both groups started alike."))
        if self.baseline_gap <= GAP_ADJUST:
            return Sentence(N_("The groups started a little apart; the change is measured from each one's own start."))
        return Sentence(N_("The groups started far apart, so they rule out a season but hardly compare otherwise."))

    @property
    def direction(self) -> Direction:
        return direction_word(self.effect)

    @property
    def improvement_index(self) -> float | None:
        """Percentile points that a student in the middle moves, after the WWC; None for rates."""
        if self.effect is None or self.metric != "d":
            return None
        return improvement_index(self.effect.estimate)


def effect_from_points(measure: Mapping[str, Any], *, better: Better | None = None) -> MeasuredEffect:
    """The effect that every reader computes from a measure as it stands in a record.

    Args:
        measure: an element of a payload's `measures` that passed the federation's rules.
        better: the good direction; the vocabulary's, or the record's own for 'other', where it is None.
    """
    outcome = outcome_of(measure, better)
    effect = _printed(measure)
    ends = {point["at"]: point for point in measure["points"]}
    others = {point["at"]: point for point in measure.get("comparison", ())}
    return MeasuredEffect(
        outcome=outcome,
        effect=oriented(effect, outcome.better) if effect else None,
        n=_printed_n(ends.get("end")),
        design=measure["design"],
        season=measure["season"],
        baseline=_middle(ends.get("baseline")),
        baseline_gap=_printed_gap(measure, ends.get("baseline"), others.get("baseline")),
        why_not=_why_not_computed(measure) if effect is None else _why_not_pooled(measure),
    )


def effect_exact(
    start: Arm,
    end: Arm,
    *,
    better: Better,
    comparison: tuple[Arm, Arm] | None = None,
) -> Effect | None:
    """The effect on a school's own exact numbers, oriented; None where it is undefined.

    With a comparison (its start and end) it is the difference of the two changes, variances added.

    Raises:
        TypeError: arms of different kinds.
    """
    change = _change(start, end)
    if change is None or comparison is None:
        return oriented(change, better) if change else None
    elsewhere = _change(*comparison)
    return oriented(net_effect(change, elsewhere), better) if elsewhere else None


def improvement_index(d: float) -> float:
    """100 (Phi(d) - 0.5), WWC Procedures Handbook."""
    return 100 * (float(scipy.special.ndtr(d)) - 0.5)


def share_after(baseline: float, d: float, better: Better) -> float:
    """The share that an effect d makes of a baseline share: 'of 100 such students, 38 become 27'.

    Args:
        baseline: a fraction strictly between 0 and 1.
    """
    moved = d if better == "up" else -d
    logit = math.log(baseline / (1 - baseline)) + LOGIT_TO_D * moved
    return 1 / (1 + math.exp(-logit))


def what_would_raise(effect: MeasuredEffect) -> tuple[Sentence, ...]:
    """What would make the reader surer, most telling first."""
    wishes = []
    if effect.design == "pre-post":
        wishes.append(
            Sentence(N_("a grade without the change, counted in the same weeks, or these weeks of last year"))
        )
    if effect.design == "season-comparison":
        wishes.append(Sentence(N_("a grade without the change, besides last year's weeks")))
    if effect.baseline_gap is not None and effect.baseline_gap > GAP_ADJUST:
        wishes.append(Sentence(N_("a comparison group that starts nearer to this one")))
    if effect.se is not None and effect.se > WIDE_SE:
        wishes.append(Sentence(N_("more students: the interval is wide")))
    return tuple(wishes)


def outcome_of(measure: Mapping[str, Any], better: Better | None = None) -> Outcome:
    """What a measure measured, before any effect is computed; `better` as `effect_from_points` takes it."""
    known = MEASURES.get(measure["measure"])
    good = better or measure.get("better") or (known.better if known else "up")
    return Outcome(
        measure["measure"], measure["definition_version"], measure["window"], measure["unit"], cast("Better", good)
    )


def _printed(measure: Mapping[str, Any]) -> Effect | None:
    try:
        return printed_effect(measure)
    except ValueError:  # no spread: a standardised difference is undefined
        return None


def _why_not_computed(measure: Mapping[str, Any]) -> WhyNot:
    for arm in ("points", "comparison"):
        if arm in measure and not {"baseline", "end"} <= {point["at"] for point in measure[arm]}:
            return WhyNot.NO_END
    return {"count": WhyNot.EVENTS, "rate": WhyNot.NO_EVENTS}.get(measure["unit"], WhyNot.NO_SPREAD)


def _why_not_pooled(measure: Mapping[str, Any]) -> WhyNot | None:
    known = MEASURES.get(measure["measure"])
    if known is None or known.id == OTHER:
        return WhyNot.OWN_MEASURE
    if not known.is_poolable:
        return WhyNot.NOT_POOLED
    compared = bool(measure.get("comparison"))
    if measure["design"] in {"comparison-group", "season-comparison"} and not compared:
        return WhyNot.COMPARISON_MISSING
    # What a bare before and after can't show, its author can't claim either.
    claims_too_much = measure["season"] == "ruled-out" and measure["design"] == "pre-post" and not compared
    return WhyNot.SEASON if measure["season"] == "not-ruled-out" or claims_too_much else None


def _change(start: Arm, end: Arm) -> Effect | None:
    match start, end:
        case Share(), Share():
            return cox_index(start, end)
        case MeanArm(), MeanArm():
            return _scaled(start, end)
        case RateArm(), RateArm():
            return log_rate_ratio(start, end)
        case _:
            raise TypeError("the start and the end of a measure are of one kind")


def _scaled(start: MeanArm, end: MeanArm) -> Effect | None:
    try:
        return hedges_g(start, end)
    except ValueError:  # no spread
        return None


def _printed_n(point: Mapping[str, Any] | None) -> int | None:
    n = point.get("n") if point else None
    return n if isinstance(n, int) else None


def _middle(point: Mapping[str, Any] | None) -> float | None:
    return sum(point["band"]) / 200 if point and "band" in point else None


def _printed_gap(
    measure: Mapping[str, Any], here: Mapping[str, Any] | None, there: Mapping[str, Any] | None
) -> float | None:
    """How far apart the groups started: the effect of a change from one baseline to the other."""
    if here is None or there is None:
        return None
    alone = {name: value for name, value in measure.items() if name != "comparison"}
    between = _printed({**alone, "points": [{**there, "at": "baseline"}, {**here, "at": "end"}]})
    return abs(between.estimate) if between else None
