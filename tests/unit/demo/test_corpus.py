"""The synthetic network: one seed, one network; valid on the wire; its numbers come from its truth."""

import json
import math
from collections import Counter
from functools import cache

from federation.effects import oriented, printed_effect
from federation.rules import verify_payload_rules
from nic_node.demo.cast import MEMBERS
from nic_node.demo.corpus.generate import POLICY, Corpus, CorpusPlan, CorpusRecord
from nic_node.demo.corpus.texts import SYNTHETIC
from nic_node.demo.filling import COUNTED, MOST, deal_practices, project_values
from schemas.practice import PAYLOADS
from schemas.vocab import IDEAS, MEASURES, OTHER, PROBLEMS
from tests.cli.calls import nic

FEWER_THAN_THAT_MISS = 0.93  # of nominal 95 % intervals, printed as bands, over 2,000 results


@cache
def corpus() -> tuple[Corpus, list[CorpusRecord]]:
    made = Corpus(CorpusPlan(schools=200, records=2_000, seed=5))
    return made, list(made.records())


def test_every_record_is_one_that_a_node_would_take() -> None:
    made, records = corpus()
    for record in records:
        PAYLOADS[record.kind].load(record.payload)
        verify_payload_rules(record.kind, record.payload, POLICY, made.lattice, lattice_sha256=made.lattice_sha256)
        assert record.payload["conditions"].startswith(SYNTHETIC)


def test_it_holds_all_ideas_and_problems_failures_too() -> None:
    _, records = corpus()
    payloads = [record.payload for record in records]
    assert {payload["idea"]["category"] for payload in payloads} == set(IDEAS) - {OTHER}
    assert {payload["problem"]["category"] for payload in payloads} == set(PROBLEMS) - {OTHER}
    copied = [payload for payload in payloads if "origin" in payload]
    assert 600 < len(copied) < 1_000
    assert {payload["decision"] for payload in copied} == {"adopt", "adapt", "abandon"}
    assert {"better", "worse", "no-clear-change", "cannot-tell"} <= {payload.get("direction") for payload in copied}
    assert {payload["rung"] for payload in payloads} == {"measured", "direction", "described"}
    assert Counter(payload["origin"] for payload in copied).most_common(1)[0][1] >= 5
    places = {record.record_id: record.index for record in records}
    assert all(
        places[payload["origin"]] < record.index for record in records if "origin" in (payload := record.payload)
    )


def errors(season: str) -> list[tuple[float, float]]:
    """(printed effect - true effect, standard error) of the results that print numbers, by what they say of season."""
    found = []
    for record in corpus()[1]:
        for measure in record.payload.get("measures", ()):
            effect = printed_effect(measure)
            if effect is not None and measure["season"] == season:
                better = "up" if MEASURES[measure["measure"]].better == "up" else "down"
                found.append((oriented(effect, better).estimate - record.truth.effect, effect.se))
    return found


def test_what_schools_print_is_their_true_effect_and_chance() -> None:
    compared = errors("ruled-out")
    inside = sum(abs(error) < 1.96 * se for error, se in compared) / len(compared)
    assert len(compared) > 400
    assert inside > FEWER_THAN_THAT_MISS
    precisions = [1 / se**2 for _, se in compared]
    weighed = sum(error / se**2 for error, se in compared) / sum(precisions)
    assert abs(weighed) < 3 / math.sqrt(sum(precisions))


def test_without_a_comparison_the_season_stands_in_the_number() -> None:
    records = {record.index: record for record in corpus()[1]}
    drifts = {round(record.truth.drift, 2) for record in records.values()}
    assert drifts == {-0.12, 0.0, 0.05}
    found = errors("not-ruled-out")
    assert sum(error for error, _ in found) / len(found) < -0.01


def test_effects_differ_by_context() -> None:
    """Within an idea, over schools with much and with little free lunch, in at least one direction clearly."""
    made, records = corpus()
    gaps = []
    for idea in set(IDEAS) - {OTHER}:
        sides: dict[bool, list[float]] = {True: [], False: []}
        for record in records:
            lunch = made.schools[record.school].profile.lunch
            if record.payload["idea"]["category"] == idea and lunch is not None:
                sides[lunch > 60].append(record.truth.effect - record.truth.practice)
        gaps.append(sum(sides[True]) / len(sides[True]) - sum(sides[False]) / len(sides[False]))
    assert max(gaps) > 0.08
    assert min(gaps) < -0.08


def test_one_seed_is_one_network() -> None:
    lines = [nic("corpus", "--schools", 20, "--records", 12, "--seed", seed).out for seed in (1, 1, 2)]
    assert lines[0] == lines[1] != lines[2]
    about, *records = (json.loads(line) for line in lines[0].splitlines())
    assert (about["synthetic"], len(records), len(about["lattice"]["classes"]) > 0) == (True, 12, True)


def test_the_demo_deals_practices_that_its_schools_count_once_each() -> None:
    dealt = deal_practices(MOST)
    assert [len(of) for of in dealt.values()] == [len(COUNTED)] * len(MEMBERS)
    assert len({record.record_id for of in dealt.values() for record in of}) == MOST
    for of in dealt.values():
        assert {record.payload["aim"]["measure"] for record in of} == set(COUNTED)
    values = project_values(dealt["harbor"][0].payload, "2026-09-07")
    assert values["conditions"] == SYNTHETIC
    assert sum(map(len, deal_practices(4).values())) == 4
