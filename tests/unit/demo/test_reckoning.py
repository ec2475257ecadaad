"""The check's own reckoning notices what it is there to notice."""

from copy import deepcopy
from typing import Any

import pytest

from nic_node.demo.cast import School
from nic_node.demo.reckoning import expect_ledger, expect_one_class, expect_pooled, expect_published
from nic_node.demo.visitors import StepFailed
from nic_node.evidence.effects import effect_from_points
from nic_node.evidence.pooling import pool


def payload(end: list[int], decision: str) -> dict[str, Any]:
    measure = {
        "measure": "absent-10pct-window",
        "definition_version": 1,
        "kind": "outcome",
        "unit": "proportion",
        "window": "20-school-days",
        "design": "comparison-group",
        "season": "ruled-out",
        "points": [{"at": "baseline", "n": 90, "band": [35, 40]}, {"at": "end", "n": 90, "band": end}],
        "comparison": [{"at": "baseline", "n": 80, "band": [35, 40]}, {"at": "end", "n": 80, "band": [35, 40]}],
    }
    return {"decision": decision, "context": {"lattice_sha256": "a" * 64, "class": "c1"}, "measures": [measure]}


PAYLOADS = [payload([20, 25], "adopt"), payload([25, 30], "adopt"), payload([35, 40], "abandon")]


@pytest.fixture
def evidence() -> dict[str, Any]:
    """What a node says of these three, computed the node's way."""
    measured = [effect_from_points(one["measures"][0]).effect for one in PAYLOADS]
    effects = [effect for effect in measured if effect is not None]
    pooled = pool([effect.estimate for effect in effects], [effect.variance for effect in effects]).reml
    counted = {"adopt": 2, "adapt": 0, "abandon": 1}
    return {
        "tried": 3,
        **{f"{name}ed": number for name, number in counted.items()},
        "ledger": [{"context": "Any", "tried": 3, **counted}],
        "outcome": {"measure": "absent-10pct-window", "window": "20-school-days"},
        "results": [{"effect": {"estimate": effect.estimate, "se": effect.se}} for effect in effects],
        "pool": {"k": 3, "estimate": pooled.estimate, "ci": pooled.hk_adhoc_ci, "pi": pooled.pi_t},
    }


def test_what_is_printed_adds_up(evidence: dict[str, Any]) -> None:
    assert expect_one_class(PAYLOADS) == {"lattice_sha256": "a" * 64, "class": "c1"}
    expect_ledger(evidence, PAYLOADS)
    expect_pooled(evidence, PAYLOADS)


def test_a_school_of_another_class_is_noticed() -> None:
    other = {**PAYLOADS[2], "context": {"lattice_sha256": "a" * 64, "class": "c2"}}
    for odd in (other, {"decision": "adopt"}):
        with pytest.raises(StepFailed, match="class"):
            expect_one_class([*PAYLOADS[:2], odd])


@pytest.mark.parametrize("name", ["adopted", "adapted", "abandoned", "tried"])
def test_a_ledger_that_counts_otherwise_is_noticed(evidence: dict[str, Any], name: str) -> None:
    evidence[name] += 1
    with pytest.raises(StepFailed):
        expect_ledger(evidence, PAYLOADS)


@pytest.mark.parametrize("where", ["effect", "estimate", "ci", "pi"])
def test_a_pool_of_other_numbers_is_noticed(evidence: dict[str, Any], where: str) -> None:
    if where == "effect":
        evidence["results"][1]["effect"]["estimate"] += 0.01
    elif where == "estimate":
        evidence["pool"]["estimate"] += 0.01
    else:
        evidence["pool"][where] = (evidence["pool"][where][0] - 0.01, evidence["pool"][where][1])
    with pytest.raises(StepFailed):
        expect_pooled(evidence, PAYLOADS)


def test_a_published_record_that_differs_by_a_letter_is_noticed() -> None:
    author = School(key="harbor", node=None, lead=None, approved=PAYLOADS[0])  # type: ignore[arg-type]  # neither is asked
    expect_published({"payload": deepcopy(PAYLOADS[0])}, author)
    with pytest.raises(StepFailed):
        expect_published({"payload": {**PAYLOADS[0], "decision": "adapt"}}, author)
    author.approved = {}
    with pytest.raises(StepFailed):
        expect_published({"payload": {}}, author)
