import re

import pytest

from schemas.vocab import (
    AIM_RESULTS,
    BAND_IDS,
    BETTER,
    COST_BANDS,
    DECISIONS,
    DESIGNS,
    DIRECTIONS,
    FLAG_CODES,
    GRADE_BANDS,
    IDEAS,
    LEVELS,
    MATERIAL_KINDS,
    MEASURE_KINDS,
    MEASURES,
    MODERATION_REASONS,
    OTHER,
    POINTS_AT,
    PROBLEMS,
    QUESTION_FACETS,
    ROLES,
    RUNGS,
    SEASONS,
    STAFF_TIME_BANDS,
    STAGES,
    SUBJECTS,
    SUPPORTS,
    UNITS,
    VOCABULARIES,
    WINDOWS,
    Entry,
    Vocabulary,
)


@pytest.mark.parametrize(("vocabulary", "count"), [(IDEAS, 40), (PROBLEMS, 25), (MEASURES, 30)], ids=str)
def test_counts_of_the_great_lists(vocabulary, count):
    assert vocabulary.has_other
    assert len(vocabulary) == count + 1
    assert vocabulary.ids[-1] == OTHER


@pytest.mark.parametrize(
    ("vocabulary", "ids"),
    [
        (LEVELS, "early elementary middle high combined"),
        (GRADE_BANDS, "pk-2 3-5 6-8 9-12"),
        (SUBJECTS, "reading writing math science social-studies languages arts pe-health technical none"),
        (DECISIONS, "adopt adapt abandon"),
        (DIRECTIONS, "better no-clear-change worse cannot-tell"),
        (AIM_RESULTS, "reached partly not"),
        (RUNGS, "measured direction described"),
        (DESIGNS, "pre-post season-comparison comparison-group interrupted-series"),
        (SEASONS, "ruled-out not-ruled-out no-season"),
        (COST_BANDS, "none under-500 under-5k under-25k more"),
        (STAFF_TIME_BANDS, "under-1h 1-3h 3-8h more"),
        (
            ROLES,
            "principal leader coach teacher aide counsellor family-liaison specialist student family volunteer",
        ),
        (SUPPORTS, "coaching plc training material schedule none"),
        (MATERIAL_KINDS, "letter script checklist look-fors protocol"),
        (FLAG_CODES, "identifies-someone wrong-data off-topic harmful duplicate"),
        (STAGES, "poor fair good great"),
        (BETTER, "up down"),
        (POINTS_AT, "baseline p1 p2 p3 p4 p5 p6 middle end day-90 day-135"),
    ],
    ids=lambda value: value.name if isinstance(value, Vocabulary) else "",
)
def test_ids_of_the_short_lists(vocabulary, ids):
    assert vocabulary.ids == tuple(ids.split())


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_every_entry_has_id_label_and_a_definition_of_one_line(name):
    vocabulary = VOCABULARIES[name]
    assert vocabulary.name == name
    assert vocabulary.version == 1
    for entry_id, entry in vocabulary.items():
        assert entry.id == entry_id
        assert re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", entry_id)
        assert entry.label[0].isupper() or entry.label[0].isdigit() or entry.label[0] == "$"
        assert re.fullmatch(r"[^\n]{8,120}\.", entry.definition)
    assert len({entry.label for entry in vocabulary.values()}) == len(vocabulary)
    assert len({entry.definition for entry in vocabulary.values()}) == len(vocabulary)


def test_a_list_cannot_hold_an_id_twice():
    with pytest.raises(ValueError, match="twice"):
        Vocabulary("two", Entry("a", "A", "An a."), Entry("a", "B", "A b."))


def test_measures_speak_in_ids_of_their_lists():
    for measure in MEASURES.values():
        assert measure.unit in UNITS
        assert measure.kind in MEASURE_KINDS
        assert measure.better in BETTER
        assert measure.window in WINDOWS
        assert measure.scale is None or (measure.unit == "mean" and measure.scale[0] < measure.scale[1])


def test_directions_of_the_measures():
    """The signs of the list as it was agreed: (-) down is better, (+) up is better."""
    down = {
        "absent-10pct-window", "chronic-absence-year", "tardies", "course-failure", "referrals", "suspensions",
        "instructional-minutes-lost",
    }  # fmt: skip
    assert {measure.id for measure in MEASURES.values() if measure.better == "down"} == down


def test_what_adds_up_or_has_no_definition_is_not_pooled():
    assert {measure.id for measure in MEASURES.values() if measure.is_cumulative} == {
        "chronic-absence-year",
        "fafsa-complete",
    }
    assert {measure.id for measure in MEASURES.values() if not measure.is_poolable} == {
        "chronic-absence-year", "fafsa-complete", "sessions-held", OTHER,
    }  # fmt: skip
    assert MEASURES["absent-10pct-window"].is_poolable


def test_facets_of_questions_name_lists_or_context():
    assert set(QUESTION_FACETS) - set(BAND_IDS) == {
        "problem", "idea", "measure", "grade-band", "subject", "cost-band", "staff-time-band",
    }  # fmt: skip


def test_a_network_can_take_down_what_a_member_can_flag():
    assert set(FLAG_CODES) < set(MODERATION_REASONS)
