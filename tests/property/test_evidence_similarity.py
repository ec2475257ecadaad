"""Similarity: what must hold for any two schools and any weights."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nic_node.evidence.similarity import SIMILARITY_WEIGHTS, Profile, similarity
from schemas.vocab import ANY, CONTEXT

NCES = [tens + ones for tens in (10, 20, 30, 40) for ones in (1, 2, 3)]
PERCENT = st.floats(0, 100)
PROFILES = st.builds(
    Profile,
    level=st.none() | st.sampled_from(["early", "elementary", "middle", "high", "combined"]),
    locale=st.none() | st.sampled_from(NCES),
    enrolment=st.none() | st.integers(1, 6000),
    lunch=st.none() | PERCENT,
    english_learners=st.none() | PERCENT,
    disabilities=st.none() | PERCENT,
    stage=st.none() | st.sampled_from(["poor", "fair", "good", "great"]),
    baseline=st.none() | st.floats(0, 1),
)
CLASSES = st.fixed_dictionaries({name: st.sampled_from([ANY, *attribute.bands]) for name, attribute in CONTEXT.items()})
WEIGHTS = st.fixed_dictionaries({name: st.floats(0, 1) for name in SIMILARITY_WEIGHTS})


@given(PROFILES, CLASSES, WEIGHTS)
@settings(deadline=None)
def test_distance_lies_between_0_and_1_and_its_parts_make_it(mine, theirs, weights):
    assume(all(weight == 0 or weight > 1e-9 for weight in weights.values()))
    found = similarity(mine, theirs, weights=weights)
    if found.distance is None:
        assert found.parts == ()
        return
    assert -1e-9 <= found.distance <= 1 + 1e-9
    assert sum(part.weight for part in found.parts) == pytest.approx(1)
    assert sum(part.weight * part.distance for part in found.parts) == pytest.approx(found.distance)
    assert all(part.words.said() for part in found.parts)


@given(PROFILES, CLASSES)
@settings(deadline=None)
def test_my_own_class_is_at_no_distance(mine, theirs):
    own = {
        name: band.id
        for name, attribute in CONTEXT.items()
        if (value := getattr(mine, name)) is not None
        for band in attribute.granularities[0]
        if band.holds(value)
    }
    found = similarity(mine, own)
    assert found.distance in {None, 0}
    assert found.comparable


@given(PROFILES, st.sampled_from(["lunch", "english_learners", "disabilities", "enrolment", "locale"]), st.data())
@settings(deadline=None)
def test_a_coarser_band_is_never_farther(mine, attribute, data):
    assume(getattr(mine, attribute) is not None)
    bands = list(CONTEXT[attribute].bands.values())
    fine = data.draw(st.sampled_from(bands))
    for coarse in (band for band in bands if fine.is_within(band)):
        near = similarity(mine, {attribute: coarse.id}).distance
        far = similarity(mine, {attribute: fine.id}).distance
        assert near <= far + 1e-12


@given(PROFILES, CLASSES)
@settings(deadline=None)
def test_what_they_do_not_show_does_not_count(mine, theirs):
    shown = {name: band for name, band in theirs.items() if band != ANY}
    assert similarity(mine, theirs).distance == similarity(mine, shown).distance
