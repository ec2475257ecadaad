"""The results of one practice together: like with like, each author once, and no number from fewer than three.

Only results of the same measure, definition, window, unit and direction are pooled; what is left out is listed with
its reason. Several results of one pseudonym are combined first, as if they hung together fully, which never makes
them look surer than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from federation.effects import Effect
from nic_node.evidence.effects import MeasuredEffect, Outcome
from nic_node.evidence.pool_many import Together, pool_many
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_

FEWEST_SITES = 3  # fewer give a list, not a pooled number


@dataclass(frozen=True, slots=True)
class Result:
    """One published result: its record id, the pseudonym that signed it, what it measured."""

    record: str
    author: str
    measured: MeasuredEffect


@dataclass(frozen=True, slots=True)
class Site:
    """What one author's results say together; `weight` is its share of the pooled number, 0 to 1."""

    author: str
    results: tuple[Result, ...]
    effect: Effect
    weight: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A result that is listed but not pooled, and why."""

    result: Result
    why: Sentence


@dataclass(frozen=True, slots=True)
class PracticePool:
    """Sites in the order given; `pooled` is None under three sites, and `why_none` says so."""

    outcome: Outcome
    sites: tuple[Site, ...]
    left_out: tuple[LeftOut, ...]
    pooled: Together | None
    baseline: float | None

    @property
    def k(self) -> int:
        return len(self.sites)

    @property
    def why_none(self) -> Sentence | None:
        if self.pooled:
            return None
        words = N_("No number together yet: it takes {needed} measured results that can be compared; so far {count}.")
        return Sentence(words, {"needed": FEWEST_SITES, "count": self.k})


@dataclass(frozen=True, slots=True)
class _Comparable:
    """A practice's results that can be pooled, by author, and the effect of each author."""

    outcome: Outcome
    by_author: dict[str, tuple[Result, ...]]
    effects: tuple[Effect, ...]
    left_out: tuple[LeftOut, ...]


def pool_results(results: Sequence[Result], outcome: Outcome) -> PracticePool:
    """Pool what can be pooled of a practice's results (its own first, then its replications) on one outcome.

    `baseline` of the answer is the weighted share at the start, so that an effect can be told as 'of 100 students'.
    """
    return pool_practices([(results, outcome)])[0]


def pool_practices(practices: Sequence[tuple[Sequence[Result], Outcome]]) -> list[PracticePool]:
    """The same of many practices, all in one go."""
    found = [_comparable(results, outcome) for results, outcome in practices]
    several = [one for one in found if len(one.effects) >= FEWEST_SITES]
    groups = np.repeat(np.arange(len(several)), [len(one.effects) for one in several])
    effects = [effect for one in several for effect in one.effects]
    pools = pool_many([effect.estimate for effect in effects], [effect.variance for effect in effects], groups)
    together = {id(one): pools.at(place) for place, one in enumerate(several)}
    return [_practice_pool(one, together.get(id(one))) for one in found]


def _comparable(results: Sequence[Result], outcome: Outcome) -> _Comparable:
    by_author: dict[str, tuple[Result, ...]] = {}
    left_out = []
    for result in results:
        why = _why_left_out(result, outcome)
        if why:
            left_out.append(LeftOut(result, why))
        else:
            by_author[result.author] = (*by_author.get(result.author, ()), result)
    return _Comparable(outcome, by_author, tuple(map(_combined, by_author.values())), tuple(left_out))


def _practice_pool(found: _Comparable, pooled: Together | None) -> PracticePool:
    tau2 = pooled.tau2 if pooled else 0.0
    precisions = [1 / (effect.variance + tau2) for effect in found.effects]
    sites = tuple(
        Site(author, own, effect, precision / sum(precisions))
        for (author, own), effect, precision in zip(found.by_author.items(), found.effects, precisions, strict=True)
    )
    return PracticePool(found.outcome, sites, found.left_out, pooled, _baseline(sites))


def _why_left_out(result: Result, outcome: Outcome) -> Sentence | None:
    if result.measured.why_not_words:
        return result.measured.why_not_words
    if result.measured.outcome != outcome:
        return Sentence(N_("It measured something else, or the same over another window."))
    return None


def _combined(results: Sequence[Result]) -> Effect:
    """The mean of one author's effects, with the variance that it has if they are fully correlated."""
    effects = [result.measured.effect for result in results if result.measured.effect]
    estimate = sum(effect.estimate for effect in effects) / len(effects)
    se = sum(effect.se for effect in effects) / len(effects)
    return Effect(estimate, se**2)


def _baseline(sites: Sequence[Site]) -> float | None:
    known = [(site.weight, site.results[0].measured.baseline) for site in sites]
    shares = [(weight, share) for weight, share in known if share is not None]
    total = sum(weight for weight, _ in shares)
    return sum(weight * share for weight, share in shares) / total if total else None
