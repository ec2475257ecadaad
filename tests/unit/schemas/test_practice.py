import pytest

from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.practice import ANSWER, FLAG, PRACTICE, QUESTION, REPLICATION
from tests.unit.schemas.protocol_examples import example

LEAST = {
    "title": "Two-minute check-in",
    "problem": {"category": "belonging"},
    "idea": {"category": "advisory"},
    "rung": "described",
    "decision": "adopt",
}


def measure(**changes):
    whole = example("practice")["measures"][0] | changes
    return {**LEAST, "measures": [{key: value for key, value in whole.items() if value is not None}]}


def mean_measure(point, **changes):
    return measure(measure="writing-rubric", unit="mean", points=[point], comparison=None, **changes)


def refused_path(document, schema=PRACTICE):
    with pytest.raises(InvalidDocument) as refused:
        load_document(schema, document)
    return refused.value.path


def test_everything_but_five_fields_is_optional():
    assert load_document(PRACTICE, LEAST) == LEAST
    for field in LEAST:
        assert refused_path({key: value for key, value in LEAST.items() if key != field}) == f"/{field}"


LENGTHS = [
    ("title", 120),
    ("problem.statement", 400),
    ("idea.summary", 400),
    ("steps.0.does", 200),
    ("steps.0.how_often", 80),
    ("adaptable.0.what", 200),
    ("materials.0.title", 120),
    ("materials.0.text", 4_000),
    ("conditions", 400),
    ("lessons.worked", 800),
    ("lessons.would_change", 800),
    ("lessons.watch_out", 400),
]


@pytest.mark.parametrize(("place", "most"), LENGTHS)
def test_text_is_counted_in_characters(place, most):
    *parents, last = (int(part) if part.isdigit() else part for part in place.split("."))
    practice = example("practice")
    holder = practice
    for part in parents:
        holder = holder[part]
    holder[last] = "\U0001f600" * most
    assert load_document(PRACTICE, practice)
    holder[last] += "a"
    assert refused_path(practice) == "/" + place.replace(".", "/")


@pytest.mark.parametrize(
    ("field", "item", "most"),
    [
        ("steps", {"does": "x"}, 12),
        ("adaptable", {"what": "x"}, 6),
        ("materials", {"kind": "letter", "title": "x", "text": "x"}, 5),
    ],
)
def test_lists_have_a_most_and_are_never_empty(field, item, most):
    assert load_document(PRACTICE, LEAST | {field: [item] * most})
    assert refused_path(LEAST | {field: [item] * (most + 1)}) == f"/{field}"
    assert refused_path(LEAST | {field: []}) == f"/{field}"


def test_at_most_four_measures():
    one = example("practice")["measures"]
    assert load_document(PRACTICE, LEAST | {"measures": one * 4})
    assert refused_path(LEAST | {"measures": one * 5}) == "/measures"


@pytest.mark.parametrize("field", ["problem", "idea"])
def test_other_needs_a_label_and_nothing_else_has_one(field):
    assert load_document(PRACTICE, LEAST | {field: {"category": "other", "label": "Bus routes"}})
    assert refused_path(LEAST | {field: {"category": "other"}}) == f"/{field}/label"
    assert refused_path(LEAST | {field: {**LEAST[field], "label": "Bus routes"}}) == f"/{field}/label"


def test_core_steps_are_among_the_steps():
    steps = {"steps": [{"does": "x"}]}
    assert load_document(PRACTICE, LEAST | steps | {"core": [0]})
    assert refused_path(LEAST | steps | {"core": [1]}) == "/core"
    assert refused_path(LEAST | {"core": [0]}) == "/core"
    assert refused_path(LEAST | steps | {"core": [0, 0]}) == "/core"


@pytest.mark.parametrize("n", [20, 350, "<15", 17])
def test_a_printed_n_is_an_integer_or_under_15(n):
    """17 is no value of the grid: that is for federation.rules to say, with its own code."""
    assert load_document(PRACTICE, measure(points=[{"at": "end", "n": n, "band": [0, 50]}]))


@pytest.mark.parametrize("n", [0, -20, 20.0, 20.5, True, "20", "< 15", "<16", "", None, [20], {}])
def test_nothing_else_is_a_printed_n(n):
    assert refused_path(measure(points=[{"at": "end", "n": n, "band": [0, 50]}])) == "/measures/0/points/0/n"


@pytest.mark.parametrize(
    "band", [[20, 20], [25, 20], [-5, 0], [95, 101], [20], [20, 25, 30], [20.0, 25], "20-25", [20, None]]
)
def test_a_band_is_two_whole_percentages_in_order(band):
    path = refused_path(measure(points=[{"at": "end", "n": 60, "band": band}]))
    assert path.startswith("/measures/0/points/0/band")


UNITS = {
    "proportion": {"n": 60, "band": [20, 25]},
    "mean": {"n": 60, "mean": 2.5, "sd": 0.8},
    "minutes": {"n": 60, "mean": 14, "sd": 6},
    "rate": {"events": 45, "exposure": 1_200},
    "count": {"events": 20},
}


@pytest.mark.parametrize("unit", UNITS)
def test_a_point_carries_what_its_unit_prints_and_nothing_else(unit):
    other = {"measure": "other", "label": "Something else", "better": "up", "unit": unit, "comparison": None}
    assert load_document(PRACTICE, measure(**other, points=[{"at": "end", **UNITS[unit]}]))
    for missing in UNITS[unit]:
        point = {key: value for key, value in UNITS[unit].items() if key != missing}
        assert refused_path(measure(**other, points=[{"at": "end", **point}])) == "/measures/0/points"
    surplus = {"events": 1} if unit in {"proportion", "mean", "minutes"} else {"band": [0, 50]}
    assert refused_path(measure(**other, points=[{"at": "end", **UNITS[unit], **surplus}])) == "/measures/0/points"


def test_points_stand_at_different_places():
    point = {"at": "end", "n": 60, "band": [20, 25]}
    assert refused_path(measure(points=[point, point])) == "/measures/0/points"
    assert refused_path(measure(comparison=[point, point])) == "/measures/0/comparison"


def test_what_the_vocabulary_fixes_is_not_said_otherwise():
    assert refused_path(measure(better="down")) == "/measures/0/better"
    assert refused_path(measure(unit="mean", points=[{"at": "end", **UNITS["mean"]}])) == "/measures/0/unit"
    assert refused_path(measure(scale=[0, 100])) == "/measures/0/scale"
    assert refused_path(measure(measure="other", label="x")) == "/measures/0/better"


def test_a_scale_stands_where_the_vocabulary_leaves_it_open():
    point = {"at": "end", **UNITS["mean"]}
    assert load_document(PRACTICE, mean_measure(point, scale=[1, 6]))
    assert refused_path(mean_measure(point, scale=[6, 1])) == "/measures/0/scale"
    fixed = mean_measure(point, scale=[0, 100]) | {}
    fixed["measures"][0]["measure"] = "attendance-rate"
    assert refused_path(fixed) == "/measures/0/scale"


@pytest.mark.parametrize("field", ["mean", "sd"])
@pytest.mark.parametrize("number", ["2.5", True, 1e10, [2.5]])
def test_numbers_are_numbers(field, number):
    point = {"at": "end", **UNITS["mean"], field: number}
    assert refused_path(mean_measure(point)) == f"/measures/0/points/0/{field}"


def test_a_replication_names_its_origin():
    replication = example("replication")
    assert refused_path({key: value for key, value in replication.items() if key != "origin"}, REPLICATION) == "/origin"
    assert refused_path(replication | {"origin": "812"}, REPLICATION) == "/origin"
    assert refused_path(replication | {"changed": [{"what": "x"}] * 7}, REPLICATION) == "/changed"
    assert refused_path(replication, PRACTICE) in {"/origin", "/kept", "/changed"}


def test_questions_answers_flags():
    assert load_document(QUESTION, {"text": "Who has tried this in grade 2?"})
    assert refused_path({"text": "x" * 801}, QUESTION) == "/text"
    assert refused_path({"text": "x", "chips": [{"facet": "level", "id": "rural"}]}, QUESTION) == "/chips/0/id"
    assert refused_path({"text": "x"}, ANSWER) == "/target"
    assert refused_path({"target": "a#1", "text": "x" * 1_501}, ANSWER) == "/text"
    assert refused_path({"target": "a#1", "code": "boring"}, FLAG) == "/code"
