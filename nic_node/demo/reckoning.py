"""What the check reckons again for itself, from the records as any reader has them, instead of believing a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any, cast
from urllib.parse import quote

from federation.effects import Better, Effect, oriented, printed_effect
from nic_node.demo.cast import School, expect
from nic_node.evidence.pooling import pool
from schemas.vocab import MEASURES

Payload = Mapping[str, Any]
TOLERANCE = 1e-9
POOLED = ("estimate", "hk_adhoc_ci", "pi_t")


async def read_record(school: School, record: str) -> dict[str, Any]:
    """A record as it stands in this school's own copy of the log."""
    shown: dict[str, Any] = await school.lead.call("GET", f"/practices/record?record={quote(record, safe='')}")
    return shown


def expect_published(shown: Payload, author: School) -> None:
    """What a reader has is what the second person signed, to the letter."""
    expect(author.approved, f"{author.key} remembers what was approved")
    expect(shown["payload"] == author.approved, f"what others read of {author.key} is what was approved there")


def expect_one_class(payloads: Sequence[Payload]) -> dict[str, str]:
    """Every result shows a context, and all of them the same class.

    Returns:
        lattice_sha256 and class.
    """
    contexts = [payload.get("context") for payload in payloads]
    expect(all(contexts), "each of the published results shows its school's context class")
    expect(contexts.count(contexts[0]) == len(contexts), "the schools share one context class")
    return dict(contexts[0] or {})


def expect_ledger(evidence: Payload, payloads: Sequence[Payload]) -> None:
    """The ledger counts the decisions that are printed, in all and by context."""
    decided = Counter(payload["decision"] for payload in payloads)
    counted = {"adopt": evidence["adopted"], "adapt": evidence["adapted"], "abandon": evidence["abandoned"]}
    expect(counted == {name: decided[name] for name in counted}, f"the ledger counts {dict(decided)}")
    (row,) = evidence["ledger"]
    expect(row["tried"] == evidence["tried"] == len(payloads), "one row for one class, with every school in it")
    expect({name: row[name] for name in counted} == counted, "the row counts the same decisions")


def expect_pooled(evidence: Payload, payloads: Sequence[Payload]) -> None:
    """Effects and pool come out the same when they are computed from the printed bands alone."""
    effects = [_effect(payload, evidence["outcome"]) for payload in payloads]
    told = [(result["effect"]["estimate"], result["effect"]["se"]) for result in evidence["results"]]
    again = [(effect.estimate, effect.se) for effect in effects]
    expect(_alike(told, again), "each effect is what its printed bands say")
    pooled = pool([effect.estimate for effect in effects], [effect.variance for effect in effects]).reml
    shown = [evidence["pool"][name] for name in ("estimate", "ci", "pi")]
    expect(evidence["pool"]["k"] == len(effects), "as many results are pooled as there are")
    expect(_alike(shown, [getattr(pooled, name) for name in POOLED]), "the pool is computed from what is printed")


def _effect(payload: Payload, outcome: Payload) -> Effect:
    (measure,) = (
        measure
        for measure in payload["measures"]
        if (measure["measure"], measure["window"]) == (outcome["measure"], outcome["window"])
    )
    effect = printed_effect(measure)
    expect(effect, "the record prints a start and an end")
    assert effect is not None
    return oriented(effect, cast("Better", MEASURES[measure["measure"]].better))


def _alike(told: Any, again: Any) -> bool:
    if isinstance(told, int | float):
        return isclose(told, again, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return len(told) == len(again) and all(_alike(one, other) for one, other in zip(told, again, strict=True))
