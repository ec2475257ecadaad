"""Readers who pool what schools print are right as often as they say: 95 % intervals hold the truth in .93 or more.

Schools of a simulation draw their students from a known effect, print, and every reader's sums go on from the printed
record alone: bands, steps, printed n. A few hundred pools here; `make calibration` draws thousands in each way.
"""

import math
import sys

import numpy as np
import pytest

from federation.effects import LOGIT_TO_D, Effect, Share, cox_index, printed_effect
from nic_node.disclosure.printer import print_measure
from nic_node.disclosure.snapshot import Count, Events, ExactMeasure, ExactPoint, Mean
from nic_node.evidence.pooling import pool
from tests.unit.disclosure.projects import POLICY

LEAST = 0.93
SIZES = {"class": 22, "grade": 60, "school": 300}
SEASON = ("pre-post", "no-season")


def measure_of(unit, *periods):
    """One of each kind, with a baseline and an end."""
    ids = {"proportion": "absent-10pct-window", "mean": "writing-rubric", "rate": "tardies"}
    points = tuple(ExactPoint(at, (period,)) for at, period in zip(("baseline", "end"), periods, strict=True))
    scale = (0.0, 24.0) if unit == "mean" else None
    return ExactMeasure(ids[unit], "outcome", unit, "one-time", *SEASON, points=points, scale=scale)


def proportions(chance, n, effect):
    before = chance.uniform(0.15, 0.6)
    after = 1 / (1 + math.exp(-math.log(before / (1 - before)) - LOGIT_TO_D * effect))
    return (Count(int(chance.binomial(n, share)), n) for share in (before, after))


def means(chance, n, effect):
    sd, level = chance.uniform(2.5, 5.0), chance.uniform(8.0, 13.0)
    for mean in (level, level + effect * sd):
        drawn = chance.normal(mean, sd, n)
        yield Mean(float(drawn.mean()), float(drawn.std(ddof=1)), n)


def rates(chance, n, effect):
    often, exposure = chance.uniform(0.03, 0.1), 20.0 * n
    return (Events(int(chance.poisson(rate * exposure)), exposure, n) for rate in (often, often * math.exp(effect)))


DRAWS = {"proportion": proportions, "mean": means, "rate": rates}


def share_covered(unit, n, *, sites, effect, spread, pools, effect_of=printed_effect):
    """Of so many pools of so many schools, the share whose interval holds the effect that all were drawn from."""
    chance = np.random.default_rng([n, sites, pools, round(100 * effect), round(100 * spread)])
    held = 0
    for _ in range(pools):
        drawn = (DRAWS[unit](chance, n, effect + spread * chance.standard_normal()) for _ in range(sites))
        found = [effect_of(print_measure(measure_of(unit, *periods), POLICY)) for periods in drawn]
        told = [one for one in found if one is not None]
        pooled = pool([one.estimate for one in told], [one.variance for one in told]).reml
        low, high = pooled.hk_adhoc_ci or pooled.ci
        held += low <= effect <= high
    return held / pools


@pytest.mark.parametrize(
    ("unit", "size"),
    [("proportion", "class"), ("proportion", "grade"), ("proportion", "school"), ("mean", "grade"), ("rate", "grade")],
)
def test_pools_of_printed_numbers_hold_the_truth(unit, size):
    assert share_covered(unit, SIZES[size], sites=6, effect=0.3, spread=0.1, pools=200) >= LEAST


def middles_alone(measure):
    """What a reader would compute who takes the middle of a band for the number itself."""
    before, after = (Share(sum(point["band"]) / 200, point["n"]) for point in measure["points"])
    careless = cox_index(before, after)
    return Effect(careless.estimate, careless.variance)


@pytest.mark.parametrize(("effect_of", "holds"), [(printed_effect, True), (middles_alone, False)])
def test_one_schools_interval_holds_it_because_of_the_bands_variance(effect_of, holds):
    """Of one class alone: pools would hide it, since what bands add looks to them like spread between schools."""
    covered = share_covered("proportion", 22, sites=1, effect=0.3, spread=0.0, pools=1000, effect_of=effect_of)
    assert (covered >= LEAST) is holds


@pytest.mark.long
@pytest.mark.parametrize("sites", [3, 5, 10, 20])
@pytest.mark.parametrize(("effect", "spread"), [(0.0, 0.0), (0.3, 0.0), (0.3, 0.2), (0.6, 0.2)])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("unit", DRAWS)
def test_thousands_of_pools(unit, size, effect, spread, sites):
    covered = share_covered(unit, SIZES[size], sites=sites, effect=effect, spread=spread, pools=1000)
    sys.stdout.write(f" {unit} {size} sites={sites} effect={effect} spread={spread}: {covered:.3f}\n")
    assert covered >= LEAST
