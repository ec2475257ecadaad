from itertools import pairwise

import pytest

from schemas.vocab import ANY, BAND_IDS, CONTEXT, band_of, bands_containing, is_within
from schemas.vocab.context import NCES_LOCALES

RANGES = {
    "enrolment": ((0, 150, 300, 500, 750, 1200), (0, 300, 500, 1200), (0, 500)),
    "lunch": ((0, 20, 40, 60, 80), (0, 40, 60), (0, 60)),
    "english_learners": ((0, 1, 5, 15, 30), (0, 5, 15), (0, 5)),
    "disabilities": ((0, 8, 12, 16, 20), (0, 12, 16), (0, 16)),
}
SIZES = {
    "level": (5,),
    "locale": (12, 4, 2),
    "enrolment": (6, 4, 2),
    "lunch": (5, 3, 2),
    "english_learners": (5, 3, 2),
    "disabilities": (5, 3, 2),
    "stage": (4, 2),
}


def test_attributes_and_how_many_bands_each_granularity_has():
    assert {name: tuple(map(len, attribute.granularities)) for name, attribute in CONTEXT.items()} == SIZES


@pytest.mark.parametrize("attribute", RANGES)
def test_bands_of_numbers_have_the_agreed_lower_edges_and_leave_no_gap(attribute):
    for bands, edges in zip(CONTEXT[attribute].granularities, RANGES[attribute], strict=True):
        assert tuple(band.low for band in bands) == edges
        assert all(lower.high == upper.low for lower, upper in pairwise(bands))
        assert bands[-1].high is None
        assert [band.id for band in bands][-1] == f"{edges[-1]}-up"


@pytest.mark.parametrize("attribute", RANGES)
def test_bands_are_half_open(attribute):
    for granularity, edges in enumerate(RANGES[attribute]):
        for edge in edges[1:]:
            assert band_of(attribute, edge, granularity).low == edge
            assert band_of(attribute, edge - 0.01, granularity).high == edge


@pytest.mark.parametrize("attribute", CONTEXT)
def test_every_fine_band_lies_in_exactly_one_coarser_band(attribute):
    for fine, coarse in pairwise(CONTEXT[attribute].granularities):
        for band in fine:
            assert sum(is_within(attribute, band.id, wider.id) for wider in coarse) == 1
            assert is_within(attribute, band.id, ANY)
            assert not is_within(attribute, ANY, band.id)


@pytest.mark.parametrize("attribute", CONTEXT)
def test_an_id_means_one_band(attribute):
    seen = {}
    for bands in CONTEXT[attribute].granularities:
        for band in bands:
            assert seen.setdefault(band.id, band) == band
    assert BAND_IDS[attribute] == {*seen, ANY}


def test_bands_of_exact_values_from_fine_to_coarse():
    assert bands_containing("locale", 43) == ("rural-remote", "rural", "town-rural", ANY)
    assert bands_containing("enrolment", 412) == ("300-500", "0-500", ANY)
    assert bands_containing("lunch", 100) == ("80-up", "60-up", ANY)
    assert bands_containing("stage", "fair") == ("fair", "poor-fair", ANY)
    assert bands_containing("level", "high") == ("high", ANY)
    assert bands_containing("locale", 14) == (ANY,)
    assert band_of("lunch", -1) is None


def test_every_locale_of_nces_is_in_one_band():
    assert NCES_LOCALES == (11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43)
    assert all(len(bands_containing("locale", code)) == 4 for code in NCES_LOCALES)


def test_a_code_does_not_lie_in_a_band_of_numbers():
    assert band_of("enrolment", "fair") is None
