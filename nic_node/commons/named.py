"""Words that say what a practice is about without standing in its text: its problem, idea and subject by name. Pure.

A school that types 'chronic absence' means every practice against it, also those that only say 'not here'. What the
field calls the same thing counts as well. In English, as the practices: Spanish names would need the catalogue, which
takes a second to read.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from nic_node.commons.columns import Columns, Places
from nic_node.mirror.words import stem_words
from schemas.vocab import IDEAS, PROBLEMS, SUBJECTS

NAMED: Final = {"problem": PROBLEMS, "idea": IDEAS, "subject": SUBJECTS}
NO_NAME: Final = frozenset({"other", "none"})
SHORTEST: Final = 2  # letters of a stem: 'PE' is a subject
ALSO_CALLED: Final[Mapping[str, str]] = {
    "chronic-absence": "attendance absenteeism truancy",
    "tardiness": "tardies lateness punctuality",
    "course-failure": "failing grades",
    "grade-9-transition": "freshmen ninth",
    "graduation": "dropout",
    "early-literacy": "reading phonics",
    "adolescent-reading": "literacy comprehension",
    "early-numeracy": "math mathematics counting",
    "algebra-readiness": "math mathematics",
    "english-proficiency": "ELL ESL multilingual learners",
    "disability-gap": "disabilities special education IEP",
    "opportunity-gap": "equity achievement",
    "behaviour-exclusion": "behaviour discipline suspensions referrals",
    "wellbeing": "wellbeing wellness mental health",
    "family-engagement": "parents involvement",
    "postsecondary-readiness": "college career postsecondary",
    "instructional-quality": "teaching",
    "staff-turnover": "teacher retention",
    "transport-support": "transport transportation bus",
    "two-way-texting": "SMS messages messaging",
    "family-conferences": "parents",
    "advisory": "homeroom",
    "high-dosage-tutoring": "tutors",
    "small-group-intervention": "RTI MTSS",
    "intervention-block": "WIN RTI MTSS",
    "foundational-reading": "literacy phonics",
    "math-discourse": "mathematics talk",
    "feedback-revision": "revising",
    "plc-protocol": "PLC professional learning community",
    "english-language-development": "ELL ESL ELD",
    "behaviour-expectations": "behaviour PBIS",
    "restorative-practice": "circles justice",
    "social-emotional-routine": "SEL",
    "schedule-change": "timetable",
    "staff-induction-retention": "teacher mentors onboarding",
    "math": "mathematics maths",
    "reading": "ELA literacy",
    "writing": "ELA literacy",
    "social-studies": "history civics geography",
    "arts": "music theater",
    "pe-health": "PE gym",
    "technical": "CTE vocational",
}


def values_named(stem: str) -> Mapping[str, Collection[str]]:
    """Facet -> its values that are called so."""
    return _by_stem().get(stem, {})


def stems_of(facet: str, value: str) -> frozenset[str]:
    """The stems of a value's names; none for what has no name, such as 'other'."""
    if value in NO_NAME or value not in NAMED[facet]:
        return frozenset()
    names = f"{NAMED[facet][value].label} {ALSO_CALLED.get(value, '')}"
    return frozenset(stem for stem in stem_words(names) if len(stem) >= SHORTEST)


def rows_named(columns: Columns, stem: str) -> Places:
    """The practices whose problem, idea or subject is called so; ascending."""
    found = np.zeros(len(columns), np.bool_)
    for facet, values in values_named(stem).items():
        column = columns.facets[facet]
        found |= column.has(values)[column.codes]
    return np.flatnonzero(found)


@lru_cache(maxsize=1)
def _by_stem() -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for facet, vocabulary in NAMED.items():
        for value in vocabulary:
            for stem in stems_of(facet, value):
                found.setdefault(stem, {}).setdefault(facet, set()).add(value)
    return {stem: {facet: frozenset(values) for facet, values in named.items()} for stem, named in found.items()}
