"""The closed lists of the wire, version 1: ids are stable, lists only grow, labels are translated when shown."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.vocab.context import ANY, BAND_IDS, CONTEXT, Band, ContextAttribute, band_of, bands_containing, is_within
from schemas.vocab.entry import OTHER, Entry, Vocabulary
from schemas.vocab.ideas import IDEAS
from schemas.vocab.lists import (
    AIM_RESULTS,
    BETTER,
    COST_BANDS,
    DECISIONS,
    DESIGNS,
    DIRECTIONS,
    FLAG_CODES,
    GRADE_BANDS,
    LEVELS,
    MATERIAL_KINDS,
    MEASURE_KINDS,
    POINTS_AT,
    QUESTION_FACETS,
    RETRACT_REASONS,
    ROLES,
    RUNGS,
    SEASONS,
    STAFF_TIME_BANDS,
    STAGES,
    SUBJECTS,
    SUPPORTS,
    UNITS,
    WINDOWS,
)
from schemas.vocab.measures import MEASURES, Measure
from schemas.vocab.problems import PROBLEMS
from schemas.vocab.reasons import MEMBERSHIP_REASONS, MODERATION_REASONS

VOCABULARIES: Mapping[str, Vocabulary[Entry] | Vocabulary[Measure]] = MappingProxyType(
    {
        vocabulary.name: vocabulary
        for vocabulary in (
            IDEAS,
            PROBLEMS,
            MEASURES,
            LEVELS,
            GRADE_BANDS,
            SUBJECTS,
            DECISIONS,
            DIRECTIONS,
            AIM_RESULTS,
            RUNGS,
            DESIGNS,
            SEASONS,
            BETTER,
            COST_BANDS,
            STAFF_TIME_BANDS,
            ROLES,
            SUPPORTS,
            MATERIAL_KINDS,
            FLAG_CODES,
            STAGES,
            RETRACT_REASONS,
            QUESTION_FACETS,
            MEASURE_KINDS,
            UNITS,
            WINDOWS,
            POINTS_AT,
            MEMBERSHIP_REASONS,
            MODERATION_REASONS,
        )
    }
)

__all__ = [
    "AIM_RESULTS",
    "ANY",
    "BAND_IDS",
    "BETTER",
    "CONTEXT",
    "COST_BANDS",
    "DECISIONS",
    "DESIGNS",
    "DIRECTIONS",
    "FLAG_CODES",
    "GRADE_BANDS",
    "IDEAS",
    "LEVELS",
    "MATERIAL_KINDS",
    "MEASURES",
    "MEASURE_KINDS",
    "MEMBERSHIP_REASONS",
    "MODERATION_REASONS",
    "OTHER",
    "POINTS_AT",
    "PROBLEMS",
    "QUESTION_FACETS",
    "RETRACT_REASONS",
    "ROLES",
    "RUNGS",
    "SEASONS",
    "STAFF_TIME_BANDS",
    "STAGES",
    "SUBJECTS",
    "SUPPORTS",
    "UNITS",
    "VOCABULARIES",
    "WINDOWS",
    "Band",
    "ContextAttribute",
    "Entry",
    "Measure",
    "Vocabulary",
    "band_of",
    "bands_containing",
    "is_within",
]
