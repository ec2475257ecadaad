"""A record that breaks one rule is refused with that rule's code; the same record unbroken passes."""

from copy import deepcopy

import pytest

from federation.errors import Untrusted
from federation.rules import verify_payload_rules
from schemas.canonical import document_sha256
from schemas.policy import build_policy
from schemas.practice import PAYLOADS
from schemas.problem import Code

NETWORK = "https://hub.example/net/valley"
POLICY = build_policy(network=NETWORK)
LATTICE = {
    "v": 1,
    "kind": "lattice",
    "network": NETWORK,
    "epoch": 1,
    "attributes": ["level"],
    "classes": [
        {
            "id": "c1",
            "bands": {
                "level": "middle",
                "locale": "any",
                "enrolment": "any",
                "lunch": "any",
                "english_learners": "any",
                "disabilities": "any",
                "stage": "any",
            },
        }
    ],
}
ABSENCE = {
    "measure": "absent-10pct-window",
    "definition_version": 1,
    "kind": "outcome",
    "unit": "proportion",
    "window": "20-school-days",
    "design": "comparison-group",
    "season": "ruled-out",
    "points": [
        {"at": "baseline", "n": 60, "band": [35, 40]},
        {"at": "middle", "n": 60, "band": [25, 30]},
        {"at": "end", "n": 60, "band": [5, 10]},
    ],
    "comparison": [{"at": "baseline", "n": 50, "band": [30, 40]}, {"at": "end", "n": 50, "band": [30, 40]}],
}
FLUENCY = {
    "measure": "oral-reading-fluency",
    "definition_version": 1,
    "kind": "driver",
    "unit": "mean",
    "window": "one-time",
    "design": "pre-post",
    "season": "no-season",
    "points": [
        {"at": "baseline", "n": 60, "mean": 85.0, "sd": 21.0},
        {"at": "end", "n": 60, "mean": 95.0, "sd": 22.0},
    ],
}
TARDIES = {
    "measure": "tardies",
    "definition_version": 1,
    "kind": "balancing",
    "unit": "rate",
    "window": "week",
    "design": "pre-post",
    "season": "no-season",
    "points": [
        {"at": "baseline", "n": 60, "events": 40, "exposure": 1200},
        {"at": "end", "n": 60, "events": 35, "exposure": 1300},
    ],
}
SESSIONS = {
    "measure": "sessions-held",
    "definition_version": 1,
    "kind": "process",
    "unit": "count",
    "window": "week",
    "design": "pre-post",
    "season": "no-season",
    "points": [{"at": "end", "events": 40}],
}
PRACTICE = {
    "title": "Calls home",
    "problem": {"category": "chronic-absence", "statement": "Many missed days."},
    "aim": {"measure": "absent-10pct-window", "better": "down", "by_days": 45},
    "idea": {"category": "attendance-outreach"},
    "context": {"lattice_sha256": document_sha256(LATTICE), "class": "c1"},
    "rung": "measured",
    "direction": "better",
    "aim_result": "reached",
    "decision": "adopt",
    "measures": [ABSENCE, FLUENCY, TARDIES, SESSIONS],
}


def changed(*path_and_value):
    """The practice with the value at a path replaced; a value of None takes the field away."""
    *path, value = path_and_value
    payload = deepcopy(PRACTICE)
    inner = payload
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return payload


def refusal(payload, *, kind="practice", policy=POLICY, lattice=LATTICE):
    """The code of the refusal; the payload's form is right, only a rule is broken."""
    assert PAYLOADS[kind].validate(payload) == {}
    with pytest.raises(Untrusted) as refused:
        verify_payload_rules(kind, payload, policy, lattice)
    return refused.value.code


def test_the_practice_itself_passes():
    assert PAYLOADS["practice"].validate(PRACTICE) == {}
    verify_payload_rules("practice", PRACTICE, POLICY, LATTICE)


def test_a_practice_without_context_passes_in_a_network_without_classes():
    verify_payload_rules("practice", changed("context", None), POLICY, None)


@pytest.mark.parametrize("n", [61, 55, 110, 120])
def test_n_off_the_table(n):
    payload = deepcopy(PRACTICE)
    for point in payload["measures"][0]["points"]:
        point["n"] = n
    assert refusal(payload) == Code.RULE_PRINTED_N


def test_n_that_changes_within_a_series():
    assert refusal(changed("measures", 0, "points", 1, "n", 70)) == Code.RULE_PRINTED_N


@pytest.mark.parametrize("band", [[36, 41], [35, 36], [30, 40], [0, 3], [97, 100]])
def test_a_band_off_the_grid_of_its_n(band):
    assert refusal(changed("measures", 0, "points", 0, "band", band)) == Code.RULE_BAND


def test_a_band_of_the_comparison():
    assert refusal(changed("measures", 0, "comparison", 0, "band", [35, 40])) == Code.RULE_BAND


@pytest.mark.parametrize("n", ["<15"])
def test_fewer_people_than_a_printed_number_needs(n):
    payload = deepcopy(PRACTICE)
    for point in payload["measures"][1]["points"]:
        point["n"] = n
    assert refusal(payload) == Code.RULE_CELL_MINIMUM


def test_a_rate_says_how_many_people_it_is_about():
    payload = deepcopy(PRACTICE)
    for point in payload["measures"][2]["points"]:
        del point["n"]
    assert refusal(payload) == Code.RULE_CELL_MINIMUM


def test_a_count_about_few_people():
    assert refusal(changed("measures", 3, "points", 0, "n", "<15")) == Code.RULE_CELL_MINIMUM
    verify_payload_rules("practice", changed("measures", 3, "points", 0, "n", 20), POLICY, LATTICE)


def test_a_stricter_policy():
    strict = build_policy(network=NETWORK, cell_minimum=55)
    assert refusal(PRACTICE, policy=strict) == Code.RULE_POLICY  # the comparison of about 50
    verify_payload_rules("practice", PRACTICE, build_policy(network=NETWORK, cell_minimum=50), LATTICE)


def test_more_points_than_n_allows():
    points = [{"at": at, "n": 60, "band": [35, 40]} for at in ("baseline", "p1", "middle", "end")]
    assert refusal(changed("measures", 0, "points", points)) == Code.RULE_POINTS


def test_a_large_group_shows_six_points_and_two_follow_ups():
    at = ("baseline", "p1", "p2", "p3", "p4", "end", "day-90", "day-135")
    points = [{"at": name, "n": 100, "band": [35, 40]} for name in at]
    payload = changed("measures", 0, "points", points) | {"direction": "cannot-tell"}
    verify_payload_rules("practice", payload, POLICY, LATTICE)
    points.insert(1, {"at": "middle", "n": 100, "band": [35, 40]})
    assert refusal(payload) == Code.RULE_POINTS


def test_a_comparison_at_a_point_that_is_not_shown():
    comparison = [*ABSENCE["comparison"], {"at": "day-90", "n": 50, "band": [30, 40]}]
    assert refusal(changed("measures", 0, "comparison", comparison)) == Code.RULE_POINTS


@pytest.mark.parametrize(("field", "value"), [("mean", 85.5), ("mean", 87.0), ("sd", 21.4), ("sd", 0), ("sd", 1e-9)])
def test_means_finer_than_their_step(field, value):
    assert refusal(changed("measures", 1, "points", 0, field, value)) == Code.RULE_MEAN


def test_a_mean_without_the_ends_of_its_scale():
    rubric = FLUENCY | {"measure": "writing-rubric"}
    assert refusal(changed("measures", 1, rubric)) == Code.RULE_MEAN
    points = [{"at": "baseline", "n": 60, "mean": 2.5, "sd": 0.8}, {"at": "end", "n": 60, "mean": 2.9, "sd": 0.8}]
    stated = changed("measures", 1, rubric | {"scale": [1, 6], "points": points})
    verify_payload_rules("practice", stated, POLICY, LATTICE)


@pytest.mark.parametrize(("field", "value"), [("events", 41), ("exposure", 1234)])
def test_rates_that_are_not_rounded(field, value):
    assert refusal(changed("measures", 2, "points", 0, field, value)) == Code.RULE_EVENTS


def test_events_that_are_not_rounded():
    assert refusal(changed("measures", 3, "points", 0, "events", 38)) == Code.RULE_EVENTS


def test_a_measured_practice_shows_its_outcome():
    assert refusal(changed("measures", None)) == Code.RULE_RUNG
    assert refusal(changed("measures", [SESSIONS])) == Code.RULE_RUNG
    assert refusal(changed("measures", 0, "points", ABSENCE["points"][1:]) | {"measures": [FLUENCY]}) == Code.RULE_RUNG
    assert refusal(changed("aim", "measure", "belonging")) == Code.RULE_RUNG
    assert refusal(changed("direction", None)) == Code.RULE_RUNG


def test_a_direction_without_numbers():
    payload = changed("rung", "direction")
    assert refusal(payload) == Code.RULE_RUNG
    verify_payload_rules("practice", payload | {"measures": [SESSIONS]}, POLICY, LATTICE)


@pytest.mark.parametrize("field", ["measures", "direction", "aim_result"])
def test_a_described_practice_tells_nothing_about_results(field):
    described = {name: value for name, value in PRACTICE.items() if name not in {"measures", "direction", "aim_result"}}
    described["rung"] = "described"
    verify_payload_rules("practice", described, POLICY, LATTICE)
    assert refusal(described | {field: PRACTICE[field]}) == Code.RULE_RUNG


def test_a_word_that_says_the_contrary_of_the_numbers():
    assert refusal(changed("direction", "worse")) == Code.RULE_DIRECTION
    verify_payload_rules("practice", changed("direction", "cannot-tell"), POLICY, LATTICE)
    without_aim = {name: value for name, value in changed("direction", "worse").items() if name != "aim"}
    verify_payload_rules("practice", without_aim, POLICY, LATTICE)  # nobody can tell which way is better


def test_a_group_beside_its_whole():
    part = ABSENCE | {"points": [point | {"n": 20, "band": [40, 60]} for point in ABSENCE["points"]]}
    assert refusal(changed("measures", [ABSENCE, part])) == Code.RULE_SUBGROUP


def test_a_context_that_is_no_class_of_the_epoch():
    assert refusal(changed("context", "class", "c2")) == Code.RULE_CONTEXT
    assert refusal(changed("context", "lattice_sha256", "0" * 64)) == Code.RULE_CONTEXT
    assert refusal(PRACTICE, lattice=None) == Code.RULE_CONTEXT


@pytest.mark.parametrize(
    "text",
    [
        "Write to kou@riverbend.k12.wi.us for the slides.",
        "Slides: https://riverbend.example/slides",
        "See www.riverbend.example.",
        "Call 608-555-0119 after school.",
        "Call (608) 555 0119.",
        "Llame al +52 55 1234 5678.",
        "Ｃａｌｌ ６０８-５５５-０１１９.",
    ],
)
@pytest.mark.parametrize("path", [("title",), ("problem", "statement")])
def test_addresses_numbers_and_links_in_a_text(path, text):
    with pytest.raises(Untrusted) as refused:
        verify_payload_rules("practice", changed(*path, text), POLICY, LATTICE)
    assert refused.value.code == Code.RULE_TEXT
    assert text not in str(refused.value)
    assert "/".join(path) in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "Attendance rose from 88.5 % to 91.25 % in 2025-26.",
        "Grades 6-8, periods 1-3, 10:15-10:45.",
        "Scores: 12-14-15, then 100-200-3000.",
        "Cost: $1,200.50 for 45 days.",
        "Each mentor @ lunch; and/or before class.",
    ],
)
def test_honest_numbers_pass(text):
    verify_payload_rules("practice", changed("problem", "statement", text), POLICY, LATTICE)


def test_questions_and_answers_are_held_to_the_text_rule_only():
    target = "hub.example/net/valley/log/1#7"
    verify_payload_rules("question", {"text": "How long?", "target": target}, POLICY, LATTICE)
    assert refusal({"target": target, "text": "mail me: a@b.example"}, kind="answer") == Code.RULE_TEXT
    verify_payload_rules("flag", {"target": target, "code": "off-topic"}, POLICY, LATTICE)
