"""Stage 5, rung: what the data allow to be told about results.

measured: the outcome is printed. direction: at least CELL_MINIMUM people, but the cells don't pass: a word by the fixed
rule on the exact values. described: fewer people, or nothing to compare: what was done, and nothing about results.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from federation.effects import (
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
from federation.rules_printing import LEAST_SD
from nic_node.disclosure.draft import Draft, Effects, Finding, Given, Rung, outcome_of
from nic_node.disclosure.printer import Averaged, NotPrinted, average, least_people, people_of
from nic_node.disclosure.snapshot import Better, ExactMeasure, ExactPoint


@dataclass(frozen=True, slots=True)
class Result:
    """What may be told of the outcome."""

    rung: Rung
    effects: Effects = field(default_factory=Effects)
    why: str | None = None


def choose_rung(draft: Draft, given: Given) -> Draft:
    """Put rung, direction, aim's result and the measures that this rung shows into the record."""
    result = judge_outcome(draft, least_people(given.policy), given.left_out)
    record = draft.record | {"rung": result.rung}
    if result.rung != "described":
        record["direction"] = direction_word(result.effects.exact)
        if draft.project.aim_result is not None:
            record["aim_result"] = draft.project.aim_result
    shown = _shown_measures(draft, result.rung)
    if shown:
        record["measures"] = shown
    findings = [] if result.why is None else [Finding("rung", result.why, "info", "/rung", after=result.rung)]
    return replace(draft, record=record, effects=result.effects, findings=(*draft.findings, *findings))


def judge_outcome(draft: Draft, minimum: int, left_out: Collection[str] = ()) -> Result:
    """The rung by the outcome's people and cells, with its effect where one is told."""
    found = outcome_of(draft.project)
    if found is None:
        return Result("described", why="no-outcome")
    index, outcome = found
    if f"/measures/{index}" in left_out:
        return Result("described", why="outcome-left-out")
    sizes = [n for point in outcome.points for n in people_of(point.periods)]
    if not sizes or min(sizes) < minimum:
        return Result("described", why="too-few-people")
    printed = draft.printed.get(index)
    compared = _is_compared(outcome, minimum) if printed is None else "comparison" in printed
    better = draft.project.aim.better if draft.project.aim else "up"
    try:
        exact = exact_effect(outcome, better, compared=compared)
    except NotPrinted:
        return Result("described", why="nothing-to-compare")
    if printed is None:
        return Result("direction", Effects(exact), why="cells-do-not-pass")
    shown = printed_effect(printed)
    return Result("measured", Effects(exact, shown and oriented(shown, better)))


def exact_effect(measure: ExactMeasure, better: Better, *, compared: bool) -> Effect | None:
    """The oriented effect of the exact numbers, None where it has none; NotPrinted for numbers that can't be."""
    change = _change(measure.unit, measure.points)
    if change is None or not compared:
        return change and oriented(change, better)
    elsewhere = _change(measure.unit, measure.comparison)
    return elsewhere and oriented(net_effect(change, elsewhere), better)


def _change(unit: str, points: Sequence[ExactPoint]) -> Effect | None:
    before, after = (average(_at(points, at), unit) for at in ("baseline", "end"))
    if before.x is not None and after.x is not None:
        return cox_index(_share(before), _share(after))
    if before.mean is not None and after.mean is not None:
        arms = [MeanArm(float(arm.mean or 0), arm.sd or 0, arm.n or 0) for arm in (before, after)]
        return hedges_g(*arms) if min(arm.sd for arm in arms) >= LEAST_SD else None
    return log_rate_ratio(_rate(before), _rate(after))


def _share(exact: Averaged) -> Share:
    n = exact.n or 0
    return Share(float((exact.x or 0) / n), n)


def _rate(exact: Averaged) -> RateArm:
    return RateArm(float(exact.events or 0), float(exact.exposure or 0))


def _at(points: Sequence[ExactPoint], at: str) -> ExactPoint:
    found = next((point for point in points if point.at == at), None)
    if found is None:
        raise NotPrinted("no-points")
    return found


def _is_compared(measure: ExactMeasure, minimum: int) -> bool:
    """Whether a comparison that is not printed holds enough people for a word about it."""
    sizes = [n for point in measure.comparison for n in people_of(point.periods)]
    return bool(sizes) and min(sizes) >= minimum and {"baseline", "end"} <= {point.at for point in measure.comparison}


def _shown_measures(draft: Draft, rung: Rung) -> list[dict[str, Any]]:
    """All that were printed; on lower rungs only counts of what was done, on the lowest none."""
    if rung == "described":
        return []
    return [measure for measure in draft.printed.values() if rung == "measured" or measure["unit"] == "count"]
