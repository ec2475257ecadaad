"""What the printer prints always passes the receivers, for every measure that a school could have."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from federation.effects import printed_effect
from federation.rules import verify_payload_rules
from nic_node.disclosure.printer import NotPrinted, print_measure
from nic_node.disclosure.snapshot import Aim, Count, Events, ExactMeasure, ExactPoint, Mean
from schemas.practice import PAYLOADS
from tests.unit.disclosure.projects import POLICY, prepare, project

AT = ("baseline", "p1", "p2", "p3", "p4", "p5", "p6", "middle", "end", "day-90", "day-135")
MEASURES = {
    "proportion": ("absent-10pct-window", "20-school-days", None),
    "mean": ("writing-rubric", "one-time", (0.0, 24.0)),
    "minutes": ("instructional-minutes-lost", "week", None),
    "rate": ("tardies", "week", None),
    "count": ("sessions-held", "week", None),
}
sizes = st.one_of(st.integers(1, 40), st.integers(1, 400), st.integers(1, 5_000))
anything = st.one_of(st.floats(), st.integers(-5, 1_000_000))


@st.composite
def honest_period(draw, unit, n):
    if unit == "proportion":
        return Count(draw(st.integers(0, n)), n)
    if unit in {"mean", "minutes"}:
        return Mean(draw(st.floats(0, 24)), draw(st.floats(0, 12)), n)
    exposure = draw(st.floats(0.5, 1e6)) if unit == "rate" else None
    return Events(draw(st.integers(0, 5_000)), exposure, n if unit == "rate" else None)


@st.composite
def any_period(draw):
    kind = draw(st.sampled_from((Count, Mean, Events)))
    return kind(*(draw(anything) for _field in kind.__slots__))


@st.composite
def series(draw, unit, *, honest=True):
    n = draw(sizes)
    drift = st.integers(max(1, n - n // 12), n)
    points = []
    for at in draw(st.lists(st.sampled_from(AT), unique=True, min_size=1, max_size=8)) + ["baseline", "end"] * draw(
        st.integers(0, 1)
    ):
        period = honest_period(unit, draw(drift)) if honest else any_period()
        points.append(ExactPoint(at, tuple(draw(st.lists(period, min_size=1, max_size=3)))))
    return tuple({point.at: point for point in points}.values())


@st.composite
def measures(draw, *, honest=True):
    unit = draw(st.sampled_from(tuple(MEASURES)))
    measure, window, scale = MEASURES[unit]
    return ExactMeasure(
        measure,
        "outcome",
        unit,
        window,
        "season-comparison",
        "ruled-out",
        points=draw(series(unit, honest=honest)),
        comparison=draw(st.one_of(st.just(()), series(unit, honest=honest))),
        scale=scale,
        part_of=draw(st.sampled_from((None, "school"))),
        whole_n=draw(st.one_of(st.none(), sizes)),
    )


@given(measures(), st.sampled_from(("up", "down")))
def test_every_printed_record_passes_schema_and_rules(measure, better):
    draft = prepare(project(measure, aim=Aim(measure.measure, better, 45)))
    assert not draft.blocked, draft.findings
    assert PAYLOADS["practice"].validate(draft.record) == {}
    verify_payload_rules("practice", draft.record, POLICY, None)


@given(measures(honest=False))
def test_numbers_that_cannot_be_never_crash_a_stage(measure):
    draft = prepare(project(measure, aim=Aim(measure.measure, "down", 45)))
    assert draft.rung in {"measured", "direction", "described"}
    assert draft.blocked or PAYLOADS["practice"].validate(draft.record) == {}


@given(measures())
def test_an_effect_can_be_computed_from_whatever_is_printed(measure):
    with suppress(NotPrinted):
        printed = print_measure(measure, POLICY)
        shown = {point["at"] for point in printed["points"]}
        effect = printed_effect(printed)
        if {"baseline", "end"} <= shown and measure.unit in {"proportion", "mean", "minutes"}:
            assert effect.variance > 0
