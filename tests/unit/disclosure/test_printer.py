from dataclasses import replace
from math import inf, nan

import pytest

from nic_node.disclosure.printer import NotPrinted, average, print_measure
from nic_node.disclosure.snapshot import Count, Events, ExactMeasure, ExactPoint, Mean
from schemas.policy import build_policy
from tests.unit.disclosure.projects import NETWORK, POLICY, absence, counts, means, rates, sessions

FLUENCY = ExactMeasure(
    "oral-reading-fluency",
    "outcome",
    "mean",
    "one-time",
    "pre-post",
    "no-season",
    points=(means("baseline", 84.7, sd=21.34), means("end", 95.2, sd=21.5)),
)
TARDIES = ExactMeasure(
    "tardies",
    "outcome",
    "rate",
    "week",
    "pre-post",
    "no-season",
    points=(rates("baseline", 21, 22), rates("end", 15, 16)),
)


def shown(measure, policy=POLICY):
    return [
        {name: value for name, value in point.items() if name != "at"}
        for point in print_measure(measure, policy)["points"]
    ]


def code(measure, policy=POLICY):
    with pytest.raises(NotPrinted) as refusal:
        print_measure(measure, policy)
    return refusal.value.code


def test_a_proportion_prints_as_a_band_of_the_mean_of_its_periods():
    printed = print_measure(absence(before=(23, 24)), POLICY)
    assert printed["points"] == [
        {"at": "baseline", "n": 60, "band": [35, 40]},
        {"at": "middle", "n": 60, "band": [20, 25]},
        {"at": "end", "n": 60, "band": [20, 25]},
    ]
    assert "group" not in printed


def test_a_mean_prints_in_steps_and_its_sd_with_two_digits():
    assert shown(FLUENCY) == [{"n": 60, "mean": 85.0, "sd": 21.0}, {"n": 60, "mean": 95.0, "sd": 22.0}]


def test_a_rate_prints_the_sum_of_its_periods_rounded():
    assert shown(TARDIES) == [
        {"n": 60, "events": 45, "exposure": 2400},
        {"n": 60, "events": 30, "exposure": 2400},
    ]


def test_sessions_print_rounded_without_people():
    assert shown(sessions(38)) == [{"events": 40}]


def test_follow_ups_come_beside_three_points():
    measure = absence()
    more = replace(measure, points=(*measure.points, counts("day-90", 12, 13), counts("day-135", 12, 13)))
    assert [point["at"] for point in print_measure(more, POLICY)["points"]] == [
        "baseline",
        "middle",
        "end",
        "day-90",
        "day-135",
    ]


@pytest.mark.parametrize(
    ("n", "expected"), [(61, ["baseline", "middle", "end"]), (120, ["baseline", "p1", "p2", "p3", "middle", "end"])]
)
def test_large_groups_show_more_points(n, expected):
    at = ("end", "p4", "p3", "p2", "p1", "middle", "baseline")
    measure = absence(points=tuple(counts(name, 20, 20, n=n) for name in at))
    assert [point["at"] for point in print_measure(measure, POLICY)["points"]] == expected


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        (absence(n=9, before=(4, 4), after=(3, 3)), "under-minimum"),
        (absence(n=19, before=(4, 4), after=(3, 3)), "under-measured"),
        (absence(before=(23,)), "one-period"),
        (absence(points=()), "no-points"),
        (absence(points=(ExactPoint("baseline", ()),)), "no-points"),
        (absence(points=(counts("baseline", 9, 9, n=61), counts("end", 9, 9, n=50))), "n-changes"),
        (absence(part_of="school", whole_n=70), "remainder"),
        (absence(part_of="school"), "remainder"),
        (absence(measure="shoe-size"), "not-listed"),
        (absence(unit="furlong"), "not-listed"),
        (absence(points=(counts("day-1", 9, 9),)), "not-listed"),
        (replace(FLUENCY, measure="writing-rubric"), "no-scale"),
        (replace(FLUENCY, measure="writing-rubric", scale=(6.0, 1.0)), "no-scale"),
        (replace(FLUENCY, measure="writing-rubric", scale=(nan, 6.0)), "no-scale"),
        (replace(FLUENCY, points=(means("baseline", 3.0, sd=0.0),)), "no-spread"),
        (replace(TARDIES, points=(ExactPoint("end", (Events(3, 1_200.0), Events(3, 1_200.0))),)), "no-people"),
        (
            replace(TARDIES, points=(ExactPoint("end", (Events(3, None, 61), Events(3, None, 61))),)),
            "impossible-number",
        ),
        (replace(sessions(), points=(ExactPoint("end", (Events(38, n=6),)),)), "under-minimum"),
    ],
)
def test_what_may_not_be_printed_says_why(measure, why):
    assert code(measure) == why


@pytest.mark.parametrize(
    "period",
    [
        Count(62, 61),
        Count(-1, 61),
        Count(nan, 61),
        Count(1, 0),
        Count(1, -5),
        Count(True, 61),
        Mean(50.0, 8.0, 61),
    ],
)
def test_counts_that_cannot_be(period):
    assert code(absence(points=(ExactPoint("baseline", (period, period)),))) == "impossible-number"


@pytest.mark.parametrize(
    "period", [Mean(inf, 8.0, 61), Mean(50.0, -1.0, 61), Mean(50.0, 1e300, 61), Mean(50.0, 8.0, 0), Count(1, 61)]
)
def test_means_that_cannot_be(period):
    assert code(replace(FLUENCY, points=(ExactPoint("baseline", (period,)),))) == "impossible-number"


@pytest.mark.parametrize("period", [Events(-1, 10.0, 61), Events(1, 0.0, 61), Events(1, nan, 61), Events(1, 10.0, 0)])
def test_events_that_cannot_be(period):
    assert code(replace(TARDIES, points=(ExactPoint("baseline", (period, period)),))) == "impossible-number"


def test_a_policy_may_ask_for_larger_groups():
    assert code(absence(), build_policy(network=NETWORK, cell_minimum=62)) == "under-minimum"


def test_a_measure_taken_once_needs_one_period():
    once = absence(measure="reading-benchmark", window="one-time", points=(counts("baseline", 20), counts("end", 30)))
    assert [point["band"] for point in print_measure(once, POLICY)["points"]] == [[30, 35], [45, 50]]


def test_n_that_drifts_a_little_prints_as_the_smallest():
    points = (ExactPoint("baseline", (Count(23, 61), Count(23, 60))), ExactPoint("end", (Count(14, 58), Count(14, 56))))
    assert {point["n"] for point in print_measure(absence(points=points), POLICY)["points"]} == {60}
    assert print_measure(absence(points=points), POLICY)["points"][1]["band"] == [20, 25]  # 28 of 114


def test_a_part_and_the_rest_of_its_whole_may_both_be_large():
    assert print_measure(absence(part_of="school", whole_n=71), POLICY)["points"][0]["n"] == 60


def test_a_comparison_is_printed_beside_it():
    measure = absence(
        design="comparison-group",
        season="ruled-out",
        comparison=(counts("baseline", 20, 20, n=58), counts("end", 20, 20, n=58)),
    )
    printed = print_measure(measure, POLICY)
    assert printed["comparison"] == [
        {"at": "baseline", "n": 60, "band": [30, 35]},
        {"at": "end", "n": 60, "band": [30, 35]},
    ]
    assert printed["season"] == "ruled-out"


@pytest.mark.parametrize(
    "comparison",
    [
        (counts("baseline", 3, 3, n=12), counts("end", 3, 3, n=12)),
        (counts("baseline", 20, 20),),
        (counts("baseline", 20, 20), counts("end", 20)),
        (counts("baseline", 90, 90), counts("end", 20, 20)),
    ],
)
def test_a_comparison_that_does_not_pass_takes_its_claim_along(comparison):
    measure = absence(design="comparison-group", season="ruled-out", comparison=comparison)
    printed = print_measure(measure, POLICY)
    assert "comparison" not in printed
    assert (printed["design"], printed["season"]) == ("pre-post", "not-ruled-out")


def test_an_own_measure_keeps_its_label_direction_and_scale():
    own = replace(FLUENCY, measure="other", label=" Joy in reading ", better="up", scale=(1.0, 5.0))
    own = replace(own, points=(means("baseline", 2.61, sd=0.8), means("end", 3.18, sd=0.8)))
    printed = print_measure(own, POLICY)
    assert (printed["label"], printed["better"], printed["scale"]) == ("Joy in reading", "up", [1.0, 5.0])
    assert [point["mean"] for point in printed["points"]] == [2.6, 3.2]


def test_the_average_is_exact():
    exact = average(counts("baseline", 23, 24), "proportion")
    assert (float(exact.x), exact.n) == (23.5, 61)
