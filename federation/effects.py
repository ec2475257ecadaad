"""An effect as every reader computes it: from fractions, means or rates and what their printing hides.

No effect is ever sent. The Cox index puts a change of proportions on the scale of a standardised mean
difference, Hedges' g does so for means (What Works Clearinghouse, Procedures Handbook 5.0, appendix E); a
change of rates is a log rate ratio. What rounding into bands or steps hides counts as variance: a value that
lies anywhere in a band of width w has variance w^2 / 12.

All differences here are 'after minus before' (or 'with minus without'); `oriented` turns them so that positive
means 'got better'.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import inf, log, sqrt
from typing import Any, Literal, NamedTuple

from federation.rules_printing import EVENTS_STEP, exposure_step, mean_step, scale_of

Better = Literal["up", "down"]
Direction = Literal["better", "no-clear-change", "worse", "cannot-tell"]

LOGIT_TO_D = 1.65  # Cox: a logit difference over 1.65 estimates d
Z_95 = 1.959963984540054
NO_CLEAR_CHANGE = 0.25  # rule: an interval wholly within +-.25 is 'no clear change'
STEPS_KEPT = 4096  # what printed means of some thousand results have among them
CONTINUITY = 0.5  # added to x and n - x where a proportion is exactly 0 or 1


class Effect(NamedTuple):
    """An estimate and its variance, on the scale of d or of the log rate ratio."""

    estimate: float
    variance: float

    @property
    def se(self) -> float:
        return sqrt(self.variance)

    @property
    def ci(self) -> tuple[float, float]:
        """The 95 % interval, normal approximation."""
        return self.estimate - Z_95 * self.se, self.estimate + Z_95 * self.se


class Share(NamedTuple):
    """A proportion p of n people; band_width is the width, as a fraction, of the band that it was printed in."""

    p: float
    n: float
    band_width: float = 0.0


class MeanArm(NamedTuple):
    """A mean, standard deviation and n; step is the step that the mean was rounded to (0: exact)."""

    mean: float
    sd: float
    n: float
    step: float = 0.0


class RateArm(NamedTuple):
    """Events over an exposure; the steps are what each was rounded to (0: exact)."""

    events: float
    exposure: float
    events_step: float = 0.0
    exposure_step: float = 0.0


def omega(total_n: float) -> float:
    """The small-sample correction 1 - 3 / (4 N - 9)."""
    return 1 - 3 / (4 * total_n - 9) if total_n > 3 else 0.0


def cox_index(before: Share, after: Share) -> Effect:
    """d of a change of proportions, with the bands' variance w^2 / (12 p^2 q^2) on the logit scale."""
    first, first_variance = _logit(before)
    second, second_variance = _logit(after)
    scale = omega(before.n + after.n) / LOGIT_TO_D
    return Effect(scale * (second - first), scale**2 * (first_variance + second_variance))


def _logit(share: Share) -> tuple[float, float]:
    p, n = share.p, share.n
    if p <= 0 or p >= 1:
        p, n = (p * n + CONTINUITY) / (n + 2 * CONTINUITY), n + 2 * CONTINUITY
    q = 1 - p
    return log(p / q), 1 / (n * p * q) + share.band_width**2 / (12 * p**2 * q**2)


def hedges_g(before: MeanArm, after: MeanArm) -> Effect:
    """Hedges' g of a change of means; ValueError where no one differs from anyone (pooled sd 0)."""
    total = before.n + after.n
    pooled = ((before.n - 1) * before.sd**2 + (after.n - 1) * after.sd**2) / (total - 2)
    if pooled <= 0:
        raise ValueError("a standardised difference needs a spread: the standard deviation is 0")
    correction = omega(total)
    g = correction * (after.mean - before.mean) / sqrt(pooled)
    sampling = total / (before.n * after.n) + g**2 / (2 * total)
    rounding = (before.step**2 + after.step**2) / (12 * pooled)
    return Effect(g, correction**2 * (sampling + rounding))


def log_rate_ratio(before: RateArm, after: RateArm) -> Effect | None:
    """The log of (rate after / rate before), variance 1/x0 + 1/x1 plus the rounding's; None if an arm has no event."""
    if min(before.events, after.events, before.exposure, after.exposure) <= 0:
        return None
    ratio = log(after.events / after.exposure) - log(before.events / before.exposure)
    return Effect(ratio, sum(_rate_variance(arm) for arm in (before, after)))


def _rate_variance(arm: RateArm) -> float:
    rounding = (arm.events_step / arm.events) ** 2 + (arm.exposure_step / arm.exposure) ** 2
    return 1 / arm.events + rounding / 12


def net_effect(change: Effect, comparison_change: Effect) -> Effect:
    """The change here less the change where nothing was changed (a season takes both along)."""
    return Effect(change.estimate - comparison_change.estimate, change.variance + comparison_change.variance)


def oriented(effect: Effect, better: Better) -> Effect:
    """The same effect with positive meaning 'got better'."""
    return effect if better == "up" else Effect(-effect.estimate, effect.variance)


def direction_word(effect: Effect | None) -> Direction:
    """The fixed rule for an oriented effect: its 95 % interval against 0 and against +-.25."""
    low, high = effect.ci if effect else (-inf, inf)
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    if low >= -NO_CLEAR_CHANGE and high <= NO_CLEAR_CHANGE:
        return "no-clear-change"
    return "cannot-tell"


def printed_effect(measure: Mapping[str, Any]) -> Effect | None:
    """The effect of a measure as it stands in a record: end against baseline, less the comparison's change.

    `measure` is an element of a payload's `measures` that verify_payload_rules has passed. Not oriented. None where
    there is nothing to compute: a count of events, no baseline or no end, an arm without any event.
    """
    change = _printed_change(measure, "points")
    if change is None or "comparison" not in measure:
        return change
    elsewhere = _printed_change(measure, "comparison")
    return net_effect(change, elsewhere) if elsewhere else None


def _printed_change(measure: Mapping[str, Any], series: str) -> Effect | None:
    points = {point["at"]: point for point in measure[series]}
    if "baseline" not in points or "end" not in points:
        return None
    before, after = points["baseline"], points["end"]
    match measure["unit"]:
        case "proportion":
            return _change_of_shares(*before["band"], before["n"], *after["band"], after["n"])
        case "mean" | "minutes":
            scale = scale_of(measure)
            return hedges_g(_printed_mean(before, scale), _printed_mean(after, scale))
        case "rate":
            return log_rate_ratio(_printed_rate(before), _printed_rate(after))
        case _:
            return None


@lru_cache(maxsize=STEPS_KEPT)
def _change_of_shares(low: int, high: int, n: int, low_after: int, high_after: int, n_after: int) -> Effect:
    """Printed bands are few."""
    return cox_index(_printed_share(low, high, n), _printed_share(low_after, high_after, n_after))


def _printed_share(low: int, high: int, n: int) -> Share:
    return Share(p=(low + high) / 200, n=n, band_width=(high - low) / 100)


def _printed_mean(point: Mapping[str, Any], scale: Sequence[float] | None) -> MeanArm:
    step = _mean_step(point["n"], point["sd"], None if scale is None else (scale[0], scale[1]))
    return MeanArm(point["mean"], point["sd"], point["n"], step=step)


@lru_cache(maxsize=STEPS_KEPT)
def _mean_step(n: int, sd: float, scale: tuple[float, float] | None) -> float:
    """Printed numbers are few, and a step is worked out in fractions."""
    return float(mean_step(n, sd, scale))


def _printed_rate(point: Mapping[str, Any]) -> RateArm:
    events, exposure = point["events"], point["exposure"]
    return RateArm(events, exposure, events_step=EVENTS_STEP, exposure_step=exposure_step(exposure))
