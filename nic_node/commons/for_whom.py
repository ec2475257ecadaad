"""What stands beside a forest plot: the pool without each result in turn, by kinds of school, and along a number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from types import MappingProxyType
from typing import Any

import numpy as np

from nic_node.charts.forest import effect_words
from nic_node.charts.scale import told
from nic_node.commons.context_words import keep_percents
from nic_node.commons.results import PracticeEvidence, site_result
from nic_node.evidence.moderators import meta_regression, pools_by_class
from nic_node.evidence.pool_many import leave_one_out
from nic_node.evidence.pooling import Interval
from nic_node.evidence.practice_pool import FEWEST_SITES, PracticePool
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from schemas.vocab import CONTEXT

BY_CLASS = ("level", "locale", "enrolment", "lunch", "english_learners", "disabilities")
ALONG: Mapping[str, str] = MappingProxyType(
    {
        "lunch": N_("With 10 points more of lunch, the effect changes by {change}."),
        "english_learners": N_("With 10 points more of English learners, the effect changes by {change}."),
    }
)
"""Attributes in percent, of which a band's middle may carry a regression."""
STEP = 10.0


@dataclass(frozen=True, slots=True)
class ClassPool:
    """The results of one kind of school together."""

    attribute: str
    band: str
    k: int
    estimate: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Along:
    """How the effect changes with 10 points more of an attribute."""

    attribute: str
    k: int
    change: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class ForWhom:
    """`without` has the pooled effect without each site, in the order of the pool's; () where too few would be left."""

    without: tuple[float, ...] = ()
    classes: tuple[ClassPool, ...] = ()
    along: tuple[Along, ...] = ()

    def document(self) -> dict[str, Any]:
        return {
            "without_each": list(self.without),
            "classes": [
                {"attribute": c.attribute, "band": c.band, "k": c.k, "estimate": c.estimate, "ci": list(c.interval)}
                for c in self.classes
            ],
            "along": [
                {"attribute": a.attribute, "k": a.k, "change": a.change, "ci": list(a.interval)} for a in self.along
            ],
        }


def for_whom(evidence: PracticeEvidence) -> ForWhom:
    pool = evidence.pool
    if pool is None or pool.pooled is None:
        return ForWhom()
    y, v = [site.effect.estimate for site in pool.sites], [site.effect.variance for site in pool.sites]
    bands = [site_result(site, evidence).bands for site in pool.sites]
    without = tuple(leave_one_out(y, v).estimate.tolist()) if pool.k > FEWEST_SITES else ()
    classes = tuple(found for attribute in BY_CLASS for found in _classes(attribute, y, v, bands))
    along = tuple(found for attribute in ALONG for found in _along(attribute, y, v, bands))
    return ForWhom(without, classes, along)


def without_words(found: ForWhom, pool: PracticePool, catalogue: NullTranslations) -> str:
    """Whether one result carries it all; '' where too few would be left to say."""
    if not found.without or pool.pooled is None:
        return ""
    low, high = min(found.without), max(found.without)
    values = {"low": told(low, 2), "high": told(high, 2)}
    if low < 0 < high:
        hangs = N_("It hangs on single results: without one of them it lies anywhere from {low} to {high}.")
        return Sentence(hangs, values).said(catalogue)
    return Sentence(N_("Without any one of the results it lies from {low} to {high}."), values).said(catalogue)


def class_rows(found: ForWhom, catalogue: NullTranslations) -> list[list[object]]:
    """(kind of school, results, effect with its interval)."""
    return [
        [band_words(one.attribute, one.band, catalogue), one.k, effect_words(one.estimate, one.interval, catalogue)]
        for one in found.classes
    ]


def along_words(found: ForWhom, catalogue: NullTranslations) -> list[str]:
    said = []
    for one in found.along:
        change = effect_words(one.change, one.interval, catalogue)
        said.append(Sentence(ALONG[one.attribute], {"change": change}).said(catalogue))
    return said


def band_words(attribute: str, band: str, catalogue: NullTranslations) -> str:
    """'Lunch: 60 % or more'."""
    known = CONTEXT[attribute]
    label = catalogue.gettext(known.bands[band].label)
    words = Sentence(N_("{attribute}: {band}"), {"attribute": Sentence(known.label), "band": label})
    return keep_percents(words.said(catalogue))


def _classes(
    attribute: str, y: Sequence[float], v: Sequence[float], bands: Sequence[Mapping[str, str]]
) -> list[ClassPool]:
    known = CONTEXT[attribute].bands
    classes = [band if (band := site.get(attribute, "")) in known else "" for site in bands]
    found = pools_by_class(y, v, classes)
    if found is None:
        return []
    names, pools = found
    return [
        ClassPool(attribute, name, int(pools.k[place]), float(pools.estimate[place]), tuple(pools.ci[place].tolist()))
        for place, name in enumerate(names)
    ]


def _along(attribute: str, y: Sequence[float], v: Sequence[float], bands: Sequence[Mapping[str, str]]) -> list[Along]:
    middles = np.array([_middle(attribute, site.get(attribute, "")) for site in bands])
    told_of = np.flatnonzero(np.isfinite(middles))
    found = meta_regression(np.take(y, told_of), np.take(v, told_of), [middles[told_of] / STEP])
    if found is None:
        return []
    return [Along(attribute, len(told_of), found.coefficients[1], found.intervals[1])]


def _middle(attribute: str, band: str) -> float:
    """Of a band of percents; NaN where it is none."""
    known = CONTEXT[attribute].bands.get(band)
    if known is None or known.low is None:
        return float("nan")
    return (known.low + (100 if known.high is None else known.high)) / 2
