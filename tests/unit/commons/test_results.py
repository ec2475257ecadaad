"""A practice's results together, from what they print."""

from dataclasses import astuple

import pytest

from nic_node.commons.context_words import context_words, grades_words, place_words
from nic_node.commons.documents import evidence_document
from nic_node.commons.draw import draw_bands, draw_forest, forest_title
from nic_node.commons.for_whom import along_words, band_words, class_rows, for_whom, without_words
from nic_node.commons.ledger import ledger_of, total_of
from nic_node.commons.results import build_evidence, build_evidence_of_all, main_measure
from nic_node.evidence.pool_many import Pools, pool_many
from nic_node.evidence.pooling import pool
from nic_node.evidence.sentence import ENGLISH
from nic_node.mirror.read import LivingRecord
from tests.fakes.library import CLASSES, TEXTING, described, with_bands


def living(payload: dict, author: str, index: int, kind: str = "replication") -> LivingRecord:
    return LivingRecord(
        id=index,
        record_id=f"net.example/log/1#{index}",
        log_id=1,
        network="https://net.example",
        origin="net.example/log/1",
        index=index,
        kind=kind,
        jkt=author,
        epoch=1,
        blob_sha256="0" * 64,
        payload=payload,
        is_final=True,
    )


PRACTICE = living(TEXTING, "ada", 1, "practice")
BETTER = living(with_bands((35, 40), (20, 25)), "ben", 2)
WORSE = living(with_bands((35, 40), (40, 45), decision="abandon", direction="cannot-tell"), "cem", 3)


def test_three_results_are_pooled_and_two_are_not() -> None:
    two = build_evidence(PRACTICE, [BETTER], {})
    three = build_evidence(PRACTICE, [BETTER, WORSE], {})

    assert two.pool is not None
    assert two.pool.pooled is None
    assert forest_title(two.pool, ENGLISH) == "The results so far"
    assert three.pool is not None
    assert three.pool.pooled is not None
    effects = [site.effect for site in three.pool.sites]
    alone = pool([e.estimate for e in effects], [e.variance for e in effects]).reml
    assert three.pool.pooled.estimate == pytest.approx(alone.estimate)
    assert three.pool.pooled.ci == pytest.approx(alone.hk_adhoc_ci)
    assert forest_title(three.pool, ENGLISH) == "Three results together"


def test_practices_of_a_page_are_pooled_in_one_go_and_each_as_if_it_were_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    without_numbers = living(described("Walking bus", "transport-support"), "ada", 4, "practice")
    page = [(PRACTICE, [BETTER, WORSE]), (without_numbers, []), (PRACTICE, [BETTER]), (PRACTICE, [WORSE, BETTER])]
    alone = [build_evidence(*each, {}) for each in page]
    calls = []

    def counted(*asked: object) -> Pools:
        calls.append(asked)
        return pool_many(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr("nic_node.evidence.practice_pool.pool_many", counted)

    together = build_evidence_of_all(page, {})

    assert len(calls) == 1
    assert [evidence.pool and evidence.pool.k for evidence in together] == [3, None, 2, 3]
    assert [evidence.results for evidence in together] == [evidence.results for evidence in alone]
    for one, other in zip(together, alone, strict=True):
        if other.pool and other.pool.pooled:
            assert one.pool
            assert one.pool.pooled
            assert list(astuple(one.pool.pooled)) == [pytest.approx(each) for each in astuple(other.pool.pooled)]


def test_the_document_counts_the_first_school_too() -> None:
    document = evidence_document(build_evidence(PRACTICE, [BETTER, WORSE], {}))

    assert (document["tried"], document["adopted"], document["adapted"], document["abandoned"]) == (3, 2, 0, 1)
    assert document["replications"] == 2
    assert document["pool"]["k"] == 3
    assert document["pool"]["ci"][0] < document["pool"]["estimate"] < document["pool"]["ci"][1]
    assert document["pool"]["pi"][0] < document["pool"]["ci"][0]
    assert document["directions"] == {"better": 2, "no-clear-change": 0, "worse": 0, "cannot-tell": 1, "untold": 0}


def test_an_author_counts_once_in_the_ledger_with_the_newest_and_once_in_the_pool_with_all_combined() -> None:
    again = living(with_bands((35, 40), (10, 15), decision="adapt"), "ben", 9)

    evidence = build_evidence(PRACTICE, [BETTER, again], {})

    assert [result.record.index for result in evidence.results] == [1, 9]
    assert total_of(evidence).decisions == {"adopt": 1, "adapt": 1, "abandon": 0}
    assert evidence.pool is not None
    own, ben = evidence.pool.sites
    assert [result.record for result in ben.results] == [BETTER.record_id, again.record_id]
    effects = [result.measured.effect for result in evidence.published[1:]]
    assert ben.effect.estimate == pytest.approx(sum(effect.estimate for effect in effects) / 2)
    assert ben.effect.se == pytest.approx(sum(effect.se for effect in effects) / 2)
    assert len(own.results) == 1
    assert draw_forest(evidence, for_whom(evidence), ENGLISH) is not None


def test_what_its_author_corrected_counts_nowhere_even_before_it_is_retracted() -> None:
    corrected = with_bands((35, 40), (30, 35), decision="adapt") | {"supersedes": BETTER.record_id}

    evidence = build_evidence(PRACTICE, [BETTER, living(corrected, "ben", 9)], {})

    assert [result.record.index for result in evidence.published] == [1, 9]
    assert evidence.pool is not None
    assert [len(site.results) for site in evidence.pool.sites] == [1, 1]


def test_the_author_of_a_practice_does_not_replicate_it() -> None:
    assert build_evidence(PRACTICE, [living(TEXTING, "ada", 2)], {}).replications == ()


def test_what_measured_something_else_is_listed_with_its_reason() -> None:
    other = TEXTING["measures"][0] | {"measure": "attendance-rate", "unit": "mean", "window": "week"}
    other |= {"design": "pre-post", "season": "no-season"}
    other["points"] = [
        {"at": "baseline", "n": 60, "mean": 88.0, "sd": 6.0},
        {"at": "end", "n": 60, "mean": 91.0, "sd": 6.0},
    ]
    del other["comparison"]
    elsewhere = living(TEXTING | {"measures": [other]}, "dan", 4)
    bare = living(with_bands((35, 40), (20, 25)), "eve", 5)
    del bare.payload["measures"][0]["comparison"]

    evidence = build_evidence(PRACTICE, [elsewhere, bare, BETTER], {})

    assert evidence.pool is not None
    assert {left.result.record: str(left.why) for left in evidence.pool.left_out} == {
        elsewhere.record_id: "It measured something else, or the same over another window.",
        bare.record_id: "It speaks of a comparison but shows none.",
    }
    assert evidence.pool.k == 2


def test_practices_without_numbers_have_no_pool_and_no_drawing() -> None:
    evidence = build_evidence(living(described("Walking bus", "transport-support"), "ada", 1, "practice"), [], {})

    assert (evidence.outcome, evidence.pool, draw_forest(evidence, for_whom(evidence), ENGLISH)) == (None, None, None)
    assert evidence.directions.untold == 1
    assert evidence_document(evidence)["pool"] is None


def test_a_replication_with_numbers_counts_where_the_practice_has_none() -> None:
    practice = living(described("Walking bus", "transport-support"), "ada", 1, "practice")

    evidence = build_evidence(practice, [BETTER], {})

    assert evidence.outcome is not None
    assert evidence.outcome.measure == "absent-10pct-window"
    assert evidence.pool is not None
    assert evidence.pool.k == 1


def test_the_ledger_groups_by_kind_of_school() -> None:
    bands = {PRACTICE.record_id: CLASSES["rural"], WORSE.record_id: CLASSES["city"], BETTER.record_id: CLASSES["rural"]}

    rows = ledger_of(build_evidence(PRACTICE, [BETTER, WORSE], bands))

    assert [row.document() for row in rows] == [
        {"context": "Town or rural", "tried": 2, "adopt": 2, "adapt": 0, "abandon": 0},
        {"context": "City", "tried": 1, "adopt": 0, "adapt": 0, "abandon": 1},
    ]


@pytest.mark.parametrize(
    ("bands", "place", "context"),
    [
        ({}, "Kind of school not shown", "Kind of school not shown"),
        (CLASSES["rural"], "Town or rural", "Town or rural, lunch 60\u202f% or more"),
        ({"level": "high", "locale": "any", "lunch": "any"}, "High school", "High school"),
        ({"level": "any", "locale": "new-band"}, "Kind of school not shown", "Kind of school not shown"),
    ],
)
def test_contexts_in_words(bands: dict, place: str, context: str) -> None:
    assert place_words(bands) == place
    assert context_words(bands) == context


def test_grades_in_words() -> None:
    assert grades_words(["9-12", "6-8"]) == "grades 6–8, grades 9–12"
    assert grades_words(None) == ""


def test_the_measure_of_the_aim_is_the_main_one() -> None:
    first = TEXTING["measures"][0]
    process = first | {"measure": "sessions-held", "kind": "process"}
    second = first | {"measure": "course-failure"}

    assert main_measure({"measures": [process, second, first], "aim": TEXTING["aim"]}) == first
    assert main_measure({"measures": [process, second]}) == second
    assert main_measure({"measures": [process]}) == process
    assert main_measure({}) is None


def test_bands_are_drawn_as_printed_with_their_table() -> None:
    drawing = draw_bands(TEXTING["measures"][0], ENGLISH)

    assert drawing.wide.startswith("<svg")
    assert "narrow" in drawing.narrow
    assert "Lower is better; n about 60." in drawing.says
    assert [row[0] for row in drawing.rows] == ["Baseline", "Middle", "End"]
    assert [row[2] for row in drawing.rows][1] == "–"


def test_a_count_of_events_has_a_table_only() -> None:
    events = {
        "measure": "sessions-held",
        "definition_version": 1,
        "kind": "process",
        "unit": "count",
        "window": "week",
        "design": "pre-post",
        "season": "no-season",
        "points": [{"at": "end", "events": 20}],
    }

    drawing = draw_bands(events, ENGLISH)

    assert (drawing.wide, drawing.narrow) == ("", "")
    assert drawing.rows == [["End", "20"]]


def many(count: int) -> list[LivingRecord]:
    """Replications by as many authors: where more lunch is free, less changes."""
    ends = ((20, 25), (25, 30), (30, 35))
    return [living(with_bands((40, 45), ends[place % 3]), f"author {place}", 10 + place) for place in range(count)]


def test_beside_the_forest_stand_the_pool_without_each_and_by_kinds_of_school() -> None:
    others = many(5)
    kinds = [CLASSES["rural"], CLASSES["city"]]
    bands = {record.record_id: kinds[place % 2] for place, record in enumerate([PRACTICE, *others])}
    evidence = build_evidence(PRACTICE, others, bands)
    found = for_whom(evidence)
    assert evidence.pool is not None
    assert len(found.without) == evidence.pool.k == 6
    assert without_words(found, evidence.pool, ENGLISH).startswith("Without any one of the results it lies from 0.")
    rows = class_rows(found, ENGLISH)
    assert [row[1] for row in rows] == [3] * len(rows)
    assert {one.attribute for one in found.classes} == {"locale", "enrolment", "english_learners"}
    assert band_words("locale", "city", ENGLISH) in [row[0] for row in rows]
    forest = draw_forest(evidence, found, ENGLISH)
    assert forest is not None
    assert forest.columns[-1] == "Together without it"
    assert [row[-1] for row in forest.rows][-2:] == ["", ""]
    assert evidence_document(evidence)["for_whom"]["classes"][0]["k"] == 3


def test_a_regression_takes_ten_results_with_a_known_share() -> None:
    lunch = ("0-20", "20-40", "40-60", "60-80", "80-up")
    others = many(11)
    bands = {record.record_id: {"lunch": lunch[place % 3]} for place, record in enumerate(others)}
    found = for_whom(build_evidence(PRACTICE, others, bands))
    assert [(one.attribute, one.k) for one in found.along] == [("lunch", 11)]
    assert found.along[0].change < 0
    assert along_words(found, ENGLISH)[0].startswith("With 10 points more of lunch, the effect changes by −0.")
    fewer = {record.record_id: {"lunch": "0-20"} for record in others[:9]}
    assert for_whom(build_evidence(PRACTICE, others, fewer)).along == ()


def test_three_results_leave_too_few_to_leave_one_out() -> None:
    evidence = build_evidence(PRACTICE, [BETTER, WORSE], {})
    assert evidence.pool is not None
    assert for_whom(evidence).without == ()
    assert without_words(for_whom(evidence), evidence.pool, ENGLISH) == ""


def test_last_years_weeks_are_named_as_such() -> None:
    assert draw_bands(TEXTING["measures"][0], ENGLISH).columns[-1] == "Without"
    seasonal = {**TEXTING["measures"][0], "design": "season-comparison"}
    assert draw_bands(seasonal, ENGLISH).columns[-1] == "Last year"
