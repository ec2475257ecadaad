"""What a project's measure adds up to, from the exact numbers, at home: the effect with its design and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from gettext import NullTranslations
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.effects import Better, Effect, MeanArm, RateArm, Share
from nic_node.charts.forest import effect_words
from nic_node.charts.scale import told
from nic_node.disclosure.printer import Averaged, average
from nic_node.disclosure.snapshot import ExactMeasure, ExactPoint
from nic_node.errors import Conflict
from nic_node.evidence.clusters import RHO, both_in_classes
from nic_node.evidence.effects import (
    ESSA_TIER,
    Arm,
    MeasuredEffect,
    Outcome,
    WhyNot,
    effect_exact,
    what_would_raise,
)
from nic_node.evidence.segmented import Interrupted, interrupted_series
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from nic_node.school.measures.chart import is_cumulative
from nic_node.school.measures.compare import CLOSED_DAY
from nic_node.school.measures.numbers import sign_of
from nic_node.school.measures.periods import exact_measure
from nic_node.school.measures.phases import PROJECTS
from nic_node.school.measures.read import measure_of, observations_of
from nic_node.school.measures.tables import Measure, Observed
from schemas.vocab import DESIGNS, SEASONS

NO_PROJECT = N_("Only a measure of a project has a start and an end to compare.")
NO_ENDS = N_(
    "Nothing to add up yet: it takes two periods or more before the project's first day and two within it, each with "
    "its counts (how many of how many), not percents alone."
)
SERIES_STAYS = N_("That stays here: others would need every point to check it, so only start and end are shared.")
SERIES_LEVEL = N_(
    "As an interrupted series ({before} points before, {after} after), it stands where a straight line through the "
    "points before would have led, as far as can be told (off by {low} to {high})."
)
SERIES_ABOVE = N_(
    "As an interrupted series ({before} points before, {after} after), it stands {by} above where a straight line "
    "through the points before would have led ({low} to {high})."
)
SERIES_BELOW = N_(
    "As an interrupted series ({before} points before, {after} after), it stands {by} below where a straight line "
    "through the points before would have led ({low} to {high})."
)
PERCENTAGE_POINTS = N_("{by} percentage points")
TIER = N_("A single school's project is tier {tier} at most: it shows a rationale.")
NO_EFFECT = {"count": WhyNot.EVENTS, "rate": WhyNot.NO_EVENTS}
BEFORE = timedelta(weeks=26)  # of an interrupted series


@dataclass(frozen=True, slots=True)
class HomeEffect:
    """`exact` and `measured` are None without a start and an end, `series` with too few points for two lines."""

    measure: Measure
    exact: ExactMeasure | None
    measured: MeasuredEffect | None
    series: Interrupted | None
    is_over: bool

    def document(self) -> dict[str, Any]:
        measured, series = self.measured, self.series
        return {
            "design": measured and measured.design,
            "season": measured and measured.season,
            "metric": measured and measured.metric,
            "effect": measured and measured.d,
            "ci": measured.ci if measured and measured.ci else None,
            "direction": measured and measured.direction,
            "improvement_index": measured and measured.improvement_index,
            "baseline_gap": measured and measured.baseline_gap,
            "n": measured and measured.n,
            "tier": ESSA_TIER,
            "would_raise": [str(wish) for wish in what_would_raise(measured)] if measured else [],
            "interrupted": series
            and {
                "level": series.level,
                "level_ci": series.level_interval,
                "slope": series.slope,
                "slope_ci": series.slope_interval,
                "at_end": series.at_end,
                "at_end_ci": series.at_end_interval,
                "before": series.before,
                "after": series.after,
            },
        }


async def home_effect(session: AsyncSession, measure_id: int, *, today: date) -> HomeEffect:
    """The effect so far, or of a closed project.

    Raises:
        NotFound.
        Conflict: a measure of a goal.
    """
    measure = await measure_of(session, measure_id)
    if measure.project_id is None:
        raise Conflict(NO_PROJECT)
    found = await session.execute(
        select(PROJECTS.c.starts_on, PROJECTS.c.closed_on).where(PROJECTS.c.id == measure.project_id)
    )
    starts_on, closed_on = found.one()
    ends = closed_on or max(today, starts_on)
    exact = await exact_measure(session, measure_id, starts_on=starts_on, closes_on=ends, until=today)
    observations = await observations_of(session, measure_id, since=starts_on - BEFORE, until=ends)
    series = None if is_cumulative(measure) else _interrupted(observations, starts_on)
    return HomeEffect(measure, exact, _measured(measure, exact) if exact else None, series, closed_on is not None)


def effect_lines(found: HomeEffect, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    """The card's words: what moved, how it was compared, what limits it, what would raise it."""
    measured = found.measured
    lines: dict[str, Any] = {"direction": None, "design": "", "numbers": "", "limits": [], "wishes": []}
    lines["series"] = _series_says(found, catalogue)
    if measured is None or found.exact is None:
        return {**lines, "says": catalogue.gettext(NO_ENDS)}
    limits = [Sentence(SEASONS[measured.season].definition)]
    limits += [words for words in (measured.gap_words, _classes_words(found)) if words]
    limits.append(Sentence(TIER, {"tier": ESSA_TIER}))
    return {
        **lines,
        "says": _moved(found.exact, found, catalogue),
        "direction": measured.direction,
        "design": catalogue.gettext(DESIGNS[measured.design].label),
        "numbers": _numbers(measured, catalogue),
        "limits": [limit.said(catalogue) for limit in limits],
        "wishes": [wish.said(catalogue) for wish in what_would_raise(measured)],
    }


def _measured(measure: Measure, exact: ExactMeasure) -> MeasuredEffect:
    better: Better = "down" if measure.better == "down" else "up"
    start, end = _arm(exact.points, "baseline", exact.unit), _arm(exact.points, "end", exact.unit)
    others = None
    if exact.comparison:
        others = (_arm(exact.comparison, "baseline", exact.unit), _arm(exact.comparison, "end", exact.unit))
    effect, gap = None, None
    if start is not None and end is not None:
        pair = (others[0], others[1]) if others and others[0] is not None and others[1] is not None else None
        effect = effect_exact(start, end, better=better, comparison=pair)
        between = effect_exact(others[0], start, better=better) if others and others[0] is not None else None
        gap = abs(between.estimate) if between else None
        effect = _in_classes(effect, measure, start, end)
    return MeasuredEffect(
        outcome=Outcome(exact.measure, exact.definition_version, exact.window, exact.unit, better),
        effect=effect,
        n=average(exact.points[-1], exact.unit).n,
        design=exact.design,
        season=exact.season,
        baseline=start.p if isinstance(start, Share) else None,
        baseline_gap=gap,
        why_not=None
        if effect
        else {"count": WhyNot.EVENTS, "rate": WhyNot.NO_EVENTS}.get(exact.unit, WhyNot.NO_SPREAD),
    )


def _in_classes(effect: Effect | None, measure: Measure, start: Arm, end: Arm) -> Effect | None:
    if effect is None or not measure.class_count or isinstance(start, RateArm) or isinstance(end, RateArm):
        return effect
    size = max(start.n / measure.class_count, 1.0)
    return both_in_classes(start.n + end.n, size, RHO).applied(effect)


def _arm(points: Sequence[ExactPoint], at: str, unit: str) -> Arm | None:
    point = next((point for point in points if point.at == at), None)
    return None if point is None else _as_arm(average(point, unit))


def _as_arm(exact: Averaged) -> Arm | None:
    if exact.x is not None and exact.n:
        return Share(float(exact.x / exact.n), exact.n)
    if exact.mean is not None and exact.n:
        return MeanArm(float(exact.mean), exact.sd or 0.0, exact.n)
    if exact.exposure:
        return RateArm(float(exact.events or 0), float(exact.exposure))
    return None


def _interrupted(observations: Sequence[Observed], starts_on: date) -> Interrupted | None:
    shown = [observation for observation in observations if observation.excluded_because != CLOSED_DAY]
    values = [None if observation.excluded_because else observation.value for observation in shown]
    first = next((place for place, observation in enumerate(shown) if observation.period >= starts_on), len(shown))
    return interrupted_series(values, first)


def _moved(exact: ExactMeasure, found: HomeEffect, catalogue: NullTranslations) -> str:
    start, end = (_value(exact, at) for at in ("baseline", "end"))
    values = {"start": start, "end": end}
    over = N_("From {start} to {end}.") if found.is_over else N_("From {start} to {end} so far.")
    said = Sentence(over, values).said(catalogue)
    others = [_value(exact, at, of_comparison=True) for at in ("baseline", "end")]
    if not exact.comparison:
        return said
    against = {
        "comparison-group": N_("The group without the change: from {start} to {end}."),
        "season-comparison": N_("In the same weeks of last year: from {start} to {end}."),
    }[exact.design]
    return f"{said} {Sentence(against, {'start': others[0], 'end': others[1]}).said(catalogue)}"


def _value(exact: ExactMeasure, at: str, *, of_comparison: bool = False) -> str:
    points = exact.comparison if of_comparison else exact.points
    match _arm(points, at, exact.unit):
        case Share() as share:
            return told(100 * share.p, 0, "%")
        case MeanArm() as mean:
            return told(mean.mean, 1, sign_of("mean", exact.measure))
        case RateArm() as rate:
            return told(100 * rate.events / rate.exposure, 1)
        case _:
            return "–"


def _numbers(measured: MeasuredEffect, catalogue: NullTranslations) -> str:
    if measured.effect is None:
        return measured.why_not_words.said(catalogue) if measured.why_not_words else ""
    words = effect_words(measured.effect.estimate, measured.effect.ci, catalogue)
    if measured.metric != "d":
        return Sentence(N_("log rate ratio {words}"), {"words": words}).said(catalogue)
    index = told(measured.improvement_index or 0.0, 0)
    more = N_("effect {words}; a student in the middle would move by {index} percentile points")
    return Sentence(more, {"words": words, "index": index}).said(catalogue)


def _classes_words(found: HomeEffect) -> Sentence | None:
    count = found.measure.class_count
    if not count or found.measure.unit == "rate":
        return None
    return Sentence(N_("The students sit in {count} classes, so they count for fewer than they are."), {"count": count})


def _series_says(found: HomeEffect, catalogue: NullTranslations) -> str:
    """An interrupted series in a sentence; '' with too few points."""
    series = found.series
    if series is None:
        return ""
    is_percent = bool(sign_of(found.measure.unit, found.measure.vocabulary))
    decimals = 1 if is_percent else 2
    low, high = series.at_end_interval
    by: object = told(abs(series.at_end), decimals)
    values = {
        "before": series.before,
        "after": series.after,
        "by": Sentence(PERCENTAGE_POINTS, {"by": by}) if is_percent else by,
        "low": told(low, decimals),
        "high": told(high, decimals),
    }
    moved = SERIES_ABOVE if series.at_end > 0 else SERIES_BELOW
    words = SERIES_LEVEL if low <= 0 <= high else moved
    return f"{Sentence(words, values).said(catalogue)} {catalogue.gettext(SERIES_STAYS)}"
