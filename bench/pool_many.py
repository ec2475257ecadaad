"""All practices of a mirror pooled again in one go, against a loop of statsmodels over them.

The loop pools by Paule and Mandel, with the Hartung-Knapp intervals; ours by REML, with a prediction interval too.
"""

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects

from bench.pairs import Result, compare
from nic_node.evidence.pool_many import pool_many

PRACTICES = 10_000
FEWEST, MOST = 3, 12


def run() -> Result:
    """Practices a second."""
    rng = np.random.default_rng(1)
    k = rng.integers(FEWEST, MOST + 1, PRACTICES)
    groups = np.repeat(np.arange(PRACTICES), k)
    y, v = rng.normal(0.2, 0.3, len(groups)), rng.uniform(0.01, 0.1, len(groups))
    ends = np.cumsum(k)[:-1]
    sites = list(zip(np.split(y, ends), np.split(v, ends), strict=True))

    def loop() -> None:
        for effects, variances in sites:
            combine_effects(effects, variances, method_re="iterated", use_t=True).conf_int()

    found = compare("pool-10000-practices", lambda: pool_many(y, v, groups), loop, n=PRACTICES, pairs=5)
    return found.rates()
