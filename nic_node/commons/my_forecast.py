"""'In a school like mine': the forecast of a practice's outcome here, in this school's own numbers, or why it has none.

Computed on this node from what others printed and from the school's own exact profile; nothing of it leaves.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from gettext import NullTranslations
from typing import Any

from nic_node.charts.scale import told
from nic_node.charts.words import move_words, number_word
from nic_node.commons.draw import measure_name
from nic_node.commons.my_school import PERCENT
from nic_node.commons.results import PracticeEvidence, PublishedResult, site_result
from nic_node.evidence.effects import Outcome, share_after
from nic_node.evidence.forecast import FEWEST_CARRYING, Carrying, Forecast, forecast
from nic_node.evidence.pooling import Interval
from nic_node.evidence.sentence import Sentence
from nic_node.evidence.similarity import SIMILARITY_WEIGHTS, Profile, Similarity, similarity
from nic_node.i18n import N_

MANY_TIMES = 10.0  # a rate that may change by more is told in words


@dataclass(frozen=True, slots=True)
class MyForecast:
    """`found` is None where too few results carry it; `comparable` of all `results` are of schools like ours at all.

    `share` is my school's newest share, a fraction, None where it was never counted.
    """

    found: Forecast | None
    comparable: int
    results: int
    outcome: Outcome
    share: float | None

    @property
    def shares(self) -> Interval | None:
        """Where my share would land, as fractions."""
        if self.found is None or self.outcome.unit != "proportion" or not 0 < (self.share or 0) < 1:
            return None
        low, high = (share_after(self.share or 0, d, self.outcome.better) for d in self.found.interval)
        return (min(low, high), max(low, high))

    @property
    def times(self) -> Interval | None:
        """By what my rate would be multiplied."""
        if self.found is None or self.outcome.unit != "rate":
            return None
        ends = [d if self.outcome.better == "up" else -d for d in self.found.interval]
        return (math.exp(min(ends)), math.exp(max(ends)))

    def document(self) -> dict[str, Any]:
        return {
            "level": 0.9,
            "interval": self.found and list(self.found.interval),
            "share_now": self.share,
            "shares": self.shares and list(self.shares),
            "times": self.times and list(self.times),
            "comparable": self.comparable,
            "results": self.results,
            "weighing": self.found and self.found.weighing,
            "needed": FEWEST_CARRYING,
        }


def likeness_of(
    result: PublishedResult, mine: Profile, share: float | None, weights: Mapping[str, float] = SIMILARITY_WEIGHTS
) -> Similarity:
    """How like my school that of a result is."""
    points = (result.measure or {}).get("points", ())
    bands = [point["band"] for point in points if point["at"] == "baseline" and "band" in point]
    return similarity(
        replace(mine, baseline=share),
        result.bands,
        their_grade_bands=result.record.payload["problem"].get("grade_bands", ()),
        their_baseline=(bands[0][0] / PERCENT, bands[0][1] / PERCENT) if bands else None,
        weights=weights,
    )


def my_forecast(evidence: PracticeEvidence, mine: Profile, share: float | None) -> MyForecast | None:
    """None where no result prints numbers that could be pooled."""
    if evidence.pool is None or not evidence.pool.sites:
        return None
    carrying = []
    for site in evidence.pool.sites:
        likeness = likeness_of(site_result(site, evidence), mine, share)
        if likeness.comparable and likeness.distance is not None:
            carrying.append(Carrying(site.effect.estimate, site.effect.variance, 1 - likeness.distance))
    return MyForecast(forecast(carrying), len(carrying), evidence.pool.k, evidence.pool.outcome, share)


def forecast_words(mine: MyForecast, evidence: PracticeEvidence, catalogue: NullTranslations) -> dict[str, str]:
    """`big` is the range, `says` what it is of, `note` what carries it; all '' but `says` where there is none."""
    if mine.found is None:
        return {"big": "", "says": _refusal(mine).said(catalogue), "note": ""}
    name = measure_name(site_result(evidence.pool.sites[0], evidence).measure or {}, catalogue) if evidence.pool else ""
    big, says = _told(mine, mine.found, name)
    count = {"count": number_word(mine.comparable), "mine": _percent(mine.share)}
    note = N_("Carried by {count} results of schools that compare with yours; the more alike, the more they count.")
    kept = N_(
        "Carried by {count} results of schools that compare with yours; the more alike, the more they count. "
        "Your {mine} stays on your node."
    )
    return {
        "big": big.said(catalogue),
        "says": says.said(catalogue),
        "note": Sentence(note if mine.share is None else kept, count).said(catalogue),
    }


def _told(mine: MyForecast, found: Forecast, name: str) -> tuple[Sentence, Sentence]:
    change = Sentence(_change(found))
    if mine.shares is not None:
        low, high = (_percent(end, unit=False) for end in mine.shares)
        range_words = Sentence(N_("{low} to {high}"), {"low": low, "high": _percent(mine.shares[1])})
        values = {"name": name, "now": _percent(mine.share), "change": change}
        says = N_("{name}: where you would land nine times in ten after such a project. You have {now} now, {change}")
        return (range_words if low != high else Sentence("{high}", {"high": _percent(mine.shares[1])})), Sentence(
            says, values
        )
    values = {"name": name, "change": change}
    if mine.times is not None and mine.times[1] < MANY_TIMES:
        low, high = (told(PERCENT * (times - 1), 0, "%") for times in mine.times)
        says = N_("{name}: by how much your rate would change, nine times in ten, {change}")
        return Sentence(N_("{low} to {high}"), {"low": low, "high": high}), Sentence(says, values)
    low_words, high_words = (Sentence(move_words(end)) for end in found.interval)
    says = N_("{name}: where you would land nine times in ten after such a project, {change}")
    if mine.outcome.unit == "proportion":
        says = N_(
            "{name}: where you would land nine times in ten after such a project, {change} "
            "Count it in your school to see it in your numbers."
        )
    same = low_words == high_words
    big = low_words if same else Sentence(N_("{low} to {high}"), {"low": low_words, "high": high_words})
    return big, Sentence(says, values)


def _change(found: Forecast) -> str:
    if found.holds_no_change:
        return N_("so no change is within the range.")
    return N_("so even the lower end got better.") if found.interval[0] > 0 else N_("so even the upper end got worse.")


def _refusal(mine: MyForecast) -> Sentence:
    if mine.comparable >= FEWEST_CARRYING:
        return Sentence(
            N_("No forecast for your school: the results of schools like it weigh too little beside the others.")
        )
    values = {"needed": number_word(FEWEST_CARRYING), "count": number_word(mine.comparable)}
    return Sentence(
        N_("No forecast for your school: it takes {needed} results of schools that compare with it; so far {count}."),
        values,
    )


def _percent(share: float | None, *, unit: bool = True) -> str:
    return "" if share is None else told(PERCENT * share, 0, "%" if unit else "")
